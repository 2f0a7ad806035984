"""Settings of the test run: its own services below `.data/test`, where nothing needs to survive a power cut."""

import os
from pathlib import Path

os.environ.setdefault("PARTNERWERK_DATA", str(Path(__file__).resolve().parent.parent / ".data" / "test"))
os.environ.setdefault("PARTNERWERK_DURABLE", "0")

from config.settings import *  # noqa: F403

DEBUG = False
# Hashing a password takes 50 ms with Argon2 and the tests sign in thousands of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The manifest storage would demand `collectstatic` before the first test.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = os.environ.get("CELERY_EAGER", "1") == "1"
CELERY_TASK_EAGER_PROPAGATES = True
# A browser keeps its connection to the live server open; kept database connections would outlast the last test.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
