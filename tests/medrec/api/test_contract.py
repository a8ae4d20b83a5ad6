"""The JSON API as the contract says it, one story a test."""

import json
import threading
from datetime import timedelta

import pytest
from calling import token_for
from dispenser import Dispenser
from sqlalchemy import select
from told import ANNA, BERIT, medicine, message

from medrec import actions, clock, feed
from medrec.access.people import Need
from medrec.actions import ActionKind, By
from medrec.api.limits import Buckets
from medrec.records import audit

ENVELOPE = """<MsgHead xmlns="http://www.kith.no/xmlstds/msghead/2006-05-24">
<MsgInfo>
<Type V="ERM1"/>
<MIGversion>v1.2 2006-05-24</MIGversion>
<GenDate>2026-03-02T09:00:00+01:00</GenDate>
<MsgId>7d2f0a3e-1111-4222-8333-444455556666</MsgId>
<Sender>
<Organisation>
<OrganisationName>Legekontoret</OrganisationName>
<Ident>
<Id>8090001</Id>
<TypeId V="HER"/>
</Ident>
</Organisation>
</Sender>
<Receiver>
<Organisation>
<OrganisationName>Kommunen</OrganisationName>
<Ident>
<Id>8090002</Id>
<TypeId V="HER"/>
</Ident>
</Organisation>
</Receiver>
</MsgInfo>
<Document>
<RefDoc>
<MsgType V="XML"/>
<Content>
<Ukjent xmlns="urn:ukjent"/>
</Content>
</RefDoc>
</Document>
</MsgHead>"""


