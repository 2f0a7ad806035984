-- Takes parked events out of the car park, to be looked at once more by the steps that derive orders.
--
-- Parameters: causes (array), value (empty: any)
-- Writes:     retried, sales_parked (loses them), the temporary view fresh; the row count is theirs
CREATE TEMP TABLE retried ON COMMIT DROP AS
SELECT event_id FROM sales_parked
WHERE cause = ANY (%(causes)s::text[]) AND (%(value)s = '' OR value = %(value)s);
CREATE TEMP VIEW fresh AS SELECT e.* FROM sales_event e JOIN retried r ON r.event_id = e.id;
DELETE FROM sales_parked p USING retried r WHERE r.event_id = p.event_id;
