"""The office's targets: the grid, many agreements at once, and an adjustment that two people decide."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core.errors import Refused
from core.models import AuditEntry
from sales.models import Order
from targets.actions import bulk, record_agreement
from targets.actions.attainment import take_snapshots
from targets.models import Adjustment, Agreement, Kpi, Proposal, SeasonalWeights
from tests.cast import make_import, make_order, make_product
from tests.targets.test_partner_pages import bonus  # noqa: F401 - a fixture

TODAY = timezone.localdate()
YEAR = TODAY.year


@pytest.fixture
def agreed(cast):
    """Nord and Rival have 1,000 a year; Nord sold 432, Rival nothing."""
    make_import()
    make_product("mobile-flat", "mobile")
    for partner in (cast.nord, cast.rival):
        record_agreement(
            partner, kpi="mobile-units", year=YEAR, annual=Decimal(1000), families=["mobile"], period="year"
        )
    make_order(cast.nord, "a", product="mobile-flat", quantity=432, activated_on=date(YEAR, 1, 2))
    take_snapshots()
    return Kpi.objects.get()


def adjustment(**fields):
    return {
        "year": YEAR, "title": "Half a year", "suspend_from": f"{YEAR}-01", "suspend_until": f"{YEAR}-06", "scale": "50",
        "reason_code": "force_majeure", "reason": "Shops were closed", "effective_on": f"{YEAR}-01-01", **fields,
    }  # fmt: skip


def test_the_grid_shows_and_ranks_by_attainment(cast, sign_in, agreed) -> None:
    page = sign_in(cast.hanna).get(reverse("targets:office_targets"), {"sort": f"kpi_{agreed.pk}"}).content.decode()
    assert "43.2%" in page
    assert page.index("Nord Erfunden") < page.index("Rival Ausgedacht")
    only = sign_in(cast.paul).get(reverse("targets:office_targets")).content.decode()
    assert "Rival Ausgedacht" in only
    assert "Nord Erfunden" not in only
    listed = b"".join(sign_in(cast.hanna).get(reverse("targets:office_targets"), {"export": "csv"}).streaming_content)
    assert b"43.2" in listed


def test_two_people_adjust_and_the_partner_confirms(cast, sign_in, agreed, bonus) -> None:  # noqa: F811
    hanna = sign_in(cast.hanna)
    address = reverse("targets:new_adjustment")
    data = adjustment(exceptions=f"{cast.rival.number} new shop, agreed apart")
    page = hanna.post(address, data | {"step": "preview"}).content.decode()
    assert "500 pieces" in page
    assert "suspended" not in page  # of the whole year one half is left
    assert Proposal.objects.count() == 0
    hanna.post(address, data | {"step": "propose"})
    proposal = Proposal.objects.get()
    decide = reverse("targets:decide_adjustment", args=[proposal.pk])
    assert hanna.post(decide, {"decision": "approve"}).status_code == 409  # the second person is another one
    assert sign_in(cast.petra).post(decide, {"decision": "approve"}).status_code == 403
    assert (
        "new shop" in sign_in(cast.finn).get(reverse("targets:office_adjustment", args=[proposal.pk])).content.decode()
    )
    sign_in(cast.finn).post(decide, {"decision": "approve"})
    assert {row.item.agreement.partner for row in Adjustment.objects.all()} == {cast.nord}
    assert [row.kind for row in Adjustment.objects.all()] == ["suspend", "scale"]
    assert AuditEntry.objects.filter(verb="adjust").count() == 1
    page = sign_in(cast.finn).get(reverse("targets:office_adjustment", args=[proposal.pk])).content.decode()
    assert "Not confirmed yet" in page


def test_a_reason_is_needed_and_months_stay_in_their_year(cast, sign_in, agreed) -> None:
    address = reverse("targets:new_adjustment")
    sign_in(cast.hanna).post(address, adjustment(reason="", step="propose"))
    sign_in(cast.hanna).post(address, adjustment(suspend_until=f"{YEAR + 1}-02", step="propose"))
    assert Proposal.objects.count() == 0


def test_agreements_come_from_last_years_actuals(cast, sign_in, agreed) -> None:
    Order.objects.update(activated_on=date(YEAR, 1, 2))
    data = {"way": "actuals", "a-year": YEAR + 1, "a-growth": "10", "a-period": "quarter", "a-kpis": [agreed.pk]}
    page = sign_in(cast.carla).post(reverse("targets:new_agreements"), data).content.decode()
    assert "sold nothing" in page  # Rival and Süd
    made = Agreement.objects.get(year=YEAR + 1)
    assert made.items.get().annual == 475  # 432 × 1.10 = 475.2
    sign_in(cast.carla).post(reverse("targets:decide_agreement", args=[made.pk]), {"decision": "offer"})
    made.refresh_from_db()
    assert made.status == Agreement.Status.PROPOSED  # the controller does not offer
    sign_in(cast.hanna).post(reverse("targets:offer_all"))
    made.refresh_from_db()
    assert made.status == Agreement.Status.OFFERED


def test_a_file_names_what_is_wrong_and_takes_the_rest(cast, sign_in, agreed) -> None:
    text = (
        "partner;kpi;annual;unit;period\n"
        f"{cast.nord.number};mobile-units;1200;pieces;half_year\n"
        f"{cast.rival.number};mobile-units;800;EUR;half_year\n"
        f"{cast.sued.number};unknown;1;pieces;year\n"
    )
    upload = SimpleUploadedFile("targets.csv", text.encode("utf-8-sig"))
    data = {"way": "file", "f-year": YEAR + 1, "f-file": upload}
    page = sign_in(cast.carla).post(reverse("targets:new_agreements"), data).content.decode()
    assert "line 3: unit: mobile-units is measured in pieces, not in EUR" in page
    assert "line 4: kpi: unknown is not known" in page
    assert Agreement.objects.get(year=YEAR + 1).partner == cast.nord


def test_weights_are_learned_of_whole_years_and_saved(cast, sign_in, agreed) -> None:
    """432 in January of this year and 216 in the December before; this year's half-done months teach nothing."""
    make_order(cast.nord, "b", product="mobile-flat", quantity=216, activated_on=date(YEAR - 1, 12, 2))
    take_snapshots(full=True)
    end = date(YEAR, 11, 30)
    learned = bulk.learned_weights(agreed, "", end)
    assert (learned[0], learned[11], sum(learned)) == (Decimal("66.67"), Decimal("33.33"), 100)  # 432 and 216 of 648
    assert bulk.learned_weights(agreed, cast.nord.kind, end) == learned
    with pytest.raises(Refused):
        bulk.learned_weights(agreed, "", end - timedelta(days=1))
    with pytest.raises(Refused):
        bulk.learned_weights(agreed, "own_branch", end)
    page = sign_in(cast.carla).get(
        reverse("targets:weights"), {"kpi": agreed.pk, "kind": "own_branch", "learn": "1"}, follow=True
    )
    assert "Nothing was sold" in page.content.decode()
    data = {f"w{n}": "1" for n in range(1, 13)} | {"kpi": agreed.pk, "kind": "distributor"}
    sign_in(cast.carla).post(reverse("targets:weights"), data)
    assert SeasonalWeights.objects.get().weights == [1] * 12
    assert sign_in(cast.finn).post(reverse("targets:weights"), data).status_code == 403


