"""The whole profile against a certified authority (panva's oidc-provider, FAPI 2.0), where npm can install it."""

import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import RSAKey
from local_authority import HPR, LEVEL, PID

from medrec.access import accounts
from medrec.access.people import Role
from medrec.app import create_app
from medrec.config import settings
from medrec.db import open_database
from medrec.vault import new_keys

CLIENT, WEB = "medrec-test", "https://medrec.example"
HERE = Path(__file__).parent
PERSON = {PID: "", HPR: "9990101", LEVEL: "4", "name": "Test Sykepleier"}
pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("no npm on this machine")
    into = tmp_path_factory.mktemp("authority")
    shutil.copy(HERE / "full_authority.mjs", into)
    words = [npm, "install", "--no-audit", "--no-fund", "oidc-provider@9"]
    done = subprocess.run(words, cwd=into, capture_output=True, check=False, timeout=300)
    if done.returncode:
        pytest.skip("npm can't install oidc-provider here")
    return into


@pytest.fixture(scope="module")
def key():
    return RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "PS256"}, auto_kid=True)


@pytest.fixture
def issuer(folder, key):
    own = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "PS256"}, auto_kid=True)
    told = {
        "keys": [own.as_dict(private=True)],
        "client_id": CLIENT,
        "client_key": key.as_dict(private=False),
        "redirect_uri": f"{WEB}/sign-in/back",
        "person": PERSON,
    }
    words = ["node", "full_authority.mjs", json.dumps(told)]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        yield f"http://127.0.0.1:{running.stdout.readline().strip()}"
        running.terminate()


def test_a_nurse_signs_in_at_a_certified_authority(issuer, key, sqlite_settings, tmp_path):
    file = tmp_path / "client.pem"
    file.write_bytes(key.as_pem(private=True))
    told = {
        "MEDREC_KEYS": new_keys(),
        "MEDREC_WEB_URL": WEB,
        "MEDREC_HELSEID_URL": issuer,
        "MEDREC_HELSEID_CLIENT_ID": CLIENT,
        "MEDREC_HELSEID_KEY_FILE": str(file),
        "MEDREC_HELSEID_SCOPE": "openid",
    }
    database = open_database(settings(sqlite_settings.data_dir, told))
    row = accounts.AccountRow(number="9990101", role=Role.NURSE, organisation="999000061", district="Nord")
    with database.writing() as session:
        accounts.load(session, [row])
    client = create_app(database).test_client()
    away = client.get("/sign-in/helseid", base_url=WEB)
    assert away.status_code == 303
    with httpx.Client(follow_redirects=False) as browser:
        answer = browser.get(away.location)
        for _ in range(5):
            if answer.headers.get("location", "").startswith(WEB):
                break
            answer = browser.get(httpx.URL(issuer).join(answer.headers["location"]))
    back = client.get(answer.headers["location"].removeprefix(WEB), base_url=WEB)
    assert (back.status_code, back.location) == (303, "/")
    assert client.get("/rules", base_url=WEB).status_code == 200
    database.close()
