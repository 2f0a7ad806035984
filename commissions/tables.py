"""Lists of this room in the office."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commissions.explain import words
from commissions.firewall import Check
from commissions.models import Cause, DraftLine, HoldReason, Line, ManualLine, Run, Statement
from commissions.statement import HELD_MONTHS
from core import columns, formats
from core.money import cents
from core.periods import add_months
from core.templatetags.formats import amount


class RunPartnerTable(columns.Table):
    """Partners of a run; rows are `review.PartnerSum`."""

    number = columns.Column(verbose_name=_("Number"), whole=True)
    name = columns.Column(verbose_name=_("Name"))
    lines = columns.NumberColumn(verbose_name=_("Lines"), opt=True)
    mean = columns.MoneyColumn(verbose_name=_("Mean of three months"), opt=True)
    before = columns.MoneyColumn(verbose_name=_("Month before"), opt=True)
    net = columns.MoneyColumn(verbose_name=_("Net"))
    change = columns.MoneyColumn(verbose_name=_("Difference"), signed=True)

    def __init__(self, *args: Any, run: Run, request: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.lines_url = request, reverse("commissions:run_lines", args=[run.pk])

    def render_number(self, value: str) -> str:
        return format_html('<a href="{}">{}</a>', reverse("portal:partner", args=[value]), value)

    def render_lines(self, value: int, record: Any) -> str:
        if not value:
            return "0"
        return format_html('<a href="{}?partner={}">{}</a>', self.lines_url, record.number, formats.number(value))


class FindingTable(columns.Table):
    """What is behind a finding; rows are `firewall.Row`. Columns in which nothing stands are left out."""

    words: Mapping[str, str] = {}  # set by the view: what the codes are called

    number = columns.Column(verbose_name=_("Partner"))
    name = columns.Column(verbose_name=_("Name"), visible=False)  # on the page it stands beside the number
    order_no = columns.Column(verbose_name=_("Order"), whole=True)
    code = columns.Column(verbose_name=_("What"))
    customer = columns.Column(verbose_name=_("Customer"), opt=True)  # or a product, whose name may need two lines
    other = columns.Column(verbose_name=_("Earlier order"), opt=True, whole=True)
    before = columns.MoneyColumn(verbose_name=_("Before"), opt=True)
    now = columns.MoneyColumn(verbose_name=_("Now"), opt=True)
    amount = columns.MoneyColumn(verbose_name=_("Amount"))
    hold = columns.Column(empty_values=(), orderable=False, exclude_from_export=True, verbose_name="")

    def __init__(self, rows: Sequence[Any], *, run: Run, check: str, may_hold: bool, request: Any) -> None:
        names = ("number", "name", "order_no", "code", "customer", "other", "before", "now")
        empty = [name for name in names if all(getattr(row, name) in ("", None) for row in rows)]
        if "number" in empty:
            empty.append("name")  # of what the code says
        if check == Check.UNPAID and not any(row.amount for row in rows):
            empty.append("amount")  # no component says what they would pay; zero would say that they pay nothing
        no_hold = () if may_hold and "number" not in empty else ("hold",)
        # They count partners and orders, and no euros.
        counts = [("amount", columns.NumberColumn())] if check in (Check.CAMPAIGNS, Check.UNTESTED) else []
        super().__init__(rows, exclude=(*empty, *no_hold), extra_columns=counts)
        self.request = request
        self.lines_url = reverse("commissions:run_lines", args=[run.pk])
        titles = {
            Check.UNPAID: {"code": _("Why"), "customer": _("Product"), "amount": _("Would be")},
            Check.DUPLICATES: {
                "code": _("Product"),
                "amount": _("Paid") if run.status == Run.Status.POSTED else _("Would be paid"),
            },
            Check.COMPONENT: {"code": _("Component"), "before": _("Mean")},
            Check.CAMPAIGNS: {"code": _("Campaign"), "order_no": _("For example"), "amount": _("Orders")},
            Check.UNTESTED: {"code": _("Schedule"), "amount": _("Partners")},
            Check.NEGATIVES: {"before": _("Month before"), "amount": _("Difference")},
            Check.MOVERS: {"before": _("Mean"), "amount": _("Difference")},
            Check.WITHOUT: {"before": _("Mean"), "amount": _("Difference")},
            Check.TOTAL: {"before": _("Mean"), "amount": _("Difference")},
        }
        for name, title in titles.get(Check(check), {}).items():
            if name in self.columns:
                self.columns[name].column.verbose_name = title

    def render_number(self, value: str, record: Any) -> str:
        link = f"{self.lines_url}?partner={value}"
        return format_html('<a href="{}">{}</a> <small>{}</small>', link, value, record.name)

    def value_number(self, value: str) -> str:
        return value

    def render_order_no(self, value: str) -> str:
        return format_html('<a href="{}">{}</a>', reverse("commissions:office_case", args=[value]), value)

    render_other = render_order_no

    def value_order_no(self, value: str) -> str:
        return value

    value_other = value_order_no

    def render_code(self, value: str) -> str:
        return self.words.get(value, value)

    render_customer = render_code  # of orders nobody pays it is the product

    value_code = value_customer = render_code

    def render_hold(self, record: Any) -> str:
        what = f"order={record.order_no}" if record.order_no else f"partner={record.number}"
        return format_html(
            '<a class="button small" href="{}?{}">{}</a>', reverse("commissions:place_hold"), what, gettext("Withhold")
        )


class Arithmetic(columns.Table):
    """What pays a line, and in its file how the amount comes about, to be followed in a spreadsheet.

    base × rate = full amount, in EUR per unit or percent as `rate_unit` says; full − clawed − booked before = amount.
    """

    component = columns.Column(accessor="component_code", verbose_name=_("Component"), order_by=("component_code",))
    component_code = columns.Column(verbose_name=_("Component code"), visible=False)
    base = columns.NumberColumn(verbose_name=_("Base"), visible=False)
    basis = columns.Column(verbose_name=_("Kind of base"), visible=False)
    rate = columns.NumberColumn(verbose_name=_("Rate"), visible=False)
    rate_unit = columns.Column(accessor="basis", verbose_name=_("Unit of the rate"), visible=False)
    full = columns.MoneyColumn(verbose_name=_("Full amount"), visible=False)
    clawed = columns.MoneyColumn(verbose_name=_("Clawed back"), visible=False)
    booked = columns.MoneyColumn(verbose_name=_("Booked before"), visible=False)

    def render_component(self, value: str, record: Any) -> str:
        return str(record.component) if record.component else str(record.get_kind_display() or value)

    value_component = render_component

    def value_base(self, value: Decimal) -> Decimal:
        """Without the zeros beyond the cent that only fill the column."""
        return cents(value) if value == cents(value) else value

    value_rate = value_base

    def value_rate_unit(self, record: Any) -> str:
        return words.rate_unit(record, record.component)


class LineColumns(Arithmetic):
    """What draft lines and posted lines show alike."""

    partner = columns.Column(
        accessor="partner__number", verbose_name=_("Partner"), order_by=("partner_id",), whole=True
    )
    partner_name = columns.Column(accessor="partner__legal_name", verbose_name=_("Name"), visible=False)
    order = columns.Column(accessor="order__order_no", verbose_name=_("Order"), order_by=("order_id",), whole=True)
    month = columns.MonthColumn(verbose_name=_("Month"), opt=True)
    cause = columns.BadgeColumn(Cause, verbose_name=_("Cause"), opt=True)
    hold_reason = columns.Column(verbose_name=_("Held because"), opt=True)
    would_be = columns.MoneyColumn(verbose_name=_("Would be"), opt=True)
    amount = columns.MoneyColumn(verbose_name=_("Amount"))

    class Meta:
        sequence = ("partner", "partner_name", "order", "component", "component_code", "month", "cause", "hold_reason",
                    "base", "basis", "rate", "rate_unit", "full", "clawed", "booked", "would_be", "amount")  # fmt: skip
        order_by = "-amount"

    def order_amount(self, lines: Any, is_descending: bool) -> tuple[Any, bool]:
        """Of lines that post nothing, what they would be decides."""
        amount, would_be = F("amount"), F("would_be")
        if is_descending:
            return lines.order_by(amount.desc(), would_be.desc(nulls_last=True)), True
        return lines.order_by(amount.asc(), would_be.asc(nulls_last=True)), True

    def render_partner(self, value: str) -> str:
        return format_html('<a href="{}">{}</a>', reverse("portal:partner", args=[value]), value)

    def render_order(self, value: str) -> str:
        return format_html('<a href="{}">{}</a>', reverse("commissions:office_case", args=[value]), value)

    def render_hold_reason(self, record: Any) -> str:
        return str(record.get_hold_reason_display())

    value_hold_reason = render_hold_reason

    # In a file plain values.
    def value_partner(self, value: str) -> str:
        return value

    value_order = value_partner

    def value_amount(self, value: Any) -> Any:
        return value


class DraftLineTable(LineColumns):
    def render_amount(self, value: Any, record: Any) -> str:
        url = reverse("commissions:draft_line", args=[record.run_id, record.pk])
        return format_html('<a href="{}" class="why-link">{}</a>', url, amount(value))

    class Meta(LineColumns.Meta):
        model = DraftLine
        fields: tuple[str, ...] = ()


class LineTable(LineColumns):
    def render_amount(self, value: Any, record: Any) -> str:
        url = reverse("commissions:office_line", args=[record.pk])
        return format_html('<a href="{}" class="why-link">{}</a>', url, amount(value))

    class Meta(LineColumns.Meta):
        model = Line
        fields: tuple[str, ...] = ()


class StatementTable(columns.Table):
    number = columns.LinkColumn("commissions:office_statement", "number", verbose_name=_("Number"), whole=True)
    partner = columns.Column(verbose_name=_("Partner"), order_by=("partner__sort_key",))
    month = columns.MonthColumn(verbose_name=_("Month"))
    lines_count = columns.NumberColumn(verbose_name=_("Lines"), opt=True)
    net = columns.MoneyColumn(verbose_name=_("Net"), opt=True)
    vat = columns.MoneyColumn(verbose_name=_("VAT"), opt=True)
    other = columns.MoneyColumn(verbose_name=_("Carry-over and reserve"), signed=True, opt=True)
    payable = columns.MoneyColumn(verbose_name=_("Payable"))

    class Meta:
        model = Statement
        fields: tuple[str, ...] = ()
        order_by = "-month"

    def render_partner(self, value: Any) -> str:
        return format_html('<a href="{}">{}</a>', reverse("portal:partner", args=[value.number]), value)


class ReserveTable(columns.Table):
    """What is kept back, by the month that kept it; rows are `ReserveQuerySet.cohorts`."""

    cohort = columns.MonthColumn(verbose_name=_("Withheld in"))
    kept = columns.MoneyColumn(verbose_name=_("Withheld"), opt=True)
    freed = columns.MoneyColumn(verbose_name=_("Released"), opt=True)
    used = columns.MoneyColumn(verbose_name=_("Drawn"), opt=True)
    risk = columns.MoneyColumn(verbose_name=_("Could be taken back"), opt=True)
    ends = columns.MonthColumn(verbose_name=_("Released at the latest"), accessor="cohort", orderable=False)
    left = columns.MoneyColumn(verbose_name=_("Balance"))

    class Meta:
        order_by = "-cohort"

    def render_ends(self, value: Any) -> str:
        return formats.month(add_months(value, HELD_MONTHS))

    def value_ends(self, value: Any) -> str:
        return f"{add_months(value, HELD_MONTHS):%Y-%m}"


class OfficeReserveTable(ReserveTable):
    partner = columns.Column(accessor="partner__number", verbose_name=_("Partner"))
    name = columns.Column(accessor="partner__legal_name", verbose_name=_("Name"), opt=True)

    class Meta(ReserveTable.Meta):
        sequence = ("partner", "name", "cohort", "...")

    def render_partner(self, value: str) -> str:
        return format_html('<a href="{}">{}</a>', reverse("portal:partner", args=[value]), value)

    def value_partner(self, value: str) -> str:
        return value


class ProposedStatementTable(columns.Table):
    """Statements a run would make; rows are `statement.Proposed`."""

    number = columns.Column(verbose_name=_("Number"), whole=True)
    name = columns.Column(verbose_name=_("Name"))
    lines = columns.NumberColumn(verbose_name=_("Lines"), opt=True)
    net = columns.MoneyColumn(verbose_name=_("Net"))
    brought_forward = columns.MoneyColumn(verbose_name=_("Brought forward"), opt=True)
    vat = columns.MoneyColumn(verbose_name=_("VAT"), opt=True)
    withheld = columns.MoneyColumn(verbose_name=_("Reserve withheld"), opt=True)
    released = columns.MoneyColumn(verbose_name=_("Reserve released"), opt=True)
    drawn = columns.MoneyColumn(verbose_name=_("Reserve drawn"), opt=True)
    carried_forward = columns.MoneyColumn(verbose_name=_("Carried forward"), opt=True)
    payable = columns.MoneyColumn(verbose_name=_("Payable"))

    def render_number(self, value: str) -> str:
        return format_html('<a href="{}">{}</a>', reverse("portal:partner", args=[value]), value)

    def value_number(self, value: str) -> str:
        return value


def statement_tabs(statements: str, reserve: str, *, current: str) -> list[dict[str, Any]]:
    """The two lists that belong together; the first two are names of addresses."""
    entries = [(_("Statements"), statements), (_("Reserve"), reserve)]
    return [{"label": label, "url": reverse(name), "current": name == current} for label, name in entries]


class ManualLineTable(columns.Table):
    proposed_at = columns.DayColumn(verbose_name=_("Proposed"))
    partner = columns.Column(verbose_name=_("Partner"), order_by=("partner__sort_key",))
    reason = columns.Column(verbose_name=_("Reason"), opt=True)
    proposed_by = columns.Column(verbose_name=_("Proposed by"), opt=True)
    status = columns.BadgeColumn(ManualLine.Status, verbose_name=_("Status"))
    decided_by = columns.Column(verbose_name=_("Decided by"), opt=True)
    amount = columns.MoneyColumn(verbose_name=_("Amount"))

    class Meta:
        model = ManualLine
        fields: tuple[str, ...] = ()
        order_by = "-proposed_at"

    def render_proposed_at(self, value: Any, record: Any) -> str:
        url = reverse("commissions:manual_line", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, formats.day(value))


ANY = "any"
HOLD_REASONS = [(ANY, _("any reason")), *((value, label) for value, label in HoldReason.choices if value)]
