"""Signing in through HelseID, in a browser: the pages that the demo never shows, for every reader."""

import threading
from dataclasses import dataclass, field
from datetime import date

import pytest
from at_browser import Reader, axe_finds_nothing, sideways
from joserfc.jwk import RSAKey
from sqlalchemy import delete
from werkzeug.serving import make_server

from medrec.access import accounts, pace
from medrec.access.people import Role
from medrec.app import create_app
from medrec.config import settings
from medrec.db import Database, open_database, upgrade
from medrec.demo.people import identity_number
from medrec.records import attempt
from medrec.vault import new_keys
from tests.medrec.access.local_authority import PID, Authority

pytest.importorskip("axe_playwright_python.sync_playwright")
NURSE, STRANGER = list(filter(None, (identity_number(date(1986, 8, 4), n) for n in range(20))))[:2]
LOOKS = [("nb", "light", 320), ("nb", "light", 1280)]
LOOKS += [
    pytest.param(language, scheme, width, marks=pytest.mark.full)
    for language in ("nb", "nn", "en")
    for scheme in ("light", "dark")
    for width in (320, 768, 1280)
    if (language, scheme, width) not in LOOKS
]


@dataclass
class House:
    """medrec with a HelseID of its own, which says that whoever comes is `authority.person`."""

    url: str
    database: Database
    authority: Authority
    sessions: dict = field(default_factory=dict)


@pytest.fixture(scope="module")
def house(chromium, tmp_path_factory):  # noqa: ARG001 - nothing is started where there is no browser
    folder, key = tmp_path_factory.mktemp("helseid"), RSAKey.generate_key(2048)
    (folder / "client.pem").write_bytes(key.as_pem(private=True))
    with Authority("medrec-browser", key) as authority:
        server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
        url = f"http://127.0.0.1:{server.server_port}"
        told = {
            "MEDREC_KEYS": new_keys(),
            "MEDREC_WEB_URL": url,
            "MEDREC_HELSEID_URL": authority.issuer,
            "MEDREC_HELSEID_CLIENT_ID": "medrec-browser",
            "MEDREC_HELSEID_KEY_FILE": str(folder / "client.pem"),
        }
        kept = settings(folder, told)
        upgrade(kept)
        database = open_database(kept)
        row = {"number": NURSE, "organisation": "999000061", "district": "Nord"}
        with database.writing() as session:
            accounts.load(
                session,
                [
                    accounts.AccountRow(**row, role=Role.NURSE),
                    accounts.AccountRow(**row | {"district": ""}, role=Role.LEADER),
                ],
            )
        server.app = create_app(database)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield House(url, database, authority)
        server.shutdown()
        thread.join()
        server.server_close()
        database.close()


def too_often(house, page):
    """One try too many; a window of counting that ends in between begins from nothing, so it is tried again."""
    for _ in range(3):
        with house.database.writing() as session:
            while pace.within(session, pace.SIGN_IN, "127.0.0.1"):
                pass
        if page.goto("/sign-in/helseid").status == 429:
            return
    pytest.fail("nobody was held back")


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_axe_finds_nothing_on_the_way_in(chromium, house, language, scheme, width):
    reader = Reader(chromium, house, color_scheme=scheme, locale=f"{language}-NO")
    page = reader.page

    def looked(status, at):
        assert page.locator("html").get_attribute("lang") == language
        reader.look(width, scheme)
        axe_finds_nothing(page)
        assert sideways(page) <= 0, (status, at)

    _forget(house)
    house.authority.person = {PID: STRANGER, "name": "Ukjent Her"}
    looked(page.goto("/sign-in").status, "sign-in")
    assert page.goto("/sign-in/helseid").status == 403
    looked(403, "not let in")
    house.authority.person = {PID: NURSE, "name": "Demo To Roller"}
    page.goto("/sign-in")
    page.locator("main a.button").click()
    page.wait_for_selector("button[name=account]")
    assert page.locator("button[name=account]").count() == 2
    looked(200, "role")
    page.locator("button[name=account]").first.click()
    page.wait_for_load_state()
    assert page.locator("header form[action='/sign-out']").count() == 1, "in"
    too_often(house, page)
    looked(429, "too often")
    if language == "nb":
        assert "prøvd for mange ganger" in page.locator("main").inner_text()
    reader.close()


def _forget(house):
    """No try is counted yet."""
    with house.database.writing() as session:
        session.execute(delete(attempt))
