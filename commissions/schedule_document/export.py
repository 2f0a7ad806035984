"""`Document` to text: one canonical way to write each schedule, so that two versions can be compared line by line.

>>> export(parse(text)) == export(parse(export(parse(text)))); parse(export(document)) == document
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal

from .document import Clawback, Component, Document, Match, Rate, Step, Title, number

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
    if component.match != Match():
        yield f"match: {_match(component.match)}"
    if component.group is not None:
        yield f"group: {_text(component.group)}"
    for key in ("campaign", "target"):
        if (named := getattr(component, key)) is not None:
            yield f"{key}: {_text(named)}"
    if component.follows:
        yield f"follows: [{', '.join(_text(each) for each in component.follows)}]"
    if component.needs:
        yield "needs:"
        yield from (f"  - {_match(each)}" for each in component.needs)
    for key in ("within_days", "by", "min_answers", "effective_from", "mode"):
        if (plain := getattr(component, key)) is not None:
            yield f"{key}: {plain}"
    if component.steps:
        yield "steps:"
        yield from (f"  - {_step(each)}" for each in component.steps)
    if component.rate is not None:
        yield from _rate(component.rate)
    if component.keep_percent is not None:
        yield f"keep_percent: {number(component.keep_percent)}"
    if component.certificate is not None:
        yield f"certificate: {_text(component.certificate)}"
    if component.round_to != Decimal("0.01"):
        yield f"round_to: {_money(component.round_to)}"
    for key in ("months", "settle_after_days"):
        if (plain := getattr(component, key)) is not None:
            yield f"{key}: {plain}"
    if component.clawback is not None:
        yield f"clawback: {_clawback(component.clawback)}"
    if component.reserve_percent is not None:
        yield f"reserve_percent: {number(component.reserve_percent)}"


def _match(match: Match) -> str:
    lists = (f"{key}: [{', '.join(map(_text, values))}]" for key, values in asdict(match).items() if values)
    return f"{{{', '.join(lists)}}}"


def _rate(rate: Rate) -> Iterator[str]:
    """On one line, but tiers step by step, so that a comparison of two versions shows the step that differs."""
    parts = [f"amount: {_money(rate.amount)}"] if rate.amount is not None else []
    parts += [f"percent: {number(rate.percent)}"] if rate.percent is not None else []
    parts += [f"of: {rate.of}"] if rate.of is not None else []
    if rate.tiers is None:
        yield f"rate: {{{', '.join(parts)}}}"
        return
    yield "rate:"
    yield from (f"  {part}" for part in parts)
    yield "  tiers:"
    yield from (f"    {key}: {getattr(rate.tiers, key)}" for key in ("measure", "window", "mode"))
    yield "    steps:"
    yield from (f"      - {_step(each)}" for each in rate.tiers.steps)


def _step(step: Step) -> str:
    if step.percent is not None:
        return f"{{from: {number(step.start)}, percent: {number(step.percent)}}}"
    key = "amount" if step.amount is not None else "amount_per_unit"
    return f"{{from: {number(step.start)}, {key}: {_money(step.rate)}}}"


def _clawback(clawback: Clawback) -> str:
    parts = [f"mode: {clawback.mode}"]
    parts += [f"months: {clawback.months}"] if clawback.months is not None else []
    if clawback.steps:
        each = (f"{{until_month: {step.until_month}, percent: {number(step.percent)}}}" for step in clawback.steps)
        parts += [f"steps: [{', '.join(each)}]"]
    return f"{{{', '.join(parts)}}}"


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
