-- Purpose: a simulation begins with empty books, and one of its sides with a draft in force as if published last.
-- Reads:   commissions_scheduleversion
-- Writes:  tables of the ledger's names, empty, in the run's own schema, where they hide the real ones from every step
-- Invariant: no step names a schema, so none of them can tell a simulation from a first run; nothing booked is read.
CREATE TABLE commissions_line (LIKE public.commissions_line);
CREATE TABLE commissions_contribution (LIKE public.commissions_contribution);
CREATE TABLE commissions_measuredmonth (LIKE public.commissions_measuredmonth);
CREATE TABLE commissions_capuse (LIKE public.commissions_capuse);
CREATE TABLE commissions_settledwindow (LIKE public.commissions_settledwindow);
CREATE TABLE commissions_manualline (LIKE public.commissions_manualline);
CREATE VIEW commissions_scheduleversion AS
SELECT id, schedule_id, valid_from, freeze_days,
       CASE WHEN id = %(version)s THEN 'published' ELSE status END AS status,
       CASE WHEN id = %(version)s THEN 2147483647 ELSE sequence END AS sequence
FROM public.commissions_scheduleversion;
