"""What people enter here: reasons, holds, manual lines."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commissions.models import Component
from partners.models import Partner
from sales.models import Order


class ReasonForm(forms.Form):
    """A sentence for the trail; the next person reads it."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class HoldForm(forms.Form):
    """What is to be kept back: a partner, one order, a component, or a component of one of them."""

    partner = forms.CharField(label=_("Partner number"), max_length=20, required=False)
    order = forms.CharField(label=_("Order"), max_length=80, required=False)
    component = forms.CharField(
        label=_("Component"),
        max_length=60,
        required=False,
        help_text=_("Code of the component as in the schedule. Empty: all of them."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_partner(self) -> Partner | None:
        number = self.cleaned_data["partner"].strip()
        return _found(Partner.objects.money_visible_to(self.user), _("There is no such partner."), number=number)

    def clean_order(self) -> Order | None:
        number = self.cleaned_data["order"].strip()
        return _found(Order.objects.visible_to(self.user), _("There is no such order."), order_no=number)

    def clean_component(self) -> str:
        code: str = self.cleaned_data["component"].strip()
        if code and not Component.objects.published().filter(code=code).exists():
            raise forms.ValidationError(_("No published schedule has such a component."))
        return code

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not self.errors and not (data.get("partner") or data.get("order") or data.get("component")):
            raise forms.ValidationError(_("Name a partner, an order or a component."))
        return data


class ManualLineForm(forms.Form):
    """An amount outside the schedules, for a second person to decide on."""

    partner = forms.CharField(label=_("Partner number"), max_length=20)
    amount = forms.DecimalField(
        label=_("Amount in EUR net"),
        max_digits=10,
        decimal_places=2,
        help_text=_("With a minus to take something back. Above 500 EUR the head of channel decides."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The partner reads it on the statement."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_partner(self) -> Partner | None:
        number = self.cleaned_data["partner"].strip()
        return _found(Partner.objects.money_visible_to(self.user), _("There is no such partner."), number=number)

    def lock(self) -> None:
        """Of a reversal only the reason is anybody's choice: what is posted from the browser for the rest is ignored."""
        self.fields["partner"].disabled = self.fields["amount"].disabled = True

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("Nothing is not an amount."))
        return amount


def _found(rows: Any, message: Any, **key: str) -> Any:
    """The row with that number, None for an empty field, else an error at the field."""
    (value,) = key.values()
    if not value:
        return None
    row = rows.filter(**key).first()
    if row is None:
        raise forms.ValidationError(message)
    return row
