"""One module a command; see `medrec/cli.py`."""
