-- What customers whose spend was estimated have really been billed in the last full year since they became customers.
--
-- Reads:      sales_order, sales_revenue, sales_customerspend, sales_segmentband
-- Writes:     sales_customerspend; the row count tells how many
-- Parameters: today, now, billed_until (first of the month up to which bills are complete)
-- Invariant:  one row for a customer and year, written once: a bill corrected later counts in the next year's row.
--             Orders are not touched.
--
-- A year begins with the first full month after the first activation. The estimate is that of the order signed last.
INSERT INTO sales_customerspend (
    customer_no, amount, source, as_of, before, before_source, before_as_of, status, recorded_at)
WITH estimated AS (
    SELECT customer_no,
           (date_trunc('month', min(activated_on) - 1) + interval '1 month')::date AS began,
           (array_agg(annual_spend ORDER BY signed_on DESC, order_no DESC) FILTER (WHERE annual_spend IS NOT NULL))[1]
               AS amount,
           max(signed_on) FILTER (WHERE annual_spend IS NOT NULL) AS as_of
    FROM sales_order
    WHERE activated_on IS NOT NULL
    GROUP BY customer_no
    HAVING min(activated_on) < %(billed_until)s::date - 365 + 31 AND count(annual_spend) > 0
),
due AS (
    SELECT e.*, (e.began + make_interval(years => extract(year FROM age(%(billed_until)s::date, e.began))::int))::date
                AS until
    FROM estimated e
),
billed AS (
    SELECT d.customer_no, d.until, d.amount AS estimate, d.as_of AS estimated_on, round(sum(r.amount), 2) AS amount
    FROM due d
    JOIN sales_order o ON o.customer_no = d.customer_no
    JOIN sales_revenue r ON r.order_id = o.id AND r.month < d.until
                        AND r.month >= (d.until - interval '1 year')::date
    WHERE d.until > d.began
      AND NOT EXISTS (SELECT FROM sales_customerspend s
                      WHERE s.customer_no = d.customer_no AND s.source = 'actual' AND s.as_of = d.until)
    GROUP BY d.customer_no, d.until, d.amount, d.as_of
)
SELECT b.customer_no, b.amount, 'actual', b.until, coalesce(known.amount, b.estimate),
       coalesce(known.source, 'estimate'), coalesce(known.as_of, b.estimated_on),
       CASE WHEN old.id IS DISTINCT FROM new.id THEN 'suggested' ELSE 'same' END, %(now)s
FROM billed b
LEFT JOIN LATERAL (SELECT s.amount, s.source, s.as_of FROM sales_customerspend s
                   WHERE s.customer_no = b.customer_no ORDER BY s.as_of DESC, s.id DESC LIMIT 1) AS known ON true
LEFT JOIN sales_segmentband old ON coalesce(known.amount, b.estimate) BETWEEN old.spend_from
                                                                      AND coalesce(old.spend_to, 'infinity')
      AND old.valid_from <= %(today)s AND (old.valid_until IS NULL OR old.valid_until > %(today)s)
LEFT JOIN sales_segmentband new ON b.amount BETWEEN new.spend_from AND coalesce(new.spend_to, 'infinity')
      AND new.valid_from <= %(today)s AND (new.valid_until IS NULL OR new.valid_until > %(today)s)
ORDER BY b.customer_no
ON CONFLICT (customer_no, source, as_of) DO NOTHING;
