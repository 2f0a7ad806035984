"""Taking an adjustment back: events that undo events, approved and confirmed like any other change."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import sql
from core.errors import Conflict, FourEyes, Refused
from targets import actions
from targets.arithmetic import period_target, periods
from targets.history import agreed_as_of, versions
from targets.models import Adjustment, AgreementItem, Proposal
from targets.standing import counted_changes, with_changes
from tests.targets import reference

H1, H2 = periods(2026, "half_year")


def at(month: int, day: int = 1) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


@pytest.fixture
def item(cast) -> AgreementItem:
    return actions.record_agreement(cast.nord, kpi="mobile-units", year=2026, annual=Decimal(1000), now=at(1))


def half(item, cast, month: int = 3) -> Proposal:
    """The first half suspended, the year at 50 %; approved and confirmed in `month`."""
    proposal = actions.propose_adjustment(
        [item.agreement], year=2026, title="Half", reason_code="force_majeure", reason="closed",
        steps=[{"kind": "suspend", "from": "2026-01-01", "until": "2026-07-01"}, {"kind": "scale", "factor": "0.5"}],
        effective_on=date(2026, 1, 1), by=cast.hanna, now=at(month),
    )  # fmt: skip
    actions.approve_adjustment(proposal, by=cast.finn, now=at(month, 2))
    actions.confirm_adjustment(item.agreement, proposal, by=cast.nora, now=at(month, 3))
    return proposal


def take_back(proposal, cast, **fields) -> Proposal:
    return actions.propose_undo(
        proposal, reason="a mistake", effective_on=date(2026, 1, 1), by=cast.hanna, **{"now": at(5), **fields}
    )


def target(item, span) -> Decimal | None:
    """As pages and as the database say it; both must be one."""
    item = with_changes(AgreementItem.objects.filter(pk=item.pk)).get()
    here = period_target(item.annual, item.weights, counted_changes(item, on=date(2026, 12, 31)), span)
    found = sql.rows("targets/periods_of", partner=item.agreement.partner_id, kpi="mobile-units", as_of=span.start)
    assert found[0].target == here
    return here


def test_what_was_changed_is_taken_back_by_events_and_what_was_agreed_counts_again(cast, item) -> None:
    proposal = half(item, cast)
    assert (target(item, H1), target(item, H2)) == (None, 500)
    undo = take_back(proposal, cast)
    assert (target(item, H1), target(item, H2)) == (None, 500)  # asked for only
    actions.approve_adjustment(undo, by=cast.finn, now=at(5, 2))
    assert (target(item, H1), target(item, H2)) == (None, 500)  # announced only
    actions.confirm_adjustment(item.agreement, undo, by=cast.nora, now=at(5, 3))
    assert (target(item, H1), target(item, H2)) == (500, 500)  # 1,000 over two halves
    assert Adjustment.objects.count() == 4  # two events, two that undo them; nothing was erased
    with override("en"):
        said = [version.sentences for version in versions(item)]
    assert [len(each) for each in said] == [2, 2, 0]
    assert said[0][1] == f"Taken back: {said[1][1]}"


def test_every_version_can_be_seen_as_of_its_day(cast, item) -> None:
    undo = take_back(half(item, cast), cast)
    actions.approve_adjustment(undo, by=cast.finn, now=at(5, 2))
    actions.confirm_adjustment(item.agreement, undo, by=cast.nora, now=at(5, 3))
    items = with_changes(AgreementItem.objects.filter(pk=item.pk))
    seen = {
        month: [value for _span, value in agreed_as_of(items, date(2026, month, 1))[0].targets] for month in (2, 4, 6)
    }
    assert seen == {2: [500, 500], 4: [None, 500], 6: [500, 500]}


def test_it_takes_two_people_and_works_once(cast, item) -> None:
    proposal = half(item, cast)
    undo = take_back(proposal, cast)
    with pytest.raises(FourEyes):
        actions.approve_adjustment(undo, by=cast.hanna)
    with pytest.raises(Conflict):
        take_back(proposal, cast)
    actions.decline_adjustment(undo, by=cast.finn, reason="no mistake")
    again = take_back(proposal, cast)
    actions.approve_adjustment(again, by=cast.finn, now=at(6))
    with pytest.raises(Refused):
        take_back(again, cast)  # what was taken back is proposed anew


def test_the_page_shows_the_effect_of_taking_it_back(cast, item, sign_in) -> None:
    proposal = half(item, cast)
    browser = sign_in(cast.hanna)
    page = browser.get(reverse("targets:office_adjustment", args=[proposal.pk])).content.decode()
    assert "Ask to take it back" in page
    answer = browser.post(reverse("targets:undo_adjustment", args=[proposal.pk]), {"reason": "a mistake"}, follow=True)
    text = answer.content.decode()
    assert "Taken back: Half" in text
    assert "500 pieces" in text
    partner = sign_in(cast.nora)
    actions.approve_adjustment(Proposal.objects.get(reverses=proposal), by=cast.finn)
    page = partner.get(reverse("targets:targets") + "?year=2026").content.decode()
    assert "Taken back: January 2026 to June 2026 suspended" in page
    agreement = reverse("targets:agreement", args=[item.agreement_id])
    assert "January 2026 to June 2026 suspended" in partner.get(f"{agreement}?as_of=2026-04-01").content.decode()


kind = st.sampled_from(["set", "scale", "suspend", "exclude"])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(kind, st.integers(1, 12), st.booleans()), min_size=1, max_size=4))
def test_whatever_is_taken_back_is_as_if_it_had_never_been(cast, item, wanted) -> None:
    kpi = f"k-{AgreementItem.objects.count()}"
    own = actions.record_agreement(cast.nord, kpi=kpi, year=2026, annual=Decimal(1000), now=at(1))
    kept = []
    for number, (name, month, undone) in enumerate(wanted):
        window = {"from": reference.first(2026, month), "until": reference.first(2026, month + 1)}
        step = {
            "set": {"kind": "set", "value": month * 100},
            "scale": {"kind": "scale", "factor": f"0.{month:02}"},
            "suspend": {"kind": "suspend", **window},
            "exclude": {"kind": "exclude_plan", **window},
        }[name]
        proposal = actions.propose_adjustment(
            [own.agreement], year=2026, title="x", steps=[step], reason_code="other", reason="x", kpis=[own.kpi],
            effective_on=date(2026, 1, 1), by=None, needs_confirmation=False, now=at(2, number + 1),
        )  # fmt: skip
        actions.approve_adjustment(proposal, by=cast.finn, now=at(2, number + 1))
        if undone:
            undo = take_back(proposal, cast, now=at(3))
            actions.approve_adjustment(undo, by=cast.finn, now=at(3))
        else:
            what = {"set": month * 100, "scale": Decimal(f"0.{month:02}")}.get(name, [month])
            kept.append((name, what))
    plan = reference.month_plan(2026, 1000, [1] * 12, kept)
    own = with_changes(AgreementItem.objects.filter(pk=own.pk)).get()
    for span in (H1, H2):
        expected = reference.period(plan, [month.month for month in span.months])
        assert period_target(own.annual, own.weights, counted_changes(own), span) == expected
        (row,) = sql.rows("targets/periods_of", partner=own.agreement.partner_id, kpi=kpi, as_of=span.start)
        assert (row.target is None) == (expected is None)
        assert expected is None or abs(row.target - Decimal(expected.numerator) / expected.denominator) < Decimal(
            "1e-9"
        )
