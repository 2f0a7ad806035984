-- Lines whose event_id was there before: with equal values they are duplicates, with others they are refused.
--
-- Reads:      staged, sales_event
-- Writes:     sales_feedissue (one row a line and differing field)
-- Parameters: feed_import, after (the last Event.id before this import)
-- Invariant:  compares values, not their spelling: 45.0 = 45.00. Returns the lines refused.
WITH known AS (
    SELECT s.* FROM staged s
    WHERE NOT EXISTS (SELECT FROM sales_event e WHERE e.id > %(after)s AND e.line = s.line)
),
issue AS (
    INSERT INTO sales_feedissue (feed_import_id, line, event_id, field, value, code)
    SELECT %(feed_import)s, k.line, k.event_id, d.field, coalesce(left(d.value, 200), ''), 'reused'
    FROM known k
    JOIN sales_event e ON e.event_id = k.event_id
    CROSS JOIN LATERAL (VALUES
        ('event_type', k.event_type, k.event_type IS DISTINCT FROM e.event_type),
        ('occurred_on', k.occurred_on, k.occurred_on::date IS DISTINCT FROM e.occurred_on),
        ('order_id', k.order_id, k.order_id IS DISTINCT FROM e.order_id),
        ('dealer_code', k.dealer_code, k.dealer_code IS DISTINCT FROM e.dealer_code),
        ('product', k.product, k.product IS DISTINCT FROM e.product),
        ('transaction', k.transaction, k.transaction IS DISTINCT FROM e.transaction),
        ('customer_no', k.customer_no, k.customer_no IS DISTINCT FROM e.customer_no),
        ('customer_name', k.customer_name, k.customer_name IS DISTINCT FROM e.customer_name),
        ('customer_class', k.customer_class, k.customer_class IS DISTINCT FROM e.customer_class),
        ('annual_spend', k.annual_spend, k.annual_spend::numeric IS DISTINCT FROM e.annual_spend),
        ('quantity', k.quantity, k.quantity::numeric IS DISTINCT FROM e.quantity),
        ('order_value', k.order_value, k.order_value::numeric IS DISTINCT FROM e.order_value),
        ('monthly_price', k.monthly_price, k.monthly_price::numeric IS DISTINCT FROM e.monthly_price),
        ('term_months', k.term_months, k.term_months::numeric IS DISTINCT FROM e.term_months),
        ('campaign', k.campaign, k.campaign IS DISTINCT FROM e.campaign),
        ('revenue_month', k.revenue_month, (k.revenue_month || '-01')::date IS DISTINCT FROM e.revenue_month),
        ('revenue', k.revenue, k.revenue::numeric IS DISTINCT FROM e.revenue),
        ('signed_on', k.signed_on, k.signed_on::date IS DISTINCT FROM e.signed_on),
        ('activated_on', k.activated_on, k.activated_on::date IS DISTINCT FROM e.activated_on),
        ('reason', k.reason, k.reason IS DISTINCT FROM e.reason),
        ('evidence', k.evidence, k.evidence IS DISTINCT FROM e.evidence)) AS d (field, value, differs)
    WHERE d.differs
    RETURNING line
)
SELECT count(DISTINCT line) AS refused FROM issue;
