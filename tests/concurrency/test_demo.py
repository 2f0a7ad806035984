"""The demo as `make run` builds it, whole: what a small one never meets, twenty-five thousand orders do.

It lies here because it takes a minute and commits like a real one.
"""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from commissions.models import Finding, Run, Statement
from commissions.recheck import recheck
from core.periods import add_months
from partners.models import Partner
from portal.demo.year import first_month
from sales.models import FeedImport, Order

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_whole_demo_is_a_year_that_holds_together(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path  # the feed files are written there
    told, first = StringIO(), first_month(timezone.now())
    call_command("demo", stdout=told)
    assert "the demo channel is ready" in told.getvalue()

    assert 75 <= Partner.objects.count() <= 85
    assert 24_000 <= Order.objects.count() <= 26_000
    assert FeedImport.objects.filter(status="done", filename__startswith="feed-").count() == 12

    runs = list(Run.objects.order_by("month").values_list("month", "kind", "status"))
    posted = [(add_months(first, month), "monthly", "posted") for month in range(11)]
    assert runs == [*posted, (add_months(first, 11), "provisional", "in_review")]
    assert not Finding.objects.contradictions().exists()
    assert not Finding.objects.in_the_way().exists()

    # One series a calendar year, each counted from one without a gap.
    numbers = sorted(Statement.objects.values_list("number", flat=True))
    assert len(numbers) > 11 * 60
    series = {number[:4]: [each for each in numbers if each[:4] == number[:4]] for number in numbers}
    for year, taken in series.items():
        assert taken == [f"{year}-{place:06d}" for place in range(1, len(taken) + 1)]

    assert list(recheck()) == []
