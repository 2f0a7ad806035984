"""What keeps a place without taking room is summed up like a measure, so that it can also be taken out again.

A row of 0 said that something of an order is clawed back, and no row ever said that this is over: an order that was held or
given away meanwhile kept its place.
"""

from django.db import migrations, models

# Rows of 0 become what they changed: the first of several adds one, the next row that counts takes it out. The trigger of the
# parent is the only one that sees the statement.
POSTED = """
ALTER TABLE commissions_contribution DISABLE TRIGGER append_only;
UPDATE commissions_contribution c SET clawed = said.change
FROM (
    SELECT tableoid, ctid, waits - lag(waits, 1, 0) OVER (
               PARTITION BY order_id, partner_id, component_code, month ORDER BY run_id, waits) AS change
    FROM (
        SELECT *, tableoid, ctid, (units = 0 AND turnover = 0)::int AS waits FROM commissions_contribution
        WHERE order_id IN (SELECT order_id FROM commissions_contribution WHERE units = 0 AND turnover = 0)) z) said
WHERE c.tableoid = said.tableoid AND c.ctid = said.ctid AND said.change <> 0;
ALTER TABLE commissions_contribution ENABLE TRIGGER append_only;
"""

# A proposal that waits stands in a table that is nobody's child yet.
PROPOSED = """
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class
                WHERE relname ~ '^commissions_contribution_[0-9]+$' AND relkind = 'r' AND NOT relispartition LOOP
        EXECUTE format('ALTER TABLE %I ADD clawed smallint DEFAULT 0 NOT NULL', name);
        EXECUTE format(
            'UPDATE %1$I d SET clawed = (d.units = 0 AND d.turnover = 0)::int - (
                 SELECT coalesce(sum(c.clawed), 0) FROM commissions_contribution c
                 WHERE (c.order_id, c.partner_id, c.component_code, c.month) = (d.order_id, d.partner_id, d.component_code, d.month))
             WHERE d.units = 0 AND d.turnover = 0 OR NOT EXISTS (
                 SELECT FROM %1$I z WHERE z.units = 0 AND z.turnover = 0
                   AND (z.order_id, z.partner_id, z.component_code, z.month) = (d.order_id, d.partner_id, d.component_code, d.month))',
            name);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0026_cap_use")]

    operations = [
        migrations.AddField("contribution", "clawed", models.SmallIntegerField(default=0), preserve_default=False),
        migrations.RunSQL(POSTED, migrations.RunSQL.noop),
        migrations.RunSQL(PROPOSED, migrations.RunSQL.noop),
    ]
