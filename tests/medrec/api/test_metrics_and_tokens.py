"""What stands beside the API: metrics and tokens."""

import subprocess

from calling import token_for

from medrec.access.people import Need


def test_metrics_say_how_much_waits_and_nothing_of_anybody(api):
    told = api.app.test_client().get("/metrics")
    assert told.status_code == 200
    names = {line.split("{")[0].split(" ")[0] for line in told.text.splitlines() if not line.startswith("#")}
    assert {"medrec_oldest_dirty_seconds", "medrec_open_discrepancies", "medrec_quarantined_messages"} <= names
    assert 'medrec_lists{complete="no"}' in told.text or 'medrec_lists{complete="yes"}' in told.text


def test_metrics_from_elsewhere_need_an_operator(api):
    away = {"REMOTE_ADDR": "10.0.0.9"}
    client = api.app.test_client()
    assert client.get("/metrics", environ_overrides=away).status_code == 401
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
    assert api.get("/metrics", environ_overrides=away).status_code == 403
    api.token = token_for(api.database, frozenset({Need.OPERATE}))
    assert api.get("/metrics", environ_overrides=away).status_code == 200


def test_a_token_is_made_and_opens_its_own_doors_only(sqlite_settings, medrec, environment):
    folder = str(sqlite_settings.data_dir)
    words = [*medrec, "token", "create", "dispenser", "--data-dir", folder, "--scopes"]
    good = subprocess.run([*words, "see-list"], env=environment, capture_output=True, text=True, check=True)
    assert good.stdout.startswith("medrec_")
    told = subprocess.run([*words, "audit"], env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr
