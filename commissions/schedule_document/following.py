"""Who may follow whom: a follower names components of its own document, and what it names must have lines before it.

Lines come in this order: closing, recurring and bundle; campaign; uplift; override and split. So a campaign follows the
first three, the others also campaigns, and nothing follows an uplift, an override, a split or a bonus.
"""

from __future__ import annotations

from collections.abc import Sequence as Several

from django.utils.translation import gettext as _

from .document import Kind
from .fields import Reading, nearest, peek
from .tree import Node, Scalar, Sequence

BY_CAMPAIGN = (Kind.CLOSING, Kind.RECURRING, Kind.BUNDLE)
FOLLOWED: dict[str, tuple[Kind, ...]] = {
    Kind.CAMPAIGN: BY_CAMPAIGN,
    **dict.fromkeys((Kind.UPLIFT, Kind.OVERRIDE, Kind.SPLIT), (*BY_CAMPAIGN, Kind.CAMPAIGN)),
}


def check_follows(reading: Reading, place: str, items: Several[Node]) -> None:
    """Reads the nodes, not the values: a component with a slip elsewhere is still one that can be named."""
    kinds: dict[str, str] = {}
    follows: dict[str, list[str]] = {}
    for item in items:
        if (name := _text(peek(item, "code"))) and name not in kinds:
            kinds[name] = _text(peek(item, "kind"))
            follows[name] = [_text(each) for each in _named(item)]
    for index, item in enumerate(items):
        own, kind = _text(peek(item, "code")), _text(peek(item, "kind"))
        allowed = FOLLOWED.get(kind)
        for number, each in enumerate(_named(item)):
            if allowed is None or not (name := _text(each)):
                continue
            where = f"{place}[{index}].follows[{number}]"
            right = _("a component of kind %s") % ", ".join(allowed)
            if name not in kinds:
                reading.refuse(
                    where, each, _("names no component of this document"), right=_nearest(name, kinds, allowed) or right
                )
            elif circle := _circle(own, name, follows):
                reading.refuse(where, each, _("follows in a circle: %s") % " → ".join(circle), right=right)
            elif kinds[name] in tuple(Kind) and kinds[name] not in allowed:
                message = _("cannot be followed by kind %(kind)s, being of kind %(other)s")
                reading.refuse(where, each, message % {"kind": kind, "other": kinds[name]}, right=right)


def _nearest(name: str, kinds: dict[str, str], allowed: tuple[Kind, ...]) -> str:
    possible = [code for code, kind in kinds.items() if kind in allowed]
    return nearest(name, possible) if possible else ""


def _named(item: Node) -> list[Node]:
    node = peek(item, "follows")
    return list(node.items) if isinstance(node, Sequence) else []


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _circle(own: str, name: str, follows: dict[str, list[str]]) -> list[str]:
    """The way from `own` over `name` back to `own`; empty if there is none."""
    ways = [[own, name]]
    seen = {name}
    while ways:
        way = ways.pop(0)
        if way[-1] == own:
            return way
        for step in follows.get(way[-1], []):
            if step == own or step not in seen:
                seen.add(step)
                ways.append([*way, step])
    return []
