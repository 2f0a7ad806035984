"""Forms of the office: new agreements, adjustments with their steps, seasonal weights."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formats import month
from core.periods import add_months, parse_month, parse_quarter
from partners.models import Partner, Role, User
from targets.masking import Driver
from targets.models import Kpi, Measure, Period, ReasonCode

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})  # what a date field understands, in any language
MONTH = forms.TextInput(attrs={"type": "month", "placeholder": "2026-01", "pattern": "[0-9]{4}-[0-9]{2}"})
AREA = forms.Textarea(attrs={"rows": 4})


class MonthField(forms.CharField):
    """2026-07 as its first day."""

    widget = MONTH

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_month(text)
        except ValueError:
            raise forms.ValidationError(_("Write a month such as 2026-07.")) from None


class WhomForm(forms.Form):
    """Which partners are meant: by kind and manager; nothing chosen means all."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Partner kinds"),
        choices=Partner.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    manager = forms.ModelChoiceField(
        label=gettext_lazy("Partner manager"),
        queryset=User.objects.filter(role=Role.CHANNEL_MANAGER),
        required=False,
        empty_label=gettext_lazy("all"),
    )
    kpis = forms.ModelMultipleChoiceField(
        label=gettext_lazy("KPIs"),
        queryset=Kpi.objects.filter(active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class DutiesForm(forms.Form):
    """What both sides promise beside the numbers."""

    operator_duties = forms.CharField(label=gettext_lazy("What the operator does"), widget=AREA, required=False)
    partner_duties = forms.CharField(label=gettext_lazy("What the partner does"), widget=AREA, required=False)

    @property
    def duties(self) -> tuple[str, str]:
        return self.cleaned_data["operator_duties"], self.cleaned_data["partner_duties"]


class NewAgreementsForm(DutiesForm, WhomForm):
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)
    growth = forms.DecimalField(
        label=gettext_lazy("Growth over last year, percent"), initial=Decimal(5), min_value=-99, max_value=1000
    )
    period = forms.ChoiceField(label=gettext_lazy("Period"), choices=Period.choices, initial=Period.HALF_YEAR)
    field_order = ["year", "growth", "period", "kpis", "kinds", "manager"]


class FileForm(DutiesForm):
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("Columns: partner, kpi, annual, unit, period. One row a target."),
    )
    field_order = ["year", "file"]


class ByHandForm(DutiesForm):
    """One partner, with a target for every KPI that is filled in."""

    all_optional = True
    partner = forms.CharField(label=gettext_lazy("Partner number"), max_length=20)
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)
    field_order = ["partner", "year"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kpis = list(Kpi.objects.filter(active=True))
        for kpi in self.kpis:
            # A score may be agreed below zero; of anything else nobody is asked for less than nothing.
            least = -100 if kpi.measure == Measure.NPS else 0
            label = f"{kpi.title} ({kpi.get_unit_display()})"
            self.fields[f"annual_{kpi.pk}"] = forms.DecimalField(label=label, required=False, min_value=least)
            self.fields[f"period_{kpi.pk}"] = forms.ChoiceField(
                label=_("%(kpi)s: period") % {"kpi": kpi.title}, choices=Period.choices, initial=Period.HALF_YEAR
            )
        self.order_fields([*(name for name in self.fields if not name.endswith("_duties")), *DutiesForm.base_fields])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.goals:
            raise forms.ValidationError(_("Say the annual target of at least one KPI."))
        return data

    @property
    def goals(self) -> list[tuple[Kpi, Decimal, str]]:
        """KPI, annual target, period of each that is filled in."""
        data = self.cleaned_data
        rows = [(kpi, data.get(f"annual_{kpi.pk}"), data[f"period_{kpi.pk}"]) for kpi in self.kpis]
        return [(kpi, annual, period) for kpi, annual, period in rows if annual is not None]


class AdjustmentForm(WhomForm):
    """One decision; every step that is filled in is part of it."""

    all_optional = True
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=120, help_text=gettext_lazy("What the partners read first.")
    )
    suspend_from = MonthField(label=gettext_lazy("Suspend from month"), required=False)
    suspend_until = MonthField(label=gettext_lazy("to month (inclusive)"), required=False)
    exclude_from = MonthField(label=gettext_lazy("Take out the plan from month"), required=False)
    exclude_until = MonthField(label=gettext_lazy("to month (inclusive)"), required=False)
    scale = forms.DecimalField(
        label=gettext_lazy("Percent of the original annual target"),
        required=False,
        min_value=0,
        max_value=1000,
        help_text=gettext_lazy(
            "50 makes the year half of what was agreed first, spread over the months that are left."
        ),
    )
    value = forms.DecimalField(label=gettext_lazy("New annual target"), required=False, min_value=0)
    reason_code = forms.ChoiceField(label=gettext_lazy("Kind of reason"), choices=ReasonCode.choices)
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=AREA, help_text=gettext_lazy("The partners read it."))
    effective_on = forms.DateField(label=gettext_lazy("Effective on"), widget=DAY)
    exceptions = forms.CharField(
        label=gettext_lazy("Agreements left as they are"),
        widget=AREA,
        required=False,
        help_text=gettext_lazy("One a line: partner number, then why it stays as it is."),
    )
    field_order = [
        "year",
        "title",
        "suspend_from",
        "suspend_until",
        "scale",
        "exclude_from",
        "exclude_until",
        "value",
        "reason_code",
        "reason",
        "effective_on",
        "kpis",
        "kinds",
        "manager",
        "exceptions",
    ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        steps: list[dict[str, Any]] = []
        for kind, name in (("suspend", "suspend"), ("exclude_plan", "exclude")):
            start, last = data.get(f"{name}_from"), data.get(f"{name}_until")
            if bool(start) != bool(last):
                self.add_error(f"{name}_until", _("Both months are needed."))
            elif start and last:
                if last < start:
                    self.add_error(f"{name}_until", _("The last month lies before the first."))
                steps.append({"kind": kind, "from": start, "until": add_months(last, 1)})
        if data.get("scale") is not None:
            steps.append({"kind": "scale", "factor": data["scale"] / 100})
        if data.get("value") is not None:
            steps.append({"kind": "set", "value": data["value"]})
        if not steps and not self.errors:
            raise forms.ValidationError(_("Say at least one change."))
        year = data.get("year")
        for step in steps:
            if year and "from" in step and (step["from"] < date(year, 1, 1) or step["until"] > date(year + 1, 1, 1)):
                raise forms.ValidationError(_("The months leave the year %(year)s.") % {"year": year})
        data["steps"] = steps
        data["excepted"] = _exceptions(data.get("exceptions", ""))
        return data


class SupportForm(forms.Form):
    """A measure of the operator."""

    title_de = forms.CharField(label=gettext_lazy("What is done, in German"), max_length=120)
    title_en = forms.CharField(label=gettext_lazy("What is done, in English"), max_length=120)
    note = forms.CharField(label=gettext_lazy("More about it"), widget=AREA, required=False, max_length=1000)
    starts_on = forms.DateField(label=gettext_lazy("From"), widget=DAY)
    last_day = forms.DateField(label=gettext_lazy("Until"), widget=DAY)
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Partner kinds"),
        choices=Partner.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None: all partners."),
    )


