-- Purpose: movements of the reserve of which any column changed after posting: their text has no longer the digest in `seal`.
-- Reads:   commissions_reservemovement through the view commissions_sealed_reservemovement
SELECT s.id, t.statement_id
FROM commissions_sealed_reservemovement s JOIN commissions_reservemovement t USING (id)
WHERE md5(s::text)::uuid <> t.seal
ORDER BY s.id;
