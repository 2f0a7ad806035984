"""A draft tried out on months that are posted: who would have won, who lost, and nothing that could ever be paid."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from commissions import actions, simulated, tasks
from commissions.forms import HoldForm
from commissions.models import DraftLine, Line, Run, ScheduleVersion, SettledWindow, Simulation
from commissions.review import titles_by_code
from commissions.views.office.lines import component_choices
from core.errors import Conflict, Refused
from tests.cast import make_order, make_product
from tests.channel import run_month

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 5, 9, tzinfo=UTC)
SCHEDULE = """
schedule: standard
valid_from: %s
components:
  - {code: dsl-closing, kind: closing, match: {families: [dsl]}, rate: {amount: %s}}
  - {code: plus, kind: closing, match: {families: [dsl], transactions: [renewal]}, rate: {amount: %s}}
"""


@pytest.fixture
def shop(cast):
    """Süd sells two new contracts in July, Rival a renewal; July is posted: 2 × 45.00, and 45.00 + 10.00."""
    make_product()
    draft = actions.save_draft(SCHEDULE % ("2026-01-01", "45.00", "10.00"), by=cast.carla, now=NOW)
    actions.publish_version(draft, by=cast.hanna, now=NOW)
    make_order(cast.sued, "O-1")
    make_order(cast.sued, "O-2")
    make_order(cast.rival, "O-3", transaction="renewal")
    run = actions.create_run(month=date(2026, 7, 1), by=cast.carla, now=NOW)
    actions.request_calculation(run, by=cast.carla, now=NOW)
    actions.calculate_run(run, now=NOW)
    run.findings.update(waived_by=cast.finn, waived_at=NOW, reason="looked")
    actions.approve_run(run, by=cast.finn, now=NOW)
    actions.post_run(run, by=cast.finn, now=NOW)
    return cast


@pytest.fixture
def draft(shop) -> ScheduleVersion:
    """40.00 instead of 45.00, and 25.00 instead of 10.00 for a renewal; not before 2027."""
    return actions.save_draft(SCHEDULE % ("2027-01-01", "40.00", "25.00"), by=shop.carla, now=NOW)


@pytest.fixture
def simulation(shop, draft) -> Simulation:
    july = date(2026, 7, 1)
    begun = actions.start_simulation(draft, first=july, last=july, start=july, by=shop.carla, now=NOW)
    actions.simulate(begun, now=NOW)
    return Simulation.objects.get(pk=begun.pk)


def eur(text: str) -> Decimal:
    return Decimal(text)


def test_it_says_what_each_component_and_partner_would_have_earned(simulation):
    result = simulated.result_of(simulation)
    assert (result.total.before, result.total.after) == (eur("145.00"), eur("145.00"))  # 3 × 45 + 10; 3 × 40 + 25
    assert {each.key: each.change for each in result.components} == {"dsl-closing": eur("-15.00"), "plus": eur("15.00")}
    assert [(each.key, each.change) for each in result.winners] == [("P-RIVAL", eur("10.00"))]  # −5 + 15
    assert [(each.key, each.change) for each in result.losers] == [("P-SUED", eur("-10.00"))]
    assert simulation.examples == {"count": 0, "agree": True, "told": ""}


def test_it_changes_nothing_that_is_booked_and_nothing_the_next_run_says(shop, simulation):
    assert Line.objects.count() == 4
    august = actions.create_run(month=date(2026, 8, 1), by=shop.carla, now=NOW)
    actions.request_calculation(august, by=shop.carla, now=NOW)
    actions.calculate_run(august, now=NOW)
    august.refresh_from_db()
    assert august.lines == 0


BONUS = """
schedule: standard
valid_from: 2026-01-01
freeze_days: 0
components:
  - {code: dsl-closing, kind: closing, match: {families: [dsl]}, rate: {amount: 45.00}}
  - {code: volume, kind: window_bonus, rate: {tiers: {measure: units, window: %s, mode: slab, steps: [
      {from: 0, amount: 0}, {from: 2, amount: 10.00}]}}}
