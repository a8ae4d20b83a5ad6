"""The WSGI entry point: `gunicorn wsgi:app`. Settings come from the environment (`medrec config` lists them)."""

from medrec.app import create_app
from medrec.config import settings
from medrec.db import open_database
from medrec.notices import registering

registering.register()
app = create_app(open_database(settings()))
