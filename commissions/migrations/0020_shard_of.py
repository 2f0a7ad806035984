"""Which shard an order belongs to no longer follows its number: numbers and products may share a rhythm.

Where every fourth order is a mobile contract, the remainder of the number gives all of them to one shard, and with them all
lines of a schedule that has most components for mobile contracts. A digest of the number knows no rhythm.
"""

import importlib

from django.db import migrations

DEAL = importlib.import_module("commissions.migrations.0015_shards").FUNCTIONS
DEAL = DEAL[DEAL.index("CREATE FUNCTION commissions_deal") : DEAL.index("-- Every table that the shards")]
BY_REMAINDER, BY_DIGEST = "order_id %% %s = %s", "commissions_shard_of(order_id, %s) = %s"
assert BY_REMAINDER in DEAL

FUNCTIONS = f"""
CREATE FUNCTION commissions_shard_of(order_id bigint, shards int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8(order_id) & 2147483647) % shards;
{DEAL.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(BY_REMAINDER, BY_DIGEST)}
ALTER FUNCTION commissions_deal(bigint, int, int) SET default_statistics_target = 10;
"""


class Migration(migrations.Migration):
    dependencies = [("commissions", "0019_restatement")]
    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
