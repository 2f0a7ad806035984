"""Run worked examples through the real engine, in scratch databases.

    manage.py check_examples                      the examples that come with the product
    manage.py check_examples tariffs/ one.yaml    files, and every .yaml, .yml or .json below folders

Prints a line an example and a table of differences. Exit code 1 if any example differs, cannot be played or is no example.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissions.worked_example.checking import Result, check
from commissions.worked_example.scratch import workshop

SHIPPED = Path(__file__).resolve().parents[2] / "examples"
SUFFIXES = {".yaml", ".yml", ".json"}
# Wide enough for what the shipped examples say; longer ones push their own amounts to the right.
WIDTH = 72


class Command(BaseCommand):
    help = "Run worked examples through the real engine, in scratch databases, and compare to the cent"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, help="files or folders; without any, the shipped examples")

    def handle(self, *args: Any, **options: Any) -> None:
        files = list(found(options["paths"] or [SHIPPED]))
        results = []
        try:
            with workshop() as shop:
                for file in files:
                    result = check(file.read_bytes(), shop)
                    results.append(result)
                    self._tell(file, result)
        except DatabaseError as error:
            raise CommandError(_("The scratch database could not be made: %s") % str(error).strip()) from error
        differing = sum(not result.agrees for result in results)
        agreeing = len(results) - differing
        total = ngettext("%d example agrees", "%d examples agree", agreeing) % agreeing
        self.stdout.write(f"{total}, " + ngettext("%d differs", "%d differ", differing) % differing)
        if differing:
            sys.exit(1)

    def _tell(self, file: Path, result: Result) -> None:
        mark = self.style.SUCCESS("ok  ") if result.agrees else self.style.ERROR("FAIL")
        self.stdout.write(f"{mark} {file.name}  {result.title}  ({result.seconds:.1f} s)")
        for problem in result.problems:
            self.stdout.write(f"       {problem}")
        if result.stopped:
            self.stdout.write(f"       {result.stopped}")
        if result.differences:
            heads = (_("expected"), _("should be"), _("is"), _("difference"))
            self.stdout.write("       {:{w}} {:>14} {:>14} {:>14}".format(*heads, w=WIDTH))
        for each in result.differences:
            amounts = [cents(each.wanted), cents(each.found)]
            amounts += [cents(each.found - each.wanted) if each.wanted is not None and each.found is not None else ""]
            what = _("line %d") % each.line + f": {each.what}"
            self.stdout.write("       {:{w}} {:>14} {:>14} {:>14}".format(what, *amounts, w=WIDTH))
            if each.note:
                self.stdout.write(f"         {each.note}")
        for note in result.notes if not result.agrees else []:
            self.stdout.write(f"       {note}")


def cents(amount: Decimal | None) -> str:
    return _("none") if amount is None else f"{amount:.2f}"


def found(paths: list[Path]) -> Iterator[Path]:
    """The files named, and those below the folders named, each once, in a stable sequence."""
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise CommandError(_("There is no %s.") % path)
        inside = sorted(each for each in path.rglob("*") if each.suffix in SUFFIXES) if path.is_dir() else [path]
        if not inside:
            raise CommandError(_("There is no example in %s.") % path)
        for file in inside:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file
