-- Makes facts of the lines that are left, in the sequence of the file; with its second part a known event_id is passed over.
--
-- Reads:      staged
-- Writes:     sales_event
-- Parameters: feed_import
-- Invariant:  of several lines with one event_id the first counts; known_ids.sql looks at the others
INSERT INTO sales_event (
    event_id, event_type, occurred_on, order_id, dealer_code, product, transaction, customer_no, customer_name,
    customer_class, annual_spend, quantity, order_value, monthly_price, term_months, campaign, revenue_month, revenue,
    signed_on, activated_on, reason, evidence, feed_import_id, line)
SELECT event_id, event_type, occurred_on::date, order_id, dealer_code, product, transaction, customer_no,
       customer_name, customer_class, annual_spend::numeric, quantity::numeric, order_value::numeric,
       monthly_price::numeric, term_months::numeric::int, campaign, (revenue_month || '-01')::date, revenue::numeric,
       signed_on::date, activated_on::date, reason, evidence, %(feed_import)s, line
FROM staged
-- @known
ON CONFLICT (event_id) DO NOTHING;
