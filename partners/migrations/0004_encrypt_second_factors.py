"""Secrets of second factors that were stored as they are become unreadable without SECOND_FACTOR_KEYS."""

from allauth.mfa.utils import decrypt, encrypt
from django.db import migrations

SECRETS = ("secret", "seed")
# What Fernet writes begins with its version byte; a plain secret is base32 or hex and never does.
ENCRYPTED = "gAAAA"


def close(apps, schema_editor):
    for each in apps.get_model("mfa", "Authenticator").objects.all():
        plain = {
            key: each.data[key] for key in SECRETS if key in each.data and not each.data[key].startswith(ENCRYPTED)
        }
        codes = [encrypt(code) for code in each.data.get("migrated_codes", [])]
        if plain:
            each.data |= {key: encrypt(text) for key, text in plain.items()}
            each.data |= {"migrated_codes": codes} if codes else {}
            each.save(update_fields=["data"])


def reopen(apps, schema_editor):
    for each in apps.get_model("mfa", "Authenticator").objects.all():
        each.data |= {key: decrypt(each.data[key]) for key in SECRETS if key in each.data}
        if codes := each.data.get("migrated_codes"):
            each.data["migrated_codes"] = [decrypt(code) for code in codes]
        each.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("mfa", "0003_authenticator_type_uniq"),
        ("partners", "0003_two_people_for_bank_and_vat"),
    ]

    operations = [migrations.RunPython(close, reopen)]
