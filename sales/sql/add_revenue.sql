-- Adds what was billed to the revenue of its order and month, in key order.
--
-- Reads:     fresh, released, sales_parked, sales_order
-- Writes:    sales_revenue
-- Parameter: feed_import
-- Invariant: an event is added exactly once: when it is recorded, or when it stops waiting. Both happen in the
--            transaction that records it or releases it, so amount = the sum of the order's revenue events.
INSERT INTO sales_revenue (order_id, month, amount, feed_import_id)
SELECT o.id, e.revenue_month, sum(e.revenue), %(feed_import)s
FROM (SELECT f.order_id, f.revenue_month, f.revenue FROM fresh f
      WHERE f.event_type = 'revenue' AND NOT EXISTS (SELECT FROM sales_parked p WHERE p.event_id = f.id)
      UNION ALL
      SELECT order_id, revenue_month, revenue FROM released
      WHERE event_type = 'revenue') AS e
JOIN sales_order o ON o.order_no = e.order_id
GROUP BY o.id, e.revenue_month
ORDER BY o.id, e.revenue_month
ON CONFLICT (order_id, month) DO UPDATE
SET amount = sales_revenue.amount + excluded.amount, feed_import_id = excluded.feed_import_id;
DROP TABLE released;
