"""Nothing that was posted can change by the smallest unit without `recheck` saying so."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction

from commissions import actions
from commissions.management.commands.check_examples import SHIPPED
from commissions.models import Kind, Line, ReserveLine, ReserveMovement, Run, Statement, StatementVat
from commissions.recheck import recheck
from commissions.worked_example import parse_example
from commissions.worked_example.play import play
from partners.models import Membership
from sales.models import FeedImport, Order, Revenue
from tests.cast import make_order, make_product
from training.models import Certificate

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 8, 5, 9, tzinfo=UTC)
SCHEDULE = """
schedule: standard
valid_from: 2026-01-01
components:
  - {code: closing, kind: closing, match: {families: [dsl]}, rate: {amount: 45.00}, clawback: {mode: months, months: 24},
     reserve_percent: 10}
  - {code: airtime, kind: recurring, match: {families: [dsl]}, rate: {percent: 4, of: revenue}, months: 24}
  - {code: vpn, kind: closing, match: {families: [vpn]}, rate: {amount: 850.00}, certificate: vpn}
"""


@pytest.fixture
def ledger(cast):
    """Two posted months: closings, revenue, a clawback, a certificate, held and manual lines, a negative statement that draws the reserve."""
    make_product("dsl-basic", "dsl")
    vpn = make_product("vpn-flat", "vpn").family
    actions.publish_version(actions.save_draft(SCHEDULE, by=cast.carla, now=NOW), by=cast.hanna, now=NOW)
    Certificate.objects.create(
        holder=Membership.objects.get(partner=cast.nord, role="seller").user,
        family=vpn,
        status="valid",
        valid_from=date(2026, 1, 1),
        recorded_at=NOW,
    )
    delivery = FeedImport.objects.create(source="api", filename="july", received_at=NOW, status="done")
    sold = [make_order(cast.sued, f"O-{n}", feed_import=delivery) for n in range(3)]
    make_order(cast.nord, "O-VPN", product="vpn-flat", feed_import=delivery)
    make_order(cast.rival, "O-HELD", product="vpn-flat", feed_import=delivery)
    Revenue.objects.create(order=sold[0], month=date(2026, 7, 1), amount=Decimal("95.55"), feed_import=delivery)
    manual = actions.propose_manual_line(cast.nord, amount=Decimal("12.34"), reason="goodwill", by=cast.carla, now=NOW)
    actions.decide_manual_line(manual, approve=True, by=cast.hanna, now=NOW)
    post(cast, date(2026, 7, 1), NOW)
    again = FeedImport.objects.create(source="api", filename="august", received_at=NOW, status="done")
    gone = {"status": "cancelled", "cancelled_on": date(2026, 8, 20), "reason": "CUSTOMER_MOVED"}
    Order.objects.filter(pk=sold[1].pk).update(**gone, last_event_on=date(2026, 8, 20), feed_import=again)
    post(cast, date(2026, 8, 1), NOW + timedelta(days=31))
    return cast


def post(cast, month, now):
    run = actions.create_run(month=month, by=cast.carla, now=now)
    actions.request_calculation(run, by=cast.carla, now=now)
    assert actions.calculate_run(run, now=now)
    assert run.status == Run.Status.IN_REVIEW, list(run.findings.values("check_name", "count"))
    actions.waive_findings(run, by=cast.finn, now=now, reason="not what this is about")
    actions.approve_run(run, by=cast.finn, now=now)
    actions.post_run(run, by=cast.finn, now=now)


def test_an_untouched_ledger_agrees_and_the_command_counts_it(ledger):
    assert list(recheck()) == []
    # July: Süd 3 closings + 1 revenue, Nord vpn + manual, Rival 1 notice; August: Süd's clawback
    assert output() == "8 lines and 4 statements are what their inputs give.\n"
    # 10 % of 3 × 45.00 is kept back and pays some of 45.00 × 23 / 24 = 43.13
    last = Statement.objects.get(month=date(2026, 8, 1))
    assert (last.reserve_drawn, last.carried_forward) == (Decimal("13.50"), Decimal("-29.63"))


def output(**options) -> str:
    told = StringIO()
    call_command("recheck", stdout=told, **options)
    return told.getvalue()


def smallest_change(field: models.Field, value: object) -> object:
    """The next value the column can hold; of a reference, some other row."""
    if field.is_relation or field.column.endswith("_id"):
        return (value or 0) + 1_000_000
    if isinstance(field, models.DecimalField):
        return (value or Decimal(0)) + Decimal(1).scaleb(-field.decimal_places)
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateField):
        return (value or date(2026, 1, 1)) + timedelta(days=1)
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.JSONField):
        return {**value, "iban": "DE00"}
    if isinstance(field, models.CharField):
        return f"{value[:-1]}x" if value else "x"
    return (value or 0) + 1


def rows_to_touch(model: type[models.Model]) -> list[models.Model]:
    """All statements, and of lines one of each nature."""
    if model is not Line:
        return list(model.objects.all())
    natures = [{"kind": "closing", "amount": 45}, {"kind": "recurring"}, {"amount__lt": 0}]
    natures += [{"certificate__isnull": False}, {"is_notice": True}, {"kind": "manual"}]
    return [Line.objects.filter(**nature).first() for nature in natures]


@pytest.mark.parametrize("model", [Line, Statement, StatementVat, ReserveMovement])
def test_the_smallest_change_of_any_column_is_noticed(ledger, past_the_triggers, model):
    assert unnoticed(past_the_triggers, model, rows_to_touch(model)) == []
    assert list(recheck()) == []


def test_the_smallest_change_of_a_line_of_any_kind_is_noticed(db, past_the_triggers):
    play(parse_example((SHIPPED / "every_kind.yaml").read_text(encoding="utf-8")))
    assert list(recheck()) == []
    lines = {(line.kind, line.component and line.component.mode): line for line in Line.objects.order_by("-pk")}
    assert {kind for kind, _mode in lines} == set(Kind.values)
    assert {mode for kind, mode in lines if kind == Kind.CLOSING} == {"", "slab", "graduated"}
    assert unnoticed(past_the_triggers, Line, list(lines.values())) == []


def unnoticed(past_the_triggers, model, rows) -> list[tuple[str, int]]:
    """Columns that could be changed by the smallest step without a word, each changed back."""
    found = []
    for field in model._meta.concrete_fields:
        # A line lies in the table of its run: the database itself refuses another one there.
        if field.primary_key or (model is Line and field.name == "run"):
            continue
        for row in rows:
            kept = getattr(row, field.attname)
            tamper(past_the_triggers, row, field, smallest_change(field, kept))
            if not list(recheck()):
                found.append((field.column, row.pk))
            tamper(past_the_triggers, row, field, kept)
    return found


def tamper(past_the_triggers, row: models.Model, field: models.Field, value: object) -> None:
    stored = (field.target_field if field.is_relation else field).get_db_prep_save(value, connection)
    with past_the_triggers(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE {row._meta.db_table} SET "{field.column}" = %s WHERE id = %s', [stored, row.pk])


@pytest.mark.parametrize("model", [Line, Statement, StatementVat, ReserveMovement])
def test_a_deleted_row_is_noticed(ledger, past_the_triggers, model):
    with past_the_triggers(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id = %s", [model.objects.order_by("pk").first().pk])
    assert list(recheck())


def test_what_the_reserve_knows_of_a_line_is_what_was_posted(ledger, past_the_triggers):
    # July: Süd's three closings keep something back; August: what is left of the cancelled one
    kept = ReserveLine.objects.order_by("run_id", "order_id")
    assert [(line.is_first, line.entitled) for line in kept] == [
        *[(True, Decimal("45.00"))] * 3,
        (False, Decimal("1.87")),
    ]
    for line in kept:
        where = {"run": line.run_id, "order": line.order_id}
        for change in [
            *(
                '"full" = "full" + 0.01',
                "clawed = clawed + 0.01",
                "entitled = entitled + 0.01",
                "is_first = NOT is_first",
            ),
            *(
                "signed_on = signed_on + 1",
                "activated_on = activated_on + 1",
                "schedule = 'other'",
                "month = month + 31",
            ),
        ]:
            assert told_within(past_the_triggers, f"UPDATE commissions_reserveline SET {change}", where), change
        assert told_within(past_the_triggers, "DELETE FROM commissions_reserveline", where)
    assert list(recheck()) == []


def told_within(past_the_triggers, change: str, where: dict[str, int]) -> list[str]:
    """What is noticed of a change that is undone again."""
    with past_the_triggers(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{change} WHERE run_id = %s AND order_id = %s", list(where.values()))
        assert cursor.rowcount == 1
        told = [difference.where for difference in recheck()]
        transaction.set_rollback(True)
    return told


def test_the_last_statement_cannot_vanish_with_its_lines(ledger, past_the_triggers):
    last = Statement.objects.order_by("number").last()
    with past_the_triggers(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM commissions_line WHERE statement_id = %s", [last.pk])
        cursor.execute("DELETE FROM commissions_statementvat WHERE statement_id = %s", [last.pk])
        cursor.execute("DELETE FROM commissions_statement WHERE id = %s", [last.pk])
    assert [(d.column, d.stored, d.expected) for d in recheck()] == [("number", "3", "4")]


def test_a_cent_moved_between_two_lines_is_noticed_though_the_statement_adds_up(ledger, past_the_triggers):
    first, second = Line.objects.filter(partner=ledger.sued, kind="closing", amount=45)[:2]
    with past_the_triggers(), connection.cursor() as cursor:
        for line, cent in ((first, 1), (second, -1)):
            cursor.execute(
                "UPDATE commissions_line SET amount = amount + %s WHERE id = %s", [Decimal(cent) / 100, line.pk]
            )
    assert {difference.column for difference in recheck()} >= {"amount", "seal"}


def test_the_command_names_the_difference_and_fails(ledger, past_the_triggers):
    line = Line.objects.filter(partner=ledger.sued, kind="recurring").get()
    with past_the_triggers(), connection.cursor() as cursor:
        cursor.execute("UPDATE commissions_line SET base = base + 0.2000 WHERE id = %s", [line.pk])
    told = StringIO()
    with pytest.raises(CommandError, match="4 differences"):  # full, entitled, amount, seal; 95.75 × 4 % = 3.83
        call_command("recheck", stdout=told)
    assert "3.82" in told.getvalue()
    assert f"line {line.pk}" in told.getvalue()


def test_month_and_partner_narrow_it_down(ledger, past_the_triggers):
    with past_the_triggers(), connection.cursor() as cursor:
        cursor.execute("UPDATE commissions_line SET amount = 1 WHERE partner_id = %s", [ledger.nord.pk])
    assert output(partner="P-SUED").startswith("5 lines and 2 statements")
    assert output(month="2026-08").startswith("1 lines and 1 statements")
    with pytest.raises(CommandError):
        output(month="2026-07", partner="P-NORD")
    with pytest.raises(CommandError, match="no partner P-NONE"):
        output(partner="P-NONE")
