"""One component as a form that shows only what its kind may say, in the order in which one would tell it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms

from commissions.models import Kind
from commissions.schedule_document import Problem
from commissions.schedule_form import asked, told
from commissions.schedule_form.fields import Choices, beside
from commissions.schedule_form.tree import Tree, components, with_component


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
        super().__init__(data, initial=asked.initial(self.kind, self.said), label_suffix="")
        self.fields |= asked.fields(self.kind, self.said, self.others, self.choices)
        self.tables = asked.tables(self.kind, self.said, self.choices, data)

    @property
    def index(self) -> int:
        """Where the component stands in the document that is written."""
        return len(self.others) if self.place is None else self.place

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
            return chosen in told.counts_when(name).split()
        if name.startswith("clawback-") and name != "clawback-mode":
            mode = self.cleaned_data.get("clawback-mode")
            return bool(mode) and (name != "clawback-steps" or mode == "steps")
        if self.kind == Kind.CAMPAIGN:
            lines = self.cleaned_data.get("choose_pays") == asked.BY_LINE
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
                self._show([each for each in re.split(r"[.\[\]]+", problem.path[len(own) :]) if each], beside(problem))
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

    def sections(self) -> list[told.Section]:
        return told.sections(self, self.tables, self.kind, self.said)

    @property
    def tiers(self) -> bool:
        return "rate-tiers-steps" in self.tables


def _put(tree: Tree, path: list[str], value: Any) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value
