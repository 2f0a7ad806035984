-- Empty temporary tables for order_state.sql: which orders to fold, and what comes out.
--
-- Writes:    touched, order_state (temporary, gone with the transaction)
-- Invariant: order_state has the columns of sales_order, whatever they become
CREATE TEMP TABLE touched (order_no text COLLATE "C" NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE order_state (LIKE sales_order) ON COMMIT DROP;
ALTER TABLE order_state DROP COLUMN id;
