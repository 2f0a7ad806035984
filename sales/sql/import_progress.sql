-- How far a file is read, for the page that watches.
--
-- Writes: sales_feedimport.bytes_read, committed at once and apart from the import itself
UPDATE sales_feedimport SET bytes_read = %(bytes_read)s WHERE id = %(feed_import)s;
