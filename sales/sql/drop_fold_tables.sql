-- Ends a fold inside a longer transaction, so that the next one can make its own tables.
DROP TABLE touched, order_state;
