"""One decision for a whole channel: a version and an audit entry for each agreement, and who may decide."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core.models import AuditEntry
from partners.models import Partner
from targets import actions
from targets.arithmetic import periods
from targets.models import Adjustment, Agreement, AgreementItem, Kpi, Proposal

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)


@pytest.fixture
def kpi(db) -> Kpi:
    return Kpi.objects.create(code="mobile-units", title_de="Mobil", title_en="Mobile")


def propose(agreements, cast, by, **fields) -> Proposal:
    return actions.propose_adjustment(
        agreements, year=2026, title="Half", steps=[{"kind": "scale", "factor": "0.5"}], reason_code="force_majeure",
        reason="closed shops", effective_on=NOW.date(), by=by, now=NOW, **fields,
    )  # fmt: skip


def test_a_thousand_agreements_get_a_version_and_an_audit_entry_each_but_the_exceptions(cast, kpi) -> None:
    partners = Partner.objects.bulk_create(
        Partner(number=f"P-{n:04}", legal_name=f"Erfunden {n}", sort_key=f"{n:04}", kind="agency") for n in range(1002)
    )
    agreements = Agreement.objects.bulk_create(
        Agreement(partner=each, year=2026, status="in_force", proposed_at=NOW, accepted_at=NOW) for each in partners
    )
    AgreementItem.objects.bulk_create(
        AgreementItem(agreement=each, kpi=kpi, annual=1000, weights=[1] * 12) for each in agreements
    )
    left_out = {each.pk: "opened in May" for each in agreements[:2]}
    proposal = propose(agreements, cast, cast.hanna, exceptions=left_out)
    assert actions.approve_adjustment(proposal, by=cast.finn, now=NOW) == 1000
    assert Adjustment.objects.filter(proposal=proposal).count() == 1000
    assert AuditEntry.objects.filter(verb="adjust").count() == 1000
    assert not Adjustment.objects.filter(item__agreement__in=agreements[:2]).exists()
    assert proposal.members.filter(excepted=True, note="opened in May").count() == 2


def test_a_channel_manager_asks_and_head_or_finance_decide(cast, kpi) -> None:
    item = actions.record_agreement(cast.nord, kpi="mobile-units", year=2026, annual=Decimal(1000), now=NOW)
    proposal = propose([item.agreement], cast, cast.petra)
    for nobody in (cast.petra, cast.carla, cast.tom):
        with pytest.raises(PermissionDenied):
            actions.approve_adjustment(proposal, by=nobody)
    assert actions.approve_adjustment(proposal, by=cast.hanna, now=NOW) == 1


def test_a_unit_that_does_not_fit_what_is_measured_is_refused(cast, kpi) -> None:
    wrong = Kpi(code="x", title_de="X", title_en="X", measure="turnover", unit="pieces")
    with pytest.raises(ValidationError, match="EUR"):
        wrong.full_clean()
    item = actions.record_agreement(cast.nord, kpi="mobile-units", year=2026, annual=Decimal(1000), now=NOW)
    item.unit = "EUR"
    with pytest.raises(ValidationError, match="EUR"):
        item.full_clean()


def test_the_last_day_of_december_counts_and_the_first_of_january_does_not(cast, kpi) -> None:
    _first, second = periods(2026, "half_year")
    assert date(2026, 12, 31) in second
    assert date(2027, 1, 1) not in second
    assert date(2026, 7, 1) in second
    assert date(2026, 6, 30) not in second
