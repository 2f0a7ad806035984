"""Lists of this room in the office."""

from django.utils.translation import gettext_lazy as _

from core import columns
from core.models import AuditEntry
from portal.wording import verb_in_words


class AuditTable(columns.Table):
    """Who did what when, on which object, and why."""

    at = columns.MomentColumn(verbose_name=_("When"))
    actor = columns.Column(verbose_name=_("Who"), default=_("the system"), order_by=("actor__name",))
    verb = columns.Column(verbose_name=_("What"))
    object_label = columns.Column(verbose_name=_("Object"))
    verb_code = columns.Column(accessor="verb", verbose_name=_("Code"), visible=False)
    reason = columns.Column(verbose_name=_("Reason"), opt=True)

    class Meta:
        model = AuditEntry
        fields: tuple[str, ...] = ()
        order_by = "-at"

    def render_verb(self, value: str) -> str:
        return verb_in_words(value)

    value_verb = render_verb
