"""Families and products, in both languages, and what partners are told of a product's day."""

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.choices import ToneChoices
from sales.queries import ProductNoticeQuerySet, ProductQuerySet


class Titled(models.Model):
    """A name in both languages of the interface."""

    title_de = models.CharField(_("title (German)"), max_length=120)
    title_en = models.CharField(_("title (English)"), max_length=120)

    class Meta:
        abstract = True

    @property
    def title(self) -> str:
        return self.title_de if (get_language() or "de").startswith("de") else self.title_en


@pghistory.track()
class ProductFamily(Titled):
    """Products that are sold, certified and commissioned alike. `one_off`: no recurring commission is allowed on it.

    `business`: only businesses buy it, so an order has to name the customer's class; read as a consumer's, it would go
    to the wrong segment and could earn by the wrong component.
    """

    code = models.CharField(_("code"), max_length=40, unique=True)
    one_off = models.BooleanField(_("one-off commission only"), default=False)
    business = models.BooleanField(
        _("for businesses"),
        default=False,
        help_text=_("An order without a customer class is then an exception instead of a consumer's."),
    )

    class Meta:
        verbose_name = _("product family")
        verbose_name_plural = _("product families")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Product(Titled):
    """What a partner can sell between `portfolio_from` and `portfolio_until`; announced products have no dates yet."""

    class State(ToneChoices):
        ANNOUNCED = "announced", "coming", _("announced")
        RELEASED = "released", "earned", pgettext_lazy("product", "released")
        WITHDRAWN = "withdrawn", "neutral", pgettext_lazy("product", "withdrawn")

    code = models.CharField(_("code"), max_length=60, unique=True)
    family = models.ForeignKey(ProductFamily, models.PROTECT, related_name="products", verbose_name=_("family"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.ANNOUNCED)
    portfolio_from = models.DateField(_("in the portfolio from"), null=True, blank=True)
    portfolio_until = models.DateField(_("in the portfolio until"), null=True, blank=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="announced") | Q(portfolio_from__isnull=False),
                name="product_released_from_a_day",
                violation_error_message=_("A released product needs the day from which partners may sell it."),
            ),
            models.CheckConstraint(
                condition=Q(portfolio_until__isnull=True) | Q(portfolio_until__gt=F("portfolio_from")),
                name="product_portfolio_in_order",
                violation_error_message=_("The end must lie after the start."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProductNotice(models.Model):
    """Something partners should know of a product: it has got its day, or that day has come (F0-16, F0-17)."""

    class Kind(ToneChoices):
        DATED = "dated", "coming", _("has got its day")
        RELEASED = "released", "earned", _("can be ordered")

    product = models.ForeignKey(Product, models.CASCADE, related_name="notices", verbose_name=_("product"))
    kind = models.CharField(_("news"), max_length=8, choices=Kind.choices)
    day = models.DateField(_("in the portfolio from"))
    noticed_at = models.DateTimeField(_("noticed"))
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)  # set before sending: nobody is told twice

    objects = ProductNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("product notice")
        verbose_name_plural = _("product notices")
        ordering = ["-noticed_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["product", "kind", "day"], name="product_notice_once")]

    def __str__(self) -> str:
        return f"{self.product}: {self.get_kind_display()}"
