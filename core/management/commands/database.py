"""Back up and restore with the tools that belong to the embedded server; they also talk to the one of DATABASE_URL.

manage.py database dump FILE       write everything into one compressed file
manage.py database restore FILE    replace everything by what the file holds
"""

import os
import subprocess
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from core import embedded


class Command(BaseCommand):
    help = "Dump the database into a file, or restore it from one"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["dump", "restore"])
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, what: str, file: Path, **options: Any) -> None:
        if what == "dump":
            tool, arguments = "pg_dump", ["--format=custom", f"--file={file}"]
        elif file.is_file():
            tool = "pg_restore"
            # One transaction: a damaged file leaves the old data in place.
            arguments = ["--clean", "--if-exists", "--no-owner", "--single-transaction", str(file)]
        else:
            raise CommandError(f"There is no file {file}")
        settings = connection.settings_dict
        command = [str(embedded.backup_tool(tool)), f"--dbname={settings['NAME']}", *arguments]
        names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}
        environment = {variable: str(settings[name]) for name, variable in names.items() if settings[name]}
        connection.close()
        if subprocess.run(command, env=os.environ | environment).returncode:
            raise CommandError(f"{tool} failed; what it says stands above")
        self.stdout.write(f"{'written' if what == 'dump' else 'restored'}: {file}")