"""


def test_a_window_that_was_only_tried_out_is_not_settled(cast):
    """The quarter is open when July is posted, and a bonus by the month was never promised."""
    make_product()
    by_month, by_quarter = [actions.save_draft(BONUS % each, by=cast.carla, now=NOW) for each in ("month", "quarter")]
    make_order(cast.sued, "O-1")
    make_order(cast.sued, "O-2")
    july = date(2026, 7, 1)
    begun = actions.start_simulation(by_month, first=july, last=july, by=cast.carla, now=NOW)
    actions.simulate(begun, now=NOW)
    actions.publish_version(by_quarter, by=cast.hanna, now=NOW)

    run = run_month(cast, july)

    assert run.status == Run.Status.POSTED
    assert not SettledWindow.objects.filter(window="month").exists()


def test_the_database_refuses_to_approve_or_post_it(shop, simulation):
    for changes in ({"status": "approved"}, {"status": "posted"}, {"approved_by": shop.finn}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Run.objects.filter(pk=simulation.after_id).update(**changes)
    for act in (actions.approve_run, actions.request_posting):
        with pytest.raises(Conflict):
            act(simulation.after, by=shop.finn, now=NOW)
    with pytest.raises(Conflict):
        actions.discard_run(simulation.after, by=shop.carla, now=NOW, reason="one side alone")


def test_the_copy_it_was_made_with_is_in_no_list(shop, simulation, sign_in):
    assert simulation.version.status == "simulated"
    assert simulation.version not in ScheduleVersion.objects.visible_to(shop.carla)
    assert sign_in(shop.carla).get(f"/office/schedules/{simulation.version_id}/").status_code == 404


def test_what_it_tried_out_is_offered_nowhere_as_if_it_were_promised(shop):
    """Neither the new component nor another title of one that there is."""
    changed = SCHEDULE.replace("plus, kind", "gift, title: {de: Geschenk, en: Gift}, kind")
    changed = changed.replace("dsl-closing,", "dsl-closing, title: {de: Neu, en: New},")
    draft = actions.save_draft(changed % ("2026-01-01", "45.00", "5.00"), by=shop.carla, now=NOW)
    july = date(2026, 7, 1)
    actions.simulate(actions.start_simulation(draft, first=july, last=july, by=shop.carla, now=NOW), now=NOW)

    assert dict(component_choices()).keys() == {"dsl-closing", "plus", "manual"}
    assert titles_by_code() == {"dsl-closing": ("dsl-closing", "dsl-closing"), "plus": ("plus", "plus")}
    form = HoldForm({"component": "gift", "reason": "checked"}, user=shop.carla)
    assert not form.is_valid()
    assert list(form.errors) == ["component"]


def test_it_is_discarded_with_its_lines(shop, simulation):
    assert DraftLine.objects.filter(run=simulation.after).exists()
    actions.discard_simulation(simulation, by=shop.carla, now=NOW)
    assert simulation.status == Run.Status.DISCARDED
    assert not DraftLine.objects.filter(run__in=[simulation.before, simulation.after]).exists()
    with pytest.raises(Conflict):
        actions.discard_simulation(simulation, by=shop.carla, now=NOW)


def test_it_can_be_calculated_again_and_a_second_worker_does_nothing(shop, simulation):
    actions.repeat_simulation(simulation, by=shop.hanna, now=NOW)
    assert Simulation.objects.unfinished().get() == simulation
    assert actions.simulate(simulation, now=NOW)
    assert simulated.result_of(Simulation.objects.get()).total.after == eur("145.00")


def test_it_looks_at_past_months_only(shop, draft):
    for first, last in [("2026-08-01", "2026-07-01"), ("2026-07-01", "2026-10-01"), ("2024-01-01", "2026-07-01")]:
        with pytest.raises(Refused):
            actions.start_simulation(
                draft, first=date.fromisoformat(first), last=date.fromisoformat(last), by=shop.carla, now=NOW
            )


def test_the_office_starts_it_reads_it_and_takes_it_along(
    shop, draft, sign_in, django_capture_on_commit_callbacks, monkeypatch
):
    begun = []
    monkeypatch.setattr("commissions.tasks.simulate.delay_on_commit", begun.append)
    carla = sign_in(shop.carla)
    form = carla.get(f"/office/schedules/{draft.pk}/simulate/").text
    assert 'value="2026-07"' in form
    answer = carla.post(
        f"/office/schedules/{draft.pk}/simulate/", {"first": "2026-07", "last": "2026-07", "start": "2026-07-01"}
    )
    this = Simulation.objects.get()
    assert (answer.status_code, begun) == (302, [this.pk])
    assert "The simulation is being calculated" in carla.get(answer["Location"]).text
    actions.simulate(this, now=NOW)
    page = sign_in(shop.finn).get(answer["Location"]).text
    assert "Rival Ausgedacht AG" in page
    assert "+\u2060€10.00" in page
    lines = b"".join(carla.get(f"{answer['Location']}partners/?export=csv").streaming_content).decode("utf-8-sig")
    parts = b"".join(carla.get(f"{answer['Location']}?export=csv").streaming_content).decode("utf-8-sig")
    assert "dsl-closing,dsl-closing,135.00,120.00,-15.00" in parts
    assert "P-SUED,Süd Erdacht KG,90.00,80.00,-10.00" in lines
    orders = b"".join(carla.get(f"{answer['Location']}orders/?export=csv&partner=P-RIVAL").streaming_content).decode()
    assert "P-RIVAL,O-3,plus,plus,2026-07,10.00,25.00,15.00" in orders
    assert sign_in(shop.petra).get(answer["Location"]).status_code == 403


def test_a_worker_that_died_is_followed_by_another(shop, simulation, monkeypatch):
    taken = []
    monkeypatch.setattr("commissions.tasks.simulate.delay", taken.append)
    tasks.sweep_runs()
    assert taken == []
    actions.repeat_simulation(simulation, by=shop.carla, now=NOW)
    tasks.sweep_runs()
    assert taken == [simulation.pk]


def test_a_worker_that_died_before_the_examples_is_followed_too(simulation, monkeypatch):
    taken = []
    monkeypatch.setattr("commissions.tasks.simulate.delay", taken.append)
    Simulation.objects.update(examples=None)
    tasks.sweep_runs()
    assert taken == [simulation.pk]
    tasks.simulate(simulation.pk)
    assert Simulation.objects.get().examples == {"count": 0, "agree": True, "told": ""}


def test_a_draft_that_reaches_into_posted_months_says_so_and_needs_a_reason_to_pay_less(shop, sign_in):
    draft = actions.save_draft(SCHEDULE % ("2026-03-01", "40.00", "10.00"), by=shop.carla, now=NOW)
    hanna = sign_in(shop.hanna)
    page = hanna.get(f"/office/schedules/{draft.pk}/").text
    assert "Reaches into days that are settled already" in page
    assert f'href="/office/schedules/{draft.pk}/simulate/"' in page
    compared = hanna.get(f"/office/schedules/{draft.pk}/compare/").text
    assert "Pays less for days that are settled already" in compared
    publish = f"/office/schedules/{draft.pk}/publish/"
    hanna.post(publish, headers={"Referer": "http://testserver/office/"})
    draft.refresh_from_db()
    assert draft.status == "draft"
    hanna.post(publish, {"reason": "the contract says 40.00"})
    draft.refresh_from_db()
    assert (draft.status, draft.reason) == ("published", "the contract says 40.00")


def test_after_a_month_the_lines_of_a_forgotten_simulation_are_dropped(simulation):
    assert actions.discard_old_simulations(now=NOW + timedelta(days=30)) == 0
    assert actions.discard_old_simulations(now=NOW + timedelta(days=31)) == 1
    assert not DraftLine.objects.filter(run__in=[simulation.before, simulation.after]).exists()
    assert Simulation.objects.get(pk=simulation.pk).status == Run.Status.DISCARDED
    assert actions.discard_old_simulations(now=NOW + timedelta(days=32)) == 0