class PlanForm(forms.Form):
    """One task of an action plan."""

    what = forms.CharField(label=gettext_lazy("What is done"), max_length=300)
    driver = forms.ChoiceField(
        label=gettext_lazy("It is about"),
        required=False,
        choices=lambda: [("", _("nothing special")), *Driver.choices],
    )
    who = forms.CharField(label=gettext_lazy("Who"), max_length=80)
    due_on = forms.DateField(label=gettext_lazy("Until"), widget=DAY)


class ResultForm(forms.Form):
    """Counted answers of one partner and quarter."""

    partner = forms.CharField(label=gettext_lazy("Partner number"), max_length=20)
    quarter = forms.CharField(label=gettext_lazy("Quarter"), max_length=7, help_text=gettext_lazy("Such as 2026-Q2."))
    promoters = forms.IntegerField(label=gettext_lazy("Promoters (9, 10)"), min_value=0, max_value=1_000_000)
    passives = forms.IntegerField(label=gettext_lazy("Passives (7, 8)"), min_value=0, max_value=1_000_000)
    detractors = forms.IntegerField(label=gettext_lazy("Detractors (0 to 6)"), min_value=0, max_value=1_000_000)
    reason = forms.CharField(label=gettext_lazy("Where it comes from"), max_length=500)

    def clean_partner(self) -> Partner:
        found = Partner.objects.filter(number=self.cleaned_data["partner"].strip()).first()
        if not found:
            raise forms.ValidationError(_("No partner has this number."))
        return found

    def clean_quarter(self) -> date:
        try:
            return parse_quarter(self.cleaned_data["quarter"].strip())
        except ValueError:
            raise forms.ValidationError(_("Write a quarter such as 2026-Q2.")) from None


class DecisionForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason, if you decline"), required=False, max_length=500)


class WeightsForm(forms.Form):
    """Twelve weights; they say a proportion."""

    kpi = forms.ModelChoiceField(
        label=gettext_lazy("KPI"),
        queryset=Kpi.objects.filter(active=True),
        required=False,
        empty_label=gettext_lazy("all"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Partner kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [("", _("all")), *Partner.Kind.choices]
        for number in range(1, 13):
            name = month(date(2026, number, 1)).split(" ")[0]
            self.fields[f"w{number}"] = forms.DecimalField(label=name, min_value=0, max_value=10000, decimal_places=2)

    @property
    def weights(self) -> list[Decimal]:
        return [self.cleaned_data[f"w{number}"] for number in range(1, 13)]


def _exceptions(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        number, _space, why = line.strip().partition(" ")
        if number:
            found[number.strip(",;:")] = why.strip() or _("exception")
    return found
