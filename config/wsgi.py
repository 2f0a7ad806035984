"""What a WSGI server serves: `gunicorn config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from core import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
embedded.lease()

application = get_wsgi_application()
