-- Purpose: closing lines with a reserve of which something changed that moves no amount (rule 21).
-- Reads:   booked, entitled, terms, component
-- Writes:  commissions_restatement
-- Invariant: what a hold keeps back is not restated: until it is lifted the line stands as it was posted.
-- @shards and rest
INSERT INTO commissions_restatement (
    run_id, order_id, partner_id, component_code, month, schedule, signed_on, activated_on, "full", clawed, entitled)
SELECT %(run)s, b.order_id, b.partner_id, b.component_code, b.month, t.schedule, t.signed_on, t.activated_on, e.full_amount,
       e.clawed, e.entitled
FROM booked b
JOIN terms t ON t.order_id = b.order_id AND t.partner_id = b.partner_id
JOIN entitled e ON e.order_id = b.order_id AND e.payee_id = b.partner_id AND e.month = b.month AND e.revenue_month IS NULL
    AND e.followed_code = '' AND e.entitled = b.standing
JOIN component k ON k.id = e.component_id AND k.code = b.component_code
WHERE b.kind = 'closing' AND b.standing > 0
  AND b.component_code IN (SELECT code FROM commissions_component WHERE reserve_percent > 0)
  AND ((t.schedule, t.signed_on, t.activated_on, e.full_amount, e.clawed)
       IS DISTINCT FROM (b.schedule, b.signed_on, b.activated_on, b."full", b.clawed)
       -- It may come back to what the line says.
       OR b.is_notice OR EXISTS (SELECT FROM commissions_restatement r WHERE r.order_id = b.order_id));
