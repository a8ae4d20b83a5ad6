"""The stores that the API is called on."""

import sys
import threading
from pathlib import Path

import pytest
from werkzeug.serving import make_server

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # told.py stands one folder up

from calling import Api, municipality


@pytest.fixture
def api(sqlite_database) -> Api:
    return municipality(sqlite_database)


@pytest.fixture
def api_everywhere(database) -> Api:
    """Once on each database."""
    return municipality(database)


@pytest.fixture
def address(api):
    """The application at an address on loopback, for clients that others made."""
    server = make_server("127.0.0.1", 0, api.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
