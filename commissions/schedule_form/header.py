"""What stands above the components: name, start, and how long a window stays open."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commissions.schedule_document import Problem
from commissions.schedule_form import fields as make
from commissions.schedule_form.tree import Tree


class HeaderForm(forms.Form):
    """The keys of a schedule document beside its components."""

    use_required_attribute = False

    def __init__(self, tree: Tree, *, data: Any = None, new: bool = False) -> None:
        self.tree, self.new = tree, new
        title = tree.get("title") if isinstance(tree.get("title"), dict) else {}
        said = {key: tree.get(key, "") for key in ("schedule", "valid_from", "freeze_days")}
        # Under a name of its own: a new schedule has the fields of its first component on the same page.
        super().__init__(
            data,
            prefix="header",
            label_suffix="",
            initial=said | {f"title-{key}": text for key, text in (title or {}).items()},
        )
        code = _("Short name that contracts name, such as systempartner.")
        freeze = _("Days after a period in which late orders still change its step. Empty: 45.")
        start = _("Decides about orders signed on or after this day. A day in the past is possible.")
        if new:
            self.fields["schedule"] = make.text(_("Code of the schedule"), code, maxlength=60)
        self.fields["title-de"] = make.text(_("Title in German"), maxlength=120)
        self.fields["title-en"] = make.text(_("Title in English"), maxlength=120)
        self.fields["valid_from"] = make.day(_("For orders signed from"), start)
        self.fields["freeze_days"] = make.number(_("Days until a period is settled"), freeze)

    def written(self) -> Tree:
        """The document with this header; its components stay as they are."""
        self.full_clean()
        entered = self.cleaned_data
        kept = {key: self.tree[key] for key in ("schedule",) if key in self.tree and not self.new}
        titles = {key: entered[f"title-{key}"] for key in ("de", "en") if entered.get(f"title-{key}")}
        keys = {key: entered[key] for key in ("schedule", "valid_from", "freeze_days") if entered.get(key)}
        header = {**kept, **keys, **({"title": titles} if titles else {})}
        return {**header, "components": self.tree.get("components", [])}

    def show(self, found: Iterable[Problem]) -> list[Problem]:
        """Puts what is about the header beside its fields and returns the rest."""
        rest = []
        for problem in found:
            name = problem.path.replace(".", "-")
            if name == "title":
                name = "title-de"
            if name in self.fields:
                self.add_error(name, make.beside(problem))
            else:
                rest.append(problem)
        return rest
