-- What exactly is wrong with the suspect lines, field by field, and takes the wrong lines out of the file.
--
-- Reads:      suspect
-- Writes:     sales_feedissue (one row a line and wrong field), staged (loses the lines with an issue)
-- Parameters: feed_import, today (ISO text), event_types, transactions, customer_classes, reasons (arrays)
-- Invariant:  afterwards every line left in staged can be cast and stored as it is; the row count is that of the
--             lines taken out
INSERT INTO sales_feedissue (feed_import_id, line, event_id, field, value, code)
SELECT %(feed_import)s, s.line, coalesce(left(s.event_id, 80), ''), i.field, coalesce(left(i.value, 200), ''), i.code
FROM suspect JOIN staged s USING (line)
CROSS JOIN LATERAL (
    SELECT '' AS field, s.raw AS value, s.problem AS code WHERE s.problem IS NOT NULL
    UNION ALL
    SELECT field, NULL, 'required'
    FROM (VALUES ('event_id', s.event_id, true),
                 ('event_type', s.event_type, true),
                 ('occurred_on', s.occurred_on, true),
                 ('order_id', s.order_id, true),
                 ('dealer_code', s.dealer_code, s.event_type IN ('captured', 'reattributed')),
                 ('product', s.product, s.event_type = 'captured'),
                 ('customer_no', s.customer_no, s.event_type = 'captured'),
                 ('revenue_month', s.revenue_month, s.event_type = 'revenue'),
                 ('revenue', s.revenue, s.event_type = 'revenue'),
                 ('reason', s.reason, s.event_type IN ('rejected', 'cancelled'))) AS needed (field, value, needed)
    WHERE needed AND value IS NULL AND s.problem IS NULL
    UNION ALL
    SELECT field, value, CASE WHEN value ~ '^[=+@-]' THEN 'formula' ELSE 'too_long' END
    FROM (VALUES ('event_id', s.event_id, 80), ('order_id', s.order_id, 80), ('dealer_code', s.dealer_code, 40),
                 ('product', s.product, 60), ('customer_no', s.customer_no, 60),
                 ('customer_name', s.customer_name, 200), ('campaign', s.campaign, 60),
                 ('evidence', s.evidence, 200)) AS texts (field, value, width)
    WHERE value ~ '^[=+@-]' OR length(value) > width
    UNION ALL
    SELECT field, value, field
    FROM (VALUES ('event_type', s.event_type, %(event_types)s::text[]),
                 ('transaction', s.transaction, %(transactions)s::text[]),
                 ('customer_class', s.customer_class, %(customer_classes)s::text[]),
                 ('reason', s.reason, %(reasons)s::text[])) AS words (field, value, known)
    WHERE value <> ALL (known)
    UNION ALL
    SELECT field, value, 'date'
    FROM (VALUES ('occurred_on', s.occurred_on), ('signed_on', s.signed_on),
                 ('activated_on', s.activated_on)) AS dates (field, value)
    WHERE NOT CASE WHEN value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN pg_input_is_valid(value, 'date')
                   ELSE value IS NULL END
    UNION ALL
    SELECT 'occurred_on', s.occurred_on, 'future'
    WHERE s.event_type IN ('captured', 'rejected', 'activated', 'revenue') AND s.occurred_on > %(today)s
      AND s.occurred_on ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(s.occurred_on, 'date')
    UNION ALL
    SELECT 'revenue_month', s.revenue_month, 'month'
    WHERE NOT (s.revenue_month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$' AND s.revenue_month >= '0001' COLLATE "C")
    UNION ALL
    SELECT field, value,
           CASE WHEN value !~ '^-?[0-9]+(\.[0-9]+)?$' THEN 'number'
                WHEN length(ltrim(split_part(value, '.', 1), '-0')) > whole THEN 'too_large'
                WHEN length(rtrim(split_part(value, '.', 2), '0')) > decimals
                     THEN CASE decimals WHEN 0 THEN 'whole' ELSE 'decimals_' || decimals END
                WHEN field = 'quantity' AND value !~ '^[0-9.]*[1-9]' THEN 'positive'
                WHEN field <> 'revenue' AND value ~ '^-[0.]*[1-9]' THEN 'negative' END
    FROM (VALUES ('annual_spend', s.annual_spend, 12, 2), ('quantity', s.quantity, 9, 3),
                 ('order_value', s.order_value, 10, 4), ('monthly_price', s.monthly_price, 10, 4),
                 ('term_months', s.term_months, 4, 0), ('revenue', s.revenue, 10, 4))
         AS numbers (field, value, whole, decimals)
    WHERE value !~ '^-?[0-9]+(\.[0-9]+)?$'
       OR length(ltrim(split_part(value, '.', 1), '-0')) > whole
       OR length(rtrim(split_part(value, '.', 2), '0')) > decimals
       OR field = 'quantity' AND value !~ '^[0-9.]*[1-9]'
       OR field <> 'revenue' AND value ~ '^-[0.]*[1-9]'
) AS i;
DELETE FROM staged s
USING (SELECT DISTINCT line FROM sales_feedissue WHERE feed_import_id = %(feed_import)s) AS wrong
WHERE wrong.line = s.line;
