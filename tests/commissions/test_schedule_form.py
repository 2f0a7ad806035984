"""The form is a second view of the document: what it shows and writes back is the same document."""

import pytest
from django.http import QueryDict
from django.utils import translation
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commissions.schedule_document import Match, Problem, export, parse
from commissions.schedule_form import ComponentForm, as_text, as_tree
from commissions.schedule_form.fields import Choices, beside
from tests.commissions.documents import documents


def posted(form: ComponentForm) -> dict[str, object]:
    """What a browser sends of a form as it is shown."""
    data = QueryDict(mutable=True)

    def add(field) -> None:
        value = field.value()
        if isinstance(value, list) and "checkbox" in field.widget_type:
            data.setlist(field.html_name, value)
        elif value not in (None, ""):
            data[field.html_name] = field.field.prepare_value(value)

    for field in form:
        add(field)
    for rows in form.tables.values():
        for field in rows.management_form:
            data[field.html_name] = str(field.value())
        for row in rows:
            for field in row:
                add(field)
    return data


@given(documents(), st.data())
@settings(max_examples=150)
def test_a_component_shown_in_the_form_and_sent_back_is_the_same(document, data) -> None:
    tree = as_tree(export(document))
    place = data.draw(st.integers(0, len(document.components) - 1))
    # A part of a bundle that any order serves has nothing to fill in; nobody has written one yet.
    assume(all(need != Match() for need in document.components[place].needs))
    kind, choices = document.components[place].kind, Choices()
    shown = ComponentForm(kind, tree, place=place, choices=choices)
    sent = ComponentForm(kind, tree, place=place, data=posted(shown), choices=choices)
    assert parse(as_text(sent.written())) == document
    assert not sent.errors


@pytest.mark.parametrize(
    ("language", "right", "said"),
    [
        ("de", "a number like 45.00", "a number like 45,00"),
        ("de", "a number from 0 to 9999999.99", "a number from 0 to 9.999.999,99"),
        ("en", "a number from 0 to 9999999.99", "a number from 0 to 9,999,999.99"),
        ("de", "a day like 2026-07-01", "a day like 2026-07-01"),
        ("de", "1 to 600", "1 to 600"),
    ],
)
def test_beside_a_field_numbers_are_written_as_the_reader_enters_them(language: str, right: str, said: str) -> None:
    """The document itself has a point, whoever reads it; the form takes a comma."""
    with translation.override(language):
        text = beside(Problem("components[0].rate", "is out of range", line=7, value="-5", right=right))
    assert text.startswith("Is out of range (-5)")
    assert text.endswith(f": {said}")
