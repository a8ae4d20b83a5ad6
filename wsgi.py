"""The WSGI entry point: `gunicorn wsgi:app`. Settings come from the environment (`medrec config` lists them)."""

from medrec import logs
from medrec.app import create_app
from medrec.config import settings
from medrec.db import open_database
from medrec.notices import registering

logs.to_stderr()  # before the application has a logger of its own, which would write what a fault says
registering.register()
app = create_app(open_database(settings()))
