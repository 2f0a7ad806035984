-- Purpose: each partner's net in a run beside the months before it; the base of biggest changes and of what stands out.
-- Reads:   commissions_draftline (partition of the run), or once posted its statements; statements of earlier runs
-- Invariant: one row for each partner that has a line now, had one before, or has a contract in force at the month's end.
WITH now AS (
    SELECT partner_id, sum(amount) AS net, count(*) AS lines
    FROM commissions_draftline WHERE run_id = %(run)s AND NOT %(posted)s GROUP BY partner_id
    UNION ALL
    SELECT partner_id, net, lines_count FROM commissions_statement WHERE run_id = %(run)s AND %(posted)s
), before AS (
    SELECT partner_id, sum(net) FILTER (WHERE run_id = %(last)s) AS last_net,
           sum(net) / nullif(cardinality(%(earlier)s::bigint[]), 0) AS mean
    FROM commissions_statement WHERE run_id = ANY(%(earlier)s::bigint[]) GROUP BY partner_id
), contracted AS (
    SELECT DISTINCT partner_id FROM partners_contract
    WHERE status = 'in_force' AND valid_from <= %(cutoff)s AND (valid_until IS NULL OR valid_until > %(cutoff)s)
)
SELECT p.id, p.number, p.legal_name AS name, p.manager_id, coalesce(n.net, 0) AS net, coalesce(n.lines, 0) AS lines,
       coalesce(b.last_net, 0) AS before, round(coalesce(b.mean, 0), 2) AS mean, c.partner_id IS NOT NULL AS contracted
FROM partners_partner p
LEFT JOIN now n ON n.partner_id = p.id
LEFT JOIN before b ON b.partner_id = p.id
LEFT JOIN contracted c ON c.partner_id = p.id
WHERE n.partner_id IS NOT NULL OR b.partner_id IS NOT NULL OR c.partner_id IS NOT NULL
ORDER BY abs(coalesce(n.net, 0) - coalesce(b.last_net, 0)) DESC, p.number;
