# ruff: noqa: INP001 - a settings file that gunicorn reads, no module of a package
"""Gunicorn for `gunicorn -c gunicorn.conf.py wsgi:app`: threads, no application before the fork, a graceful reload.

HUP starts new workers and lets the old ones finish what they answer. How many proxies are believed is the setting
`MEDREC_PROXIES`, not gunicorn's.
"""

import os

bind = os.environ.get("MEDREC_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("MEDREC_WEB_WORKERS", "2"))
threads = int(os.environ.get("MEDREC_WEB_THREADS", "8"))
worker_class = "gthread"
preload_app = False
"""Each worker opens the database itself, so that no connection crosses a fork and HUP loads new code."""
timeout = 60
graceful_timeout = 20
keepalive = 5
limit_request_line = 4094
secure_scheme_headers: dict[str, str] = {}
loglevel = "warning"
proc_name = "medrec"
