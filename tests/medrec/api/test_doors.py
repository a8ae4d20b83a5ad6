"""What the doors refuse, name, and leave as it was: said twice, said wrongly, of two persons, at the edge of time."""

from calling import Api
from told import ANNA, BERIT

EDGES = ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00")
"""Moments that have no day in UTC."""
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"


def asked(*identifiers: dict, **more: object) -> dict:
    patient = {"name": "patient", "resource": {"resourceType": "Patient", "identifier": list(identifiers)}}
    return {
        "resourceType": "Parameters",
        "parameter": [patient, *({"name": n, "valueString": v} for n, v in more.items())],
    }


def issue(answer, status: int, expression: str) -> None:
    assert answer.status_code == status, answer.data
    assert answer.json["issue"][0]["expression"] == [expression]


def test_a_moment_that_no_day_has_is_refused_by_name(api):
    for edge in EDGES:
        told = api.get(f"{api.list_path()}?as_of={edge}")
        assert (told.status_code, told.json["errors"][0]["field"]) == (422, "as_of")
        issue(api.get(f"/fhir/Patient/{api.anna()}/$medication-list?asOf={edge}"), 422, "asOf")
    body = asked({"value": ANNA}, asOf="0001-01-01T00:00:00+14:00")
    issue(api.post("/fhir/Patient/$medication-list", body), 422, "asOf")


def test_one_name_says_one_thing(api):
    told = api.get("/api/v1/discrepancies?severity=high&severity=low")
    assert (told.status_code, told.json["errors"][0]["field"]) == (422, "severity")
    assert api.get("/api/v1/discrepancies?severity=high&severity=high").status_code == 200
    anna = api.anna()
    issue(api.get(f"/fhir/List?patient={anna}&patient={berit(api)}"), 422, "patient")
    body = asked({"value": ANNA}, asOf="2026-01-01T00:00:00Z")
    body["parameter"].append({"name": "asOf", "valueString": "2026-02-01T00:00:00Z"})
    issue(api.post("/fhir/Patient/$medication-list", body), 422, "asOf")
    # a status that is none is not answered that there is nothing
    for kind in ("List", "DetectedIssue", "MedicationStatement"):
        issue(api.get(f"/fhir/{kind}?patient={anna}&status=open"), 422, "status")
    assert api.get(f"/fhir/DetectedIssue?patient={anna}&status=final").json["total"] > 0
    assert api.get(f"/fhir/DetectedIssue?patient={anna}&status=cancelled,final").json["total"] > 0


def berit(api: Api) -> str:
    return api.post("/api/v1/patients/search", {"identifier": BERIT}).json["patient"]


def test_a_patient_of_two_persons_numbers_is_nobody(api):
    """The list of the one would be read as the other's."""
    two = asked({"system": FNR, "value": ANNA}, {"system": FNR, "value": BERIT})
    issue(api.post("/fhir/Patient/$medication-list", two), 422, "Parameters.parameter.patient")
    foreign = asked({"system": "urn:oid:1.2.3", "value": BERIT})
    issue(api.post("/fhir/Patient/$medication-list", foreign), 422, "Parameters.parameter.patient")
    one = api.post(
        "/fhir/Patient/$medication-list", asked({"system": "urn:oid:1.2.3", "value": BERIT}, {"value": ANNA})
    )
    assert f'"Patient/{api.anna()}"' in one.text or ANNA in one.text
    assert BERIT not in one.text


def test_to_confirm_needs_no_body_and_a_lost_one_is_told(api):
    path, tag = api.list_path(), api.get(api.list_path()).headers["ETag"]
    assert api("POST", f"{path}/confirm").status_code == 428
    lost = api("POST", f"{path}/confirm", {"If-Match": tag}, data=b"", content_type="application/json")
    assert (lost.status_code, lost.json["type"]) == (400, "/api/v1/docs#empty")
    assert api("POST", f"{path}/confirm", {"If-Match": tag}).status_code == 200
    flag = api.get(path)
    named = f"/api/v1/discrepancies/{flag.json['discrepancies'][0]['id']}"
    assert api("POST", f"{named}/acknowledge", {"If-Match": flag.headers["ETag"]}).status_code == 200
    assert api("POST", f"{named}/snooze", {"If-Match": flag.headers["ETag"]}).status_code == 415


