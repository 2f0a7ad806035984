"""In which order a component's form tells what it asks, and under which choices each field counts."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commissions.models import Kind
from commissions.schedule_form.asked import BY_LINE
from commissions.schedule_form.rows import Rows
from commissions.schedule_form.tree import Tree, nested

NARROWING = ("products", "customer_classes", "partner_kinds", "levels", "routes")


@dataclass(frozen=True)
class Part:
    """A field or a table on the page, with the choice under which it counts."""

    field: Any = None
    rows: Rows | None = None
    when: str = ""


@dataclass(frozen=True)
class Section:
    title: Any
    parts: list[Part]
    folded: bool = False
    when: str = ""


def sections(form: forms.Form, tables: dict[str, Rows], kind: Kind, said: Tree) -> list[Section]:
    """Only those in which this kind says something."""

    def part(name: str) -> Part:
        when = _shown_when(kind, name, chosen="choose_rate" in form.fields)
        return Part(field=form[name], when=when) if name in form.fields else Part(rows=tables[name], when=when)

    def parts(*names: str) -> list[Part]:
        return [part(name) for name in names if name in form.fields or name in tables]

    told = [
        Section(_("Name"), parts("title-de", "title-en", "code")),
        Section(_("Campaign"), parts("campaign", "choose_pays")),
        Section(_("Target"), parts("target")),
        Section(_("For which orders"), parts("match-families", "match-transactions"), when="orders"),
        Section(
            _("Only certain products, customers or partners"),
            parts(*(f"match-{name}" for name in NARROWING)),
            folded=not _narrowed(form, nested(said.get("match"))),
            when="orders",
        ),
        Section(_("For which components"), parts("follows"), when=BY_LINE),
        Section(_("What the customer needs"), parts("needs", "within_days")),
        Section(_("What it pays"), parts(*_paying(form))),
        Section(_("On what condition"), parts("certificate", "group")),
        Section(
            _("If the order ends early"), parts("clawback-mode", "clawback-months", "clawback-steps"), when="orders"
        ),
        Section(_("Details"), parts("reserve_percent", "settle_after_days", "round_to")),
    ]
    return [section for section in told if section.parts]


def _shown_when(kind: Kind, name: str, *, chosen: bool) -> str:
    """`chosen`: whether one of several ways to pay can be chosen."""
    if kind == Kind.CAMPAIGN:
        return {"rate-percent": BY_LINE, "rate-amount": "orders", "group": "orders"}.get(name, "")
    return counts_when(name) if chosen or name.startswith("clawback") else ""


def _narrowed(form: forms.Form, said: Tree) -> bool:
    return any(name in said or form.data.get(f"match-{name}") for name in NARROWING)


def _paying(form: forms.Form) -> list[str]:
    rate = [name for name in form.fields if name.startswith("rate-")]
    steps = ["choose_unit", "rate-tiers-steps", "steps"]
    return ["choose_rate", *rate, *steps, "months", "keep_percent", "min_answers", "effective_from"]


def counts_when(name: str) -> str:
    """The choices under which a field counts, as class names of the page."""
    if name.startswith("rate-tiers") or name == "choose_unit":
        return "tiers"
    return {
        "rate-amount": "amount",
        "rate-percent": "percent",
        "rate-of": "percent tiers",
        "clawback-months": "liable",
        "clawback-steps": "stepwise",
    }.get(name, "")
