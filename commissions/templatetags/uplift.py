"""{% load uplift %}{% uplift_of partner quarter user as uplift %}: what a quarter's score has paid, for the page of the score.

The page belongs to a room below this one, which knows scores and no money; so the page asks here.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.db.models import Sum

from commissions.earnings import provisional_run
from commissions.models import DraftLine, Line
from core.periods import add_months
from partners.models import Partner

register = template.Library()


@dataclass(frozen=True)
class Uplift:
    """EUR net: posted, and what the provisional figures would add."""

    posted: Decimal
    coming: Decimal


@register.simple_tag
def uplift_of(partner: Partner, quarter: date, user: Any) -> Uplift:
    """Lines of kind `uplift` whose month lies in the quarter; nothing for those who may not see the partner's money."""
    here = {"partner": partner, "kind": "uplift", "month__gte": quarter, "month__lt": add_months(quarter, 3)}
    run = provisional_run()
    posted = Line.objects.visible_to(user).filter(**here).aggregate(total=Sum("amount"))["total"]
    coming = run and DraftLine.objects.visible_to(user).filter(run=run, **here).aggregate(total=Sum("amount"))["total"]
    return Uplift(posted or Decimal(0), coming or Decimal(0))
