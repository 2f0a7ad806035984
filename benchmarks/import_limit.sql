-- What the database needs at the very least: the limit that benchmarks/import.py compares the import with.
-- The file is copied into `bare` (typed, no index), then written once into `indexed` (all indexes of sales_event).
-- Nothing is checked, nothing is derived. Columns that are in the feed only: event_id … term_months.
-- name: tables
CREATE TABLE bare (LIKE sales_event);
ALTER TABLE bare ALTER id DROP NOT NULL, ALTER feed_import_id DROP NOT NULL, ALTER line DROP NOT NULL;
CREATE TABLE indexed (LIKE sales_event INCLUDING ALL);
-- name: copy
COPY bare (event_id, event_type, occurred_on, order_id, dealer_code, product, transaction, customer_no, customer_class,
           quantity, order_value, monthly_price, term_months)
FROM STDIN (FORMAT csv, HEADER);
-- name: insert
INSERT INTO indexed (
    event_id, event_type, occurred_on, order_id, dealer_code, product, transaction, customer_no, customer_name,
    customer_class, annual_spend, quantity, order_value, monthly_price, term_months, campaign, revenue_month, revenue,
    signed_on, activated_on, reason, evidence, feed_import_id, line)
SELECT event_id, event_type, occurred_on, order_id, dealer_code, product, transaction, customer_no, customer_name,
       customer_class, annual_spend, quantity, order_value, monthly_price, term_months, campaign, revenue_month, revenue,
       signed_on, activated_on, reason, evidence, 1, 1
FROM bare;
-- name: drop
DROP TABLE bare, indexed;
