"""One component as a form that shows only what its kind may say, in the order in which one would tell it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commissions.models import Kind
from commissions.schedule_document import Problem
from commissions.schedule_document.following import FOLLOWED
from commissions.schedule_form import fields as make
from commissions.schedule_form.fields import Choices
from commissions.schedule_form.rows import NeedRow, Rows, StepRow, table
from commissions.schedule_form.tree import Tree, components, with_component
from core.formats import german

OF_ORDERS = {Kind.CLOSING, Kind.RECURRING, Kind.WINDOW_BONUS, Kind.CAMPAIGN}  # say which orders they pay for
TAKEN_BACK = OF_ORDERS | {Kind.BUNDLE}
BY_LINE = "lines"  # a campaign that follows lines instead of orders


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


class ComponentForm(forms.Form):
    """See the module. `place` is the index in the document, None for a new one at its end."""

    use_required_attribute = False

    def __init__(
        self, kind: str, tree: Tree, *, place: int | None = None, data: Any = None, choices: Choices | None = None
    ) -> None:
        self.kind, self.tree, self.place = Kind(kind), tree, place
        listed = components(tree)
        self.said: Tree = listed[place] if place is not None else {}
        self.others = [each for index, each in enumerate(listed) if index != place]
        self.choices = choices or Choices.now()
        super().__init__(data, initial=_initial(self.said, self.kind), label_suffix="")
        self.fields |= self._fields()
        self.tables = self._tables(data, more=data is not None and "more" in data)

    @property
    def index(self) -> int:
        """Where the component stands in the document that is written."""
        return len(self.others) if self.place is None else self.place

    # ---- what is asked ---------------------------------------------------------------------------------------
    def _fields(self) -> dict[str, forms.Field]:
        kind, said = self.kind, self.said
        code = _("Short name that stays the same over all versions, such as isdn-closing. Statements are tied to it.")
        asked: dict[str, forms.Field] = {
            "title-de": make.text(_("Title in German"), maxlength=120),
            "title-en": make.text(_("Title in English"), maxlength=120),
            "code": make.text(_("Code"), code, maxlength=60),
        }
        if kind == Kind.CAMPAIGN:
            ways = [("orders", _("an amount for each order")), (BY_LINE, _("a percentage on top of other components"))]
            asked["campaign"] = make.text(
                _("Campaign"), _("Code of the campaign; it says the days and the caps."), list="campaigns"
            )
            asked["choose_pays"] = make.either(_("It pays"), ways)
        if kind in OF_ORDERS:
            asked |= _under("match", make.match_fields(self.choices, _dict(said.get("match"))))
        if kind in FOLLOWED:
            asked["follows"] = make.several(_("Follows"), self._followable(), _list(said.get("follows")))
        asked |= make.rate_fields(kind)
        asked |= self._own()
        if kind not in (Kind.OVERRIDE, Kind.SPLIT, Kind.UPLIFT, Kind.TARGET_BONUS):
            holder = _("Somebody at the partner must hold it on the day of the signature, or the order is held.")
            asked["certificate"] = make.one(_("Certificate needed"), self._families("certificate"), holder)
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

    def _own(self) -> dict[str, forms.Field]:
        """What only this kind says."""
        if self.kind == Kind.RECURRING:
            return {
                "months": make.number(_("For how many months"), _("Counted from the activation. Empty: without end."))
            }
        if self.kind == Kind.TARGET_BONUS:
            settle = _("Days after the period in which late facts still count. Empty: 45.")
            known = _("Code of the agreed figure, such as mobile-units.")
            return {
                "target": make.text(_("Target"), known, list="targets"),
                "choose_unit": make.either(_("The steps pay"), make.TARGET_UNITS),
                "settle_after_days": make.number(_("Settled after days"), settle),
            }
        if self.kind == Kind.BUNDLE:
            within = _("Between the first and the last activation. Empty: however long it takes.")
            return {"within_days": make.number(_("All parts within days"), within)}
        if self.kind == Kind.UPLIFT:
            return {
                "min_answers": make.number(
                    _("Answers needed"), _("With fewer answers in the quarter it is 0. Empty: 30.")
                ),
                "effective_from": make.day(_("For lines from"), _("Empty: all lines.")),
            }
        if self.kind == Kind.SPLIT:
            keep = _("12.5 leaves 87.5 percent of each line with the sub-partner.")
            return {"keep_percent": make.number(_("The distributor keeps percent"), keep)}
        return {}

    def _families(self, key: str) -> list[tuple[str, str]]:
        said = self.said.get(key)
        known = self.choices.families
        return [*known, (said, said)] if isinstance(said, str) and said not in dict(known) else known

    def _followable(self) -> list[tuple[str, str]]:
        allowed = FOLLOWED[self.kind]
        return [
            (str(each.get("code")), _named(each))
            for each in self.others
            if each.get("kind") in allowed and each.get("code")
        ]

    def _tables(self, data: Any, *, more: bool) -> dict[str, Rows]:
        said, kind = self.said, self.kind
        made: dict[str, Rows] = {}

        def steps(prefix: str, rows: Any, first: Any, second: Any, names: tuple[str, str], when: str = "") -> None:
            title = _("Steps")
            kw = {"first": first, "second": second, "names": names}
            made[prefix] = table(StepRow, prefix, data, _list(rows), more=more, title=title, when=when, **kw)

        names = ("from", "value")
        if "tiers" in make.RATES.get(kind, ()):
            tiers = _dict(_dict(said.get("rate")).get("tiers"))
            when = "tiers" if len(make.RATES[kind]) > 1 else ""
            steps("rate-tiers-steps", tiers.get("steps"), _("from (sold in the period)"), _("pays"), names, when)
        if kind == Kind.TARGET_BONUS:
            steps("steps", said.get("steps"), _("from percent attained"), _("pays EUR"), names)
        if kind == Kind.UPLIFT:
            steps("steps", said.get("steps"), _("from NPS"), _("adds percent"), names)
        if kind in TAKEN_BACK:
            rows, own = _dict(said.get("clawback")).get("steps"), ("until_month", "percent")
            steps("clawback-steps", rows, _("until month"), _("takes back percent"), own, "steps")
        if kind == Kind.BUNDLE:
            needs = _list(said.get("needs"))
            made["needs"] = table(
                NeedRow, "needs", data, needs, more=more, title=_("Part"), choices=self.choices, parts=needs
            )
        return made

    # ---- what was answered -----------------------------------------------------------------------------------
    def written(self) -> Tree:
        """The whole document with this component as entered; nothing in it is checked yet."""
        return with_component(self.tree, self._component(), self.place)

    def _component(self) -> Tree:
        self.full_clean()
        component: Tree = {"kind": self.kind.value}
        for name, value in self.cleaned_data.items():
            if value and not name.startswith("choose_") and self._counts(name):
                _put(component, name.split("-"), value)
        for prefix, rows in self.tables.items():
            rows.full_clean()
            if self._counts(prefix) and (listed := rows.said(self._unit(prefix))):
                _put(component, prefix.split("-"), listed)
        if self.kind == Kind.UPLIFT:
            component["by"] = "nps"
        return component

    def _unit(self, prefix: str) -> str:
        return "percent" if self.kind == Kind.UPLIFT else self.cleaned_data.get("choose_unit") or "percent"

    def _counts(self, name: str) -> bool:
        """Whether the choices made leave the field a say; hidden ones keep their text, and it is not written."""
        chosen = self.cleaned_data.get("choose_rate")
        if chosen and name.startswith("rate-"):
            return chosen in _when(name).split()
        if name.startswith("clawback-") and name != "clawback-mode":
            mode = self.cleaned_data.get("clawback-mode")
            return bool(mode) and (name != "clawback-steps" or mode == "steps")
        if self.kind == Kind.CAMPAIGN:
            lines = self.cleaned_data.get("choose_pays") == BY_LINE
            if name in ("follows", "rate-percent"):
                return lines
            if name.startswith("match-") or name in ("group", "rate-amount", "clawback-mode"):
                return not lines
        return True

    # ---- what was objected -----------------------------------------------------------------------------------
    def show(self, found: Iterable[Problem]) -> None:
        """Each problem beside the field it is about; those of other components above the form, with their place."""
        own = f"components[{self.index}]"
        for problem in found:
            if problem.path == own or problem.path.startswith(f"{own}."):
                self._show(
                    [each for each in re.split(r"[.\[\]]+", problem.path[len(own) :]) if each], make.beside(problem)
                )
            else:
                self.add_error(None, str(replace(problem, line=None)))

    def _show(self, path: list[str], text: str) -> None:
        for prefix, rows in self.tables.items():
            names = prefix.split("-")
            if path[: len(names)] != names:
                continue
            rest = path[len(names) :]
            row = rows.row_of(int(rest[0])) if rest and rest[0].isdecimal() else None
            if row is None:
                rows.object_to(text)
            else:
                row.add_error(row.field_of(rest[1] if len(rest) > 1 else ""), text)
            return
        self.add_error(self._field(path), text)

    def _field(self, path: list[str]) -> str | None:
        """The field of that place, else the first one below it or above it."""
        for length in range(len(path), 0, -1):
            name = "-".join(path[:length])
            if name in self.fields:
                return name
            if length == 1 and name == "rate" and "choose_rate" in self.fields:
                return "choose_rate"
            if below := next((each for each in self.fields if each.startswith(f"{name}-")), None):
                return below
        return None

    # ---- how it is told --------------------------------------------------------------------------------------
    def sections(self) -> list[Section]:
        told = [
            Section(_("Name"), self._parts("title-de", "title-en", "code")),
            Section(_("Campaign"), self._parts("campaign", "choose_pays")),
            Section(_("Target"), self._parts("target")),
            Section(_("For which orders"), self._parts("match-families", "match-transactions"), when="orders"),
            Section(_("Only certain products, customers or partners"), self._narrow(), self._is_wide(), when="orders"),
            Section(_("For which components"), self._parts("follows"), when=BY_LINE),
            Section(_("What the customer needs"), self._parts("needs", "within_days")),
            Section(_("What it pays"), self._pays()),
            Section(_("On what condition"), self._parts("certificate", "group")),
            Section(
                _("If the order ends early"),
                self._parts("clawback-mode", "clawback-months", "clawback-steps"),
                when="orders",
            ),
            Section(_("Details"), self._parts("reserve_percent", "settle_after_days", "round_to")),
        ]
        return [section for section in told if section.parts]

    def _narrow(self) -> list[Part]:
        return self._parts(
            "match-products", "match-customer_classes", "match-partner_kinds", "match-levels", "match-routes"
        )

    def _is_wide(self) -> bool:
        said = _dict(self.said.get("match"))
        typed = [name for name in self.data if name.startswith("match-") and self.data[name]] if self.is_bound else []
        keys = ("products", "customer_classes", "partner_kinds", "levels", "routes")
        return not any(key in said or f"match-{key}" in typed for key in keys)

    def _pays(self) -> list[Part]:
        rate = [name for name in self.fields if name.startswith("rate-")]
        order = ["choose_rate", *rate, "choose_unit", "rate-tiers-steps", "steps", "months", "keep_percent"]
        return self._parts(*order, "min_answers", "effective_from")

    def _parts(self, *names: str) -> list[Part]:
        parts = []
        for name in names:
            if name in self.fields:
                parts.append(Part(field=self[name], when=self._when(name)))
            elif name in self.tables:
                parts.append(Part(rows=self.tables[name], when=self._when(name)))
        return parts

    def _when(self, name: str) -> str:
        if self.kind == Kind.CAMPAIGN:
            return {"rate-percent": BY_LINE, "rate-amount": "orders", "group": "orders"}.get(name, "")
        return _when(name) if "choose_rate" in self.fields or name.startswith("clawback") else ""

    @property
    def tiers(self) -> bool:
        return "rate-tiers-steps" in self.tables


def _when(name: str) -> str:
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


def _initial(said: Tree, kind: Kind) -> dict[str, Any]:
    """Fields by their place in the document, and the choices that the document has made."""
    found = dict(_flat(said))
    rate = _dict(said.get("rate"))
    tiers = _dict(rate.get("tiers"))
    steps = _list(tiers.get("steps")) or _list(said.get("steps"))
    first = make.RATES.get(kind, ("",))[0]
    unit = next((key for key in ("amount_per_unit", "amount", "percent") if steps and key in _dict(steps[0])), "")
    return {
        **found,
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


def _put(tree: Tree, path: list[str], value: Any) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value


def _under(prefix: str, made: dict[str, forms.Field]) -> dict[str, forms.Field]:
    return {f"{prefix}-{name}": each for name, each in made.items()}


def _named(said: Tree) -> str:
    title = _dict(said.get("title"))
    first, second = ("de", "en") if german() else ("en", "de")
    return str(title.get(first) or title.get(second) or said.get("code"))


def _dict(value: Any) -> Tree:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
