"""Read access to orders, products and imports, always through what the person may see."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from core import sql
from partners.models import Partner, Role

if TYPE_CHECKING:
    from sales.models import FeedImport, Order, Product  # noqa: F401 - named in strings only


class ProductQuerySet(models.QuerySet["Product"]):
    def orderable_on(self, day: date) -> "ProductQuerySet":
        """Products in the portfolio on a day; announced ones without a date are visible, not orderable."""
        in_time = Q(portfolio_from__lte=day) & (Q(portfolio_until__isnull=True) | Q(portfolio_until__gt=day))
        return self.filter(in_time).exclude(state="announced")


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: Any) -> "OrderQuerySet":
        return self.filter(partner__in=Partner.objects.visible_to(user))


class FeedImportQuerySet(models.QuerySet["FeedImport"]):
    def visible_to(self, user: Any) -> "FeedImportQuerySet":
        """The feed is the operator's: office roles that run the month see it, partners never do."""
        roles = {Role.HEAD_OF_CHANNEL, Role.CHANNEL_MANAGER, Role.COMMISSION_CONTROLLER, Role.FINANCE, Role.AUDITOR}
        return self if user.is_authenticated and user.is_active and user.role in roles else self.none()


def order_states(order_nos: list[str], cutoff: date | None = None) -> list[Any]:
    """Orders as the events dated up to `cutoff` (all of them if None) say, as rows with the columns of sales_order."""
    with transaction.atomic():
        sql.execute("sales/fold_tables")
        sql.execute("sales/touch_orders", order_nos=order_nos)
        sql.execute("sales/order_state", cutoff=cutoff or "infinity")
        states = sql.rows("sales/read_order_states")
        sql.execute("sales/drop_fold_tables")
    return states
