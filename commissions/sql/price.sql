-- Purpose: what each fact earns before any clawback: base × rate, rounded half away from zero once (rules 8 and 15).
-- Reads:   terms, eligible, commissions_component, sales_revenue, scope_month
-- Writes:  the view priced (one row per line identity), which the next step reads once
-- Invariant: numeric all the way; percent is a multiplication by 0.01, because a division may round before we do.
CREATE VIEW priced AS
WITH fact AS (
    SELECT o.order_id, e.component_id, e.certificate_id, e.hold_reason,
           date_trunc('month', o.activated_on)::date AS month, NULL::date AS revenue_month,
           o.activated_on AS service_date,
           CASE k.basis WHEN 'units' THEN o.quantity WHEN 'order_value' THEN coalesce(o.order_value, 0)
                        ELSE coalesce(o.monthly_price, 0) * o.quantity END AS base
    FROM terms o
    JOIN eligible e USING (order_id)
    JOIN commissions_component k ON k.id = e.component_id AND k.kind = 'closing'
    WHERE o.whole AND o.activated_on IS NOT NULL
    UNION ALL
    SELECT o.order_id, e.component_id, e.certificate_id, e.hold_reason,
           r.month, r.month, (r.month + INTERVAL '1 month' - INTERVAL '1 day')::date, r.amount
    FROM terms o
    JOIN eligible e USING (order_id)
    JOIN commissions_component k ON k.id = e.component_id AND k.kind = 'recurring'
    JOIN sales_revenue r ON r.order_id = o.order_id AND r.month <= %(month)s
        AND r.month >= date_trunc('month', o.activated_on)
        AND (k.months IS NULL OR r.month < date_trunc('month', o.activated_on) + make_interval(months => k.months))
    WHERE o.whole OR EXISTS (SELECT FROM scope_month m WHERE m.order_id = r.order_id AND m.month = r.month)
    UNION ALL
    -- An activated order that no component is for is a visible result, never a silent zero.
    SELECT o.order_id, NULL, NULL, CASE WHEN o.has_contract THEN 'not_in_schedule' ELSE 'no_contract' END,
           date_trunc('month', o.activated_on)::date, NULL, o.activated_on, 0
    FROM terms o
    WHERE o.whole AND o.activated_on IS NOT NULL
      AND NOT EXISTS (SELECT FROM eligible e WHERE e.order_id = o.order_id)
)
SELECT f.*, k.kind, k.clawback_mode, k.clawback_months,
       coalesce(round(f.base * k.rate * CASE k.basis WHEN 'units' THEN 1 ELSE 0.01 END,
                      CASE k.round_to WHEN 1 THEN 0 WHEN 0.1 THEN 1 ELSE 2 END), 0) AS full_amount
FROM fact f LEFT JOIN commissions_component k ON k.id = f.component_id;
