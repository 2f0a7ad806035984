-- Purpose: since which month each partner's orders are counted; what lies before is not known, which is not zero.
-- Reads:   targets_monthly
-- Writes:  nothing
-- Parameter: partner (null: all of them)
SELECT partner_id, min(month) AS month
FROM targets_monthly
WHERE %(partner)s::bigint IS NULL OR partner_id = %(partner)s
GROUP BY partner_id;
