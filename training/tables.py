"""Lists of this room in the office."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from core import columns
from core.periods import berlin_date, last_day
from core.templatetags.formats import formats_badge
from training.models import Certificate


class CertificateTable(columns.Table):
    holder = columns.Column(verbose_name=_("Person"), order_by=("holder__name",))
    company = columns.Column(accessor="holder", verbose_name=_("Company"), orderable=False)
    family = columns.Column(verbose_name=_("Product family"), order_by=("family__code",))
    valid_from = columns.DayColumn(verbose_name=_("valid from"))
    valid_until = columns.DayColumn(verbose_name=_("valid until"), opt=True)
    recorded_by = columns.Column(verbose_name=_("Recorded by"), opt=True)
    status = columns.Column(verbose_name=_("Status"))

    class Meta:
        model = Certificate
        fields: tuple[str, ...] = ()

    def render_holder(self, value: Any, record: Any) -> str:
        return format_html('<a href="{}">{}</a>', reverse("training:certificate", args=[record.pk]), value)

    def value_holder(self, value: Any) -> str:
        return str(value)

    def render_company(self, value: Any) -> str:
        """Where the person works now, else where it worked last; somebody may sell for two."""
        today = berlin_date(timezone.now())
        everywhere = sorted(value.memberships.all(), key=lambda each: each.valid_from)
        now = [each for each in everywhere if each.valid_until is None or each.valid_until > today]
        return ", ".join(each.partner.legal_name for each in now or everywhere[-1:])

    value_company = render_company

    def render_status(self, record: Certificate) -> str:
        return formats_badge(Certificate.Standing, record.standing_on(berlin_date(timezone.now())))

    def value_status(self, record: Certificate) -> str:
        return str(Certificate.Standing(record.standing_on(berlin_date(timezone.now()))).label)

    def render_valid_until(self, value: Any, bound_column: Any) -> str:
        return str(bound_column.column.render(last_day(value)))
