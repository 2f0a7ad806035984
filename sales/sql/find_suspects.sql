-- Lines that are not obviously fine: the only ones worth the slow look of find_issues.sql.
--
-- Reads:      staged
-- Writes:     suspect
-- Parameters: today (ISO text; the last day on which something can have happened), transactions, customer_classes,
--             reasons (arrays)
-- Invariant:  a line that is not suspect can be cast and stored as it is. The other way round nothing is promised:
--             the tests here are cheap and stricter than the format (a name that begins with a quote is suspect).
INSERT INTO suspect
SELECT line
FROM staged
WHERE problem IS NOT NULL
   OR NOT coalesce(
    octet_length(event_id) <= 80 AND (event_id >= 'A' OR event_id >= '0' AND event_id < ':')
    AND octet_length(order_id) <= 80 AND (order_id >= 'A' OR order_id >= '0' AND order_id < ':')
    AND CASE WHEN octet_length(occurred_on) = 10 AND pg_input_is_valid(occurred_on, 'date')
             THEN occurred_on::date::text = occurred_on END
    AND CASE event_type
        WHEN 'captured' THEN dealer_code IS NOT NULL AND product IS NOT NULL AND customer_no IS NOT NULL
                             AND occurred_on <= %(today)s
        WHEN 'activated' THEN occurred_on <= %(today)s
        WHEN 'revenue' THEN revenue_month IS NOT NULL AND revenue IS NOT NULL AND occurred_on <= %(today)s
        WHEN 'rejected' THEN reason IS NOT NULL AND occurred_on <= %(today)s
        WHEN 'cancelled' THEN reason IS NOT NULL
        WHEN 'reattributed' THEN dealer_code IS NOT NULL
        ELSE event_type IN ('withdrawn', 'cancellation_revoked', 'suspended', 'resumed', 'corrected') END
    AND (dealer_code IS NULL
         OR octet_length(dealer_code) <= 40 AND (dealer_code >= 'A' OR dealer_code >= '0' AND dealer_code < ':'))
    AND (product IS NULL OR octet_length(product) <= 60 AND (product >= 'A' OR product >= '0' AND product < ':'))
    AND (customer_no IS NULL
         OR octet_length(customer_no) <= 60 AND (customer_no >= 'A' OR customer_no >= '0' AND customer_no < ':'))
    AND (customer_name IS NULL
         OR octet_length(customer_name) <= 200
            AND (customer_name >= 'A' OR customer_name >= '0' AND customer_name < ':'))
    AND (campaign IS NULL OR octet_length(campaign) <= 60 AND (campaign >= 'A' OR campaign >= '0' AND campaign < ':'))
    AND (evidence IS NULL OR octet_length(evidence) <= 200 AND (evidence >= 'A' OR evidence >= '0' AND evidence < ':'))
    AND (transaction IS NULL OR transaction = ANY (%(transactions)s::text[]))
    AND (customer_class IS NULL OR customer_class = ANY (%(customer_classes)s::text[]))
    AND (annual_spend IS NULL OR octet_length(annual_spend) <= 9 AND annual_spend ~ '^[0-9]+(\.[0-9][0-9]?)?$')
    AND (quantity IS NULL OR octet_length(quantity) <= 6 AND quantity ~ '^[1-9][0-9]*$')
    AND (order_value IS NULL OR octet_length(order_value) <= 10 AND order_value ~ '^[0-9]+(\.[0-9]{1,4})?$')
    AND (monthly_price IS NULL OR octet_length(monthly_price) <= 10 AND monthly_price ~ '^[0-9]+(\.[0-9]{1,4})?$')
    AND (term_months IS NULL OR octet_length(term_months) <= 3 AND term_months ~ '^[0-9]+$')
    AND (revenue IS NULL OR octet_length(revenue) <= 10 AND revenue ~ '^-?[0-9]+(\.[0-9]{1,4})?$')
    AND (revenue_month IS NULL OR revenue_month ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$')
    AND (signed_on IS NULL OR CASE WHEN octet_length(signed_on) = 10 AND pg_input_is_valid(signed_on, 'date')
                                   THEN signed_on::date::text = signed_on END)
    AND (activated_on IS NULL OR CASE WHEN octet_length(activated_on) = 10 AND pg_input_is_valid(activated_on, 'date')
                                      THEN activated_on::date::text = activated_on END)
    AND (reason IS NULL OR reason = ANY (%(reasons)s::text[])),
    false);
