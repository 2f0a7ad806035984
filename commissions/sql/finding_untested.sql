-- Purpose: schedules that pay this month and have no worked example: nobody wrote down what they are meant to do.
-- Reads:   contracts in force at the month's end, published versions, attached examples
-- Invariant: one row a schedule; `amount` is the number of partners it pays.
SELECT '' AS number, s.code AS name, '' AS order_no, s.code, '' AS customer, '' AS other,
       NULL::numeric AS before, NULL::numeric AS now, count(DISTINCT c.partner_id)::numeric AS amount,
       count(*) OVER () AS total, NULL::numeric AS total_amount
FROM partners_contract c JOIN commissions_schedule s ON s.code = c.schedule
WHERE c.status = 'in_force' AND c.valid_from <= %(cutoff)s AND (c.valid_until IS NULL OR c.valid_until > %(cutoff)s)
  AND EXISTS (SELECT FROM commissions_scheduleversion v
              WHERE v.schedule_id = s.id AND v.status = 'published' AND v.valid_from <= %(cutoff)s)
  AND NOT EXISTS (SELECT FROM commissions_scheduleexample e WHERE e.schedule_id = s.id)
GROUP BY s.code
ORDER BY amount DESC, s.code
LIMIT %(most)s;
