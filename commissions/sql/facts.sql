-- Purpose: every order in scope as it stood on the run's last day, with what its product and partner are.
-- Reads:   scope_order, scope_month, sales_order, order_state, sales_product, partners_partner
-- Writes:  the view fact_order (one row per order; `whole` = the closing fact is in scope too, not only single revenue months)
-- Invariant: an order captured after the run's last day is not there.
CREATE VIEW fact_order AS
WITH scoped AS (
    SELECT order_id, TRUE AS whole FROM scope_order
    UNION ALL
    SELECT DISTINCT order_id, FALSE FROM scope_month
), standing AS (
    SELECT s.order_id, s.whole, o.partner_id, o.dealer_code, o.product, o.transaction, o.customer_class, o.quantity,
           o.order_value, o.monthly_price, o.signed_on, o.activated_on, o.cancelled_on, o.reason, o.evidence
    FROM scoped s JOIN sales_order o ON o.id = s.order_id
    WHERE o.last_event_on <= %(cutoff)s
    UNION ALL
    SELECT s.order_id, s.whole, t.partner_id, t.dealer_code, t.product, t.transaction, t.customer_class, t.quantity,
           t.order_value, t.monthly_price, t.signed_on, t.activated_on, t.cancelled_on, t.reason, t.evidence
    FROM order_state t JOIN sales_order o ON o.order_no = t.order_no JOIN scoped s ON s.order_id = o.id
)
SELECT f.order_id, f.whole, f.partner_id, p.kind AS partner_kind, f.dealer_code,
       f.product, fam.code AS family,
       pr.state <> 'announced' AND pr.portfolio_from <= f.signed_on
           AND (pr.portfolio_until IS NULL OR f.signed_on < pr.portfolio_until) IS TRUE AS in_portfolio,
       f.transaction, f.customer_class, f.quantity, f.order_value, f.monthly_price, f.signed_on,
       CASE WHEN f.activated_on <= %(cutoff)s THEN f.activated_on END AS activated_on,
       f.cancelled_on, coalesce(f.reason, '') AS reason, coalesce(f.evidence, '') <> '' AS has_evidence
FROM standing f
JOIN partners_partner p ON p.id = f.partner_id
JOIN sales_product pr ON pr.code = f.product
JOIN sales_productfamily fam ON fam.id = pr.family_id;
