"""Extract, check and compile translations without the gettext tools.

manage.py translations             write new msgids into the catalogue and compile it
manage.py translations --check     fail naming every msgid that is missing, fuzzy, unused or has wrong placeholders
manage.py translations --compile   only write the .mo file
"""

import ast
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import activate, get_language
from django.utils.translation.reloader import translation_file_changed
from django.utils.translation.template import templatize

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "de" / "LC_MESSAGES" / "django.po"
# English is what the code says; this file only rewords what packages say, and is edited by hand.
ENGLISH = CATALOGUE.parents[2] / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


class Command(BaseCommand):
    help = "Extract, check and compile the German translation without gettext tools"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing, fail when the catalogue is not complete"
        )
        parser.add_argument("--compile", action="store_true", help="only compile")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["compile"]:
            compile_catalogue()
        elif options["check"]:
            findings = [*problems(found_in_code(), read_catalogue()), *hidden()]
            if findings:
                raise CommandError("\n".join([f"{CATALOGUE}: {len(findings)} to do", *findings]))
        else:
            catalogue = updated(found_in_code(), read_catalogue())
            write_catalogue(catalogue)
            compile_catalogue()
            open_ones = sum(1 for message in catalogue if message.id and not translated(message))
            self.stdout.write(f"{len(catalogue)} texts, {open_ones} without a translation: {CATALOGUE}")


def stale() -> bool:
    """Whether a compiled file is missing or older than its source."""
    return any(_stale(source) for source in (CATALOGUE, ENGLISH))


def _stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return source.exists() and (not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime)


def compile_catalogue() -> None:
    """Write the .mo beside each .po, first under another name: a running server may be reading it.

    A process that asked for texts before has read none; it would go on in English, and store documents in it.
    """
    language = get_language()
    for source, locale in ((CATALOGUE, "de"), (ENGLISH, "en")):
        draft = source.with_suffix(".mo.new")
        with open(draft, "wb") as file:
            write_mo(file, read_catalogue(source, locale))
        translation_file_changed(None, draft.replace(source.with_suffix(".mo")))
    if language:
        activate(language)


def found_in_code() -> Catalog:
    """Every text marked for translation, with the files it stands in (no line numbers: they change too often)."""
    catalogue = Catalog(locale="de")
    for path, content, python in sources():
        name = str(path.relative_to(settings.BASE_DIR))
        # In brackets the indentation of a template's remains means nothing; without them it is a syntax error.
        text = content if python else f"(\n{templatize(content, origin=name)}\n)"
        for _line, message, comments, context in extract(
            "python", io.BytesIO(text.encode()), KEYWORDS, comment_tags=("Translators:",), options={"encoding": "utf-8"}
        ):
            catalogue.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return catalogue


def sources() -> Iterator[tuple[Path, str, bool]]:
    """All files of the product that can hold texts: (path, content, is it Python)."""
    for folder in (*settings.ROOMS, "config"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text(), True
    for path in sorted((settings.BASE_DIR / "templates").rglob("*")):
        if path.suffix in {".html", ".txt", ".svg"}:
            yield path, path.read_text(), False


def hidden() -> Iterator[str]:
    """Texts marked inside of an f-string, where the extraction does not look: they would stay English."""
    for path, content, python in sources():
        if python:
            yield from (f"in an f-string: {path.name}, line {line}" for line in marked_in_f_strings(content))


def marked_in_f_strings(content: str) -> Iterator[int]:
    for outer in ast.walk(ast.parse(content)):
        if isinstance(outer, ast.JoinedStr):
            calls = (node for node in ast.walk(outer) if isinstance(node, ast.Call))
            yield from (call.lineno for call in calls if getattr(call.func, "id", "") in KEYWORDS)


def updated(found: Catalog, known: Catalog) -> Catalog:
    """The texts of the code with the translations known; what the code no longer says is dropped."""
    result = Catalog(locale="de", project="Partnerwerk", charset="utf-8")
    for message in found:
        if message.id:
            old = known.get(key(message), message.context)
            entry = result.add(
                message.id,
                old.string if old else None,
                locations=sorted(set(message.locations)),
                auto_comments=message.auto_comments,
                context=message.context,
            )
            entry.flags |= (old.flags if old else set()) & {"fuzzy"}
    return result


def problems(found: Catalog, known: Catalog) -> Iterator[str]:
    """One line for each thing that keeps the catalogue from being complete."""
    for message in found:
        if not message.id:
            continue
        old = known.get(key(message), message.context)
        where = ", ".join(sorted({name for name, _line in message.locations})[:2])
        if old is None or not translated(old):
            yield f"missing: {key(message)!r} ({where})"
        elif old.fuzzy:
            yield f"fuzzy: {key(message)!r} ({where})"
        else:
            # What German needs is decided by the code: its placeholders, not those in the catalogue.
            message.string = old.string
            yield from (f"placeholder: {key(message)!r}: {error}" for error in message.check(known))
    for message in known:
        if message.id and found.get(key(message), message.context) is None:
            yield f"unused: {key(message)!r}"


def key(message: Any) -> str:
    return str(message.id[0] if isinstance(message.id, list | tuple) else message.id)


def translated(message: Any) -> bool:
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def read_catalogue(source: Path = CATALOGUE, locale: str = "de") -> Catalog:
    if not source.exists():
        return Catalog(locale=locale)
    with open(source, "rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def write_catalogue(catalogue: Catalog) -> None:
    """The same texts give the same bytes: no dates, no line numbers, one order."""
    out = io.BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, omit_header=True, include_lineno=False)
    header = (
        "# German texts of Partnerwerk. Written by `manage.py translations`; only the msgstr lines are edited by hand.\n"
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Language: de\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(header.encode() + out.getvalue())
