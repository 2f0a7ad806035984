from django.db import migrations

# Counting by small whole numbers: `what` is a product in one transaction; units stand in thousandths, order values in
# ten-thousandths, monthly prices in ten-millionths, which is what their columns can hold. Sums of whole numbers need a
# tenth of the memory that sums of numeric need, so that twelve million orders are grouped without writing to disk.
# targets_reached holds what each different rule of counting adds up to (in its own unit), so that a night adds what
# changed instead of adding up two years again.
# All derived and unlogged: after a crash of the server they are empty together, and the next count starts from nothing.
COUNTING = """
DROP TABLE targets_counted, targets_monthly;
CREATE TABLE targets_what (
    what integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, product text NOT NULL, transaction text NOT NULL,
    UNIQUE (product, transaction));
CREATE UNLOGGED TABLE targets_counted (
    order_id bigint PRIMARY KEY, partner_id bigint NOT NULL, what integer NOT NULL, month date NOT NULL,
    next_on date, counts boolean NOT NULL, units bigint NOT NULL, order_value bigint NOT NULL,
    monthly_price bigint NOT NULL);
CREATE INDEX targets_counted_next ON targets_counted (next_on) WHERE next_on IS NOT NULL;
CREATE UNLOGGED TABLE targets_monthly (
    partner_id bigint, month date, what integer, units bigint NOT NULL, order_value bigint NOT NULL,
    monthly_price bigint NOT NULL, PRIMARY KEY (partner_id, month, what));
CREATE UNLOGGED TABLE targets_rule (
    rule uuid, what integer, of_column text NOT NULL, factor numeric NOT NULL, PRIMARY KEY (rule, what));
CREATE UNLOGGED TABLE targets_reached (
    rule uuid, partner_id bigint, month date, value numeric NOT NULL, PRIMARY KEY (partner_id, rule, month));
DELETE FROM targets_counted_until;
"""
BACK = """
DROP TABLE targets_counted, targets_monthly, targets_rule, targets_reached, targets_what;
CREATE UNLOGGED TABLE targets_counted (
    order_id bigint PRIMARY KEY, partner_id bigint NOT NULL, product text NOT NULL, transaction text NOT NULL,
    month date NOT NULL, units numeric NOT NULL, order_value numeric NOT NULL, monthly_price numeric NOT NULL,
    counts boolean NOT NULL, next_on date);
CREATE INDEX targets_counted_next ON targets_counted (next_on) WHERE next_on IS NOT NULL;
CREATE UNLOGGED TABLE targets_monthly (
    partner_id bigint, month date, product text, transaction text, units numeric NOT NULL,
    order_value numeric NOT NULL, monthly_price numeric NOT NULL, PRIMARY KEY (partner_id, month, product, transaction));
DELETE FROM targets_counted_until;
"""


class Migration(migrations.Migration):
    dependencies = [("targets", "0005_weights_once")]
    operations = [migrations.RunSQL(COUNTING, BACK)]
