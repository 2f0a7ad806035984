-- Purpose: statements of which any column changed after posting: their text no longer has the digest in `seal`.
-- Reads:   commissions_statement through the view commissions_sealed_statement
SELECT s.id, s.number, s.partner_id, s.month
FROM commissions_sealed_statement s JOIN commissions_statement t USING (id)
WHERE md5(s::text)::uuid <> t.seal
ORDER BY s.number;
