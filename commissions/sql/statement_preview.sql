-- Purpose: the figures of every statement a proposal would make, as people read them.
-- Reads:   total (made by the files statement_*), partners_partner
SELECT p.number, p.legal_name AS name, t.lines, t.net, t.brought_forward, t.vat, t.withheld, t.released, t.drawn,
       t.carried_forward, t.gross - t.withheld + t.released - t.used AS payable
FROM total t JOIN partners_partner p ON p.id = t.partner_id
ORDER BY p.number;
