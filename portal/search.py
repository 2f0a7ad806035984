"""One box for everything: partners, orders, customers, statements, people, each only as far as the person may see.

    search("O-88120", user).orders       # an exact number finds at once, by its index
    search("Fantasie", user).partners    # words in names and towns

Both shells use it; what differs is where a hit leads.
"""

from dataclasses import dataclass, field
from typing import Any

from commissions.models import Statement
from partners.models import Partner, User
from sales.models import Order

SHOWN = 20  # hits of each kind; whoever needs more goes to the list, which filters


@dataclass(frozen=True)
class Found:
    """Hits by kind, at most `SHOWN` of each."""

    partners: list[Partner] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    people: list[User] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.partners) + len(self.orders) + len(self.statements) + len(self.people)


def search(text: str, user: Any) -> Found:
    """Four indexed queries. Orders by number or customer number, from the start of it; nothing for one letter."""
    text = text.strip()
    if len(text) < 2:
        return Found()
    orders = Order.objects.visible_to(user).select_related("partner")
    starting = orders.filter(order_no__startswith=text) | orders.filter(customer_no__startswith=text)
    statements = Statement.objects.visible_to(user).select_related("partner")
    partners = Partner.objects.visible_to(user)
    return Found(
        partners=list(partners.search(text).select_related("manager")[:SHOWN]),
        orders=list(starting.order_by("-signed_on", "-pk")[:SHOWN]),
        statements=list(statements.filter(number__endswith=text).order_by("-month", "number")[:SHOWN]),
        people=list(_people(text, user)[:SHOWN]),
    )


def _people(text: str, user: Any) -> Any:
    """Members of visible partners, by name or address; only staff search for people."""
    if not (user.is_authenticated and user.is_active and user.is_office):
        return User.objects.none()
    seen = Partner.objects.visible_to(user)
    members = User.objects.filter(memberships__partner__in=seen)
    found = members.filter(name__icontains=text) | members.filter(email__icontains=text)
    return found.prefetch_related("memberships__partner").distinct().order_by("name", "pk")
