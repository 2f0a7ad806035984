-- Purpose: activated orders that nobody pays: no component is for them, or their partner had no contract that day.
-- Reads:   lines of the run
-- Invariant: one row for each order; other reasons are waited for by somebody and are no finding.
WITH lines AS (
    SELECT partner_id, order_id, product, hold_reason, would_be FROM commissions_draftline
    WHERE run_id = %(run)s AND is_notice AND hold_reason IN ('not_in_schedule', 'no_contract')
    UNION ALL
    SELECT partner_id, order_id, product, hold_reason, would_be FROM commissions_line
    WHERE run_id = %(run)s AND is_notice AND hold_reason IN ('not_in_schedule', 'no_contract')
), orders AS (
    SELECT partner_id, order_id, min(hold_reason) AS code, coalesce(sum(would_be), 0) AS amount
    FROM lines GROUP BY partner_id, order_id
)
SELECT p.number, p.legal_name AS name, o.order_no, s.code, coalesce(o.product, '') AS customer, '' AS other,
       NULL::numeric AS before, NULL::numeric AS now, s.amount,
       count(*) OVER () AS total, sum(s.amount) OVER () AS total_amount
FROM orders s JOIN sales_order o ON o.id = s.order_id JOIN partners_partner p ON p.id = s.partner_id
ORDER BY s.amount DESC, o.order_no
LIMIT %(most)s;
