-- Purpose: what each component that applies earns before any rate: its facts, and how much of them a cancellation takes.
-- Reads:   terms, eligible, component, sales_revenue, scope_month, scope_reach, sales_event
-- Writes:  pause, the views judged (eligible with share n / d, rule 16) and fact (one row per line identity to be priced)
-- Invariant: 0 <= n <= d; the share depends on order and component alone, so it is known before any measure is.
-- @shards
CREATE VIEW judged AS
WITH answer AS (
    SELECT e.*, o.whole, o.partner_id, o.quantity, o.order_value, o.monthly_price, o.activated_on, o.cancelled_on,
           k.code, k.kind, k.basis, k.mode, k.measure, k.months, k.clawback_mode, k.clawback_months, k.clawback_until,
           k.clawback_percent,
           greatest(held.months - (o.activated_on + make_interval(months => held.months) > o.cancelled_on)::int, 0) AS months_held,
           CASE
               WHEN o.cancelled_on IS NULL OR k.kind = 'recurring' THEN 'none'
               WHEN o.reason IN ('WITHDRAWAL', 'FRAUD_PARTNER', 'FRAUD_CUSTOMER', 'DUPLICATE') THEN 'whole'
               WHEN o.reason IN ('NO_AVAILABILITY', 'PROVIDER_FAULT', 'PROVIDER_TERMINATION', 'PRICE_INCREASE') THEN 'none'
               WHEN k.clawback_months IS NULL
                    OR o.cancelled_on >= o.activated_on + make_interval(months => k.clawback_months) THEN 'none'
               WHEN o.reason = 'NON_PAYMENT' AND NOT o.has_evidence THEN 'unproven'
               ELSE 'share' END AS liability
    FROM eligible e
    JOIN terms o USING (order_id)
    JOIN component k ON k.id = e.component_id
    CROSS JOIN LATERAL (
        SELECT (extract(year FROM o.cancelled_on)::int - extract(year FROM o.activated_on)::int) * 12
             + extract(month FROM o.cancelled_on)::int - extract(month FROM o.activated_on)::int AS months) held
), share AS (
    -- Asked only where something ended: the function costs more than all else said of an order.
    SELECT a.*, CASE WHEN liability <> 'none' THEN commissions_share_of(
               CASE liability WHEN 'whole' THEN 'full' ELSE clawback_mode END,
               clawback_months, clawback_until, clawback_percent, activated_on, cancelled_on, months_held) END AS part
    FROM answer a
)
SELECT s.*,
       CASE WHEN liability IN ('whole', 'share') THEN part[1] ELSE 0 END AS clawed_n,
       CASE WHEN liability IN ('whole', 'share') THEN part[2] ELSE 1 END AS clawed_d,
       -- What would be taken back, were the proof there (rule 6: evidence_missing).
       CASE WHEN liability = 'unproven' AND hold_reason = '' THEN part[1] ELSE 0 END AS unproven_n,
       CASE WHEN liability = 'unproven' AND hold_reason = '' THEN part[2] ELSE 1 END AS unproven_d
FROM share s;

CREATE VIEW fact AS
WITH earning AS (
    SELECT j.*, FALSE AS idle, date_trunc('month', j.activated_on::timestamp)::date AS month, NULL::date AS revenue_month,
           j.activated_on AS service_date, 0::numeric AS revenue
    FROM judged j
    WHERE j.kind = 'closing' AND j.activated_on <= %(cutoff)s
       OR j.kind = 'campaign' AND j.activated_on <= %(cutoff)s AND j.basis <> 'line'
    UNION ALL
    SELECT j.*, FALSE, r.month, r.month, (r.month + INTERVAL '1 month' - INTERVAL '1 day')::date, r.amount
    FROM judged j
    JOIN sales_revenue r ON r.order_id = j.order_id AND r.month <= %(month)s
        AND r.month >= date_trunc('month', j.activated_on::timestamp)
        AND (j.months IS NULL OR r.month < date_trunc('month', j.activated_on::timestamp) + make_interval(months => j.months))
    WHERE j.kind = 'recurring' AND (j.basis <> 'units' OR j.measure = 'revenue')
    UNION ALL
    -- A month on whose last day the order is not active uses up its slot and earns nothing: all of it is taken back.
    SELECT j.*, j.cancelled_on <= m.last_day IS TRUE OR EXISTS (
               SELECT FROM pause p WHERE p.order_id = j.order_id AND p.paused_from <= m.last_day AND m.last_day < p.paused_until),
           m.month::date, m.month::date, m.last_day, 0
    FROM judged j
    CROSS JOIN LATERAL (
        SELECT month, (month + INTERVAL '1 month' - INTERVAL '1 day')::date AS last_day
        FROM generate_series(date_trunc('month', j.activated_on::timestamp), least(
                 %(month)s::timestamp, date_trunc('month', j.activated_on::timestamp) + make_interval(months => coalesce(j.months, 9999) - 1)),
                 '1 month') month) m
    WHERE j.kind = 'recurring' AND j.basis = 'units' AND j.measure <> 'revenue' AND j.activated_on <= %(cutoff)s
)
SELECT f.order_id, f.component_id, f.certificate_id, f.whole, f.partner_id, f.activated_on, f.code, f.kind, f.basis, f.mode, f.measure,
       f.quantity, f.month, f.revenue_month, f.service_date, f.unproven_n, f.unproven_d,
       CASE WHEN f.idle AND f.hold_reason <> 'withheld' THEN '' ELSE f.hold_reason END AS hold_reason,
       CASE WHEN f.idle THEN 1 ELSE f.clawed_n END AS clawed_n, f.clawed_d,
       CASE f.basis WHEN 'units' THEN f.quantity WHEN 'order_value' THEN coalesce(f.order_value, 0)
                    WHEN 'monthly_price' THEN coalesce(f.monthly_price, 0) * f.quantity ELSE f.revenue END AS base,
       CASE f.measure WHEN '' THEN 0 WHEN 'units' THEN f.quantity WHEN 'order_value' THEN coalesce(f.order_value, 0)
                      WHEN 'monthly_price' THEN coalesce(f.monthly_price, 0) * f.quantity ELSE f.revenue END AS size,
       -- Held facts do not count until they are released, nor do those of which anything is taken back (rule 11).
       f.hold_reason IN ('', 'withheld') AND f.clawed_n = 0 AND NOT f.idle AS counts
FROM earning f
WHERE f.whole
   OR f.revenue_month IS NOT NULL
      AND EXISTS (SELECT FROM scope_month m WHERE m.order_id = f.order_id AND m.month = f.month)
   OR EXISTS (SELECT FROM scope_reach r WHERE r.order_id = f.order_id AND r.month_from <= f.month AND f.month < r.month_until);
