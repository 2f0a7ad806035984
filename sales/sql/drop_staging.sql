-- Ends an import inside a longer transaction, so that the next one can make its own tables.
DROP VIEW fresh;
DROP TABLE staged, suspect;
