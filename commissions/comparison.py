"""Two versions of a schedule beside each other: component by component, field by field, in words.

    compare(before, after).components[0].fields[0].label, .before, .after

Components meet on their code. What pays less than before is marked, where that can be told from the numbers alone.
"""

from dataclasses import dataclass, field

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commissions import schedule_document
from commissions.models import Kind
from commissions.schedule_document import Component, Document
from commissions.spelled_out import said
from commissions.wording import Names
from core.formats import day, number


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
