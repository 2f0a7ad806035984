-- Purpose: the tables of the files statement_* go. They would with the transaction; within one, two runs may be posted.
DROP TABLE vat_group, reserve_line, withholding, open_cohort, later_run, standing, key_span, bearing, exposed, reserve, total;
