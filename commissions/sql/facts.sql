-- Purpose: every order to be matched as it stood on the run's last day, with what its product and partner are; and all orders.
-- Reads:   to_match, sales_order, order_state, sales_product, sales_segmentband, partners_partner, certificates, holds, component
-- Writes:  the views fact_order (one row per order; `whole` = all of its facts are in scope) and order_as_of; the tables
--          payee, certified, holding and pause; the empty tables terms, eligible and fact
-- Invariant: an order captured after the run's last day is not there.
CREATE VIEW order_as_of AS
SELECT order_no, partner_id, dealer_code, status, product, transaction, customer_no, customer_class, quantity, order_value,
       monthly_price, signed_on, activated_on, cancelled_on, reason, campaign, evidence, annual_spend
FROM sales_order WHERE last_event_on <= %(cutoff)s
UNION ALL
SELECT order_no, partner_id, dealer_code, status, product, transaction, customer_no, customer_class, quantity, order_value,
       monthly_price, signed_on, activated_on, cancelled_on, reason, campaign, evidence, annual_spend
FROM order_state;

-- Every partner who could appear has the number of his statement already, so that posting need not touch a line.
CREATE UNLOGGED TABLE payee AS
SELECT id AS partner_id, vat_status, id IN (SELECT partner_id FROM partners_formervatstatus) AS had_another,
       nextval(pg_get_serial_sequence('public.commissions_statement', 'id')) AS statement_id
FROM partners_partner;
ANALYZE payee;

-- The day a contract or version is picked by: everybody's own, so the spans are joined once here for days of a window too.
CREATE VIEW contract_span AS
SELECT c.partner_id, c.id AS contract_id, c.schedule, c.level, c.parent_id, c.valid_from,
       coalesce(c.valid_until, 'infinity') AS valid_until
FROM partners_contract c WHERE c.status = 'in_force';

-- A certificate counts for a partner while its holder is a member: what was sold before somebody left keeps it.
CREATE UNLOGGED TABLE certified AS
SELECT m.partner_id, f.code AS family, z.id AS certificate_id,
       greatest(m.valid_from, z.valid_from) AS valid_from,
       least(coalesce(m.valid_until, 'infinity'), coalesce(z.valid_until, 'infinity')) AS valid_until
FROM training_certificate z
JOIN partners_membership m ON m.user_id = z.holder_id
JOIN sales_productfamily f ON f.id = z.family_id
WHERE z.status = 'valid';
CREATE INDEX ON certified (partner_id, family);
ANALYZE certified;

-- What controllers withhold now. A table of its own, so that a million lines ask a short list in memory.
CREATE UNLOGGED TABLE holding AS
SELECT partner_id, order_id, component_code FROM commissions_hold WHERE released_at IS NULL;
ANALYZE holding;

-- When orders were suspended: only a fixed amount a month asks for it, on the month's last day.
CREATE UNLOGGED TABLE pause AS
SELECT o.id AS order_id, e.paused_from, e.paused_until
FROM (
    SELECT order_id, event_type, occurred_on AS paused_from,
           lead(occurred_on, 1, 'infinity') OVER (
               PARTITION BY order_id ORDER BY occurred_on, sales_event_rank(event_type), event_id) AS paused_until
    FROM sales_event
    WHERE event_type IN ('suspended', 'resumed') AND occurred_on <= %(cutoff)s
      AND EXISTS (SELECT FROM component WHERE kind = 'recurring' AND basis = 'units')) e
JOIN sales_order o ON o.order_no = e.order_id
WHERE e.event_type = 'suspended';
CREATE INDEX ON pause (order_id);
ANALYZE pause;

-- @shards
SELECT commissions_deal(%(run)s, %(shard)s, %(shards)s);
CREATE VIEW fact_order AS
WITH stored AS (
    -- Read in one stretch what is new, and one by one what is not: to find both at once, all orders ever sold are read.
    SELECT s.whole, o.* FROM to_match s JOIN sales_order o ON o.id = s.order_id AND o.id > %(new_after)s
    WHERE s.order_id > %(new_after)s
    UNION ALL
    SELECT s.whole, o.* FROM to_match s CROSS JOIN LATERAL (SELECT * FROM sales_order WHERE id = s.order_id OFFSET 0) o
    WHERE s.order_id <= %(new_after)s
), standing AS (
    SELECT id AS order_id, whole IS TRUE AS whole, partner_id, dealer_code, product, transaction, customer_no, customer_class,
           quantity, order_value, monthly_price, signed_on, activated_on, cancelled_on, reason, campaign, evidence, annual_spend
    FROM stored WHERE last_event_on <= %(cutoff)s
    UNION ALL
    SELECT s.order_id, s.whole IS TRUE, t.partner_id, t.dealer_code, t.product, t.transaction, t.customer_no, t.customer_class,
           t.quantity, t.order_value, t.monthly_price, t.signed_on, t.activated_on, t.cancelled_on, t.reason, t.campaign,
           t.evidence, t.annual_spend
    FROM order_state t JOIN sales_order o ON o.order_no = t.order_no JOIN to_match s ON s.order_id = o.id
)
SELECT f.order_id, f.whole, f.partner_id, p.kind AS partner_kind, p.number AS partner_no, f.dealer_code,
       f.product, fam.code AS family,
       pr.state <> 'announced' AND pr.portfolio_from <= f.signed_on
           AND (pr.portfolio_until IS NULL OR f.signed_on < pr.portfolio_until) IS TRUE AS in_portfolio,
       f.transaction, f.customer_no, f.customer_class, f.quantity, f.order_value, f.monthly_price, f.signed_on,
       f.activated_on, f.cancelled_on, coalesce(f.reason, '') AS reason, f.campaign, coalesce(f.evidence, '') <> '' AS has_evidence,
       -- Whose customer it was on the signature date; '' if nobody knows. Sold where partners may not sell, an order is
       -- for no component until it is handed over as a referral.
       CASE WHEN f.annual_spend IS NULL THEN '' ELSE coalesce((
           SELECT CASE WHEN route IN ('call_centre', 'direct_sales') AND NOT partner_allowed AND f.transaction <> 'referral'
                       THEN 'closed' ELSE route END
           FROM sales_segmentband
           WHERE spend_from <= f.annual_spend AND (spend_to IS NULL OR f.annual_spend <= spend_to)
             AND valid_from <= f.signed_on AND (valid_until IS NULL OR f.signed_on < valid_until)
           ORDER BY id LIMIT 1), '') END AS route
FROM standing f
JOIN partners_partner p ON p.id = f.partner_id
JOIN sales_product pr ON pr.code = f.product
JOIN sales_productfamily fam ON fam.id = pr.family_id;

CREATE UNLOGGED TABLE terms AS
SELECT o.*, ''::varchar AS schedule, ''::varchar AS level, NULL::bigint AS distributor_id, FALSE AS has_contract,
       NULL::bigint AS version_id
FROM fact_order o WITH NO DATA;
CREATE UNLOGGED TABLE eligible (
    order_id bigint, component_id bigint, certificate_id bigint, partner_id bigint, activated_on date, cancelled_on date,
    clawed_n int, clawed_d int, unproven_n int, unproven_d int, withheld boolean, hold_reason varchar, quantity numeric,
    base numeric, size numeric);

CREATE UNLOGGED TABLE fact (
    order_id bigint, component_id bigint, certificate_id bigint, partner_id bigint, activated_on date, month date,
    revenue_month date, service_date date, clawed_n int, clawed_d int, unproven_n int, unproven_d int, counts boolean,
    code varchar, mode varchar, measure varchar, hold_reason varchar, quantity numeric, base numeric, size numeric);
