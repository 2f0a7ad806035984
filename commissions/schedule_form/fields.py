"""The fields of the form by their place in the document: what each is called, what it offers, what it means in a sentence.

No field is required and none checks anything: what is missing or wrong is for the document's reader to say.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from commissions.models import Basis, Kind, Mode, Window
from commissions.schedule_document import Problem
from commissions.schedule_document.reading import CUSTOMER_CLASSES, PARTNER_KINDS, ROUTES, TRANSACTIONS
from core import formats
from core.formats import german
from partners.models import Contract, Partner
from sales.models import Campaign, CustomerClass, Product, ProductFamily, Route, Transaction
from targets.models import Kpi

GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})+")
PLAIN = re.compile(r"-?\d+\.\d+")
# In what a problem says: amounts and large numbers, but no day, code or version.
WRITTEN = re.compile(r"(?<![\w.,-])-?(?:\d+\.(\d+)|\d{5,})(?![\w.-])")


def beside(problem: Problem) -> str:
    """A problem as it reads beside its field: without its place, and with numbers as the reader writes them."""

    def written(found: re.Match[str]) -> str:
        return formats.number(found[0], places=len(found[1] or ""))

    return capfirst(str(replace(problem, path="", line=None, right=WRITTEN.sub(written, problem.right))))


class NumberField(forms.CharField):
    """A number as people write it in their language; the document gets it with a point."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "number"}

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) and german() and PLAIN.fullmatch(value):
            return value.replace(".", ",")
        return value

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value)).replace(" ", "").replace("\u00a0", "").replace("\u2212", "-")
        if german():
            text = text.replace(".", "") if "," in text or GROUPED.fullmatch(text) else text
            return text.replace(",", ".")
        return text.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text) else text


@dataclass
class Choices:
    """What a controller can pick from, read once a page. Codes a document names and nobody knows stay pickable."""

    families: list[tuple[str, str]] = field(default_factory=list)
    products: list[tuple[str, str]] = field(default_factory=list)
    campaigns: list[tuple[str, str]] = field(default_factory=list)
    targets: list[tuple[str, str]] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)

    @classmethod
    def now(cls) -> "Choices":
        products = Product.objects.select_related("family").order_by("family__code", "code")
        levels = {*Contract.objects.values_list("level", flat=True), *Partner.objects.values_list("level", flat=True)}
        return cls(
            families=[(each.code, each.title) for each in ProductFamily.objects.order_by("code")],
            products=[(each.code, f"{each.title} ({each.family.title})") for each in products],
            campaigns=[(each.code, each.title) for each in Campaign.objects.order_by("code")],
            targets=[(each.code, each.title) for each in Kpi.objects.order_by("code")],
            levels=sorted(filter(None, levels)),
        )


def text(label: Any, help_text: Any = "", **attrs: Any) -> forms.CharField:
    attrs = {"autocomplete": "off", **attrs}
    return forms.CharField(label=label, help_text=help_text, required=False, widget=forms.TextInput(attrs=attrs))


def number(label: Any, help_text: Any = "") -> NumberField:
    return NumberField(label=label, help_text=help_text, required=False)


def day(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


def one(label: Any, choices: Iterable[tuple[Any, Any]], help_text: Any = "", none: Any = "–") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, help_text=help_text, required=False, choices=[("", none), *choices])


def several(label: Any, choices: Iterable[tuple[Any, Any]], said: Iterable[str], help_text: Any = "") -> forms.Field:
    """A check box each; with codes that the document says and nobody knows any more."""
    listed = list(choices)
    listed += [(code, code) for code in said if code not in dict(listed)]
    return forms.MultipleChoiceField(
        label=label, help_text=help_text, required=False, choices=listed, widget=forms.CheckboxSelectMultiple
    )


def either(label: Any, choices: Iterable[tuple[str, Any]]) -> forms.ChoiceField:
    """A question of the form itself: which of several fields count."""
    return forms.ChoiceField(label=label, required=False, choices=list(choices), widget=forms.RadioSelect)


