-- Purpose: orders signed at some outlets, by calendar week: what came of the visits.
-- Reads:   sales_order, partners_dealercode
-- Writes:  nothing
-- Keeps:   an order belongs to the outlet whose dealer code it names on the day of its signature, whoever it was given to since.
SELECT date_trunc('week', o.signed_on)::date AS monday, count(*) AS orders
FROM sales_order o
JOIN partners_dealercode code
  ON code.code = o.dealer_code
 AND code.valid_from <= o.signed_on
 AND (code.valid_until IS NULL OR o.signed_on < code.valid_until)
WHERE o.partner_id = ANY(%(partners)s)
  AND code.outlet_id = ANY(%(outlets)s)
  AND o.signed_on >= %(since)s
  AND o.signed_on < %(until)s
GROUP BY 1
