"""What is wrong with a document: place, line, value and what would be right, all findings at once.

>>> str(Problem("components[0].rate.percent", "is not a number", line=9, value="4,5", right="4.5"))
'line 9, components[0].rate.percent: is not a number (4,5). Right would be: 4.5'
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

SHOWN = 80  # characters of a value that a message repeats; a pasted file must not fill the screen


@dataclass(frozen=True)
class Problem:
    """One finding. `path` counts lists from 0, `line` counts from 1 (None: the document as a whole)."""

    path: str
    message: str
    line: int | None = None
    value: str = ""
    right: str = ""

    def __str__(self) -> str:
        place = ", ".join(part for part in (_("line %d") % self.line if self.line else "", self.path) if part)
        text = f"{place}: {self.message}" if place else self.message
        if self.value:
            text += f" ({shorten(self.value)})"
        if self.right:
            text += ". " + _("Right would be: %s") % self.right
        return text


class DocumentError(ValueError):
    """A document was refused and changed nothing; `problems` has every finding in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shorten(value: str) -> str:
    """One line of a value, cut to what a message can carry."""
    line = " ".join(value.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"
