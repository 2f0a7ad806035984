"""No telephone number, address, account or name of a comment is ever stored."""

import pytest

from targets.masking import drivers, mask


@pytest.mark.parametrize(
    ("comment", "masked"),
    [
        ("Rufen Sie mich an: 0171 2312512", "Rufen Sie mich an: •••"),
        ("Tel. +49 (30) 23125-017, abends", "Tel. •••, abends"),
        ("030/23125017 bitte", "••• bitte"),
        ("Meine Nummer 0171-231 25 12.", "Meine Nummer •••."),
        ("an max.muster@beispiel.example schreiben", "an ••• schreiben"),
        ("max (at) beispiel.example", "•••"),
        ("IBAN DE12 5001 0517 0648 4898 90 bitte erstatten", "IBAN ••• bitte erstatten"),
        ("iban de12500105170648489890", "iban •••"),
        ("Kundennummer 12345678", "Kundennummer •••"),
        ("Herr Müller war sehr nett", "Herr ••• war sehr nett"),
        ("Frau Dr. Meyer-Lang hat geholfen", "Frau ••• hat geholfen"),
        ("Bei Herrn von der Heide gekauft", "Bei Herrn ••• gekauft"),
        ("frau müller war unfreundlich", "frau ••• war unfreundlich"),
        ("Mein Name ist Erika Muster und ich warte", "Mein Name ist ••• und ich warte"),
        ("Guter Laden. Viele Grüße, Max Muster", "Guter Laden. Viele Grüße, •••"),
        ("Herr Müller. Das Netz ist gut", "Herr •••. Das Netz ist gut"),
        ("Mr Smith was helpful", "Mr ••• was helpful"),
        ("Verkäufer Schulze hatte keine Ahnung", "Verkäufer ••• hatte keine Ahnung"),
    ],
)
def test_personal_data_is_masked(comment, masked):
    assert mask(comment) == masked


@pytest.mark.parametrize(
    "comment",
    [
        "Am 01.07.2026 bestellt, am 15.07.2026 geliefert",
        "Seit 2026-07-01 kein Netz",
        "49,95 € im Monat und 1.234,56 € einmalig",
        "von 08:30 bis 17:00 Uhr",
        "Die Frau an der Kasse war nett",
        "Sehr gut, 10 von 10 Punkten",
        "der Berater war freundlich",
    ],
)
def test_what_is_no_personal_data_stays(comment):
    assert mask(comment) == comment


def test_masking_twice_changes_nothing():
    once = mask("Herr Müller, 0171 2312512, a@b.example")
    assert mask(once) == once


def test_line_breaks_and_endless_comments_are_tamed():
    assert mask("gut\n\nund   schnell") == "gut und schnell"
    assert 1990 < len(mask("gut " * 5000)) <= 2000
    assert "0171" not in mask("a" * 1994 + " 0171 2312512")


def test_a_comment_tells_what_it_is_about():
    assert drivers("Lange gewartet, aber gut beraten") == ["advice", "waiting"]
    assert drivers("Das Netz ist zu teuer") == ["price", "network"]
    assert drivers("") == []
