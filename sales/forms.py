"""What people enter here: a feed file, the terms of a campaign, who takes part."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from sales.models import Campaign, Product, ProductFamily


class UploadForm(forms.Form):
    """A feed as CSV or NDJSON; what it holds is looked at by the import, not by the form."""

    file = forms.FileField(
        label=_("Feed file"),
        help_text=_("CSV with a header row (UTF-8, comma or semicolon) or one JSON object a line."),
        allow_empty_file=True,  # the import says in words what is wrong with it, and keeps a trace
    )


class BillForm(forms.Form):
    """The yearly spend that a bill of a customer shows."""

    customer_no = forms.CharField(label=_("Customer number"), max_length=60)
    amount = forms.DecimalField(
        label=_("Yearly spend, EUR net"), min_value=0, max_digits=12, decimal_places=2, localize=True
    )
    as_of = forms.DateField(label=_("Date of the bill"), widget=forms.DateInput(attrs={"type": "date"}))


class Codes(forms.CharField):
    """Codes or numbers of existing rows, written with commas between them; cleaned to a list of them."""

    def __init__(self, model: Any, field: str, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.model, self.field = model, field

    def clean(self, value: Any) -> list[str]:
        found = list(dict.fromkeys(str(value or "").replace(",", " ").split()))
        known = set(self.model.objects.filter(**{f"{self.field}__in": found}).values_list(self.field, flat=True))
        if unknown := [each for each in found if each not in known]:
            raise forms.ValidationError(_now("Not known: %(codes)s.") % {"codes": ", ".join(unknown)})
        return found

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LONG = forms.Textarea(attrs={"rows": 3})


class CampaignForm(forms.Form):
    """The terms of a campaign. People name the last day; what is stored is the first day after it."""

    code = forms.CharField(label=_("Code"), max_length=60, help_text=_("As orders of the feed and schedules name it."))
    title_de = forms.CharField(label=_("Title (German)"), max_length=120)
    title_en = forms.CharField(label=_("Title (English)"), max_length=120)
    description_de = forms.CharField(label=_("What partners read (German)"), required=False, widget=LONG)
    description_en = forms.CharField(label=_("What partners read (English)"), required=False, widget=LONG)
    valid_from = forms.DateField(
        label=_("First day"), widget=DAY, help_text=_("The signature date of the order counts.")
    )
    last_day = forms.DateField(label=_("Last day"), widget=DAY, required=False)
    registration_required = forms.BooleanField(label=_("Partners have to register before they sell"), required=False)
    cap_units = forms.DecimalField(
        label=_("At most this many units"),
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=3,
        help_text=_("Over all partners, filled in the sequence of the signature dates."),
    )
    cap_amount = forms.DecimalField(
        label=_("At most this much, EUR net"), required=False, min_value=0, max_digits=12, decimal_places=2
    )
    exclude_products = Codes(Product, "code", label=_("Products left out"), help_text=_("Codes, with commas between."))
    exclude_families = Codes(ProductFamily, "code", label=_("Product families left out"))
    exclude_partners = Codes(Partner, "number", label=_("Partners left out"), help_text=_("Partner numbers."))
    stackable = forms.BooleanField(
        label=_("Is paid on top of other campaigns"),
        required=False,
        initial=True,
        help_text=_("Without the mark, only the highest of several campaigns on one order is paid."),
    )

    def __init__(self, *args: Any, campaign: Campaign | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        if campaign is not None:  # orders, schedules and registrations name it by this code
            self.fields["code"].disabled = True

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].strip()
        if self.campaign is None and Campaign.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a campaign with this code already."))
        return code

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("valid_from"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The end must lie after the start."))
        for name in ("cap_units", "cap_amount"):
            if data.get(name) == 0:
                self.add_error(name, _("A cap must lie above zero."))
        return data

    def terms(self) -> dict[str, Any]:
        """What `actions.save_campaign` takes."""
        data = dict(self.cleaned_data)
        last = data.pop("last_day")
        data["valid_until"] = last and last + timedelta(days=1)
        data["registration"] = "required" if data.pop("registration_required") else "none"
        data["exclude"] = {kind: data.pop(f"exclude_{kind}") for kind in ("products", "families", "partners")}
        return data


class RegistrationForm(forms.Form):
    """Who is to take part, and from when on."""

    partner = forms.CharField(label=_("Partner number"), max_length=20)
    on = forms.DateField(
        label=_("From"), widget=DAY, help_text=_("Orders signed on this day or later count. Today at the earliest.")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_partner(self) -> Partner:
        partner = Partner.objects.visible_to(self.user).filter(number=self.cleaned_data["partner"].strip()).first()
        if partner is None:
            raise forms.ValidationError(_("There is no such partner."))
        return partner
