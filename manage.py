#!/usr/bin/env python
"""Every command of the product starts here, with its database and broker at hand.

Without DATABASE_URL/REDIS_URL the embedded servers of core/embedded.py are started first and stop
by themselves when the last process using them is gone: `manage.py shell` works on a bare machine.
"""

import os
import sys

from core import embedded

# These touch neither database nor broker; starting servers for them would only make them slower.
WITHOUT_SERVICES = {
    "help",
    "version",
    "--help",
    "--version",
    "translations",
    "startapp",
    "compilemessages",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_SERVICES:
        embedded.lease()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
