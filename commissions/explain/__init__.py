"""Why a line is what it is: a question, a sentence, the arithmetic, and the cents recomputed for checking.

    explanation = explain(line, context)
    explanation.question     Why 3,82 €?
    explanation.sentence     4 % of the revenue of 95,55 € that customer KD-20117 had in August 2026. …
    explanation.table        [("Revenue", "August 2026", "95,55 €"), ("Rate", "schedule …", "4 %"), ("exactly", "", "3,8220 €")]
    explanation.result       3,82 €
    explanation.agrees       True: what the line says is what its inputs give

Pure: it reads attributes of anything shaped like a Line and of its component and asks no database, once
`queries.contexts` has fetched what belongs to the lines. Texts are in the active language.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from commissions.explain import kinds, words
from commissions.explain.arithmetic import ZERO_MAKING, Computed, recompute, takes_back
from commissions.explain.rows import Row, rows_of
from commissions.models import Kind
from commissions.queries import Context
from core.formats import money

__all__ = ["ZERO_MAKING", "Computed", "Context", "Explanation", "Row", "explain", "recompute"]


@dataclass(frozen=True)
class Explanation:
    """Everything the why panel shows. `agrees` is False only if line or code was tampered with."""

    question: str
    sentence: str
    rows: tuple[Row, ...]
    result_label: str
    result: str
    todo: str
    computed: Computed
    agrees: bool
    # The posted line this one follows and its statement; another partner's is for the office only to open.
    followed_line: int | None = None
    followed_statement: str = ""
    followed_own: bool = False
    parts: tuple[str, ...] = ()  # the other orders of a bundle

    @property
    def table(self) -> list[tuple[str, str, str]]:
        """Label, note, text of each row, as the `why` component takes them."""
        return [(row.label, row.note, row.text) for row in self.rows]

    @property
    def exact(self) -> Decimal:
        """Base × rate before rounding, EUR."""
        return self.computed.exact


def explain(line: Any, context: Context = Context()) -> Explanation:  # noqa: B008 - it is immutable
    component = getattr(line, "component", None)
    computed = recompute(line, component)
    why, todo = words.held(line, context)
    return Explanation(
        question=words.question(line),
        sentence=" ".join(part for part in _sentences(line, computed, context, component, why) if part),
        rows=tuple(rows_of(line, computed, context, component)),
        result_label=_would_be_label(line) if line.is_notice else _("this line"),
        result=money(line.would_be or 0) if line.is_notice else money(line.amount),
        todo=todo,
        computed=computed,
        agrees=differences(line, computed) == {},
        followed_line=context.followed_line,
        followed_statement=context.followed_statement,
        followed_own=context.followed_line is not None and line.followed_partner_id == line.partner_id,
        parts=context.parts,
    )


def differences(line: Any, computed: Computed | None = None) -> dict[str, tuple[Decimal, Decimal]]:
    """Columns of the line that are not what its inputs give: name to (stored, recomputed)."""
    computed = computed or recompute(line, getattr(line, "component", None))
    names = ["full", "clawed", "entitled", "amount"] + ([] if computed.would_be is None else ["would_be"])
    names += [] if computed.rate is None else ["rate"]
    pairs = {name: (getattr(line, name), getattr(computed, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _sentences(line: Any, computed: Computed, context: Context, component: Any, why: str) -> list[str]:
    if line.kind == Kind.MANUAL:
        return [words.manual(context)]
    if takes_back(line):
        return [words.changed(line), words.booked(line, computed, context)]
    earned = [
        words.earned(line, context, component),
        kinds.tier(line, component),
        kinds.distance(line, component),
        kinds.cap(line, computed),
        words.place_in_term(line, context),
        words.by_schedule(line, context, component),
        words.certificate(context),
        words.reserve(line, component),
    ]
    after = [words.not_active(line), words.cancelled(line, component)]
    if why and not line.base:  # no component, so there is no base and no rate to speak of
        return [why, words.booked(line, computed, context)]
    if why:
        return [why, words.worth(line, component), *earned, *after, words.booked(line, computed, context)]
    return [*earned, *after, words.changed(line), words.booked(line, computed, context)]


def _would_be_label(line: Any) -> str:
    if not line.would_be:
        return pgettext("amount", "due")
    return _("taken back with proof") if (line.would_be or 0) < 0 else _("held")
