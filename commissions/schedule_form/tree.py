"""The document as plain keys, lists and texts, as it stands between text and form; and how its components are arranged."""

import json
from typing import Any

from commissions.schedule_document import DocumentError, Problem, parse
from commissions.schedule_document.catalogue import Catalogue
from commissions.schedule_document.tree import Mapping, Node, Sequence, read_tree

Tree = dict[str, Any]


def as_tree(text: str) -> Tree:
    """Every value as the text that was written; DocumentError if it is not even YAML."""
    tree = _plain(read_tree(text))
    return tree if isinstance(tree, dict) else {}


def _plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return node.text


def as_text(tree: Tree) -> str:
    """JSON, which is a way to write the same document."""
    return json.dumps(tree)


def problems(tree: Tree, catalogue: Catalogue) -> list[Problem]:
    """What the document's own reader objects to."""
    try:
        parse(as_text(tree), catalogue)
    except DocumentError as refused:
        return refused.problems
    return []


def nested(value: Any) -> Tree:
    """What a key holds, as the keys below it; nothing where something else was written."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def components(tree: Tree) -> list[Tree]:
    return [each for each in sequence(tree.get("components")) if isinstance(each, dict)]


def place_of(tree: Tree, code: str) -> int | None:
    return next((place for place, each in enumerate(components(tree)) if each.get("code") == code), None)


def with_component(tree: Tree, component: Tree, place: int | None) -> Tree:
    """In the place of another one, or as the last."""
    listed = components(tree)
    at = len(listed) if place is None else place
    return {**tree, "components": [*listed[:at], component, *listed[at + 1 :]]}


def without(tree: Tree, place: int) -> Tree:
    listed = components(tree)
    return {**tree, "components": [*listed[:place], *listed[place + 1 :]]}


def moved(tree: Tree, place: int, by: int) -> Tree:
    """One place up (-1) or down (1); beyond an end nothing changes."""
    listed = list(components(tree))
    to = place + by
    if 0 <= to < len(listed):
        listed[place], listed[to] = listed[to], listed[place]
    return {**tree, "components": listed}


def with_copy(tree: Tree, place: int) -> Tree:
    """The same component once more behind it, under the next free code."""
    listed = components(tree)
    codes = {each.get("code") for each in listed}
    code = str(listed[place]["code"])[:56]
    free = next(f"{code}-{number}" for number in range(2, len(listed) + 3) if f"{code}-{number}" not in codes)
    copy = {**listed[place], "code": free}
    return {**tree, "components": [*listed[: place + 1], copy, *listed[place + 1 :]]}
