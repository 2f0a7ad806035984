"""What a form asks about a component of each kind: its fields, its tables of rows, and what stands in them at first."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commissions.models import Kind
from commissions.schedule_document.following import FOLLOWED
from commissions.schedule_form import fields as make
from commissions.schedule_form.fields import Choices
from commissions.schedule_form.rows import NeedRow, Rows, StepRow, table
from commissions.schedule_form.tree import Tree, nested, sequence
from core.formats import german

OF_ORDERS = {Kind.CLOSING, Kind.RECURRING, Kind.WINDOW_BONUS, Kind.CAMPAIGN}  # say which orders they pay for
TAKEN_BACK = OF_ORDERS | {Kind.BUNDLE}
BY_LINE = "lines"  # a campaign that follows lines instead of orders


def fields(kind: Kind, said: Tree, others: list[Tree], choices: Choices) -> dict[str, forms.Field]:
    """By their place in the document. `said`: what the component says already; `others`: those it might follow."""
    code = _("Short name that stays the same over all versions, such as isdn-closing. Statements are tied to it.")
    asked: dict[str, forms.Field] = {
        "title-de": make.text(_("Title in German"), maxlength=120),
        "title-en": make.text(_("Title in English"), maxlength=120),
        "code": make.text(_("Code"), code, maxlength=60),
    }
    if kind == Kind.CAMPAIGN:
        ways = [("orders", _("an amount for each order")), (BY_LINE, _("a percentage on top of other components"))]
        days = _("Code of the campaign; it says the days and the caps.")
        asked["campaign"] = make.text(_("Campaign"), days, list="campaigns")
        asked["choose_pays"] = make.either(_("It pays"), ways)
    if kind in OF_ORDERS:
        matched = make.match_fields(choices, nested(said.get("match")))
        asked |= {f"match-{name}": each for name, each in matched.items()}
    if kind in FOLLOWED:
        asked["follows"] = make.several(_("Follows"), _followable(kind, others), sequence(said.get("follows")))
    asked |= make.rate_fields(kind)
    asked |= _own(kind)
    if kind not in (Kind.OVERRIDE, Kind.SPLIT, Kind.UPLIFT, Kind.TARGET_BONUS):
        holder = _("Somebody at the partner must hold it on the day of the signature, or the order is held.")
        asked["certificate"] = make.one(_("Certificate needed"), _families(choices, said.get("certificate")), holder)
    if kind in OF_ORDERS:
        group = _("Components with the same word are alternatives: the first one that fits an order pays it.")
        asked["group"] = make.text(_("Alternative within"), group, list="groups")
    if kind in TAKEN_BACK:
        asked |= make.clawback_fields()
    if kind == Kind.CLOSING:
        reserve = _("10 keeps a tenth back for a year, against cancellations.")
        asked["reserve_percent"] = make.number(_("Reserve in percent"), reserve)
    asked["round_to"] = make.one(_("Round to"), make.ROUNDING, none=_("the cent"))
    return asked


def _own(kind: Kind) -> dict[str, forms.Field]:
    """What only this kind says."""
    if kind == Kind.RECURRING:
        return {"months": make.number(_("For how many months"), _("Counted from the activation. Empty: without end."))}
    if kind == Kind.TARGET_BONUS:
        settle = _("Days after the period in which late facts still count. Empty: 45.")
        known = _("Code of the agreed figure, such as mobile-units.")
        return {
            "target": make.text(_("Target"), known, list="targets"),
            "choose_unit": make.either(_("The steps pay"), make.TARGET_UNITS),
            "settle_after_days": make.number(_("Settled after days"), settle),
        }
    if kind == Kind.BUNDLE:
        within = _("Between the first and the last activation. Empty: however long it takes.")
        return {"within_days": make.number(_("All parts within days"), within)}
    if kind == Kind.UPLIFT:
        fewer = _("With fewer answers in the quarter it is 0. Empty: 30.")
        return {
            "min_answers": make.number(_("Answers needed"), fewer),
            "effective_from": make.day(_("For lines from"), _("Empty: all lines.")),
        }
    if kind == Kind.SPLIT:
        keep = _("12.5 leaves 87.5 percent of each line with the sub-partner.")
        return {"keep_percent": make.number(_("The distributor keeps percent"), keep)}
    return {}


def _families(choices: Choices, said: Any) -> list[tuple[str, str]]:
    known = choices.families
    return [*known, (said, said)] if isinstance(said, str) and said not in dict(known) else known


def _followable(kind: Kind, others: list[Tree]) -> list[tuple[str, str]]:
    able = [each for each in others if each.get("kind") in FOLLOWED[kind] and each.get("code")]
    return [(str(each["code"]), _named(each)) for each in able]


def _named(said: Tree) -> str:
    title = nested(said.get("title"))
    first, second = ("de", "en") if german() else ("en", "de")
    return str(title.get(first) or title.get(second) or said.get("code"))


def tables(kind: Kind, said: Tree, choices: Choices, data: Any) -> dict[str, Rows]:
    """Steps and parts by their place in the document; one row more where `data` asks for it."""
    more = data is not None and "more" in data
    made: dict[str, Rows] = {}

    def steps(prefix: str, rows: Any, first: Any, second: Any, names: tuple[str, str], when: str = "") -> None:
        title = _("Steps")
        kw = {"first": first, "second": second, "names": names}
        made[prefix] = table(StepRow, prefix, data, sequence(rows), more=more, title=title, when=when, **kw)

    names = ("from", "value")
    if "tiers" in make.RATES.get(kind, ()):
        tiers = nested(nested(said.get("rate")).get("tiers"))
        when = "tiers" if len(make.RATES[kind]) > 1 else ""
        steps("rate-tiers-steps", tiers.get("steps"), _("from (sold in the period)"), _("pays"), names, when)
    if kind == Kind.TARGET_BONUS:
        steps("steps", said.get("steps"), _("from percent attained"), _("pays EUR"), names)
    if kind == Kind.UPLIFT:
        steps("steps", said.get("steps"), _("from NPS"), _("adds percent"), names)
    if kind in TAKEN_BACK:
        rows, own = nested(said.get("clawback")).get("steps"), ("until_month", "percent")
        steps("clawback-steps", rows, _("until month"), _("takes back percent"), own, "steps")
    if kind == Kind.BUNDLE:
        needs = sequence(said.get("needs"))
        made["needs"] = table(NeedRow, "needs", data, needs, more=more, title=_("Part"), choices=choices, parts=needs)
    return made


def initial(kind: Kind, said: Tree) -> dict[str, Any]:
    """Fields by their place in the document, and the choices that the document has made."""
    rate = nested(said.get("rate"))
    steps = sequence(nested(rate.get("tiers")).get("steps")) or sequence(said.get("steps"))
    first = make.RATES.get(kind, ("",))[0]
    unit = next((key for key in ("amount_per_unit", "amount", "percent") if steps and key in nested(steps[0])), "")
    return {
        **dict(_flat(said)),
        "choose_rate": next((key for key in ("tiers", "percent", "amount") if key in rate), first),
        "choose_unit": unit or ("amount_per_unit" if kind == Kind.TARGET_BONUS else "percent"),
        "choose_pays": BY_LINE if "follows" in said else "orders",
    }


def _flat(said: Any, path: tuple[str, ...] = ()) -> Iterable[tuple[str, Any]]:
    if isinstance(said, dict):
        for key, value in said.items():
            yield from _flat(value, (*path, key))
    else:
        yield "-".join(path), said
