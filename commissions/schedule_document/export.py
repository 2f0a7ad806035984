"""`Document` to text: one canonical way to write each schedule, so that two versions can be compared line by line.

>>> export(parse(text)) == export(parse(export(parse(text)))); parse(export(document)) == document
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal

from .document import Component, Document, Rate, Title, number

# Readers of older YAML take `no`, `on`, `007` or `1e3` for something else; in quotes everybody reads the same code.
PLAIN = re.compile(r"[A-Za-zÄÖÜäöüß]([A-Za-zÄÖÜäöüß0-9 _.-]*[A-Za-zÄÖÜäöüß0-9_.-])?")
TAKEN_FOR_ANOTHER_TYPE = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"])


def export(document: Document) -> str:
    """YAML with two decimals for money, defaults left out except `freeze_days`, lists sorted, one component after another."""
    lines = [f"schedule: {_text(document.schedule)}"]
    lines += [f"title: {_title(document.title)}"] if document.title != Title() else []
    lines += [f"valid_from: {document.valid_from}", f"freeze_days: {document.freeze_days}", "components:"]
    for component in document.components:
        for index, line in enumerate(_component(component)):
            lines.append(("    " if index else "  - ") + line)
    return "\n".join(lines) + "\n"


def _component(component: Component) -> Iterator[str]:
    yield f"code: {_text(component.code)}"
    if component.title != Title():
        yield f"title: {_title(component.title)}"
    yield f"kind: {component.kind}"
    match = {key: values for key, values in asdict(component.match).items() if values}
    if match:
        lists = (f"{key}: [{', '.join(_text(value) for value in values)}]" for key, values in match.items())
        yield f"match: {{{', '.join(lists)}}}"
    if component.group is not None:
        yield f"group: {_text(component.group)}"
    yield f"rate: {_rate(component.rate)}"
    if component.certificate is not None:
        yield f"certificate: {_text(component.certificate)}"
    if component.round_to != Decimal("0.01"):
        yield f"round_to: {_money(component.round_to)}"
    if component.months is not None:
        yield f"months: {component.months}"
    if component.clawback is not None:
        yield f"clawback: {{mode: {component.clawback.mode}, months: {component.clawback.months}}}"


def _rate(rate: Rate) -> str:
    if rate.percent is not None:
        return f"{{percent: {number(rate.percent)}, of: {rate.of}}}"
    return f"{{amount: {_money(rate.amount or Decimal(0))}}}"


def _title(title: Title) -> str:
    return "{" + ", ".join(f"{language}: {_text(text)}" for language, text in asdict(title).items() if text) + "}"


def _money(value: Decimal) -> str:
    """At least two decimals, more only if they say something."""
    whole, _point, decimals = number(value).partition(".")
    return f"{whole}.{decimals:0<2}"


def _text(value: str) -> str:
    if PLAIN.fullmatch(value) and value.lower() not in TAKEN_FOR_ANOTHER_TYPE:
        return value
    return json.dumps(value, ensure_ascii=False)
