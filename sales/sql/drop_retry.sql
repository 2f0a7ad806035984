-- Ends a retry inside a longer transaction.
DROP VIEW fresh;
DROP TABLE retried;