def test_a_month_that_is_over_twice_weighs_no_more_than_the_others(cast, agreed) -> None:
    Order.objects.all().delete()
    for year, months in ((YEAR - 1, range(1, 13)), (YEAR, range(1, 7))):
        for month in months:
            make_order(
                cast.nord, f"{year}-{month}", product="mobile-flat", quantity=10, activated_on=date(year, month, 1)
            )
    take_snapshots(now=datetime(YEAR, 12, 31, 20, tzinfo=UTC), full=True)
    assert bulk.learned_weights(agreed, "", date(YEAR, 7, 15)) == [Decimal("8.33")] * 12


def test_several_kpis_and_the_duties_of_both_sides_are_agreed_by_hand(cast, sign_in, agreed) -> None:
    score = Kpi.objects.create(code="nps", title_de="Urteil", title_en="Score", unit="points", measure="nps")
    data = {
        "way": "hand", "h-partner": cast.sued.number, "h-year": YEAR, "h-operator_duties": "Two training days",
        "h-partner_duties": "Shelf space", f"h-period_{agreed.pk}": "half_year", f"h-period_{score.pk}": "quarter",
    }  # fmt: skip
    page = sign_in(cast.carla).post(reverse("targets:new_agreements"), data).content.decode()
    assert "at least one KPI" in page
    data |= {f"h-annual_{agreed.pk}": "1200", f"h-annual_{score.pk}": "45"}
    sign_in(cast.carla).post(reverse("targets:new_agreements"), data)
    made = Agreement.objects.get(partner=cast.sued)
    assert [(item.kpi, item.annual, item.period) for item in made.items.order_by("kpi__code")] == [
        (agreed, 1200, "half_year"),
        (score, 45, "quarter"),
    ]
    assert (made.operator_duties, made.partner_duties) == ("Two training days", "Shelf space")


def test_sums_go_by_manager_and_by_kind(cast, sign_in, agreed) -> None:
    page = sign_in(cast.hanna).get(reverse("targets:roll_up")).content.decode()
    assert "Petra Probe" in page
    assert "43.2%" in page
    assert "432 pieces of 1,000 pieces" in page
    assert "432 pieces of 2,000 pieces" in page  # together


@pytest.mark.parametrize(
    "name", ["office_agreements", "office_adjustments", "weights", "new_agreements", "new_adjustment"]
)
def test_pages_open_for_the_controller(cast, sign_in, agreed, name) -> None:
    assert sign_in(cast.carla).get(reverse(f"targets:{name}")).status_code == 200


def test_one_agreement_and_one_target_open(cast, sign_in, agreed) -> None:
    one = Agreement.objects.get(partner=cast.nord)
    for address in (
        reverse("targets:office_agreement", args=[one.pk]),
        reverse("targets:office_target", args=[one.items.get().pk]),
    ):
        assert "432 pieces" in sign_in(cast.petra).get(address).content.decode()
        assert sign_in(cast.paul).get(address).status_code == 404
