-- Purpose: what customers answered about each partner in each quarter, for the uplift of the run.
-- Reads:   targets_response, targets_surveyresult, targets_surveyquarter
-- Writes:  score (partner_id, quarter, promoters, passives, detractors), a step table of the run's own schema
-- Keeps:   one row a partner and quarter with any counted answer to the question about the touchpoint: assigned, not in
--          quarantine, given on or before the cutoff. A result recorded as counts holds answers of its quarter, so it
--          counts from the quarter's first day on; of several the one recorded last, beside the single answers. A quarter switched to
--          pooling counts the answers of the quarter before as well.
CREATE UNLOGGED TABLE score (
    partner_id bigint NOT NULL,
    quarter date NOT NULL,
    promoters integer NOT NULL,
    passives integer NOT NULL,
    detractors integer NOT NULL
);

WITH answer AS (
    SELECT partner_id,
           quarter,
           count(*) FILTER (WHERE score_touchpoint >= 9) AS promoters,
           count(*) FILTER (WHERE score_touchpoint BETWEEN 7 AND 8) AS passives,
           count(*) FILTER (WHERE score_touchpoint <= 6) AS detractors
    FROM targets_response
    WHERE status = 'counted'
      AND partner_id IS NOT NULL
      AND score_touchpoint IS NOT NULL
      AND answered_on <= %(cutoff)s
    GROUP BY partner_id, quarter
    UNION ALL
    (SELECT DISTINCT ON (partner_id, quarter) partner_id, quarter, promoters, passives, detractors
     FROM targets_surveyresult
     WHERE quarter <= %(cutoff)s
     ORDER BY partner_id, quarter, id DESC)
),
pooled AS (
    SELECT * FROM answer
    UNION ALL
    SELECT answer.partner_id, this.quarter, answer.promoters, answer.passives, answer.detractors
    FROM answer
    JOIN targets_surveyquarter this
      ON this.pooled
     AND this.quarter <= %(cutoff)s
     AND answer.quarter = (this.quarter - interval '3 months')::date
)
INSERT INTO score (partner_id, quarter, promoters, passives, detractors)
SELECT partner_id, quarter, sum(promoters), sum(passives), sum(detractors)
FROM pooled
GROUP BY partner_id, quarter
HAVING sum(promoters) + sum(passives) + sum(detractors) > 0;
