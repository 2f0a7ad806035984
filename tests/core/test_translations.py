"""What `manage.py translations --check` notices."""

from babel.messages.catalog import Catalog
from django.utils.translation import get_language, gettext, override, trans_real

from core.management.commands.translations import (
    compile_catalogue,
    found_in_code,
    marked_in_f_strings,
    problems,
    updated,
)


def german(**texts: str) -> Catalog:
    catalogue = Catalog(locale="de")
    for text, translation in texts.items():
        catalogue.add(text.replace("_", " "), translation)
    return catalogue


def test_a_complete_catalogue_has_no_problems() -> None:
    assert list(problems(german(statement=""), german(statement="Abrechnung"))) == []


def test_missing_and_unused_texts_are_named() -> None:
    found = list(problems(german(statement="", order=""), german(statement="", payslip="Lohnzettel")))
    assert [line.partition(" (")[0] for line in found] == [
        "missing: 'statement'",
        "missing: 'order'",
        "unused: 'payslip'",
    ]


def test_a_translation_guessed_by_a_tool_does_not_count() -> None:
    known = german(statement="Abrechnung")
    known.get("statement").flags.add("fuzzy")
    assert [line[:5] for line in problems(german(statement=""), known)] == ["fuzzy"]


def test_a_lost_placeholder_is_noticed() -> None:
    text = "held since %(day)s"
    found, known = Catalog(locale="de"), Catalog(locale="de")
    found.add(text, flags=["python-format"])
    known.add(text, "gehalten seit %(tag)s", flags=["python-format"])
    assert "placeholder" in next(problems(found, known))


def test_an_update_keeps_translations_and_drops_what_the_code_no_longer_says() -> None:
    catalogue = updated(german(statement="", order=""), german(statement="Abrechnung", payslip="Lohnzettel"))
    assert {message.id: message.string or "" for message in catalogue if message.id} == {
        "statement": "Abrechnung",
        "order": "",
    }


def test_texts_are_found_in_python_and_in_templates() -> None:
    places = {name for message in found_in_code() for name, _line in message.locations}
    assert {"config/settings.py", "templates/base.html"} <= places


def test_a_text_that_the_extraction_does_not_see_is_named() -> None:
    content = """said = _("a")\ntext = f"{said} {_('b')}"\nother = f"{name(_)}"\n"""
    assert list(marked_in_f_strings(content)) == [2]


def test_who_asked_for_texts_before_they_were_compiled_gets_them_afterwards(monkeypatch) -> None:
    """The first start makes the demo's documents in the process that compiles; they would stay English for ever."""
    with override("de"):
        monkeypatch.setattr(trans_real._active.value, "_catalog", trans_real.TranslationCatalog())
        assert gettext("Targets") == "Targets"
        compile_catalogue()
        assert gettext("Targets") == "Ziele"
        assert get_language() == "de"


def test_what_packages_say_has_our_words_in_both_languages() -> None:
    compile_catalogue()
    with override("en"):
        assert gettext("Sign Out") == "Sign out"
        assert gettext("Targets") == "Targets"
    with override("de"):
        assert gettext("Enter a valid email address.") == "Bitte geben Sie eine gültige E-Mail-Adresse ein."
