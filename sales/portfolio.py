"""How products come into the portfolio, and how partners hear of it.

    save_product(vpn, by=hanna, now=now)       # announced, now with a day: partners are told the day
    release_products(now=now)                  # daily: the day has come: it can be ordered, and partners are told

A notice is written once for a product and day; the partner's home shows it, and a mail goes to those who sell.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import audit
from core.formats import day
from core.periods import berlin_date
from partners.models import Membership, Partner, Role, User
from partners.rights import require
from sales import tasks
from sales.models import Product, ProductNotice

Kind = ProductNotice.Kind
KEEPERS = (Role.ADMINISTRATOR, Role.HEAD_OF_CHANNEL)
# Releases that a clock which stood still can have missed; older ones are no news, for example a catalogue just loaded.
MADE_UP_FOR = timedelta(days=14)


def save_product(product: Product, *, by: Any, now: datetime) -> Product:
    """Stores the product as it was changed; a day in the future, or a first one of today, becomes a notice."""
    require(by, *KEEPERS)
    today = berlin_date(now)
    with transaction.atomic():
        before = Product.objects.select_for_update().filter(pk=product.pk).first()
        product.save()
        new_day = product.portfolio_from if not before or before.portfolio_from != product.portfolio_from else None
        if new_day and new_day > today:
            _notice(product, Kind.DATED, by=by, now=now)
        elif new_day == today and product.state == Product.State.RELEASED:
            _notice(product, Kind.RELEASED, by=by, now=now)
    return product


def release_products(*, now: datetime) -> list[ProductNotice]:
    """What was announced for today can be ordered from now on. Daily; it may run any number of times."""
    today = berlin_date(now)
    begun = Product.objects.filter(portfolio_from__lte=today, portfolio_from__gt=today - MADE_UP_FOR)
    on_sale = begun.filter(Q(portfolio_until__isnull=True) | Q(portfolio_until__gt=today))
    made = []
    for product in on_sale.exclude(state=Product.State.WITHDRAWN):
        with transaction.atomic():
            announced = Product.objects.filter(pk=product.pk, state=Product.State.ANNOUNCED)
            if announced.update(state=Product.State.RELEASED):
                audit.record(by=None, verb="release_product", obj=product, now=now)
            made.append(_notice(product, Kind.RELEASED, by=None, now=now))
    return [notice for notice in made if notice]


def _notice(product: Product, kind: Kind, *, by: Any, now: datetime) -> ProductNotice | None:
    """None if partners were told before."""
    assert product.portfolio_from  # noqa: S101 - callers looked
    notice, new = ProductNotice.objects.get_or_create(
        product=product, kind=kind, day=product.portfolio_from, defaults={"noticed_at": now}
    )
    if not new:
        return None
    audit.record(by=by, verb="notify_partners", obj=product, now=now, kind=kind.value, day=str(product.portfolio_from))
    tasks.mail_product_notice.delay_on_commit(notice.pk)  # type: ignore[attr-defined]
    return notice


def mail_notice(key: int, *, now: datetime) -> int:
    """Tells owners and sellers of active partners, each in the own language; returns how many mails went out.

    Claimed first: a task delivered twice mails once. What a mail server refuses is not tried again, since the notice
    stands on the home page anyway.
    """
    if not settings.MAIL_NOTICES or not ProductNotice.objects.filter(pk=key, mailed_at=None).update(mailed_at=now):
        return 0
    notice = ProductNotice.objects.select_related("product").get(pk=key)
    roles = [Membership.Role.OWNER, Membership.Role.SELLER]
    members = Membership.objects.on(berlin_date(now)).filter(role__in=roles, partner__status=Partner.Status.ACTIVE)
    people = User.objects.filter(pk__in=members.values("user"), is_active=True).exclude(email="")
    return get_connection().send_messages([_mail(notice, person) for person in people.iterator()]) or 0


def _mail(notice: ProductNotice, person: User) -> EmailMessage:
    with override(person.language):
        values = {"product": notice.product.title, "day": day(notice.day), "name": person.name}
        subject = {
            Kind.DATED: _("%(product)s can be ordered from %(day)s"),
            Kind.RELEASED: _("%(product)s can be ordered now"),
        }[Kind(notice.kind)]
        text = _(
            "Hello %(name)s,\n\n%(product)s is in the portfolio from %(day)s. Orders signed before that day earn nothing."
        )
        return EmailMessage(subject % values, text % values, to=[person.email])
