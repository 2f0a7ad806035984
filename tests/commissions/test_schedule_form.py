"""The form is a second view of the document: what it shows and writes back is the same document."""

from django.http import QueryDict
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from commissions.schedule_document import Match, export, parse
from commissions.schedule_form import ComponentForm, as_text, as_tree
from commissions.schedule_form.fields import Choices
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
