"""Who did what, when and why: one row for every change of state, written in the change's own transaction."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from core.models import AuditEntry


def record(
    *,
    by: Any,
    verb: str,
    obj: models.Model,
    label: str = "",
    reason: str = "",
    now: datetime | None = None,
    **detail: Any,
) -> AuditEntry:
    """Writes the audit row. `by` is a User, or None for the system itself (beat tasks); `detail` must be JSON.

    `label` names the object more closely than the object does itself: a target and its period instead of the agreement.
    """
    return AuditEntry.objects.create(
        at=now or timezone.now(),
        actor=None if by is None or isinstance(by, AnonymousUser) else by,
        verb=verb,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=(label or str(obj))[:200],
        reason=reason,
        detail=detail,
    )


def history_of(obj: models.Model) -> models.QuerySet[AuditEntry]:
    """Entries about one object, newest first."""
    return AuditEntry.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk)).select_related("actor")
