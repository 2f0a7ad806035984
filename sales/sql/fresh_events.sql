-- Names the events an import has just recorded, for the steps that derive orders from them.
--
-- Writes:    the temporary view fresh
-- Parameter: after (the last Event.id before this import)
CREATE TEMP VIEW fresh AS SELECT * FROM sales_event WHERE id > %(after)s;
