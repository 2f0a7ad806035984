"""Comments without the people in them: masked before they are stored, so that nobody has to remember it later.

    mask("Herr Müller rief mich unter 0171 2312512 an")     # "Herr ••• rief mich unter ••• an"
    drivers("Lange gewartet, aber gut beraten")             # ["waiting", "advice"], in the order of the list

Masked are e-mail addresses, account numbers (IBAN), telephone and other long numbers, and names behind a salutation, an
introduction or a greeting. Better a word too many than a name too few: what was masked is not stored anywhere.
"""

import re
from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

MASK = "•••"
LONGEST = 2000  # characters of a comment that are kept

# A word as names are written: Müller, O'Brien, Meyer-Lang, M.; and the small words inside of names.
NAME = r"[A-ZÄÖÜ](?:\.|[\w'’-]*)"
SMALL = r"(?:(?:von|van|der|de|zu|zur|den|al)\s+)*"
NAMES = rf"{SMALL}{NAME}(?:\s+{SMALL}{NAME}){{0,2}}"
TITLE = r"(?:(?:Dr|Prof|Dipl|Ing|Mag)\.?(?:-?[A-Z][a-z]+\.?)?\s+)*"
SALUTATION = r"Herrn?|Frau|Hr\.?|Fr\.|Familie|Fam\.|Mr\.?|Mrs\.?|Ms\.?|Miss|Mister"
COLLEAGUE = r"Kollegen?|Kollegin|Verkäufer(?:in)?|Berater(?:in)?|Mitarbeiter(?:in)?|Chefin?|colleague|adviser"
INTRODUCTION = r"[Mm]ein Name ist|[Ii]ch hei(?:ß|ss)e|[Hh]ier ist|[Mm]y name is|gez\.|i\. ?[AV]\."
GREETING = (
    r"(?:[Mm]it freundlichen? Gr(?:ü|ue)(?:ß|ss)en|[Vv]iele Gr(?:ü|ue)(?:ß|ss)e|[Bb]este Gr(?:ü|ue)(?:ß|ss)e|"
    r"(?:[Ll]iebe )?Gr(?:ü|ue)(?:ß|ss)e?|MfG|VG|LG|[Kk]ind regards|[Bb]est regards|[Rr]egards)"
)
# Behind a salutation written small ("frau müller") follows the name, unless it is one of these.
NO_NAME = r"am|an|bei|im|in|vom|von|hat|hinter|der|die|das|war|ist|und|mit|aus|auf|die|konnte|wollte|sehr|war"

EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\s?(?:\.|\(punkt\)|\(dot\))\s?[\w-]+)+", re.IGNORECASE)
HANDLE = re.compile(r"(?<!\w)@\w{3,}")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b")
SMALL_IBAN = re.compile(r"\b[a-z]{2}\d{2}(?:[ -]?\d){11,30}\b", re.IGNORECASE)
# Eight digits or more, however they are grouped, or seven behind 0 or +; a date is none.
DATE = r"\d{1,2}[.\-/ ]{1,2}\d{1,2}[.\-/ ]{1,2}(?:19|20)\d\d(?!\d)|(?:19|20)\d\d-\d\d-\d\d(?!\d)"
NUMBER = re.compile(rf"(?<![\w,])(?!{DATE})(?:\+|\(?0)?\d(?:[ ()./\-–]{{0,3}}\d){{6,}}")
CUT = re.compile(r"[\d\s()/+.–-]+\Z")
AFTER = [
    re.compile(r"(?P<keep>\bgeb(?:oren am|\.)\s+)\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}"),
    re.compile(rf"(?P<keep>\b(?:{SALUTATION})\s+)(?:und\s+(?:Frau|Herrn?)\s+)?{TITLE}{NAMES}"),
    re.compile(rf"(?P<keep>\b(?:herrn?|frau|familie|mr|mrs)\s+)(?!(?:{NO_NAME})\b)[\w'’-]+"),
    re.compile(rf"(?P<keep>\b(?:{COLLEAGUE})\s+)(?!Herr|Frau){NAMES}"),
    re.compile(rf"(?P<keep>\b(?:{INTRODUCTION})\s+){TITLE}(?:{NAMES}|[\w'’-]+)"),
    re.compile(rf"(?P<keep>\b{GREETING}[\s,!.:]+)(?:(?:aus|von)\s+)?{TITLE}{NAMES}\s*$"),
]


class Driver(models.TextChoices):
    """What a comment is about; found by its words."""

    ADVICE = "advice", _("advice")
    FRIENDLINESS = "friendliness", _("friendliness")
    WAITING = "waiting", _("waiting time")
    PRICE = "price", _("price and tariff")
    NETWORK = "network", _("network and line")
    CONTRACT = "contract", _("contract and installation")
    STOCK = "stock", _("goods in stock")
    SHOP = "shop", _("the shop itself")


WORDS = {
    Driver.ADVICE: r"berat|erkl(?:ä|ae)r|kompeten|ahnung|fachlich|advi[cs]e|advis|explain|know",
    Driver.FRIENDLINESS: r"freundlich|\bnett|h(?:ö|oe)flich|hilfsbereit|arrogant|friendly|polite|rude|helpful",
    Driver.WAITING: r"\bwart|gewartet|schlange|personal fehl|überfüllt|waiting|waited|queue",
    Driver.PRICE: r"preis|teuer|g(?:ü|ue)nstig|tarif|kosten|geb(?:ü|ue)hr|price|expensive|cheap|tariff",
    Driver.NETWORK: r"\bnetz|empfang|leitung|internet|ausfall|verbindung|network|coverage|outage|\bline\b",
    Driver.CONTRACT: r"vertrag|rechnung|anschluss|techniker|umzug|k(?:ü|ue)ndig|contract|invoice|install",
    Driver.STOCK: r"vorr(?:ä|ae)tig|lieferbar|ausverkauft|auf lager|bestell|in stock|sold out",
    Driver.SHOP: r"\bladen|gesch(?:ä|ae)ft|sauber|parkplatz|einrichtung|(?:ö|oe)ffnungszeit|\bshop|\bstore|parking",
}
_WORDS = {driver: re.compile(pattern, re.IGNORECASE) for driver, pattern in WORDS.items()}


def mask(comment: str) -> str:
    """The comment without personal data, in one line, cut to LONGEST characters. Masking twice changes nothing."""
    text = " ".join(comment.split())
    if len(text) > LONGEST:  # without the last word and digits: half a telephone number would not be recognised
        text = CUT.sub("", text[:LONGEST].rsplit(" ", 1)[0])
    for pattern in (EMAIL, HANDLE, IBAN, SMALL_IBAN, NUMBER):
        text = pattern.sub(MASK, text)
    for pattern in AFTER:
        text = pattern.sub(lambda found: found["keep"] + MASK, text)
    return text[:LONGEST]


def drivers(comment: str) -> list[str]:
    """What it is about, as values of `Driver`."""
    return list(_found(comment))


def _found(comment: str) -> Iterator[str]:
    for driver, pattern in _WORDS.items():
        if pattern.search(comment):
            yield driver.value
