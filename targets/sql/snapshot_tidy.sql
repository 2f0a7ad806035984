-- Purpose: the step tables of a snapshot go, so that a second one in the same transaction can make them again.
-- Writes:  nothing that stays
DROP TABLE due, said, part, rule;
