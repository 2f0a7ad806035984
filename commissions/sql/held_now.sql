-- Purpose: what is held for some partners as the books stand: the last line of each identity, if it carries a reason.
-- Reads:   commissions_line through the partners' statements
-- Invariant: a line whose reason fell away is not the last one of its identity any more, or carries none.
WITH last AS (
    SELECT DISTINCT ON (l.partner_id, l.order_id, l.component_code, l.month, l.revenue_month)
           l.partner_id, l.order_id, l.component_code, l.hold_reason, l.is_notice, l.would_be
    FROM commissions_statement s JOIN commissions_line l ON l.statement_id = s.id
    WHERE s.partner_id = ANY(%(partners)s::bigint[]) AND l.manual_id IS NULL
    ORDER BY l.partner_id, l.order_id, l.component_code, l.month, l.revenue_month, l.id DESC
)
SELECT hold_reason AS reason, count(DISTINCT order_id) AS orders, coalesce(sum(would_be), 0) AS would_be
FROM last WHERE hold_reason <> '' AND is_notice
GROUP BY hold_reason
ORDER BY would_be DESC, reason;
