"""What the operator promises in a half-year: announced by the head of channel, read by whom it is for, never erased."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, Refused
from core.models import AuditEntry
from targets import actions
from targets.models import SupportMeasure
from targets.support import half_year, plan


def announce(by, title: str, start: date, until: date, **fields) -> SupportMeasure:
    return actions.announce_measure(title_de=title, title_en=title, starts_on=start, until=until, by=by, **fields)


def test_a_plan_of_a_half_year_lists_its_measures_with_their_days(cast) -> None:
    announce(cast.hanna, "TV campaign", date(2021, 9, 6), date(2021, 10, 4))
    announce(cast.hanna, "Training", date(2021, 5, 1), date(2021, 7, 2))  # its last day is the second half's first
    found = {span.start: [each.title for each in measures] for span, measures in plan(SupportMeasure.objects.all())}
    assert found == {date(2021, 7, 1): ["Training", "TV campaign"], date(2021, 1, 1): ["Training"]}
    assert list(found) == [date(2021, 7, 1), date(2021, 1, 1)]  # the latest first


def test_partners_read_what_is_for_their_kind_whoever_of_them_looks(cast, sign_in) -> None:
    span = half_year(timezone.localdate())
    announce(cast.hanna, "Measure for everybody", span.start, span.until)
    announce(cast.hanna, "Measure for agencies", span.start, span.until, partner_kinds=["agency"])
    announce(cast.hanna, "Measure for Nord", span.start, span.until, partner_kinds=["agency", cast.nord.kind])
    for person in (cast.nora, cast.nils):
        page = sign_in(person).get(reverse("targets:support")).content.decode()
        assert "Measure for everybody" in page
        assert "Measure for Nord" in page
        assert "for agencies" not in page
    assert "for agencies" in sign_in(cast.petra).get(reverse("targets:office_support")).content.decode()


def test_only_the_head_of_channel_announces_and_withdraws(cast, sign_in) -> None:
    with pytest.raises(PermissionDenied):
        announce(cast.petra, "Training", date(2026, 9, 1), date(2026, 10, 1))
    form = {"title_de": "Schulung", "title_en": "Training", "starts_on": "2026-09-01", "last_day": "2026-09-30"}
    assert sign_in(cast.petra).post(reverse("targets:office_support"), form).status_code == 403
    sign_in(cast.hanna).post(reverse("targets:office_support"), form)
    measure = SupportMeasure.objects.get()
    assert (measure.until, measure.last_day) == (date(2026, 10, 1), date(2026, 9, 30))
    with pytest.raises(PermissionDenied):
        actions.withdraw_measure(measure, reason="no room", by=cast.petra)


def test_what_is_withdrawn_stays_to_be_read_with_the_reason(cast, sign_in) -> None:
    measure = announce(cast.hanna, "Partner day", date(2026, 10, 5), date(2026, 10, 6))
    with pytest.raises(Refused):
        actions.withdraw_measure(measure, reason=" ", by=cast.hanna)
    sign_in(cast.hanna).post(reverse("targets:withdraw_measure", args=[measure.pk]), {"reason": "no room"})
    with pytest.raises(Conflict):
        actions.withdraw_measure(measure, reason="again", by=cast.hanna)
    page = sign_in(cast.nora).get(reverse("targets:support")).content.decode()
    assert "<s>Partner day</s>" in page
    assert "no room" in page
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))[-2:] == [
        "announce_measure", "withdraw_measure",
    ]  # fmt: skip
