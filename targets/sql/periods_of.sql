-- Purpose: the periods of one partner's target up to a day, latest first.
-- Reads:   targets_periods()
-- Writes:  nothing
SELECT p.*
FROM targets_periods(%(as_of)s::date, extract(year FROM %(as_of)s::date)::int - 1, extract(year FROM %(as_of)s::date)::int) p
WHERE p.partner_id = %(partner)s AND p.kpi = %(kpi)s AND p.period_from <= %(as_of)s::date
ORDER BY p.period_from DESC
LIMIT 1;
