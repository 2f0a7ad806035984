-- Purpose: the figures become statements, and the run's table of draft lines becomes one of posted lines.
-- Reads:   total, vat_group, reserve, reserve_line (made by the files statement_*), contracts, partners
-- Writes:  commissions_statement, commissions_statementvat, commissions_reservemovement, commissions_reserveline; hands the
--          table of lines over
-- Invariant: numbers have no gap; a debt is carried forward untaxed, rate by rate, and what the reserve paid of it is gone.
INSERT INTO commissions_statement (
    id, number, run_id, partner_id, previous_id, month, issued_on, due_on, vat_status, self_billed, payee, lines_count,
    net, brought_forward, vat, gross, reserve_withheld, reserve_released, reserve_drawn, carried_forward, payable, seal)
SELECT q.*, md5(q::text)::uuid
FROM (
    -- The columns, order and types of the view commissions_sealed_statement: the seal is the digest of this row's text.
    SELECT o.*
    FROM (
        SELECT t.statement_id AS id, %(series)s || '-' || lpad((%(last_number)s + row_number() OVER (ORDER BY p.number))::text, 6, '0'),
               %(run)s::bigint, p.id, before.id, %(month)s::date, %(issued_on)s::date,
               (%(month)s + INTERVAL '2 months' - INTERVAL '1 day')::date,
               -- The paper must say why some of it bears no VAT, also if that is over.
               CASE WHEN p.vat_status = 'regular' AND EXISTS (SELECT FROM vat_group g WHERE g.partner_id = p.id AND g.percent = 0)
                    THEN coalesce((SELECT f.vat_status FROM partners_formervatstatus f
                                   WHERE f.partner_id = p.id AND f.vat_status <> 'regular' ORDER BY valid_until DESC LIMIT 1), 'regular')
                    ELSE p.vat_status END,
               coalesce(c.self_billing_accepted_on <= %(issued_on)s, FALSE) AND p.vat_status <> 'none',
               jsonb_build_object(
                   'number', p.number, 'legal_name', p.legal_name, 'street', p.street, 'postcode', p.postcode,
                   'city', p.city, 'country', p.country, 'vat_id', p.vat_id, 'tax_number', p.tax_number,
                   'iban', p.iban, 'account_holder', p.account_holder),
               t.lines::bigint, t.net::numeric(14, 2), t.brought_forward::numeric(14, 2), t.vat::numeric(14, 2),
               t.gross::numeric(14, 2), t.withheld::numeric(14, 2), t.released::numeric(14, 2), t.drawn::numeric(14, 2),
               t.carried_forward::numeric(14, 2), (t.gross - t.withheld + t.released - t.used)::numeric(14, 2)
        FROM total t
        JOIN partners_partner p ON p.id = t.partner_id
        LEFT JOIN LATERAL (
            SELECT id FROM commissions_statement s WHERE s.partner_id = p.id ORDER BY month DESC LIMIT 1) before ON TRUE
        LEFT JOIN LATERAL (
            SELECT self_billing_accepted_on FROM partners_contract c
            WHERE c.partner_id = p.id AND c.status = 'in_force' AND c.valid_from <= %(cutoff)s
            ORDER BY valid_from DESC LIMIT 1) c ON TRUE
        ORDER BY p.number) o
) q;

-- Of a debt, what the reserve paid is taken from the group with the highest rate first.
INSERT INTO commissions_statementvat (statement_id, percent, net, brought_forward, vat, carried_forward)
SELECT t.statement_id, g.percent, g.net, g.brought_forward,
       CASE WHEN t.negative THEN 0 ELSE round((g.net + g.brought_forward) * g.percent * 0.01, 2) END,
       CASE WHEN t.negative
            THEN g.net + g.brought_forward + greatest(0, least(g.debt, t.used + t.drawn - g.debts_before)) ELSE 0 END
FROM total t
JOIN (
    SELECT v.*, coalesce(sum(debt) OVER (
               PARTITION BY partner_id ORDER BY percent DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS debts_before
    FROM (SELECT *, greatest(0, -net - brought_forward) AS debt FROM vat_group) v) g USING (partner_id);

-- Oldest cohort first. A row also for a cohort that did not move, so that a release that failed to come is noticed.
INSERT INTO commissions_reservemovement (id, statement_id, partner_id, cohort, exposure, withheld, released, drawn, seal)
SELECT q.*, md5(q::text)::uuid
FROM (
    SELECT nextval(pg_get_serial_sequence('commissions_reservemovement', 'id')), t.statement_id, t.partner_id, m.cohort::date,
           m.exposure::numeric(14, 2), m.withheld::numeric(14, 2), m.released::numeric(14, 2),
           greatest(0, least(m.drawable, t.drawn - m.drawable_before))::numeric(14, 2)
    FROM total t
    JOIN (
        SELECT partner_id, cohort, exposure, 0.00 AS withheld, released, balance - released AS drawable,
               coalesce(sum(balance - released) OVER (
                   PARTITION BY partner_id ORDER BY cohort ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS drawable_before
        FROM reserve
        UNION ALL
        SELECT partner_id, %(month)s, NULL, withheld, 0, 0, 0 FROM total WHERE withheld > 0) m USING (partner_id)
    ORDER BY t.statement_id, m.cohort) q;

INSERT INTO commissions_reserveline (
    run_id, order_id, partner_id, component_code, month, is_first, schedule, signed_on, activated_on, "full", clawed, entitled)
SELECT run_id, order_id, partner_id, component_code, month, is_first, schedule, signed_on, activated_on, "full", clawed, entitled
FROM reserve_line;

SELECT commissions_post_draft(%(run)s);
