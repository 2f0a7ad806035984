"""Table columns that know how to be read (HTML) and exported (CSV): the room says what, not how.

class OrderTable(Table):
    order_id = LinkColumn("sales:order", "order_id", verbose_name=_("Order"))
    signed_on = DayColumn(verbose_name=_("Signed"), opt=True)      # opt: left out where it is narrow
    status = BadgeColumn(Order.Status, verbose_name=_("Status"))
    paid = MoneyColumn(verbose_name=_("Paid"))
    class Meta:
        order_by = "-signed_on"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core import formats
from core.templatetags.formats import amount, formats_badge

MAX_PER_PAGE = 200


class Column(tables.Column):
    """Text. `opt` leaves it out on narrow screens; `num` aligns right; `whole` keeps a number in one piece.

    On a phone a row becomes a card of all its columns: the first is its title, `chief` (else the last one) stands at
    the right of it, the others follow with their names.
    """

    num = False
    whole = False

    def __init__(self, *args: Any, opt: bool = False, whole: bool = False, chief: bool = False, **kwargs: Any) -> None:
        self.whole = whole or self.whole
        classes = (("num", self.num), ("nowrap", self.whole), ("opt", opt), ("chief", chief))
        names = " ".join(name for name, on in classes if on)
        if names:
            kwargs.setdefault("attrs", {part: {"class": names} for part in ("th", "td", "tf")})
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def render_total(self, value: Any) -> str:
        return formats.number(value)


class NumberColumn(Column):
    """Counts and quantities."""

    num = True

    def render(self, value: Any) -> str:
        return formats.number(value)

    def value(self, value: Any) -> Any:
        return value


class PercentColumn(NumberColumn):
    """A value in percent."""

    def render(self, value: Any) -> str:
        return formats.percent(value)


class MoneyColumn(NumberColumn):
    """Euros; `signed` shows a plus too, for differences."""

    def __init__(self, *args: Any, signed: bool = False, **kwargs: Any) -> None:
        self.signed = signed
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> str:
        return amount(value, signed=self.signed)

    render_total = render


class DayColumn(Column):
    """A calendar day."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attrs.setdefault("td", {})
        self.attrs["td"] = {"class": (self.attrs["td"].get("class", "") + " nowrap").strip()}

    def render(self, value: Any) -> str:
        return formats.day(value)

    def value(self, value: Any) -> Any:
        return value


class MomentColumn(DayColumn):
    """A point in time."""

    def render(self, value: Any) -> str:
        return formats.moment(value)


class MonthColumn(DayColumn):
    """A month, stored as its first day; in a file 2026-11, since its first day would read as the day of something."""

    def render(self, value: Any) -> str:
        return formats.month(value)

    def value(self, value: Any) -> str:
        return f"{value:%Y-%m}"


class BadgeColumn(Column):
    """A status with its tone."""

    def __init__(self, choices: Any, *args: Any, **kwargs: Any) -> None:
        self.choices = choices
        super().__init__(*args, **kwargs)

    def render(self, record: Any, bound_column: Any) -> str:
        return formats_badge(self.choices, bound_column.accessor.resolve(record))  # the raw value, not its label

    def value(self, value: Any) -> str:
        return str(self.choices(value).label) if value in self.choices._value2member_map_ else str(value)


class LinkColumn(Column):
    """Text that leads to a detail page: `LinkColumn("sales:case", "order_id")` reverses the URL with that field of the row."""

    def __init__(self, url_name: str, *fields: str, **kwargs: Any) -> None:
        self.url_name, self.fields = url_name, fields
        super().__init__(**kwargs)

    def render(self, value: Any, record: Any) -> str:
        args = [tables.A(field).resolve(record) for field in self.fields]
        return format_html('<a href="{}">{}</a>', reverse(self.url_name, args=args), value)

    def value(self, value: Any) -> Any:
        return value


class Table(tables.Table):
    """Base of every list. `totals` (column name to sum over all filtered rows) is filled by `core.lists.ListView`."""

    totals: Mapping[str, Any] = {}

    def paginate(self, *, per_page: int | None = None, **kwargs: Any) -> None:
        """Bounded, and in a total order: rows that compare equal would otherwise move between pages and appear twice."""
        per_page = max(1, min(per_page or 50, MAX_PER_PAGE))
        rows = self.data.data
        if isinstance(rows, QuerySet) and rows._fields is None and not (rows.query.is_sliced or rows.query.combinator):  # type: ignore[attr-defined]
            self.data.data = rows.order_by(*(rows.query.order_by or rows.model._meta.ordering), "pk")
        super().paginate(per_page=per_page, **kwargs)

    def footer_cells(self) -> Iterator[tuple[Any, str, str]]:
        """One cell a visible column: its attributes, the column's title, and its total or the word for it in front."""
        for position, column in enumerate(self.columns):
            attrs, title = column.attrs.get("tf", ""), str(column.header)
            if column.name in self.totals:
                yield attrs, title, column.column.render_total(self.totals[column.name])
            else:
                yield attrs, title, _("Total") if position == 0 else ""
