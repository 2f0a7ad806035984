"""A backup brings back what was there, triggers included."""

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

User = get_user_model()


@pytest.fixture
def backup(transactional_db, tmp_path: Path) -> Path:
    User.objects.create_user(email="nora@nord.example", password="x")
    call_command("database", "dump", tmp_path / "backup")
    return tmp_path / "backup"


def test_a_restore_brings_back_what_was_deleted_and_the_protection_of_the_ledger(backup: Path) -> None:
    User.objects.all().delete()
    call_command("database", "restore", backup)
    assert list(User.objects.values_list("email", flat=True)) == ["nora@nord.example"]
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from commissions_line")


def test_a_damaged_backup_leaves_everything_as_it_was(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[: -backup.stat().st_size // 2])
    with pytest.raises(CommandError):
        call_command("database", "restore", backup)
    assert User.objects.count() == 1
