-- Purpose: posted lines that contradict the other lines of their identity, or facts that cannot change: what was booked
--          before, the line before, the VAT rate of the service date, the amount of a manual line, statement and run.
-- Reads:   commissions_line, commissions_run, commissions_statement, commissions_manualline, partners_formervatstatus
-- Invariant: booked is the sum of the identity's amounts in all earlier runs, whatever the line before claims.
SELECT id, number, column_name, stored, expected
FROM (
    SELECT l.id, l.partner_id, r.month AS posted_with, s.number,
           l.booked, coalesce(sum(l.amount) OVER earlier, 0) AS booked_expected,
           l.previous_id, max(l.id) OVER earlier AS previous_expected,
           l.vat_percent, -- A paper that shows no VAT for some services still does for those before the status changed.
           CASE WHEN s.vat_status = 'regular' OR (l.vat_percent <> 0 AND l.partner_id IN (SELECT partner_id FROM partners_formervatstatus))
                THEN commissions_vat_percent(l.service_date) ELSE 0.00 END AS vat_expected,
           l.amount, coalesce(m.amount, l.amount) AS amount_expected,
           l.partner_id AS payee, s.partner_id AS payee_expected, l.run_id, s.run_id AS run_expected
    FROM commissions_line l
    LEFT JOIN commissions_run r ON r.id = l.run_id
    LEFT JOIN commissions_statement s ON s.id = l.statement_id
    LEFT JOIN commissions_manualline m ON m.id = l.manual_id
    WHERE %(partner)s::bigint IS NULL OR l.partner_id = %(partner)s
    WINDOW earlier AS (
        -- A bundle, and what follows it, is the customer's, whichever order completed it.
        PARTITION BY l.partner_id, l.component_code, l.month, CASE WHEN l.customer_no = '' THEN l.order_id END, l.revenue_month,
                     l.manual_id, l.followed_code, l.followed_partner_id, l.customer_no
        ORDER BY r.month RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP)
) line
CROSS JOIN LATERAL (VALUES
    ('booked', booked::text, booked_expected::text, booked = booked_expected),
    ('previous_id', previous_id::text, previous_expected::text, previous_id IS NOT DISTINCT FROM previous_expected),
    ('vat_percent', vat_percent::text, vat_expected::text, vat_percent = vat_expected),
    ('amount', amount::text, amount_expected::text, amount = amount_expected),
    ('partner', payee::text, payee_expected::text, payee IS NOT DISTINCT FROM payee_expected),
    ('run', run_id::text, run_expected::text, run_id IS NOT DISTINCT FROM run_expected)
) checked (column_name, stored, expected, agrees)
WHERE NOT agrees AND (%(month)s::date IS NULL OR posted_with = %(month)s)
ORDER BY id, column_name;
