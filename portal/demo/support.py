"""What the invented operator does for its partners in both halves of the year; one measure it had to withdraw."""

from collections.abc import Callable
from datetime import date, datetime

from partners.models import User
from targets import actions

MEASURES = [
    ("Abholfenster für Läden", "Collection windows for shops", (2, 1), (7, 1), ["specialist_dealer", "exclusive", "agency"],
     "Umbau eines Schaufensters, bis 1.500 EUR je Laden."),
    ("Stundung der Gerätelieferungen", "Deferred payment of devices", (2, 1), (5, 1), [], "Sechzig statt dreißig Tage."),
    ("Fernsehkampagne Kombitarif", "Television campaign for the bundle", (9, 6), (10, 4), [], ""),
    ("Zwei Verkaufstrainings vor Ort", "Two days of sales training on site", (9, 14), (11, 21), [], "Termine nennt die Partnerbetreuung."),
    ("Aktionsdonnerstag", "Action Thursday", (11, 26), (11, 27), [], "Prospekt und Anzeigen stellt der Netzbetreiber."),
    ("Weihnachtsgeschäft: zweite Kasse", "Christmas: a second till", (11, 15), (12, 24), ["own_branch", "exclusive"], ""),
    ("Partnertag in Musterhausen", "Partner day in Musterhausen", (10, 5), (10, 6), [], ""),
]  # fmt: skip


def announce(year: int, *, by: User, at: Callable[[date], datetime]) -> None:
    """Announced a month ahead; the partner day is called off."""
    for title_de, title_en, (month, day), (until_month, until_day), kinds, note in MEASURES:
        starts = date(year, month, day)
        measure = actions.announce_measure(
            title_de=title_de, title_en=title_en, note=note, partner_kinds=kinds, starts_on=starts,
            until=date(year, until_month, until_day), by=by, now=at(date(year, month - 1, 10)),
        )  # fmt: skip
        if title_de.startswith("Partnertag"):
            reason = "Der Saal steht nach einem Wasserschaden nicht bereit."
            actions.withdraw_measure(measure, reason=reason, by=by, now=at(date(year, month - 1, 25)))
