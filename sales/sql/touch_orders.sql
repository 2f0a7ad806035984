-- Names the orders that order_state.sql shall fold.
--
-- Parameter: order_nos, an array of text
-- Writes:    touched
INSERT INTO touched SELECT DISTINCT unnest(%(order_nos)s::text[]);
