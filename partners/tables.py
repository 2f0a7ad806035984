"""Lists of this room in the office."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core import columns
from partners.models import Partner


class PartnerTable(columns.Table):
    number = columns.LinkColumn("portal:partner", "number", verbose_name=_("Number"))
    legal_name = columns.LinkColumn("portal:partner", "number", verbose_name=_("Name"), order_by=("sort_key",))
    city = columns.Column(verbose_name=_("Town"), opt=True)
    kind = columns.Column(verbose_name=_("Kind"), opt=True)
    level = columns.Column(verbose_name=_("Level"), opt=True)
    manager = columns.Column(verbose_name=_("Partner manager"), order_by=("manager__name",), opt=True)
    status = columns.BadgeColumn(Partner.Status, verbose_name=_("Status"))

    class Meta:
        model = Partner
        fields: tuple[str, ...] = ()

    def value_kind(self, record: Any) -> str:
        return str(record.get_kind_display())
