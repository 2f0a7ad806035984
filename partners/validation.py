"""Checks on master data that a partner's money depends on, and the key that sorts names as Germans do."""

from functools import cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from pyuca import Collator
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from stdnum.de import stnr
from stdnum.eu import vat
from stdnum.exceptions import ValidationError as NumberError


def validate_iban(value: str) -> None:
    """Refuses an IBAN whose length or check digits are wrong (ISO 13616, mod 97)."""
    try:
        IBAN(value)
    except SchwiftyException as error:
        raise ValidationError(_("This is not a valid IBAN: check the digits.")) from error


def validate_vat_id(value: str) -> None:
    """Refuses a VAT ID that no EU member state could have issued (form and check digits, no online query)."""
    try:
        vat.validate(value)
    except NumberError as error:
        raise ValidationError(_("This is not a valid VAT ID, for example DE123456788.")) from error


def validate_tax_number(value: str) -> None:
    """Refuses a German tax number (Steuernummer) of the wrong form."""
    try:
        stnr.validate(value)
    except NumberError as error:
        raise ValidationError(_("This is not a valid tax number, for example 181/815/08155.")) from error


@cache
def _collator() -> Collator:
    return Collator()


def sort_key(name: str) -> str:
    """Text that sorts `name` by the Unicode collation: Äpfel before Zebra, though the database knows no German.

    Only the primary and secondary weights are kept, four hex digits each, cut to the column's length.
    """
    return "".join(f"{weight:04x}" for weight in _collator().sort_key(name.casefold()))[:220]