def problem(answer, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.data
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"].endswith(f"#{code}")
    assert answer.json["status"] == status
    return answer.json


def test_a_list_is_found_read_and_not_sent_again(api_everywhere):
    api = api_everywhere
    first = api.get(api.list_path())
    assert first.status_code == 200
    assert first.headers["ETag"] == f'"{first.json["version"]}.0"'
    assert first.headers["Medrec-Checked"]
    assert {line["name"] for line in first.json["lines"]} >= {"Warfarin 2,5 mg"}
    again = api.get(api.list_path(), {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_an_unseen_person_and_nobody_get_is_the_same(api):
    for path in ("", "/versions", "/versions/1", "/diff?from=1&to=1"):
        problem(api.get(f"/api/v1/patients/{'0' * 24}/medication-list{path}"), 404, "not-found")
    problem(api.post("/api/v1/patients/search", {"identifier": "17814100062"}), 404, "not-found")


def test_the_language_asked_for_is_answered(api):
    texts = {tongue: api.get(api.list_path(), {"Accept-Language": tongue}).json for tongue in ("nb", "nn", "en")}
    assert len({json.dumps(told["discrepancies"]) for told in texts.values()}) == 3
    assert api.get(api.list_path(), {"Accept-Language": "en"}).headers["Content-Language"] == "en"


def test_a_list_not_judged_today_says_so_and_is_sent_whole(api):
    path = api.list_path()
    tag = api.get(path).headers["ETag"]
    with clock.held(clock.now() + timedelta(days=1)):
        late = api.get(path, {"If-None-Match": tag})
    assert late.status_code == 200
    assert late.headers["ETag"] == f"W/{tag}"
    assert not late.json["complete"]
    assert late.json["gaps"][-1]["code"] == "stale-judgement"


def test_history_and_difference(api):
    path, before = api.list_path(), clock.now()
    old = api.get(path).json["version"]
    api.send(message(ANNA, medicine("Metoprolol 50 mg", "2 tabletter morgen"), hours=1))
    api.drain()
    new = api.get(path).json["version"]
    assert new == old + 1
    assert [v["version"] for v in api.get(f"{path}/versions").json["versions"]] == list(range(new, 0, -1))
    assert api.get(f"{path}/versions/{old}").json["version"] == old
    assert api.get(path, query_string={"as_of": before.isoformat()}).json["version"] == old
    told = api.get(f"{path}/diff?from={old}&to={new}").json
    assert (told["from"], told["to"]) == (old, new)
    assert told["changes"]


def test_each_source_speaks_for_itself(api):
    told = api.get(f"/api/v1/patients/{api.anna()}/sources").json["sources"]
    assert {word["source"] for word in told} == {"RF", "GP", "HP"}
    gp = next(word for word in told if word["source"] == "GP")
    assert {s["dose_text"] for s in gp["statements"]} == {"1 tablett morgen", "1 tablett daglig"}


def test_the_same_bytes_are_one_message(api):
    raw = message(BERIT, medicine("Furosemid 40 mg"), hours=3)
    first, second = api.send(raw), api.send(raw)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["message_id"] == second.json["message_id"]
    assert (first.json["status"], second.json["status"]) == ("accepted", "repeated")


def test_what_cannot_be_read_is_kept_and_told_why(api):
    told = api.send(b'{"medrec": "1", "source": ')
    assert told.status_code == 202
    assert told.json["status"] == "quarantined"
    assert told.json["problem"]["code"] == "not-json"
    doubtful = api.send(message(None, medicine(), hours=5))
    assert doubtful.json["problem"]["code"] == "person-unknown"
    mended = api.send(message(None, medicine(), hours=5), {"Medrec-Patient": api.anna()})
    assert mended.json["patient"] == api.anna()


def test_a_receipt_in_xml_is_the_same_each_time(api):
    asked = {"Accept": "application/xml"}
    first, second = (api.send(ENVELOPE.encode(), asked, "application/xml") for _ in range(2))
    assert first.status_code == 202
    assert first.mimetype == "application/xml"
    assert b"AppRec" in first.data
    assert b'V="T10"' in first.data
    assert first.data == second.data


def test_a_message_that_is_not_kept_is_4xx(api):
    problem(api.send(b""), 400, "empty")
    problem(api.send(b"x", content_type="text/plain"), 415, "media-type")
    problem(api.send(b"x", {"Content-Encoding": "gzip"}), 415, "media-type")
    problem(api.send(b"x" * (20 * 1024 * 1024)), 413, "too-large")
    problem(api.send(message(None, medicine()), {"Medrec-Patient": "f" * 24}), 422, "unknown-patient")


def test_worklist_by_page_and_by_severity(api):
    every = api.get("/api/v1/discrepancies?limit=200").json["discrepancies"]
    seen, cursor = [], ""
    while True:
        page = api.get("/api/v1/discrepancies", query_string={"limit": 2} | ({"cursor": cursor} if cursor else {})).json
        seen += page["discrepancies"]
        cursor = page["cursor"]
        if not cursor:
            break
    assert [d["id"] for d in seen] == [d["id"] for d in every]
    high = api.get("/api/v1/discrepancies?severity=high").json["discrepancies"]
    assert {d["severity"] for d in high} == {"high"}


def test_an_act_names_the_list_it_was_made_upon(api):
    path, tag = api.list_path(), api.get(api.list_path()).headers["ETag"]
    flag = next(d for d in api.get(path).json["discrepancies"] if d["severity"] != "critical")
    acknowledge = f"/api/v1/discrepancies/{flag['id']}/acknowledge"
    problem(api.post(acknowledge), 428, "match-needed")
    problem(api.post(acknowledge, headers={"If-Match": "*"}), 428, "match-needed")
    problem(api.post(acknowledge, headers={"If-Match": "nonsense"}), 412, "stale")
    done = api.post(acknowledge, {"note": "sett"}, {"If-Match": tag})
    assert done.status_code == 200
    assert done.headers["ETag"] == f'"{done.json["version"]}.{done.json["revision"]}"' != tag
    problem(api.post(acknowledge, {}, {"If-Match": tag}), 412, "stale")
    states = {d["id"]: d["state"] for d in api.get(path).json["discrepancies"]}
    assert states[flag["id"]] == "acknowledged"
    problem(
        api.post(f"/api/v1/discrepancies/{'0' * 24}/acknowledge", {}, {"If-Match": done.headers["ETag"]}),
        404,
        "not-found",
    )


def test_snooze_and_intended_obey_the_rules(api):
    path = api.list_path()
    flag = next(d for d in api.get(path).json["discrepancies"] if d["severity"] != "critical")
    base = f"/api/v1/discrepancies/{flag['id']}"

    def match():
        return {"If-Match": api.get(path).headers["ETag"]}

    far = (clock.today() + timedelta(days=30)).isoformat()
    problem(api.post(f"{base}/snooze", {"until": far}, match()), 409, "conflict")
    problem(api.post(f"{base}/snooze", {}, match()), 422, "invalid")
    near = (clock.today() + timedelta(days=2)).isoformat()
    assert api.post(f"{base}/snooze", {"until": near}, match()).status_code == 200
    told = {"prescriber": "Lege Legesen", "known_by": "telefon", "on_behalf_of": {"name": "Nora", "role": "nurse"}}
    assert api.post(f"{base}/intended", told, match()).status_code == 200


def test_a_confirmation_needs_only_the_version(api):
    path = api.list_path()
    version = api.get(path).json["version"]
    by = {"on_behalf_of": {"name": "Nora Nilsen", "role": "nurse"}}
    problem(api.post(f"{path}/confirm", by), 428, "match-needed")
    problem(api.post(f"{path}/confirm", by, {"If-Match": f'"{version + 1}"'}), 412, "stale")
    assert api.post(f"{path}/confirm", by, {"If-Match": f'"{version}"'}).status_code == 200


def test_the_roster_is_loaded_whole(api):
    row = {"identifier": ANNA, "name": "Anna Eksempel", "district": "Nord", "from": "2026-01-01", "gp_hpr": "9999901"}
    told = api("PUT", "/api/v1/roster", json={"rows": [row]})
    assert told.status_code == 200
    assert told.json["started"] == 1
    assert api.get("/api/v1/discrepancies?district=Nord").json["discrepancies"]
    bad = problem(api("PUT", "/api/v1/roster", json={"rows": [row | {"identifier": "17814100061"}]}), 422, "invalid")
    assert bad["errors"][0]["field"] == "rows.0.identifier"


@pytest.mark.parametrize(
    ("more", "field"),
    [({"to": "2025-12-31"}, "rows.1.to"), ({"slutt": "2026-02-01"}, "rows.1.slutt")],
    ids=["ends before it starts", "unknown"],
)
def test_a_roster_with_a_bad_row_is_refused_whole_and_ends_nobody(api, more, field):
    rows = [{"identifier": who, "district": "Nord", "from": "2026-01-01"} for who in (ANNA, BERIT)]
    assert api("PUT", "/api/v1/roster", json={"rows": rows}).status_code == 200
    bad = problem(api("PUT", "/api/v1/roster", json={"rows": [rows[0], rows[1] | more]}), 422, "invalid")
    assert [e["field"] for e in bad["errors"]] == [field]
    again = api("PUT", "/api/v1/roster", json={"rows": rows}).json
    assert (again["started"], again["changed"], again["ended"]) == (0, 0, 0)


def test_a_field_of_the_roster_told_twice_is_refused(api):
    row = f'{{"identifier": "{ANNA}", "district": "Nord", "from": "2026-01-01", "to": null, "to": "2026-01-02"}}'
    bad = api("PUT", "/api/v1/roster", data=f'{{"rows": [{row}]}}'.encode(), content_type="application/json")
    assert problem(bad, 400, "not-json")["detail"] == "duplicate-key at to"


BAD_BODIES = [
    (b"", 400, "empty"),
    (b"{", 400, "not-json"),
    (b'{"note": "a", "note": "b"}', 400, "not-json"),
    (b'{"note": NaN}', 400, "not-json"),
    (b"[" * 5000 + b"]" * 5000, 400, "not-json"),
    (b'{"note": "\\u0000"}', 400, "not-json"),
    (b"[]", 422, "invalid"),
    (b'{"note": 1.5}', 422, "invalid"),
    (b'{"nope": 1}', 422, "invalid"),
    (b'{"note": "' + b"x" * 2000 + b'"}', 422, "invalid"),
    (b'{"note": "' + b"x" * 70000 + b'"}', 413, "too-large"),
]


@pytest.mark.parametrize(("raw", "status", "code"), BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_bad_bodies_change_nothing(api, raw, status, code):
    path = api.list_path()
    before = api.get(path)
    flag, tag = before.json["discrepancies"][0]["id"], before.headers["ETag"]
    told = api(
        "POST",
        f"/api/v1/discrepancies/{flag}/acknowledge",
        {"If-Match": tag},
        data=raw,
        content_type="application/json",
    )
    problem(told, status, code)
    assert api.get(path).data == before.data


def test_unknown_names_are_refused_by_name_but_no_number_is_repeated(api):
    told = problem(api.post("/api/v1/patients/search", {"identifier": ANNA, "extra": 1, BERIT: 1}), 422, "invalid")
    assert {e["field"] for e in told["errors"]} == {"extra", "?"}
    assert BERIT not in json.dumps(told)
    problem(api.get("/api/v1/discrepancies?sevrity=high"), 422, "invalid")
    short = problem(api.post("/api/v1/patients/search", {"identifier": ANNA[:10]}), 422, "invalid")
    assert ANNA[:10] not in json.dumps(short)


@pytest.mark.parametrize("cursor", ["1", "WzIsICJ4Il0.0000", "' OR 1=1 --", "\x00", "é.é", "W10" * 100])
def test_forged_cursors_are_refused(api, cursor):
    problem(api.get("/api/v1/discrepancies", query_string={"cursor": cursor}), 400, "bad-cursor")


@pytest.mark.parametrize("since", ["-1", "x", "1e3", "9" * 16, "' OR 1=1"])
def test_bad_positions_are_refused(api, since):
    problem(api.get("/api/v1/changes", query_string={"since": since}), 422, "invalid")
    problem(api.get("/api/v1/changes", query_string={"since": "9" * 15}), 409, "cursor-ahead")


@pytest.mark.parametrize("patient", ["'; drop table person; --", "%00", "..%2f..", "A" * 24, "0" * 400])
def test_odd_ids_are_not_found(api, patient):
    problem(api.get(f"/api/v1/patients/{patient}/medication-list"), 404, "not-found")


def test_district_is_text_and_nothing_else(api):
    assert api.get("/api/v1/discrepancies", query_string={"district": "' OR 1=1 --"}).json["discrepancies"] == []
    problem(api.get("/api/v1/discrepancies", query_string={"district": "a\x00"}), 422, "invalid")


def test_a_correlation_id_comes_back_and_nothing_else_does(api):
    mine = "7d2f0a3e-1111-4222-8333-444455556666"
    for name in ("nhn-event-id", "X-Correlation-ID"):
        told = api.get("/api/v1/changes", {name: mine})
        assert told.headers["nhn-event-id"] == told.headers["X-Correlation-ID"] == mine
        other = api.get("/api/v1/changes", {name: ANNA})
        assert ANNA not in str(other.headers)


def test_scopes_and_tokens(api):
    path = api.list_path()
    api.token = token_for(api.database, frozenset({Need.SEND}))
    problem(api.get(path), 403, "not-allowed")
    api.token = "unknown"  # noqa: S105 - no secret: nobody has it
    told = api.get(path)
    problem(told, 401, "not-signed-in")
    assert told.headers["WWW-Authenticate"].startswith("Bearer")


def test_too_many_requests_wait(api):
    api.app.extensions["medrec-buckets"] = Buckets(rate=1, burst=2)
    answers = [api.get("/api/v1/changes") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_every_read_is_logged_and_no_number_is_in_the_log(api):
    api.get(api.list_path())
    with api.database.reading() as session:
        rows = session.execute(select(audit)).all()
    assert {"search", "read-list"} <= {row.what for row in rows}
    assert ANNA not in str(rows)


def test_eight_writers_and_a_follower_without_gaps(api_everywhere):
    api = api_everywhere
    path = api.list_path()
    flag = api.get(path).json["discrepancies"][0]["id"]
    person, each = api.anna(), 5
    done = threading.Event()

    def write(number: int) -> None:
        by = By(id=f"w{number}", name="Writer", role="nurse")
        for _ in range(each):
            api.database.once(
                lambda session: actions.record_action(
                    session,
                    person_id=person,
                    kind=ActionKind.ACKNOWLEDGE,
                    by=by,
                    today=clock.today(),
                    discrepancy=flag,
                )
            )

    seen: list[int] = []

    def follow() -> None:
        cursor, last = "0", False
        while True:
            api.database.once(feed.number)
            page = api.get(f"/api/v1/changes?since={cursor}&limit=7").json
            seen.extend(range(int(page["cursor"]) - len(page["changes"]) + 1, int(page["cursor"]) + 1))
            cursor = page["cursor"]
            if last and not page["more"] and not page["changes"]:
                return
            last = done.is_set()

    before = len(api.get("/api/v1/changes?limit=1000").json["changes"])
    writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    follower = threading.Thread(target=follow)
    for thread in (follower, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    follower.join()
    assert seen == list(range(1, before + 8 * each + 1))


def test_a_medicine_dispenser_follows_and_gives_only_what_is_certain(api):
    anna = api.anna()
    station = Dispenser(api.get, {anna})
    assert station.follow() == {anna}
    assert station.follow() == set()
    assert "Metoprolol 50 mg" not in station.may_give(anna), "the sources disagree on its dose"
    api.send(message(ANNA, medicine("Metoprolol 50 mg", "2 tabletter morgen"), hours=1))
    api.drain()
    assert station.follow() == {anna}


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match", "Accept-Language", "Medrec-Patient", "nhn-event-id"])
@pytest.mark.parametrize("value", ["' OR 1=1 --", '"1.0"; drop table person', "x" * 4000, '"9.9","8.8"', "\t"])
def test_headers_are_values_and_nothing_else(api, header, value):
    path = api.list_path()
    before = api.get(path).data
    flag = api.get(path).json["discrepancies"][0]["id"]
    answers = [
        api.get(path, {header: value}),
        api.post(f"{path}/confirm", {}, {"If-Match": '"99"', header: value}),
        api.post(f"/api/v1/discrepancies/{flag}/acknowledge", {}, {"If-Match": '"9.9"', header: value}),
    ]
    for answer in answers:
        assert answer.status_code in {200, 412, 428}
        assert value.strip() == "" or value not in str(answer.headers)
        assert answer.status_code == 200 or value.strip() == "" or value not in answer.text
    assert api.get(path).data == before
