"""A small demo municipality for the whole run, and a reader whose every page is checked as it is fetched."""

import re

import pytest

from medrec import clock
from medrec.app import create_app
from medrec.db import open_database
from medrec.demo.build import open_or_build

HERE = {"Origin": "http://localhost"}
IDENTITY_NUMBER = re.compile(r"(?<![0-9a-f])\d{11}(?![0-9a-f])")
"""Eleven digits standing alone; our opaque ids are random hex and may hold as many in a row."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return open_or_build(folder, clock.today(), patients=8, port=8000, progress=lambda *_: None)


@pytest.fixture(scope="session")
def app(demo):
    database = open_database(demo.settings)
    yield create_app(database)
    database.close()


class Reader:
    """Somebody at a browser: each page must have title, language, one h1, labels, headers, no identity number."""

    def __init__(self, app, user, numbers):
        self.numbers = numbers
        self.client = app.test_client()
        self.client.post(f"/demo/{user}", headers=HERE)

    def page(self, path, status=200):
        answer = self.client.get(path)
        assert answer.status_code == status
        text = answer.get_data(as_text=True)
        assert re.search(r"<title>[^<]+</title>", text)
        assert re.search(r'<html lang="(nb|nn|en)">', text)
        assert len(re.findall(r"<h1[ >]", text)) == 1
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.search(r" style=| on[a-z]+=|<script(?! src)|<style", text)
        assert not any(IDENTITY_NUMBER.search(tag) for tag in re.findall(r"<[^>]+>", text))
        assert not any(number in text for number in self.numbers), "an identity number stands on no page"
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids))
        for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
            inside = text[: text.index(field)]
            assert 'type="hidden"' in field or inside.rfind("<label") > inside.rfind("</label"), field
        return text

    def send(self, path, **form):
        return self.client.post(path, data=form, headers=HERE)


@pytest.fixture
def leader(app, demo):
    return Reader(app, "demo-teamleder", [p["identifier"] for p in demo.told["patients"]])


@pytest.fixture
def patient(demo):
    """The patient whose methotrexate became daily on the home list."""
    return next(p for p in demo.told["patients"] if "weekly_written_daily" in p["faults"])
