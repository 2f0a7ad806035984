"""A price of four places times a quantity of three has seven; of those a line and a measure kept four.

What was cut off made the base another one at the next comparison, and moved the measure by a little in every run.
"""

from django.db import migrations, models

# A proposal that waits has tables of its own. Posted figures stay what they are, and so do the seals: a number of more places
# has the same digest.
COLUMNS = """
DO $$
DECLARE
    sealed text := pg_get_viewdef('commissions_sealed'::regclass);
    name text;
BEGIN
    DROP VIEW commissions_sealed;
    FOREACH name IN ARRAY ARRAY['commissions_line', 'commissions_draftline'] LOOP
        EXECUTE format('ALTER TABLE %I ALTER measure TYPE numeric(21, 7), ALTER measured_of TYPE numeric(21, 7), '
                       'ALTER base TYPE numeric(21, 7)', name);
    END LOOP;
    FOR name IN SELECT relname FROM pg_class
                WHERE relkind IN ('r', 'p') AND NOT relispartition
                  AND relname ~ '^commissions_(contribution|measuredmonth|settledwindow)(_[0-9]+)?$' LOOP
        EXECUTE format('ALTER TABLE %I ALTER turnover TYPE numeric(21, 7)', name);
    END LOOP;
    EXECUTE 'CREATE VIEW commissions_sealed AS ' || sealed;
END $$;
"""
TURNOVER = models.DecimalField(max_digits=21, decimal_places=7)
LINE = {
    "measure": models.DecimalField("measure", max_digits=21, decimal_places=7, null=True),
    "measured_of": models.DecimalField("measured of", max_digits=21, decimal_places=7, null=True),
    "base": models.DecimalField("base", max_digits=21, decimal_places=7, default=0),
}


class Migration(migrations.Migration):
    dependencies = [("commissions", "0028_in_order")]

    operations = [
        migrations.RunSQL(
            COLUMNS,
            migrations.RunSQL.noop,
            state_operations=[
                *(migrations.AlterField(m, name, field) for m in ("line", "draftline") for name, field in LINE.items()),
                *(
                    migrations.AlterField(m, "turnover", TURNOVER)
                    for m in ("contribution", "measuredmonth", "settledwindow")
                ),
            ],
        )
    ]