def test_a_body_that_cannot_be_read_names_the_place(api):
    said = {
        b'{"note": }': "not-json at @9",
        b'{"note": 1, "note": 2}': "duplicate-key at note",
        b"\xff": "encoding at @0",
    }
    said[b'{"%s": 1, "%s": 2}' % (ANNA.encode(), ANNA.encode())] = "duplicate-key at ?"
    for raw, detail in said.items():
        told = api("POST", "/api/v1/patients/search", data=raw, content_type="application/json")
        assert (told.status_code, told.json["detail"]) == (400, detail)


def test_nothing_of_a_confirmation_is_passed_over(api):
    """A reason of two lines is kept, one that is too long or a number that is none is refused; nothing is cut off."""
    list_of = f"/fhir/List/{api.anna()}"
    tag = api.get(list_of).headers["ETag"]
    before = api.get(api.list_path()).data

    def confirmed(*more: dict):
        told = [{"name": "lastKnown", "valueString": tag}, *more]
        return api.post(f"{list_of}/$confirm", {"resourceType": "Parameters", "parameter": told})

    def decision(**said: str) -> dict:
        return {"name": "decision", "part": [{"name": n, "valueString": v} for n, v in said.items()]}

    who = [
        {"name": "confirmedByName", "valueString": "Per Farm"},
        {"name": "confirmedByRole", "valueCode": "pharmacist"},
    ]
    issue(confirmed({"name": "lastKnown", "valueString": 'W/"99"'}), 422, "lastKnown")
    issue(confirmed({}), 422, "Parameters.parameter")
    issue(confirmed(*who, {"name": "confirmedByHpr", "valueString": "1234567890"}), 422, "confirmedByHpr")
    issue(confirmed(decision(line="x", action="acknowledge", reason="x" * 1001)), 422, "decision.reason")
    issue(confirmed(decision(line="x", action="acknowledge", reason="x\x07")), 422, "reason")
    issue(confirmed({"name": "decision", "part": [5]}), 422, "decision")
    assert api.get(api.list_path()).data == before


def test_what_limits_a_list_stands_beside_it_as_a_warning(api):
    """A client that looks for an OperationOutcome, and at no part of ours, sees it too."""
    half, whole = (api.get(f"/fhir/Patient/{who}/$medication-list").json for who in (berit(api), api.anna()))
    (told,) = (p["resource"] for p in half["parameter"] if p["name"] == "outcome")
    assert {(i["severity"], i["code"]) for i in told["issue"]} == {("warning", "incomplete")}
    assert len(told["issue"]) == 2, "neither registry nor journal was read"
    parts = [
        x["valueString"] for p in half["parameter"] if p["name"] == "source" for x in p["part"] if x["name"] == "text"
    ]
    assert {i["details"]["text"] for i in told["issue"]} == set(parts)
    assert "outcome" not in {p["name"] for p in whole["parameter"]}


ACCEPTED = {
    "application/fhir+json; fhirVersion=4.0": 200,
    "application/fhir+json;fhirVersion=4.0;charset=utf-8": 200,
    "application/json": 200,
    "application/fhir+xml, application/*;q=0.5": 200,
    "application/fhir+json; fhirVersion=5.0": 406,
    "application/fhir+xml": 406,
    "application/fhir+json;q=0": 406,
}


def test_our_own_media_type_is_taken_and_no_other_version(api):
    path = f"/fhir/List/{api.anna()}"
    assert {kind: api.get(path, {"Accept": kind}).status_code for kind in ACCEPTED} == ACCEPTED
    forms = (
        "json",
        "application/fhir%2Bjson",
        "application/fhir+json",
        "xml",
        "application/fhir%2Bjson;fhirVersion=5.0",
    )
    assert [api.get(f"{path}?_format={form}").status_code for form in forms] == [200, 200, 200, 406, 406]
    sent = api("GET", path, {"Accept": api.get(path).headers["Content-Type"]})
    assert sent.status_code == 200

    for asked in ("versions?limit=1", "versions/1?as_of=2026-01-01T00:00:00Z", "../sources?as_of=2026-01-01T00:00:00Z"):
        told = api.get(f"{api.list_path()}/{asked}".replace("/medication-list/..", ""))
        assert (told.status_code, told.json["errors"][0]["reason"]) == (422, "Unknown field."), asked
