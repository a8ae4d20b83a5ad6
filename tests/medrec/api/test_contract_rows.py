"""The outward contract row by row: each call with what it takes, its answers, its headers, and every field it names."""

from datetime import timedelta

from told import ANNA, message

from medrec import clock

LIST, FLAG = "/api/v1/patients/{patient}/medication-list", "/api/v1/discrepancies/{flag}"
BY_NUMBER = {"identifier": ANNA}
PARAMETERS = {"resourceType": "Parameters", "parameter": []}


def names(api) -> dict[str, str]:
    """What stands in the rows between braces, as it is now."""
    told = api.get(api.list_path())
    mild = next(d["id"] for d in told.json["discrepancies"] if d["severity"] != "critical")
    return {"patient": api.anna(), "tag": told.headers["ETag"], "version": str(told.json["version"]), "flag": mild}


# (call, headers, body, status, media type, headers of the answer that must be there)
PROBLEM, JSON, FHIR = "application/problem+json", "application/json", "application/fhir+json"
ROWS = [
    ("POST /api/v1/messages", {}, message(ANNA), 201, JSON, ()),
    ("POST /api/v1/messages", {"Accept": "application/xml"}, message(ANNA, hours=1), 201, JSON, ()),
    ("POST /api/v1/messages", {}, b"{", 202, JSON, ()),
    ("POST /api/v1/messages", {}, b"", 400, PROBLEM, ()),
    ("POST /api/v1/messages", {"Medrec-Patient": "{patient}"}, message(None), 201, JSON, ()),
    ("POST /api/v1/messages", {"Medrec-Patient": ""}, message(ANNA), 422, PROBLEM, ()),
    ("POST /api/v1/patients/search", {}, BY_NUMBER, 200, JSON, ()),
    ("POST /api/v1/patients/search", {}, {}, 422, PROBLEM, ()),
    (f"GET {LIST}", {}, None, 200, JSON, ("ETag", "Medrec-Checked", "Content-Language")),
    (f"GET {LIST}?as_of=2999-01-01T00:00:00%2B01:00", {}, None, 200, JSON, ("ETag", "Medrec-Checked")),
    (f"GET {LIST}?as_of=2999-01-01", {}, None, 422, PROBLEM, ()),
    (f"GET {LIST}", {"If-None-Match": "{tag}"}, None, 304, "", ("ETag", "Medrec-Checked")),
    (f"GET {LIST}", {"Authorization": "Bearer nobody"}, None, 401, PROBLEM, ("WWW-Authenticate",)),
    (f"GET {LIST}", {"Accept-Language": "nn"}, None, 200, JSON, ("ETag", "Content-Language", "Vary")),
    (f"GET {LIST}", {"Accept-Language": "sv"}, None, 200, JSON, ("ETag", "Content-Language", "Vary")),
    (f"DELETE {LIST}", {}, None, 405, PROBLEM, ("Allow",)),
    (f"GET {LIST}/versions", {}, None, 200, JSON, ()),
    (f"GET {LIST}/versions/1", {}, None, 200, JSON, ("ETag",)),
    (f"GET {LIST}/versions/99", {}, None, 404, PROBLEM, ()),
    (f"GET {LIST}/diff?from=1&to=1", {}, None, 200, JSON, ()),
    (f"GET {LIST}/diff?from=1", {}, None, 422, PROBLEM, ()),
    ("GET /api/v1/patients/{patient}/sources", {}, None, 200, JSON, ()),
    ("GET /api/v1/discrepancies?severity=high&owner=GP&district=Nord&state=open", {}, None, 200, JSON, ()),
    ("GET /api/v1/discrepancies?owner=nobody", {}, None, 422, PROBLEM, ()),
    ("GET /api/v1/discrepancies?cursor=forged", {}, None, 400, PROBLEM, ()),
    (f"POST {LIST}/confirm", {"If-Match": '"{version}"'}, {}, 200, JSON, ("ETag",)),
    (f"POST {LIST}/confirm", {"If-Match": "{tag}"}, {}, 200, JSON, ("ETag",)),
    *[
        (f"POST {path}", headers, body, status, PROBLEM, ())
        for path, body in (
            (f"{LIST}/confirm", {}),
            (f"{FLAG}/acknowledge", {}),
            (f"{FLAG}/snooze", {"until": "2026-03-03"}),
            (f"{FLAG}/intended", {"prescriber": "Lege Legesen", "known_by": "brev"}),
        )
        for headers, status in (({"If-Match": '"99.0"'}, 412), ({}, 428))
    ],
    (f"POST {FLAG}/acknowledge", {"If-Match": "{tag}"}, {}, 200, JSON, ("ETag",)),
    ("GET /api/v1/changes", {}, None, 200, JSON, ()),
    ("GET /api/v1/changes?since=999", {}, None, 409, PROBLEM, ()),
    ("PUT /api/v1/roster", {}, {"rows": []}, 422, PROBLEM, ()),
    ("GET /api/v1/nothing", {}, None, 404, PROBLEM, ()),
    ("GET /api/v1/openapi.json", {"Authorization": ""}, None, 200, JSON, ()),
    ("GET /fhir/metadata", {"Authorization": ""}, None, 200, FHIR, ()),
    ("GET /fhir/Patient/{patient}/$medication-list", {}, None, 200, FHIR, ("ETag", "Last-Modified")),
    ("POST /fhir/List/{patient}/$confirm", {"If-Match": '"99"'}, PARAMETERS, 412, FHIR, ()),
    ("POST /fhir/List/{patient}/$confirm", {}, PARAMETERS, 428, FHIR, ()),
    ("GET /healthz", {"Authorization": ""}, None, 200, JSON, ()),
    ("GET /readyz", {"Authorization": ""}, None, 200, JSON, ()),
    ("GET /metrics", {"Authorization": ""}, None, 200, "text/plain", ()),
]


