-- Purpose: agreements of which every period of every target is settled, scores among them.
-- Reads:   targets_agreement, targets_agreementitem, targets_settlement
-- Writes:  targets_agreement.status, settled_at
UPDATE targets_agreement a SET status = 'settled', settled_at = %(now)s
WHERE a.status IN ('accepted', 'in_force')
  AND EXISTS (SELECT FROM targets_agreementitem i JOIN targets_settlement s ON s.item_id = i.id WHERE i.agreement_id = a.id)
  AND NOT EXISTS (
      SELECT FROM targets_agreementitem i
      WHERE i.agreement_id = a.id
        AND (SELECT count(*) FROM targets_settlement s WHERE s.item_id = i.id)
            < CASE i.period WHEN 'quarter' THEN 4 WHEN 'half_year' THEN 2 ELSE 1 END);