class ListField(forms.CharField):
    """A word a line."""

    widget = forms.Textarea(attrs={"rows": 2, "class": "short"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [each.strip() for each in str(super().to_python(value)).split("\n") if each.strip()]


def match_fields(choices: Choices, said: dict[str, Any]) -> dict[str, forms.Field]:
    """Which orders: nothing ticked means any."""

    def known(labels: Any, codes: Iterable[str]) -> list[tuple[str, Any]]:
        return [(code, labels(code).label) for code in codes]

    def listed(key: str) -> list[str]:
        value = said.get(key)
        return value if isinstance(value, list) else []

    levels = _("One a line, such as %s. Empty: every level.") % ", ".join(choices.levels[:3] or ["gold"])
    return {
        "families": several(_("Product families"), choices.families, listed("families"), _("None ticked: all.")),
        "transactions": several(_("Transactions"), known(Transaction, TRANSACTIONS), listed("transactions")),
        "products": several(_("Only these products"), choices.products, listed("products")),
        "customer_classes": several(_("Customers"), known(CustomerClass, CUSTOMER_CLASSES), listed("customer_classes")),
        "partner_kinds": several(_("Kinds of partner"), known(Partner.Kind, PARTNER_KINDS), listed("partner_kinds")),
        "routes": several(_("Customers of"), known(Route, ROUTES), listed("routes")),
        "levels": ListField(label=_("Partner levels"), required=False, help_text=levels),
    }


BASES = {
    Kind.CLOSING: (Basis.ORDER_VALUE, Basis.MONTHLY_PRICE),
    Kind.RECURRING: (Basis.REVENUE,),
    Kind.WINDOW_BONUS: (Basis.REVENUE, Basis.ORDER_VALUE, Basis.MONTHLY_PRICE),
}
RATES = {
    Kind.CLOSING: ("amount", "percent", "tiers"),
    Kind.RECURRING: ("amount", "percent", "tiers"),
    Kind.WINDOW_BONUS: ("tiers",),
    Kind.CAMPAIGN: ("amount", "percent"),
    Kind.BUNDLE: ("amount",),
    Kind.OVERRIDE: ("percent",),
}
RATE_WORDS = {
    "amount": _("a fixed amount"),
    "percent": _("a percentage"),
    "tiers": _("steps by what was sold"),
}
UNITS = [("percent", _("percent")), ("amount", _("EUR per unit"))]
TARGET_UNITS = [("amount_per_unit", _("EUR per unit that counted")), ("amount", _("EUR in total"))]


def rate_fields(kind: str) -> dict[str, forms.Field]:
    """Amount, percentage or steps; `choose_rate` where a kind may have several of them."""
    allowed = RATES.get(Kind(kind), ())
    fields: dict[str, forms.Field] = {}
    if len(allowed) > 1 and kind != Kind.CAMPAIGN:
        fields["choose_rate"] = either(_("How it pays"), [(each, RATE_WORDS[each]) for each in allowed])
    if "amount" in allowed:
        per = _("45.00 pays 45.00 EUR for each unit of the order.")
        monthly = _("2.50 pays 2.50 EUR for each unit and each month the order is active.")
        fields["rate-amount"] = number(_("Amount in EUR"), monthly if kind == Kind.RECURRING else per)
    if "percent" in allowed:
        fields["rate-percent"] = number(_("Percent"), _("4 pays four percent."))
    if kind in BASES:
        bases = [(each.value, each.label) for each in BASES[Kind(kind)]]
        fields["rate-of"] = one(_("Of what"), bases, _("Of what the percentage is, or what is added up in EUR."))
    if "tiers" in allowed:
        fields |= _tier_fields()
    return fields


def _tier_fields() -> dict[str, forms.Field]:
    measures = [("turnover", _("turnover in EUR")), ("units", _("number of units"))]
    modes = [(each.value, each.label) for each in Mode]
    slab = _("Slab: the reached rate for all of the period, back to the first unit. Graduated: each slice at its own.")
    return {
        "rate-tiers-measure": one(_("What is added up"), measures),
        "rate-tiers-window": one(_("Over"), [(each.value, each.label) for each in Window]),
        "rate-tiers-mode": one(_("How the steps count"), modes, slab),
        "choose_unit": either(_("The steps pay"), UNITS),
    }


CLAWBACK_MODES = [
    ("full", _("all of it")),
    ("months", _("the months that are left")),
    ("started_months", _("the months not begun")),
    ("days", _("the days that are left")),
    ("steps", _("by steps")),
]


def clawback_fields() -> dict[str, forms.Field]:
    never = _("nothing (withdrawal and fraud are always taken back)")
    months = _("An order cancelled after 18 of 24 months gives a quarter back, if the months that are left count.")
    return {
        "clawback-mode": one(_("Take back"), CLAWBACK_MODES, none=never),
        "clawback-months": number(_("Liability in months from the activation"), months),
    }


ROUNDING = [("0.10", _("10 cents")), ("1.00", _("whole euros"))]
