"""Two versions of a schedule beside each other: component by component, field by field, in words.

    compare(before, after).components[0].fields[0].label, .before, .after

Components meet on their code. What pays less than before is marked, where that can be told from the numbers alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commissions import schedule_document
from commissions.models import Basis, Kind, Mode, Run, ScheduleVersion, Window
from commissions.queries import SCHEDULE_READERS
from commissions.schedule_document import Component, Document, DocumentError, Match, Step
from commissions.schedule_form.fields import CLAWBACK_MODES
from commissions.views.office.documents import side_by_side
from commissions.wording import Names, starts_at
from core.formats import day, money, number, percent
from core.periods import add_months
from partners.access import office_required
from partners.models import Partner
from sales.models import CustomerClass, Route, Transaction

MATCHED = {
    "transactions": Transaction,
    "customer_classes": CustomerClass,
    "partner_kinds": Partner.Kind,
    "routes": Route,
}


@dataclass(frozen=True)
class Field:
    """One key in words, on both sides; empty where it is not said."""

    label: str
    before: str
    after: str
    less: bool = False

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Compared:
    """A component on both sides. `state`: added, removed, changed, equal."""

    code: str
    title: str
    kind: str
    state: str
    fields: list[Field]
    moved: bool = False
    less: bool = False

    @property
    def tone(self) -> str:
        return {"added": "earned", "removed": "taken", "changed": "coming"}.get(self.state, "neutral")

    @property
    def word(self) -> str:
        words = {"added": _("added"), "removed": _("removed"), "changed": _("changed"), "equal": _("unchanged")}
        return words[self.state]

    @property
    def changed(self) -> list[Field]:
        return [each for each in self.fields if each.changed]

    @property
    def unchanged(self) -> list[Field]:
        return [each for each in self.fields if not each.changed]


@dataclass(frozen=True)
class Comparison:
    header: list[Field] = field(default_factory=list)
    components: list[Compared] = field(default_factory=list)

    @property
    def different(self) -> list[Compared]:
        return [each for each in self.components if each.state != "equal"]

    @property
    def equal(self) -> list[Compared]:
        return [each for each in self.components if each.state == "equal"]

    @property
    def less(self) -> bool:
        return any(each.less for each in self.components)


def compare(before: Document, after: Document) -> Comparison:
    """Everything that differs, in the order of the new version; what is gone follows its neighbour at the end."""
    names = Names.of(before, after)
    less = {each.path for each in schedule_document.decreases(before, after)}
    old = {each.code: each for each in before.components}
    new = {each.code: each for each in after.components}
    kept = [code for code in old if code in new]
    order = [code for code in new if code in old]
    found = [
        _component(old.get(each.code), each, names, less, index, kept.index(each.code) != order.index(each.code))
        if each.code in old
        else _component(None, each, names, set(), index)
        for index, each in enumerate(after.components)
    ]
    found += [_component(each, None, names, set(), 0) for each in before.components if each.code not in new]
    header = [
        Field(_("For orders signed from"), day(before.valid_from), day(after.valid_from)),
        Field(_("Title"), _title(before), _title(after)),
        Field(_("Days until a period is settled"), number(before.freeze_days), number(after.freeze_days)),
    ]
    return Comparison(header, found)


def _component(
    old: Component | None, new: Component | None, names: Names, less: set[str], index: int, moved: bool = False
) -> Compared:
    before, after = (dict(said(each, names)) if each else {} for each in (old, new))
    own = f"components[{index}]."
    paths = {path.removeprefix(own) for path in less if path.startswith(own)}
    fields = []
    for path in [*after, *(path for path in before if path not in after)]:
        label = (after.get(path) or before[path])[0]
        sides = [side.get(path, ("", ""))[1] for side in (before, after)]
        pays_less = any(path.startswith(each) or each.startswith(path) for each in paths)
        fields.append(Field(label, sides[0], sides[1], pays_less and sides[0] != sides[1]))
    named = new or old
    title = named.title.text(get_language() or "de", named.code) if named else ""
    state = "added" if old is None else "removed" if new is None else "equal" if before == after else "changed"
    if state == "equal" and moved and new and new.group is not None:
        state = "changed"  # of alternatives the first that fits pays
    code, kind = (named.code, str(Kind(named.kind).label)) if named else ("", "")
    return Compared(code, title, kind, state, fields, moved and state == "changed", new is None or bool(paths))


def _title(document: Document) -> str:
    return document.title.text(get_language() or "de", document.schedule)


Said = tuple[str, tuple[str, str]]


def said(component: Component, names: Names) -> Iterator[Said]:
    """Every key that the component says: its place in the document, what it is called, its value in words."""
    yield "title", (_("Title"), component.title.text(get_language() or "de", component.code))
    yield "kind", (_("Kind"), str(Kind(component.kind).label))
    yield from _match("match", component.match, names, "")
    for index, need in enumerate(component.needs):
        part = _("Part %(n)s: ") % {"n": index + 1}
        yield from _match(f"needs[{index}]", need, names, part)
    if component.follows:
        yield "follows", (_("Follows"), names.followed(component))
    yield from _rate(component)
    yield from _steps("steps", component.steps, component)
    yield from _plain(component, names)
    yield from _clawback(component)


def _match(path: str, match: Match, names: Names, part: str) -> Iterator[Said]:
    words = {
        "families": _("Product families"),
        "products": _("Products"),
        "transactions": _("Transactions"),
        "customer_classes": _("Customers"),
        "partner_kinds": _("Kinds of partner"),
        "levels": _("Partner levels"),
        "routes": _("Customers of"),
    }
    titles = {"families": names.families, "products": names.products}
    for key, label in words.items():
        values = getattr(match, key)
        if values:
            shown = [titles.get(key, {}).get(each) or _label(key, each) for each in values]
            yield f"{path}.{key}", (f"{part}{label}", ", ".join(shown))


def _label(key: str, value: str) -> str:
    if key == "levels":
        return str(capfirst(value))
    choices: Any = MATCHED.get(key)
    return str(choices(value).label) if choices and value in choices.values else value


def _rate(component: Component) -> Iterator[Said]:
    rate = component.rate
    if rate is None:
        return
    if rate.amount is not None:
        yield "rate.amount", (_("Amount per unit"), money(rate.amount))
    if rate.percent is not None:
        yield "rate.percent", (_("Percent"), percent(rate.percent))
    if rate.of is not None:
        yield "rate.of", (_("Of what"), str(Basis(str(rate.of)).label))
    if tiers := rate.tiers:
        turnover = tiers.measure == schedule_document.Measure.TURNOVER
        yield "rate.tiers.measure", (_("Added up"), _("turnover in EUR") if turnover else _("number of units"))
        yield "rate.tiers.window", (_("Over"), str(Window(tiers.window).label))
        yield "rate.tiers.mode", (_("How the steps count"), str(Mode(tiers.mode).label))
        yield from _steps("rate.tiers.steps", tiers.steps, component)


def _steps(path: str, steps: tuple[Step, ...], component: Component) -> Iterator[Said]:
    """A row a step, so that the one that changed stands alone."""
    for step in steps:
        label = _("From %(start)s") % {"start": starts_at(step, component)}
        if step.percent is not None:
            words = percent(step.percent)
        elif step.amount_per_unit is not None:
            words = _("%(amount)s per unit") % {"amount": money(step.amount_per_unit)}
        else:
            words = money(step.amount)
        yield f"{path} {step.start.normalize()}", (label, words)


def _plain(component: Component, names: Names) -> Iterator[Said]:
    each = component
    certificate = each.certificate and names.families.get(each.certificate, each.certificate)
    months = each.months and ngettext("%(n)s month", "%(n)s months", each.months) % {"n": each.months}
    values = {
        "months": (_("For how long"), months),
        "keep_percent": (_("The distributor keeps"), percent(each.keep_percent)),
        "campaign": (_("Campaign"), each.campaign and names.campaigns.get(each.campaign, each.campaign)),
        "target": (_("Target"), each.target and names.targets.get(each.target, each.target)),
        "settle_after_days": (_("Settled after days"), number(each.settle_after_days)),
        "within_days": (_("All parts within days"), number(each.within_days)),
        "min_answers": (_("Answers needed"), number(each.min_answers)),
        "effective_from": (_("For lines from"), day(each.effective_from)),
        "certificate": (_("Certificate needed"), certificate),
        "group": (_("Alternative within"), each.group),
        "reserve_percent": (_("Reserve"), percent(each.reserve_percent)),
        "round_to": (_("Rounded to"), money(each.round_to)),
    }
    for key, (label, words) in values.items():
        if words:
            yield key, (label, str(words))


def _clawback(component: Component) -> Iterator[Said]:
    clawback = component.clawback
    if clawback is None:
        return
    yield "clawback.mode", (_("Taken back"), str(dict(CLAWBACK_MODES)[str(clawback.mode)]))
    yield "clawback.months", (_("Liability in months"), number(clawback.liability))
    for step in clawback.steps:
        label = _("Taken back until month %(n)s") % {"n": step.until_month}
        yield f"clawback.steps {step.until_month}", (label, percent(step.percent))


@require_GET
@office_required(*SCHEDULE_READERS)
def compare_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """`?with=` names the older one; without it the one that is in force when this one begins."""
    seen = ScheduleVersion.objects.visible_to(request.user).select_related("schedule", "published_by", "created_by")
    after = get_object_or_404(seen, pk=pk)
    others = list(seen.filter(schedule=after.schedule).exclude(pk=pk).order_by("-valid_from", "-sequence", "-pk"))
    chosen = request.GET.get("with", "")
    before = next((each for each in others if str(each.pk) == chosen), None) or _before(after, others)
    comparison, problems = None, []
    if before:
        try:
            comparison = compare(schedule_document.parse(before.document), schedule_document.parse(after.document))
        except DocumentError as refused:
            problems = refused.problems
    settled, corrected_by = _settled(after)
    past = bool(settled and after.valid_from < add_months(settled.month, 1))
    context = {
        "title": _("%(version)s, compared") % {"version": after},
        "crumbs": [
            (_("Schedules"), reverse("commissions:schedules")),
            (str(after), reverse("commissions:version", args=[pk])),
        ],
        "before": before,
        "after": after,
        "others": others,
        "comparison": comparison,
        "problems": problems,
        "past": past,
        "settled": settled,
        "corrected_by": corrected_by,
        "pairs": side_by_side(before.document, after.document) if before else [],
    }
    return render(request, "commissions/office/compare.html", context)


def _settled(after: ScheduleVersion) -> tuple[Run | None, Run | None]:
    """The last month that was posted when the version was published, or by now; and the run that posted what it changed."""
    posted = Run.objects.posted()
    if after.published_at is None:
        return posted.order_by("-month").first(), None
    before, since = posted.filter(posted_at__lte=after.published_at), posted.filter(posted_at__gt=after.published_at)
    return before.order_by("-month").first(), since.order_by("posted_at").first()


def _before(after: ScheduleVersion, others: list[ScheduleVersion]) -> ScheduleVersion | None:
    """The published version that this one follows, else any other."""
    published = [each for each in others if each.sequence and each.sequence < (after.sequence or 10**6)]
    return next(
        (each for each in published if each.valid_from <= after.valid_from), next(iter(published or others), None)
    )
