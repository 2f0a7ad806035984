-- Purpose: why each difference is there (rules 5 and 6).
-- Reads:   pair, booked, settled_line, respent, terms, former_customer, component, target_due, contracts and versions
-- Writes:  caused, the view compared (with it, what follows a line has the line's cause)
-- Invariant: a cause is never guessed: it is the first input that differs in value from the booked line's.
-- @shards and rest
CREATE UNLOGGED TABLE caused AS
WITH moved AS (
    -- Where a line that was never booked came from: a booked one of the same kind of its order (or customer) that nothing
    -- stands for any more. A notice is never taken back, so it speaks only until something else is posted in its place.
    SELECT DISTINCT ON (d.order_key, d.customer_no, d.partner_id, d.component_code, d.month, d.revenue_key, d.followed_code,
                        d.followed_key)
           d.order_key, d.customer_no, d.partner_id, d.component_code, d.month, d.revenue_key, d.followed_code, d.followed_key,
           o.previous_id AS origin_id
    FROM pair d
    JOIN pair o ON o.order_key = d.order_key AND o.customer_no = d.customer_no AND o.revenue_key = d.revenue_key
        AND NOT o.applies AND coalesce(nullif(o.kind, ''), 'closing') = coalesce(nullif(d.kind, ''), 'closing')
        AND (o.followed_code = '') = (d.followed_code = '')
        AND (o.booked <> 0 OR o.was_held <> '' AND o.previous_run = (
            SELECT x.run_id FROM booked x
            WHERE x.order_key = o.order_key AND x.revenue_key = o.revenue_key AND x.customer_no = o.customer_no
              AND coalesce(nullif(x.kind, ''), 'closing') = coalesce(nullif(o.kind, ''), 'closing')
              AND (x.followed_code = '') = (o.followed_code = '')
            ORDER BY x.id DESC LIMIT 1))
    WHERE d.differs AND d.previous_id IS NULL AND (d.order_key <> 0 OR d.customer_no <> '')
    ORDER BY d.order_key, d.customer_no, d.partner_id, d.component_code, d.month, d.revenue_key, d.followed_code, d.followed_key,
             o.booked <> 0 DESC, o.component_code = d.component_code DESC, o.previous_id DESC
), lost AS (
    -- What followed a line that is gone, or held, or a fixed amount of a month in which the order was not active.
    SELECT DISTINCT f.previous_id
    FROM pair f
    JOIN pair l ON l.order_key = f.order_key AND l.customer_no = f.customer_no AND l.revenue_key = f.revenue_key
        AND l.component_code = f.followed_code AND l.partner_id = f.followed_key
        AND (l.month = f.month OR f.kind = 'uplift' AND l.month <= f.month AND l.month > f.month - INTERVAL '3 months')
        AND (NOT l.applies OR l.hold_reason NOT IN ('', 'withheld', 'evidence_missing') OR l.kind = 'recurring' AND l.clawed_n > 0)
    WHERE f.followed_code <> '' AND NOT f.applies
), parted AS (
    -- Bundles of which some order has been given to another partner since, perhaps of another customer by now. What was not
    -- active by its last day was no part of one, nor what came after another of its sort.
    SELECT DISTINCT b.previous_id
    FROM pair b
    JOIN (
        SELECT customer_no AS whose, * FROM terms
        UNION ALL
        SELECT f.customer_no, t.* FROM former_customer f JOIN terms t ON t.order_id = f.order_id) t
        ON t.whose = b.customer_no AND t.partner_id <> b.partner_id
    JOIN sales_order o ON o.id = t.order_id
    JOIN sales_event e ON e.order_id = o.order_no AND e.event_type IN ('reattributed', 'corrected') AND e.dealer_code IS NOT NULL
        AND (e.feed_import_id > %(since_import)s OR e.occurred_on > %(since_cutoff)s)
    JOIN commissions_component k ON k.id = b.component_id
    WHERE b.kind = 'bundle' AND NOT b.applies AND t.activated_on <= b.service_date
      AND NOT EXISTS (
          SELECT FROM terms s JOIN sales_order f ON f.id = s.order_id
          WHERE s.customer_no = b.customer_no AND s.partner_id = b.partner_id AND s.in_portfolio
            AND (s.product, s.transaction, s.customer_class) = (t.product, t.transaction, t.customer_class)
            AND (s.activated_on, f.order_no COLLATE "C") < (t.activated_on, o.order_no COLLATE "C")
            AND (s.cancelled_on > b.service_date OR s.cancelled_on IS NULL)
            AND (b.service_date - s.activated_on <= k.within_days OR k.within_days IS NULL))
), judged AS (
    SELECT d.*, coalesce(d.previous_id, m.origin_id) AS was_id, l.previous_id IS NOT NULL AS is_lost,
           p.previous_id IS NOT NULL AS is_parted,
           -- Which campaigns an order names stands on no line: the feed says whether it names others now.
           CASE WHEN d.kind = 'campaign' AND d.applies AND d.previous_id IS NOT NULL THEN EXISTS (
               SELECT FROM sales_order o
               JOIN sales_event e ON e.order_id = o.order_no AND e.event_type = 'corrected' AND e.campaign IS NOT NULL
                   AND (e.feed_import_id > %(since_import)s OR e.occurred_on > %(since_cutoff)s)
               WHERE o.id = d.order_id) ELSE FALSE END AS is_renamed,
           -- A bonus has no order: its contract is that of the last day it is for.
           CASE WHEN d.order_key = 0 AND d.customer_no = '' THEN coalesce(CASE
               WHEN d.applies THEN (
                   SELECT s.code FROM commissions_component k
                   JOIN commissions_scheduleversion v ON v.id = k.version_id JOIN commissions_schedule s ON s.id = v.schedule_id
                   WHERE k.id = d.component_id)
               ELSE (
                   SELECT c.schedule FROM contract_span c
                   WHERE c.partner_id = d.partner_id AND c.valid_from <= d.service_date AND d.service_date < c.valid_until) END, '') END
               AS bonus_schedule
    FROM pair d
    LEFT JOIN moved m ON m.order_key = d.order_key AND m.customer_no = d.customer_no AND m.partner_id = d.partner_id
        AND m.component_code = d.component_code AND m.month = d.month AND m.revenue_key = d.revenue_key
        AND m.followed_code = d.followed_code AND m.followed_key = d.followed_key
    LEFT JOIN lost l ON l.previous_id = d.previous_id
    LEFT JOIN parted p ON p.previous_id = d.previous_id
    WHERE d.differs
)
SELECT j.*,
       CASE
           -- Nothing was due when the period was settled, now something is.
           WHEN was.id IS NULL AND due.code IS NOT NULL THEN
               CASE WHEN j.bonus_schedule <> due.was_schedule THEN 'contract'
                    WHEN j.digest IS DISTINCT FROM due.was_digest THEN 'schedule_changed' ELSE 'target' END
           WHEN was.id IS NULL THEN
               CASE WHEN j.revenue_key = '-infinity' AND j.base_month <= %(since_month)s
                    THEN 'late_event' ELSE 'earned' END
           WHEN t.order_id IS NOT NULL AND (t.partner_id <> was.attributed_to_id OR j.is_parted
                -- A bundle that was taken back for an order given away; its line names the order that is still there.
                OR j.kind = 'bundle' AND j.applies AND was.digest IS NULL AND was.cause = 'reattributed') THEN 'reattributed'
           WHEN j.bonus_schedule <> was.schedule THEN 'contract'
           -- What is asked of the partner is no longer there, what pays for it is.
           WHEN j.kind = 'target_bonus' AND NOT j.applies AND EXISTS (
               SELECT FROM version_span v JOIN component k ON k.version_id = v.version_id
               WHERE v.schedule = j.bonus_schedule AND v.valid_from <= j.service_date AND j.service_date < v.valid_until
                 AND k.code = j.component_code AND k.digest = was.digest) THEN 'target'
           WHEN t.order_id IS NOT NULL AND (t.schedule, t.level, t.distributor_id)
                IS DISTINCT FROM (was.schedule, was.level, was.distributor_id) THEN 'contract'
           WHEN t.order_id IS NOT NULL
                AND (t.product, t.transaction, t.customer_class, t.quantity, t.signed_on, t.activated_on) IS DISTINCT FROM
                (was.product, was.transaction, was.customer_class, was.quantity, was.signed_on, was.activated_on)
                OR j.applies AND was.digest IS NOT NULL AND j.basis = was.basis AND j.basis <> 'line' AND j.order_key <> 0
                   AND j.base <> was.base THEN 'corrected'
           WHEN j.kind = 'campaign' AND NOT j.applies AND was.digest IS NOT NULL AND (c.campaign = ANY (string_to_array(t.campaign, ' '))) IS NOT TRUE
               THEN 'corrected'
           -- What went by a correction of something that stands on no line comes back by one.
           WHEN j.is_renamed AND was.digest IS NULL AND was.cause IN ('corrected', 'hold')
                OR j.kind = 'bundle' AND j.applies AND was.digest IS NULL AND was.cause = 'corrected' THEN 'corrected'
           -- A bundle that the schedule still promises is gone because of an order that was part of it.
           WHEN j.kind = 'bundle' AND NOT j.applies AND EXISTS (
               SELECT FROM component k WHERE k.version_id = t.version_id AND k.code = j.component_code AND k.digest = was.digest)
               THEN 'corrected'
           WHEN (was.order_id, was.run_id) IN (SELECT order_id, run_id FROM respent) THEN 'corrected'
           WHEN j.previous_id IS NULL THEN 'schedule_changed'
           -- A fixed amount a month is lost by a suspension too, and of a bundle any part may have ended, not only the order
           -- that its line names.
           WHEN j.applies AND (j.kind = 'recurring' OR j.customer_no <> '' OR (t.cancelled_on, t.reason, t.has_evidence)
                    IS DISTINCT FROM (was.cancelled_on, was.reason, was.has_evidence))
                AND j.clawed_n::numeric * was.clawed_d <> was.clawed_n::numeric * j.clawed_d
               THEN CASE WHEN j.clawed_n::numeric * was.clawed_d > was.clawed_n::numeric * j.clawed_d
                         THEN 'cancelled' ELSE 'reinstated' END
           WHEN j.digest IS DISTINCT FROM was.digest THEN 'schedule_changed'
           WHEN (j.certificate_id IS NULL) <> (was.certificate_id IS NULL) THEN 'certificate'
           WHEN j.hold_reason <> was.hold_reason THEN 'hold'
           WHEN j.kind = 'target_bonus' AND j.measured_of IS DISTINCT FROM was.measured_of THEN 'target'
           WHEN j.kind = 'uplift' AND (j.measure, j.measured_of) IS DISTINCT FROM (was.measure, was.measured_of) THEN 'survey'
           -- Of a slab the rate decides, however much more was reached.
           WHEN j.rate IS DISTINCT FROM was.rate OR (c.mode = 'slab' AND j.kind IN ('closing', 'recurring')) IS NOT TRUE
                AND (j.measure, j.measured_of) IS DISTINCT FROM (was.measure, was.measured_of) THEN 're_rated'
           ELSE '' END AS cause,
       -- What changed of a follower's own: to whom it is paid, its component, the survey. Else it moves with its line.
       CASE
           WHEN j.previous_id IS NULL OR j.followed_code = '' OR j.is_lost THEN NULL
           WHEN j.kind IN ('override', 'split') AND t.distributor_id IS DISTINCT FROM was.distributor_id THEN 'contract'
           -- What was gone already waits for its hold alone.
           WHEN NOT j.applies THEN CASE WHEN j.kind <> 'campaign' AND was.digest IS NOT NULL THEN 'schedule_changed' END
           WHEN j.is_renamed AND was.digest IS NULL AND was.cause IN ('corrected', 'hold') THEN 'corrected'
           WHEN j.digest IS DISTINCT FROM was.digest THEN 'schedule_changed'
           WHEN (j.certificate_id IS NULL) <> (was.certificate_id IS NULL) THEN 'certificate'
           WHEN j.kind = 'uplift' AND (j.measure, j.measured_of) IS DISTINCT FROM (was.measure, was.measured_of) THEN 'survey'
           -- What is left under a cap by units changes with the line; the share of the units that fits does not.
           WHEN j.kind = 'campaign' AND (j.measured_of, CASE WHEN j.measured_of IS NULL THEN j.measure END) IS DISTINCT FROM
                (was.measured_of, CASE WHEN was.measured_of IS NULL THEN was.measure END) THEN 're_rated' END AS own_cause,
       was.rate AS was_rate, was.measure AS was_measure, was.measured_of AS was_measured_of,
       was.certificate_id AS was_certificate_id, was.distributor_id AS was_distributor_id
FROM judged j
LEFT JOIN booked was ON was.id = j.was_id
LEFT JOIN terms t ON t.order_id = j.order_id
LEFT JOIN commissions_component c ON c.id = j.component_id
LEFT JOIN LATERAL (
    SELECT d.code, k.digest AS was_digest, s.code AS was_schedule
    FROM target_due d
    LEFT JOIN commissions_component k ON k.id = d.was_component
    LEFT JOIN commissions_scheduleversion v ON v.id = k.version_id
    LEFT JOIN commissions_schedule s ON s.id = v.schedule_id
    WHERE %(rest)s AND j.kind = 'target_bonus' AND d.partner_id = j.partner_id AND d.code = j.component_code AND NOT d.settles_now
      AND d.period_until = (j.month + INTERVAL '1 month')::date) due ON TRUE;
-- A follower asks for its line; without it each of them reads the whole table.
CREATE INDEX ON caused (order_key, customer_no, component_code);
ANALYZE caused;

-- A campaign's line is followed by others and follows one itself, hence twice. What still waits as it did has no cause to give.
CREATE VIEW compared AS
SELECT j.order_id, j.partner_id, j.component_id, j.component_code, j.followed_code,
       nullif(j.followed_key, 0) AS followed_partner_id, j.customer_no,
       -- What goes with its line keeps its own inputs, so that they are no change when the line comes back.
       CASE WHEN j.is_lost THEN j.was_certificate_id ELSE j.certificate_id END AS certificate_id, j.month,
       nullif(j.revenue_key, '-infinity') AS revenue_month, j.service_date, j.base,
       CASE WHEN j.is_lost THEN j.was_measure ELSE j.measure END AS measure,
       CASE WHEN j.is_lost THEN j.was_measured_of ELSE j.measured_of END AS measured_of,
       CASE WHEN j.is_lost THEN j.was_rate ELSE j.rate END AS rate,
       j.full_amount, j.clawed_n, j.clawed_d, j.clawed, j.entitled, j.booked, j.would_be, j.hold_reason, j.was_held,
       j.previous_id, j.applies, j.bonus_schedule, CASE WHEN j.is_lost THEN j.was_distributor_id END AS kept_distributor_id,
       CASE
           WHEN j.followed_code = '' THEN j.cause
           WHEN j.own_cause IS NOT NULL THEN j.own_cause
           -- Still there is the line, but not what follows it: no news of the line is a reason for that, a hold's end is.
           WHEN NOT j.applies AND NOT j.is_lost THEN
               CASE WHEN j.kind = 'campaign' OR j.hold_reason = j.was_held THEN j.cause ELSE 'hold' END
           WHEN j.previous_id IS NULL AND j.was_id IS NOT NULL THEN
               CASE WHEN j.cause IN ('reattributed', 'contract', 'corrected') THEN j.cause
                    ELSE coalesce(via.cause, line.cause, 'schedule_changed') END
           -- Late is what belongs to a month already posted: an uplift may be in time for a line that was not.
           WHEN j.previous_id IS NULL AND coalesce(via.cause, line.cause, 'earned') IN ('earned', 'late_event') THEN j.cause
           -- Its line says nothing: what changed about the order is no matter of a follower, a hold is.
           ELSE coalesce(via.cause, line.cause, CASE WHEN j.hold_reason <> j.was_held THEN 'hold' END, (
               -- What moved its line earlier, while nothing was due of the follower, shows only now.
               SELECT l.cause FROM (
                   SELECT order_key, customer_no, component_code, partner_id, month, revenue_key, run_id, cause, standing, id FROM booked
                   UNION ALL
                   SELECT CASE customer_no WHEN '' THEN order_id ELSE 0 END, customer_no, component_code, partner_id, month,
                          coalesce(revenue_month, '-infinity'), run_id, cause, booked + amount, id
                   FROM settled_line) l
               WHERE l.order_key = j.order_key AND l.customer_no = j.customer_no AND l.component_code = j.followed_code
                 AND l.partner_id = j.followed_key AND l.revenue_key = j.revenue_key AND l.run_id > j.previous_run
                 AND (l.month = j.month OR j.kind = 'uplift' AND l.month <= j.month AND l.month > j.month - INTERVAL '3 months')
               ORDER BY l.standing <> 0 DESC, l.id DESC LIMIT 1), j.cause) END AS cause
FROM caused j
LEFT JOIN LATERAL (
    -- Of what follows a line itself, a hold speaks before what changed about the order.
    SELECT nullif(coalesce(l.own_cause, CASE WHEN l.followed_code <> '' AND l.previous_id IS NOT NULL AND l.hold_reason <> l.was_held
                                             THEN 'hold' END, l.cause), '') AS cause,
           l.followed_code, l.own_cause, l.month, l.applies OR l.is_lost AS goes_along
    FROM caused l
    WHERE j.followed_code <> '' AND l.order_key = j.order_key AND l.revenue_key = j.revenue_key
      AND l.customer_no = j.customer_no AND l.component_code = j.followed_code
      AND (l.month = j.month OR j.kind = 'uplift' AND l.month <= j.month AND l.month > j.month - INTERVAL '3 months')
      -- What happens to another partner's line takes nothing back from this one.
      AND l.partner_id = j.followed_key
    ORDER BY l.applies = j.applies DESC, l.previous_id DESC NULLS LAST LIMIT 1) line ON TRUE
LEFT JOIN LATERAL (
    SELECT nullif(l.cause, '') AS cause FROM caused l
    WHERE line.followed_code <> '' AND line.own_cause IS NULL AND line.goes_along AND l.order_key = j.order_key AND l.revenue_key = j.revenue_key
      AND l.customer_no = j.customer_no AND l.component_code = line.followed_code AND l.month = line.month
    ORDER BY l.applies = j.applies DESC, l.previous_id DESC NULLS LAST LIMIT 1) via ON TRUE;