def differences(api, call, headers, body, status, media_type, shown):
    """What of the answer is not as its row says."""
    known = names(api)
    method, path = call.split(" ", 1)
    sent = {name: value.format(**known) for name, value in headers.items()}
    raw = {"data": body, "content_type": JSON} if isinstance(body, bytes) else {"json": body}
    told = api(method, path.format(**known), sent, **({} if body is None else raw))
    if told.status_code != status:
        yield f"status {told.status_code}: {told.text[:200]}"
    if status != 304 and told.mimetype != media_type:
        yield f"media type {told.mimetype}"
    yield from (f"no {name}" for name in (*shown, "nhn-event-id", "X-Correlation-ID") if name not in told.headers)
    if told.headers.get("Cache-Control") != "no-store":
        yield "may be stored"
    if media_type == PROBLEM:
        yield from (f"no {field}" for field in ("type", "title", "status", "correlation") if field not in told.json)


def test_every_row_of_the_contract(api):
    wrong = {f"{row[0]} {row[1]} {row[3]}": list(differences(api, *row)) for row in ROWS}
    assert {call: found for call, found in wrong.items() if found} == {}


FIELDS = {
    "list": "patient version as_of rule_set catalogue complete gaps allergies lines discrepancies suppressed aside "
    "quarantined statements",
    "line": "key section status name names strength form route use dose indication since multidose statements facts",
    "dose": "text state per_time per_day interval as_said",
    "as_said": "source text",
    "discrepancy": "id code about severity owner also text action evidence closes_when state first_seen",
    "fact": "value evidence rule",
    "gap": "source code text limits",
    "worklist": "discrepancies cursor",
    "change": "patient kind version revision at",
    "changes": "changes cursor more",
    "received": "message_id status patient problem",
    "versions": "version created_at",
    "done": "action_id version revision",
}


def test_every_field_that_the_contract_names_is_there(api):
    path = api.list_path()
    first = api.get(path)
    whole, changes = first.json, api.get("/api/v1/changes").json
    line = next(one for one in whole["lines"] if one["dose"]["as_said"])
    with clock.held(clock.now() + timedelta(days=1)):
        late = api.get(path).json
    told = {
        "list": whole,
        "line": line,
        "dose": line["dose"],
        "as_said": line["dose"]["as_said"][0],
        "discrepancy": whole["discrepancies"][0],
        "fact": next(iter(line["facts"].values())),
        "gap": late["gaps"][-1],
        "worklist": api.get("/api/v1/discrepancies").json,
        "changes": changes,
        "change": changes["changes"][0],
        "received": api.send(message(ANNA, hours=4)).json,
        "versions": api.get(f"{path}/versions").json["versions"][0],
        "done": api.post(f"{path}/confirm", {}, {"If-Match": api.get(path).headers["ETag"]}).json,
    }
    assert {name: set(FIELDS[name].split()) - set(one) for name, one in told.items()} == {
        name: set() for name in FIELDS
    }


def floats(value):
    if isinstance(value, dict):
        return [f for v in value.values() for f in floats(v)]
    if isinstance(value, list):
        return [f for v in value for f in floats(v)]
    return [value] if isinstance(value, float) else []


def test_no_number_with_a_fraction_travels_as_a_json_number(api):
    for path in (api.list_path(), f"/api/v1/patients/{api.anna()}/sources", "/api/v1/discrepancies"):
        assert floats(api.get(path).json) == []
