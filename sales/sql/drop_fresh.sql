-- Ends the derivation of orders inside a longer transaction.
DROP TABLE fresh_order;
