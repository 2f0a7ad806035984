"""Tables inside the form: steps of a rate, of a target, of a clawback, and the parts of a bundle.

Rows left empty are no rows of the document, so the third row may be its second step; `places` remembers which is which.
"""

from typing import Any

from django import forms

from commissions.schedule_form.fields import Choices, NumberField, match_fields

EMPTY_ROWS = 2
MORE_ROWS = 3
UNITS = ("percent", "amount", "amount_per_unit")


class Row(forms.Form):
    """One row; `value` stands for the key that the unit of the table names (percent, amount)."""

    use_required_attribute = False

    def keys(self, unit: str) -> dict[str, Any]:
        return {unit if name == "value" else name: value for name, value in self.cleaned_data.items() if value}

    def field_of(self, key: str) -> str:
        return key if key in self.fields else "value" if "value" in self.fields else next(iter(self.fields))


class StepRow(Row):
    def __init__(self, *args: Any, first: Any, second: Any, names: tuple[str, str], **kwargs: Any) -> None:
        kwargs = {**kwargs, "empty_permitted": False, "label_suffix": ""}
        super().__init__(*args, **kwargs)
        for name, label in zip(names, (first, second), strict=True):
            self.fields[name] = NumberField(label=label, required=False)


class NeedRow(Row):
    """A part of a bundle: which orders serve it."""

    def __init__(self, *args: Any, choices: Choices, parts: list[dict[str, Any]], **kwargs: Any) -> None:
        kwargs = {**kwargs, "empty_permitted": False, "label_suffix": ""}
        super().__init__(*args, **kwargs)
        number = str(self.prefix or "").rsplit("-", 1)[-1]
        own = parts[int(number)] if number.isdecimal() and int(number) < len(parts) else {}
        self.fields |= match_fields(choices, own)


class Rows(forms.BaseFormSet):
    """All rows of one table, with some empty ones at its end."""

    title: Any = ""
    when = ""  # the choice that makes the table count
    form_kwargs: dict[str, Any]

    def filled(self) -> list[tuple[int, Row]]:
        return [(index, row) for index, row in enumerate(self.forms) if any(row.cleaned_data.values())]

    def said(self, unit: str) -> list[dict[str, Any]]:
        self.places = [index for index, _row in self.filled()]
        return [row.keys(unit) for _index, row in self.filled()]

    def object_to(self, text: str) -> None:
        """A problem of the table as a whole."""
        self._non_form_errors: Any = self.error_class([*self.non_form_errors(), text])

    def row_of(self, number: int) -> Row | None:
        places = getattr(self, "places", list(range(len(self.forms))))
        return self.forms[places[number]] if number < len(places) else None


def table(
    row: type[Row],
    prefix: str,
    data: Any,
    said: list[dict[str, Any]],
    *,
    more: bool,
    title: Any,
    when: str = "",
    **kw: Any,
) -> Rows:
    """The rows that are there and some empty ones; with `data` the rows that were posted, and on demand more of them."""
    factory: Any = forms.formset_factory(row, formset=Rows, extra=EMPTY_ROWS, max_num=200, absolute_max=200)
    by_unit = "value" in kw.get("names", ())
    initial = [{"value" if by_unit and key in UNITS else key: value for key, value in each.items()} for each in said]
    if data is not None and f"{prefix}-TOTAL_FORMS" not in data:
        data = data.copy()
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    if data is not None and more:
        data = data.copy()
        total = data[f"{prefix}-TOTAL_FORMS"]
        data[f"{prefix}-TOTAL_FORMS"] = str(int(total if total.isdecimal() else 0) + MORE_ROWS)
    formset: Rows = factory(data, initial=initial, prefix=prefix, form_kwargs=kw)
    formset.title, formset.when = title, when
    return formset
