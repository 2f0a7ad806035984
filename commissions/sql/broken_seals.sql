-- Purpose: posted lines of which any column changed after posting: their digest is no longer the one in `seal`.
-- Reads:   commissions_line through the view commissions_sealed
SELECT id FROM commissions_sealed WHERE digest <> seal ORDER BY id;
