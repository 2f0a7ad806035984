"""Targets in words: values with their unit, adjustments as sentences, the text a partner agrees to."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.formats import money, month, month_short, number, percent
from core.periods import add_months
from targets.arithmetic import Change, Span, month_targets
from targets.models import Adjustment, Agreement, AgreementItem, Proposal, Unit
from targets.steps import changes_of

Value = Decimal | Fraction | int | None
NO_BREAK = "\u00a0"


def amount(value: Value, unit: str, *, places: int | None = None) -> str:
    """A value in its unit: 500 pieces, 1,250.00 EUR. Shown with two decimals at most; what is compared is exact."""
    if value is None:
        return ""
    exact = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else Decimal(value)
    if unit == Unit.EUR:
        return money(exact)
    # Whole units of a forecast are cut off: the bonus beside it counts whole units, too.
    short = exact.quantize(
        Decimal(1).scaleb(-(2 if places is None else places)), ROUND_DOWN if places == 0 else ROUND_HALF_UP
    )
    text = number(short, places=places)
    if unit == Unit.POINTS:
        return ngettext("%(n)s point", "%(n)s points", int(short)) % {"n": text}
    return ngettext("%(n)s piece", "%(n)s pieces", int(short)) % {"n": text}


def span_name(span: Span) -> str:
    """2026, first half 2026, Q3 2026: as in the middle of a sentence."""
    length = len(span.months)
    if length == 12:
        return str(span.start.year)
    if length == 6:
        half = _("first half %(year)s") if span.start.month == 1 else _("second half %(year)s")
        return half % {"year": span.start.year}
    return f"Q{(span.start.month + 2) // 3} {span.start.year}"


def window(change: Change | Adjustment) -> str:
    """January 2026 to June 2026: the last month that is meant."""
    if not change.window_from or not change.window_until:
        return ""
    last = add_months(change.window_until, -1)
    if change.window_from == last:
        return month(last)
    return _("%(first)s to %(last)s") % {"first": month(change.window_from), "last": month(last)}


def sentence(change: Change | Adjustment, unit: str = Unit.PIECES) -> str:
    """One adjustment as people say it."""
    if change.kind == "set":
        return _("New annual target: %(value)s") % {"value": amount(change.value, unit)}
    if change.kind == "scale":
        return _("The year becomes %(share)s of the original annual target") % {
            "share": percent((change.factor or Decimal(0)) * 100)
        }
    if isinstance(change, Adjustment) and change.undoes:
        return _("Taken back: %(what)s") % {"what": sentence(change.undoes, unit)}
    if change.kind == "suspend":
        return _("%(window)s suspended: neither target nor sales count") % {"window": window(change)}
    return _("Plan of %(window)s taken out, sales still count") % {"window": window(change)}


def sentences(changes: Iterable[Change | Adjustment], unit: str = Unit.PIECES) -> list[str]:
    return [sentence(change, unit) for change in changes]


def what_it_says(proposal: Proposal) -> list[str]:
    """An adjustment as sentences; of one that undoes another what it takes back."""
    if proposal.reverses:
        return [_("Taken back: %(what)s") % {"what": each} for each in what_it_says(proposal.reverses)]
    return sentences(changes_of(proposal))


def months_line(item: AgreementItem, changes: Sequence[Change]) -> str:
    """Jan 47.03 · Feb 43.89 · …: every month with its target, in the unit the line above names."""
    parts = []
    for first, target in month_targets(item.annual, item.weights, changes, item.agreement.year).items():
        value = (
            pgettext("target", "suspended")
            if target is None
            else number(_two_places(target), places=2 if item.unit == Unit.EUR else None)
        )
        parts.append(f"{month_short(first)} {value}".replace(" ", NO_BREAK))
    return " · ".join(parts)


def _two_places(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / value.denominator
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def document(agreement: Agreement) -> str:
    """The text both sides agree to: targets with months, duties of both."""
    lines = [
        _("Target agreement %(year)s") % {"year": agreement.year},
        f"{agreement.partner.number} {agreement.partner.legal_name}",
        "",
    ]
    for item in agreement.items.select_related("kpi"):
        lines.append(
            f"{item.kpi.title} ({item.kpi.code}): {amount(item.annual, item.unit)}, {item.get_period_display()}"
        )
        if item.measure != "nps":
            lines.append(months_line(item, []))
        lines.append("")
    lines += [_("What the operator does:"), agreement.operator_duties or "–"]
    lines += ["", _("What the partner does:"), agreement.partner_duties or "–"]
    return "\n".join(lines)


def change_document(agreement: Agreement, title: str, reason: str, steps: Sequence[str], effective: str) -> str:
    """The text a partner confirms when an agreement changes."""
    head = _("Change of the target agreement %(year)s: %(title)s") % {"year": agreement.year, "title": title}
    return "\n".join(
        [head, _("Reason: %(reason)s") % {"reason": reason}, *steps, _("Effective %(day)s") % {"day": effective}]
    )
