-- Purpose: closing lines of which the reserve knows something else than was posted, or one of the two nothing.
-- Reads:   commissions_line, commissions_component, commissions_reserveline
-- Invariant: what became of a line counts where its first posting kept something back.
WITH kept AS (
    SELECT r.* FROM commissions_reserveline r
    WHERE r.is_first OR EXISTS (
        SELECT FROM commissions_reserveline f
        WHERE f.is_first AND f.order_id = r.order_id AND f.partner_id = r.partner_id AND f.component_code = r.component_code
          AND f.month = r.month)
), posted AS (
    SELECT l.*, f.is_first
    FROM commissions_line l
    LEFT JOIN commissions_component k ON k.id = l.component_id
    CROSS JOIN LATERAL (
        SELECT (k.reserve_percent > 0 AND l.amount > 0 AND (l.previous_id IS NULL OR l.booked = 0 AND NOT EXISTS (
            SELECT FROM commissions_line e
            WHERE e.order_id = l.order_id AND e.month = l.month AND e.partner_id = l.partner_id AND e.id < l.id
              AND e.component_code = l.component_code AND e.revenue_month IS NULL AND NOT e.is_notice))) IS TRUE AS is_first) f
    WHERE l.kind = 'closing'
      AND (f.is_first OR l.previous_id IS NOT NULL AND NOT l.is_notice AND EXISTS (
          SELECT FROM kept WHERE kept.order_id = l.order_id AND kept.partner_id = l.partner_id
            AND kept.component_code = l.component_code AND kept.month = l.month))
)
SELECT run_id, partner_id
FROM (SELECT run_id, partner_id, order_id, component_code, month,
             is_first, schedule, signed_on, activated_on, "full", clawed, entitled, 1 AS side FROM posted
      UNION ALL
      SELECT run_id, partner_id, order_id, component_code, month,
             is_first, schedule, signed_on, activated_on, "full", clawed, entitled, -1 FROM kept) sides
GROUP BY run_id, partner_id, order_id, component_code, month, is_first, schedule, signed_on, activated_on, "full", clawed, entitled
HAVING sum(side) <> 0;
