"""Who changed what on a row of master data: when, who, which field, from what to what, and why.

The database writes the history by trigger (pghistory), so bulk updates and SQL are in it as well; the audit trail adds
the verbs with their reasons. Both are merged here, newest first:

    for change in changes(partner, parts=[(Contract, "partner")]):
        change.at, change.who, change.what       # 2026-07-01 09:12, "Ada Admin", "changed"
        change.fields                            # [Field("town", "Kleve", "Goch")]
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext as _

from core.audit import history_of

# Bookkeeping of ours that tells a reader nothing.
UNTOLD = {"id", "sort_key", "password", "last_login"}


@dataclass(frozen=True)
class Field:
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    at: datetime
    who: str
    what: str
    row: str = ""  # the part that changed, for example a contract of the partner
    reason: str = ""
    fields: list[Field] = field(default_factory=list)


def changes(obj: models.Model, parts: Iterable[tuple[type[models.Model], str]] = ()) -> list[Change]:
    """All changes of `obj` and of its parts (model, name of the key to `obj`), newest first.

    Queries: two a model, one for the people, one for each kind of key that changed; not one a row.
    """
    recorded = [(event, "") for event in _events(type(obj), pgh_obj_id=obj.pk)]
    for model, key in parts:
        recorded += [(event, str(model._meta.verbose_name)) for event in _events(model, **{f"{key}_id": obj.pk})]
    people = _people(event for event, _row in recorded)
    names = _names([event for event, _row in recorded])
    found: list[Change] = []
    before: dict[tuple[type, Any], dict[str, str]] = {}
    for event, row in recorded:
        which = (type(event), event.pgh_obj_id)
        told = _told(event, names)
        first = which not in before
        fields = _differences(before.get(which, {}), told)
        before[which] = told
        if fields:
            what = _("added") if first else _("changed")
            found.append(Change(event.pgh_created_at, people[_actor(event)], what, row, fields=fields))
    for entry in history_of(obj):
        who = str(entry.actor) if entry.actor else _("the system")
        found.append(Change(entry.at, who, entry.verb.replace("_", " "), reason=entry.reason))
    # Of one transaction all changes carry the same moment: turned round first, the later ones stay in front.
    found.reverse()
    return sorted(found, key=lambda change: change.at, reverse=True)


def is_tracked(model: type[models.Model]) -> bool:
    return hasattr(model, "pgh_event_model")


def _events(model: type[models.Model], **which: Any) -> list[Any]:
    if not is_tracked(model):
        return []
    events: Any = model.pgh_event_model  # type: ignore[attr-defined]
    return list(events.objects.filter(**which).select_related("pgh_context").order_by("pgh_id"))


def _actor(event: Any) -> int | None:
    return event.pgh_context.metadata.get("user") if event.pgh_context else None


def _people(events: Iterable[Any]) -> dict[int | None, str]:
    """Names by key; a change without a person came from a task, a command or plain SQL."""
    keys = {actor for event in events if (actor := _actor(event))}
    names: dict[int | None, str] = defaultdict(lambda: _("the system"))
    names.update({user.pk: str(user) for user in get_user_model()._default_manager.filter(pk__in=keys)})
    return names


def _told_fields(event: Any) -> list[Any]:
    return [each for each in event._meta.fields if not each.name.startswith("pgh_") and each.name not in UNTOLD]


def _names(events: list[Any]) -> dict[tuple[type, Any], str]:
    """What the rows are called that keys in the events point to, one query a model."""
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for event in events:
        for each in _told_fields(event):
            if each.is_relation and (value := getattr(event, each.attname)) is not None:
                wanted[each.related_model].add(value)
    return {
        (model, pk): str(row)
        for model, keys in wanted.items()
        for pk, row in model._default_manager.in_bulk(list(keys)).items()
    }


def _told(event: Any, names: dict[tuple[type, Any], str]) -> dict[str, str]:
    """The row as it stood then, in words."""
    told = {}
    for each in _told_fields(event):
        value = getattr(event, each.attname)
        if value is None or value == "":
            text = ""
        elif each.is_relation:
            text = names.get((each.related_model, value), str(value))
        elif each.flatchoices:
            text = str(dict(each.flatchoices).get(value, value))
        elif isinstance(value, bool):
            text = _("yes") if value else _("no")
        else:
            text = str(value)
        told[str(each.verbose_name)] = text
    return told


def _differences(before: dict[str, str], after: dict[str, str]) -> list[Field]:
    return [Field(name, before.get(name, ""), text) for name, text in after.items() if text != before.get(name, "")]
