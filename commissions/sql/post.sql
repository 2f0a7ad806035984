-- Purpose: one statement per partner, and the run's table of draft lines becomes one of posted lines (rules 19, 20).
-- Reads:   commissions_draftline of the run, each partner's last statement, contracts
-- Writes:  commissions_statement, commissions_statementvat; hands the table over
-- Invariant: VAT is computed on a rate group's total; a negative total carries every group forward untaxed.
CREATE TEMP TABLE vat_group ON COMMIT DROP AS
WITH last_statement AS (
    SELECT DISTINCT ON (partner_id) partner_id, id FROM commissions_statement ORDER BY partner_id, month DESC
)
SELECT partner_id, percent, sum(net) AS net, sum(brought_forward) AS brought_forward, sum(lines) AS lines,
       max(statement_id) AS statement_id
FROM (
    SELECT partner_id, vat_percent AS percent, sum(amount) AS net, 0 AS brought_forward, count(*) AS lines,
           max(statement_id) AS statement_id
    FROM commissions_draftline WHERE run_id = %(run)s GROUP BY partner_id, vat_percent
    UNION ALL
    SELECT s.partner_id, v.percent, 0, v.carried_forward, 0, NULL
    FROM last_statement s JOIN commissions_statementvat v ON v.statement_id = s.id
    WHERE v.carried_forward <> 0) parts
GROUP BY partner_id, percent;

CREATE TEMP TABLE total ON COMMIT DROP AS
SELECT partner_id, sum(net) AS net, sum(brought_forward) AS brought_forward, sum(lines) AS lines,
       coalesce(max(statement_id), nextval(pg_get_serial_sequence('commissions_statement', 'id'))) AS statement_id,
       sum(net + brought_forward) < 0 AS negative,
       sum(round((net + brought_forward) * percent * 0.01, 2)) AS vat
FROM vat_group GROUP BY partner_id;

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
               (%(month)s + INTERVAL '2 months' - INTERVAL '1 day')::date, p.vat_status,
               coalesce(c.self_billing_accepted_on <= %(issued_on)s, FALSE) AND p.vat_status <> 'none',
               jsonb_build_object(
                   'number', p.number, 'legal_name', p.legal_name, 'street', p.street, 'postcode', p.postcode,
                   'city', p.city, 'country', p.country, 'vat_id', p.vat_id, 'tax_number', p.tax_number,
                   'iban', p.iban, 'account_holder', p.account_holder),
               t.lines::bigint, t.net::numeric(14, 2), t.brought_forward::numeric(14, 2),
               (CASE WHEN negative THEN 0 ELSE t.vat END)::numeric(14, 2),
               (CASE WHEN negative THEN 0 ELSE t.net + t.brought_forward + t.vat END)::numeric(14, 2),
               0::numeric(14, 2), 0::numeric(14, 2), 0::numeric(14, 2),
               (CASE WHEN negative THEN t.net + t.brought_forward ELSE 0 END)::numeric(14, 2),
               (CASE WHEN negative THEN 0 ELSE t.net + t.brought_forward + t.vat END)::numeric(14, 2)
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

INSERT INTO commissions_statementvat (statement_id, percent, net, brought_forward, vat, carried_forward)
SELECT s.id, g.percent, g.net, g.brought_forward,
       CASE WHEN t.negative THEN 0 ELSE round((g.net + g.brought_forward) * g.percent * 0.01, 2) END,
       CASE WHEN t.negative THEN g.net + g.brought_forward ELSE 0 END
FROM vat_group g
JOIN total t USING (partner_id)
JOIN commissions_statement s ON s.run_id = %(run)s AND s.partner_id = g.partner_id;

SELECT commissions_post_draft(%(run)s);

-- Gone with the transaction anyway; a caller that posts twice within one would stumble over them.
DROP TABLE vat_group, total;
