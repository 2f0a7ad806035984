-- Purpose: posted lines of which any column changed after posting: their text no longer has the digest in `seal`.
-- Reads:   commissions_line through the view commissions_sealed
SELECT s.id FROM commissions_sealed s JOIN commissions_line l USING (id) WHERE md5(s::text)::uuid <> l.seal ORDER BY s.id;
