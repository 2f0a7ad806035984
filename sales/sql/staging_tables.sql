-- Empty temporary tables in which a feed file is looked at before anything of it becomes a fact.
--
-- Writes:    staged (one row a line of the file, all values as text), suspect (lines that need a closer look)
-- Invariant: both are gone with the transaction, however it ends
CREATE TEMP TABLE staged (
    line bigint NOT NULL, problem text, raw text,
    event_id text COLLATE "C", event_type text, occurred_on text COLLATE "C", order_id text COLLATE "C",
    dealer_code text COLLATE "C", product text COLLATE "C", transaction text, customer_no text COLLATE "C",
    customer_name text COLLATE "C", customer_class text, annual_spend text, quantity text, order_value text,
    monthly_price text, term_months text, campaign text COLLATE "C", revenue_month text, revenue text,
    signed_on text, activated_on text, reason text, evidence text COLLATE "C"
) ON COMMIT DROP;
CREATE TEMP TABLE suspect (line bigint PRIMARY KEY) ON COMMIT DROP;
-- A client killed in the middle of a long statement is noticed within a second, not when the statement ends:
-- otherwise its sign of life would outlive it and keep the next worker from taking over.
SET LOCAL client_connection_check_interval = '1s';
SET LOCAL work_mem = '128MB';
-- Compiling the statements below would cost more than it saves.
SET LOCAL jit = off;
