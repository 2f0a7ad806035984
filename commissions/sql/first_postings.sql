-- Purpose: what a few statements posted for the first time on closing lines that carry a reserve, by percent.
-- Reads:   commissions_line by its indexes on partner and order, and only of those statements' runs, commissions_component
-- Invariant: a line that only says a fact is held posted no money; the one after it is the first.
SELECT l.statement_id, k.reserve_percent AS percent, sum(l.amount) AS amount
FROM commissions_statement s
JOIN commissions_line l ON l.run_id = s.run_id AND l.partner_id = s.partner_id AND l.statement_id = s.id
JOIN commissions_component k ON k.id = l.component_id AND k.reserve_percent > 0
WHERE s.id = ANY (%(statements)s::bigint[]) AND l.kind = 'closing' AND l.amount > 0
  AND (l.previous_id IS NULL OR l.booked = 0 AND NOT EXISTS (
      SELECT FROM commissions_line e
      WHERE e.order_id = l.order_id AND e.month = l.month AND e.partner_id = l.partner_id AND e.id < l.id
        AND e.component_code = l.component_code AND e.revenue_month IS NULL AND NOT e.is_notice))
GROUP BY l.statement_id, k.reserve_percent;
