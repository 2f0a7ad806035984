"""Who did it: the reference to a person that every state change carries."""

from typing import Any

from django.conf import settings
from django.db import models


def person(verbose_name: Any) -> "models.ForeignKey[Any, Any]":
    """Who did it. Never deleted, since the trail would end."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=verbose_name
    )
