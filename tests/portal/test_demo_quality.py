"""What customers say in the demo: every state of an answer is there to be looked at."""

from datetime import UTC, datetime

import pytest
from django.db.models import Count

from portal.demo import build
from targets import rating
from targets.models import Delivery, Footfall, Reassignment, Response, SurveyQuarter
from targets.rating import Difference

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.django_db
def test_the_demo_shows_every_state_of_an_answer(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert build(now=NOW, orders=100)
    states = dict(Response.objects.order_by().values_list("status").annotate(Count("pk")))
    assert set(states) >= {"counted", "quarantined"}
    causes = set(Response.objects.quarantined().values_list("cause", flat=True))
    assert causes >= {"unknown_touchpoint", "unknown_dealer", "not_there", "no_place"}
    for done in Delivery.objects.all():
        assert done.rows == done.accepted + done.duplicate + done.quarantined + done.rejected
    assert Delivery.objects.filter(rejected=2).exists()
    assert set(Reassignment.objects.values_list("status", flat=True)) == {"requested", "approved", "declined"}
    assert SurveyQuarter.objects.filter(pooled=True).count() == 1
    assert not Response.objects.filter(comment__regex=r"23125|@|Muster|Beispiel ").exists()
    # the home partner is rated in each quarter, and its course is long enough to be set beside its visits
    mine = Response.objects.counted().filter(partner__number="P-1001")
    trend = rating.trend(rating.own_quarters(mine, mine[0].partner))
    assert len(trend) >= 10
    assert all(each.rated for each in trend[:-1])
    visits = Footfall.objects.filter(outlet__partner__number="P-1001")
    assert visits.filter(span="day").exists()
    quarter = SurveyQuarter.objects.exclude(released_on=None).first().quarter
    channels = rating.channels(Response.objects.counted().filter(quarter=quarter))
    assert {each.beside for each in channels} >= {Difference.WORSE, Difference.NOT_SIGNIFICANT}
