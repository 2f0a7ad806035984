-- What the events of each touched order add up to, with the events dated up to a cut-off.
--
-- Reads:     touched(order_no), sales_event, sales_parked, partners_dealercode, partners_outlet
-- Writes:    order_state (the columns of sales_order without id); both tables belong to the caller, who may keep them
--            in a schema of its own on the search_path
-- Parameter: cutoff, a date; 'infinity' takes every event
-- Invariant: a function of the *set* of events: the sequence of arrival never matters. No valid capture, no row.
--
-- Events take effect in the sequence (occurred_on, sales_event_rank(event_type), event_id as bytes). An event whose
-- dealer code, product or needed customer class is unknown (parked) is left out altogether. Nearly every order is captured once, activated,
-- and nothing else: those are joined directly; only the others are ranked and folded field by field.
INSERT INTO order_state (
    order_no, partner_id, dealer_code, status, signed_on, activated_on, cancelled_on, reason, last_event_on,
    feed_import_id, product, transaction, customer_no, customer_name, customer_class, annual_spend, quantity,
    order_value, monthly_price, term_months, campaign, evidence)
WITH known AS NOT MATERIALIZED (
    SELECT e.*
    FROM sales_event e
    WHERE e.occurred_on <= %(cutoff)s::date
      AND (e.event_type <> 'revenue' OR e.evidence IS NOT NULL)
      AND NOT EXISTS (SELECT FROM sales_parked p
                      WHERE p.event_id = e.id AND p.cause IN ('unknown_dealer', 'unknown_product', 'class_missing'))
),
shape AS MATERIALIZED (
    SELECT e.order_id,
           count(*) FILTER (WHERE event_type = 'captured') = 1
           AND bool_and(event_type = 'captured' OR event_type = 'activated' AND evidence IS NULL) AS plain,
           min(occurred_on) FILTER (WHERE event_type = 'activated') AS activated_on,
           max(occurred_on) AS last_event_on,
           max(feed_import_id) AS feed_import_id
    FROM touched t JOIN known e ON e.order_id = t.order_no
    GROUP BY e.order_id
    HAVING count(*) FILTER (WHERE event_type = 'captured') > 0
),
ranked AS (
    SELECT e.*, row_number() OVER (PARTITION BY e.order_id
                                   ORDER BY e.occurred_on, sales_event_rank(e.event_type), e.event_id) AS place
    FROM known e JOIN shape s ON s.order_id = e.order_id AND NOT s.plain
),
-- The first capture is the base, whatever its date: every correction goes on top of it. Further captures say nothing.
told AS (
    SELECT r.*,
           CASE WHEN event_type = 'corrected' THEN place
                WHEN event_type = 'captured'
                     AND place = min(place) FILTER (WHERE event_type = 'captured') OVER (PARTITION BY order_id) THEN 0
           END AS layer
    FROM ranked r
),
folded AS (
    SELECT order_id,
           min(occurred_on) FILTER (WHERE layer = 0) AS captured_on,
           (array_agg(product ORDER BY layer DESC) FILTER (WHERE layer >= 0 AND product IS NOT NULL))[1] AS product,
           (array_agg(transaction ORDER BY layer DESC)
               FILTER (WHERE layer >= 0 AND transaction IS NOT NULL))[1] AS transaction,
           (array_agg(customer_no ORDER BY layer DESC)
               FILTER (WHERE layer >= 0 AND customer_no IS NOT NULL))[1] AS customer_no,
           (array_agg(customer_name ORDER BY layer DESC)
               FILTER (WHERE layer >= 0 AND customer_name IS NOT NULL))[1] AS customer_name,
           (array_agg(customer_class ORDER BY layer DESC)
               FILTER (WHERE layer >= 0 AND customer_class IS NOT NULL))[1] AS customer_class,
           (array_agg(annual_spend ORDER BY layer DESC)
               FILTER (WHERE layer >= 0 AND annual_spend IS NOT NULL))[1] AS annual_spend,
           (array_agg(quantity ORDER BY layer DESC) FILTER (WHERE layer >= 0 AND quantity IS NOT NULL))[1] AS quantity,
           (array_agg(order_value ORDER BY layer DESC)
               FILTER (WHERE layer >= 0 AND order_value IS NOT NULL))[1] AS order_value,
           (array_agg(monthly_price ORDER BY layer DESC)
               FILTER (WHERE layer >= 0 AND monthly_price IS NOT NULL))[1] AS monthly_price,
           (array_agg(term_months ORDER BY layer DESC)
               FILTER (WHERE layer >= 0 AND term_months IS NOT NULL))[1] AS term_months,
           (array_agg(campaign ORDER BY layer DESC) FILTER (WHERE layer >= 0 AND campaign IS NOT NULL))[1] AS campaign,
           (array_agg(signed_on ORDER BY layer DESC) FILTER (WHERE layer > 0 AND signed_on IS NOT NULL))[1] AS signed_on,
           (array_agg(activated_on ORDER BY layer DESC)
               FILTER (WHERE layer > 0 AND activated_on IS NOT NULL))[1] AS activated_on,
           (array_agg(evidence ORDER BY place DESC) FILTER (WHERE evidence IS NOT NULL))[1] AS evidence,
           (array_agg(dealer_code ORDER BY place DESC) FILTER (
               WHERE (layer >= 0 OR event_type = 'reattributed') AND dealer_code IS NOT NULL))[1] AS dealer_code,
           (array_agg(occurred_on ORDER BY place DESC) FILTER (
               WHERE (layer >= 0 OR event_type = 'reattributed') AND dealer_code IS NOT NULL))[1] AS dealer_on,
           (array_agg(event_type ORDER BY place DESC) FILTER (
               WHERE event_type IN ('suspended', 'resumed')))[1] AS pause,
           (array_agg(event_type ORDER BY place DESC) FILTER (
               WHERE event_type IN ('cancelled', 'withdrawn', 'cancellation_revoked')))[1] AS ending,
           (array_agg(occurred_on ORDER BY place DESC) FILTER (
               WHERE event_type IN ('cancelled', 'withdrawn', 'cancellation_revoked')))[1] AS ending_on,
           bool_or(event_type = 'rejected') AS rejected,
           -- A correction speaks about the reason given before it, not about a later ending.
           (array_agg(reason ORDER BY place DESC) FILTER (
               WHERE event_type IN ('cancelled', 'withdrawn', 'corrected') AND reason IS NOT NULL))[1] AS end_reason,
           (array_agg(reason ORDER BY place DESC) FILTER (
               WHERE event_type IN ('rejected', 'corrected') AND reason IS NOT NULL))[1] AS reject_reason
    FROM told
    GROUP BY order_id
),
life AS (
    SELECT e.order_id, e.dealer_code, e.occurred_on AS dealer_on, e.occurred_on AS signed_on, s.activated_on,
           NULL::text AS pause, NULL::text AS ending, NULL::date AS ending_on, false AS rejected,
           NULL::text AS end_reason, NULL::text AS reject_reason, s.last_event_on, s.feed_import_id, e.product,
           e.transaction, e.customer_no, e.customer_name, e.customer_class, e.annual_spend, e.quantity, e.order_value,
           e.monthly_price, e.term_months, e.campaign, e.evidence
    FROM shape s JOIN known e ON e.order_id = s.order_id AND e.event_type = 'captured'
    WHERE s.plain
    UNION ALL
    SELECT f.order_id, f.dealer_code, f.dealer_on, coalesce(f.signed_on, f.captured_on),
           coalesce(f.activated_on, s.activated_on), f.pause, f.ending, f.ending_on, f.rejected, f.end_reason,
           f.reject_reason, s.last_event_on, s.feed_import_id, f.product, f.transaction, f.customer_no,
           f.customer_name, f.customer_class, f.annual_spend, f.quantity, f.order_value, f.monthly_price,
           f.term_months, f.campaign, f.evidence
    FROM folded f JOIN shape s ON s.order_id = f.order_id
)
SELECT l.order_id, o.partner_id, l.dealer_code,
       CASE WHEN l.ending IN ('cancelled', 'withdrawn') THEN l.ending
            WHEN l.activated_on IS NULL THEN CASE WHEN l.rejected THEN 'rejected' ELSE 'captured' END
            WHEN l.pause = 'suspended' THEN 'suspended'
            ELSE 'active' END,
       l.signed_on, l.activated_on,
       CASE WHEN l.ending IN ('cancelled', 'withdrawn') THEN l.ending_on END,
       CASE WHEN l.ending = 'withdrawn' THEN 'WITHDRAWAL'
            WHEN l.ending = 'cancelled' THEN l.end_reason
            WHEN l.activated_on IS NULL AND l.rejected THEN l.reject_reason END,
       l.last_event_on, l.feed_import_id, l.product, coalesce(l.transaction, 'new'), l.customer_no, l.customer_name,
       coalesce(l.customer_class, 'consumer'), l.annual_spend, coalesce(l.quantity, 1), l.order_value,
       l.monthly_price, l.term_months, l.campaign, l.evidence
FROM life l
JOIN partners_dealercode d ON d.code = l.dealer_code AND d.valid_from <= l.dealer_on
                          AND (d.valid_until IS NULL OR d.valid_until > l.dealer_on)
JOIN partners_outlet o ON o.id = d.outlet_id;
