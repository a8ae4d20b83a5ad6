"""The FHIR face: valid by fhir.resources, fit by our own checker, honest about what is missing."""

import pytest
from calling import Api
from fhir.resources.R4B import get_fhir_model_class
from told import ANNA, BERIT, medicine, message

from formats.fhir.check import check_document

BY_NUMBER = {
    "resourceType": "Parameters",
    "parameter": [
        {"name": "patient", "resource": {"resourceType": "Patient", "identifier": [{"value": ANNA}]}},
    ],
}


def valid(answer, status: int = 200) -> dict:
    assert answer.status_code == status, answer.data
    assert answer.headers["Content-Type"] == "application/fhir+json; fhirVersion=4.0"
    get_fhir_model_class(answer.json["resourceType"]).model_validate(answer.json)
    return answer.json


def refused(answer, status: int, code: str) -> dict:
    told = valid(answer, status)
    assert told["resourceType"] == "OperationOutcome"
    assert told["issue"][0]["code"] == code
    return told


def confirm(api: Api, known: str, role: str = "pharmacist"):
    told = [("lastKnown", "valueString", known), ("confirmedByName", "valueString", "Per Farm")]
    told += [("confirmedByRole", "valueCode", role)]
    parameters = [{"name": name, kind: value} for name, kind, value in told if value]
    body = {"resourceType": "Parameters", "parameter": parameters}
    return api.post(f"/fhir/List/{api.anna()}/$confirm", body)


def document(api: Api) -> dict:
    return valid(api.get(f"/fhir/Patient/{api.anna()}/$medication-list"))["parameter"][0]["resource"]


def test_the_document_is_fit_and_asked_for_in_two_ways(api_everywhere):
    api = api_everywhere
    bundle = document(api)
    assert check_document(bundle) == []
    composition = bundle["entry"][0]["resource"]
    assert composition["status"] == "preliminary"
    by_number = valid(api.post("/fhir/Patient/$medication-list", BY_NUMBER))
    assert by_number["parameter"][0]["resource"] == bundle
    assert {p["part"][0]["valueCode"] for p in by_number["parameter"][1:]} == {"RF", "GP", "HP"}


def test_a_document_that_is_held_is_not_sent_again(api):
    path = f"/fhir/Patient/{api.anna()}/$medication-list"
    tag = api.get(path).headers["ETag"]
    assert tag.startswith('W/"')
    assert api.get(path, {"If-None-Match": tag}).status_code == 304


def test_a_dose_in_conflict_has_words_and_no_structure(api):
    lines = [
        e["resource"]
        for e in document(api)["entry"]
        if e["resource"]["resourceType"] == "MedicationStatement" and "extension" in e["resource"]
    ]
    states = {line["extension"][0]["valueCode"]: line for line in lines}
    assert all("timing" not in dose for dose in states["conflict"]["dosage"])
    assert states["conflict"]["status"] == "unknown" or states["conflict"]["dosage"][0]["text"]


def test_every_list_and_every_resource_has_an_address(api):
    anna = api.anna()
    found = valid(api.get(f"/fhir/List?patient={anna}&code=medications&status=current&_include=List:item"))
    lists = [e["resource"] for e in found["entry"] if e["search"]["mode"] == "match"]
    assert {one["id"] for one in lists} == {anna, f"{anna}.rf", f"{anna}.gp", f"{anna}.hp"}
    assert found["total"] == 4
    for one in lists:
        assert bool(one.get("entry")) != bool(one.get("emptyReason"))
    for entry in found["entry"]:
        resource = entry["resource"]
        read = valid(api.get(f"/fhir/{resource['resourceType']}/{resource['id']}"))
        assert read == resource
        for reference in references(read):
            valid(api.get(f"/fhir/{reference}"))


def references(value):
    if isinstance(value, list):
        return {r for v in value for r in references(v)}
    if isinstance(value, dict):
        own = {value["reference"]} if isinstance(value.get("reference"), str) else set()
        return own | {r for v in value.values() for r in references(v)}
    return set()


@pytest.mark.parametrize(
    "search", ["MedicationStatement?patient={}", "DetectedIssue?patient={}&status=final", "Provenance?patient={}"]
)
def test_searches(api, search):
    assert valid(api.get("/fhir/" + search.format(api.anna())))["total"] > 0


def test_history_of_a_list(api):
    anna = api.anna()
    bundle = valid(api.get(f"/fhir/List/{anna}/_history"))
    assert bundle["total"] == len(bundle["entry"])
    first = valid(api.get(f"/fhir/List/{anna}/_history/1"))
    assert first["meta"]["versionId"] == "1"
    refused(api.get(f"/fhir/List/{anna}/_history/99"), 404, "not-found")


def test_confirming_what_is_stale_is_a_conflict(api):
    refused(confirm(api, 'W/"99"'), 412, "conflict")
    refused(confirm(api, ""), 428, "required")


def decide(api: Api, line: str, action: str = "acknowledge", **more):
    parts = [{"name": "line", "valueString": line}, {"name": "action", "valueCode": action}]
    parts += [{"name": name, "valueString": value} for name, value in more.items()]
    tag = api.get(f"/fhir/List/{api.anna()}").headers["ETag"]
    told = [{"name": "lastKnown", "valueString": tag}, {"name": "decision", "part": parts}]
    return api.post(f"/fhir/List/{api.anna()}/$confirm", {"resourceType": "Parameters", "parameter": told})


def disputed(api: Api) -> dict:
    """A line that a discrepancy stands on."""
    issues = valid(api.get(f"/fhir/DetectedIssue?patient={api.anna()}"))["entry"]
    about = {r["reference"] for e in issues for r in e["resource"].get("implicated", ())}
    lines = valid(api.get(f"/fhir/MedicationStatement?patient={api.anna()}"))["entry"]
    return next(
        e["resource"]
        for e in lines
        if f"MedicationStatement/{e['resource']['id']}" in about
        and any(i.get("system", "").endswith("/line") for i in e["resource"].get("identifier", ()))
    )


@pytest.mark.parametrize("named", ["id", "reference", "key"])
def test_a_decision_on_a_line_is_an_act_on_what_stands_on_it(api, named):
    line = disputed(api)
    key = next(i["value"] for i in line["identifier"] if i["system"].endswith("/line"))
    told = {"id": line["id"], "reference": f"MedicationStatement/{line['id']}", "key": key}[named]
    valid(decide(api, told, reason="Avklart med fastlegen"))
    flags = api.get(api.list_path()).json["discrepancies"]
    assert {f["state"] for f in flags if key in f["lines"]} == {"acknowledged"}
    assert {f["state"] for f in flags if key not in f["lines"]} <= {"open"}


@pytest.mark.parametrize(
    ("line", "action", "more", "field"),
    [
        ("nothing", "acknowledge", {}, "decision.line"),
        ("", "acknowledge", {}, "decision.line"),
        ("nothing", "stop", {}, "decision.action"),
        ("nothing", "acknowledge", {"colour": "red"}, "decision.colour"),
    ],
)
def test_a_decision_that_cannot_be_kept_leaves_nothing(api, line, action, more, field):
    before = api.get(api.list_path()).data
    told = decide(api, line, action, **more)
    assert told.status_code in {400, 422}
    assert told.json["issue"][0]["expression"] == [field]
    assert api.get(api.list_path()).data == before
    assert "attester" not in document(api)["entry"][0]["resource"]


def test_history_comes_along_when_it_is_asked_for(api):
    asked = {**BY_NUMBER, "parameter": [*BY_NUMBER["parameter"], {"name": "include", "valueCode": "history"}]}
    told = valid(api.post("/fhir/Patient/$medication-list", asked))["parameter"]
    past = [p for p in told if p["name"] == "history"]
    assert [p["part"][0]["valueString"] for p in past] == ["1"]
    assert told == valid(api.get(f"/fhir/Patient/{api.anna()}/$medication-list?include=history"))["parameter"]
    sources = [{x["name"]: x for x in p["part"]} for p in told if p["name"] == "source"]
    assert all(s["outcome"]["valueCode"] != "read" or "fetchedAt" in s for s in sources)
    asked["parameter"][-1] = {"name": "include", "valueCode": "everything"}
    refused(api.post("/fhir/Patient/$medication-list", asked), 422, "invalid")


def test_history_by_page_holds_every_snapshot_once(api):
    for hours, dose in enumerate(("2", "3", "4", "5"), start=1):
        api.send(message(ANNA, medicine("Metoprolol 50 mg", f"{dose} tabletter morgen"), hours=hours))
        api.drain()
    path, seen = f"/fhir/List/{api.anna()}/_history?_count=2", []
    while path:
        page = valid(api.get(path))
        assert len(page["entry"]) <= 2
        seen += [e["resource"]["meta"]["versionId"] for e in page["entry"]]
        path = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    assert seen == [str(n) for n in range(page["total"], 0, -1)]
    refused(api.get(f"/fhir/List/{api.anna()}/_history?_count=0"), 422, "invalid")


def test_a_nurse_attests_and_a_pharmacist_makes_it_final(api):
    version = document(api)["entry"][0]["resource"]
    assert "attester" not in version
    tag = api.get(f"/fhir/List/{api.anna()}").headers["ETag"]
    valid(confirm(api, tag, "nurse"))
    nurse = document(api)["entry"][0]["resource"]
    assert (nurse["status"], nurse["attester"][0]["mode"]) == ("preliminary", "personal")
    tag = api.get(f"/fhir/List/{api.anna()}").headers["ETag"]
    valid(confirm(api, tag))
    assert document(api)["entry"][0]["resource"]["status"] == "final"


def test_an_unknown_parameter_is_refused_unless_lenient(api):
    path = f"/fhir/List?patient={api.anna()}&colour=red"
    assert refused(api.get(path), 400, "not-supported")["issue"][0]["expression"] == ["colour"]
    valid(api.get(path, {"Prefer": "handling=lenient"}))


def test_what_an_operation_takes_stands_in_its_body_not_in_the_address(api):
    path = "/fhir/Patient/$medication-list?asOf=2026-01-01"
    refused(api.post(path, BY_NUMBER), 400, "not-supported")
    valid(api.post(path, BY_NUMBER, {"Prefer": "handling=lenient"}))


@pytest.mark.parametrize(
    "odd", ["status:not=current", "_include:iterate=List:item", "_include=List:source", "_sort=date"]
)
def test_what_would_be_ignored_is_refused(api, odd):
    refused(api.get(f"/fhir/List?patient={api.anna()}&{odd}"), 400, "not-supported")


def test_a_search_by_page_finds_each_once(api):
    whole = valid(api.get(f"/fhir/MedicationStatement?patient={api.anna()}"))
    path, seen = f"/fhir/MedicationStatement?patient={api.anna()}&_count=2", []
    while path:
        page = valid(api.get(path))
        assert page["total"] == whole["total"]
        seen += [e["resource"]["id"] for e in page["entry"]]
        path = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    assert seen == [e["resource"]["id"] for e in whole["entry"]]
    assert "entry" not in valid(api.get(f"/fhir/List?patient={api.anna()}&_count=0"))


def test_a_code_is_compared_with_its_system(api):
    path = f"/fhir/List?patient={api.anna()}&code="
    assert valid(api.get(path + "http://terminology.hl7.org/CodeSystem/list-example-use-codes|medications"))["total"]
    assert valid(api.get(path + "http://loinc.org|medications"))["total"] == 0


@pytest.mark.parametrize("path", ["Patient/$medication-list", "List/{anna}/$confirm"])
def test_an_operation_takes_the_format_as_a_reading_does(api, path):
    """R4, General parameters: `_format` may stand in the address of every request."""
    body = {"resourceType": "Parameters", "parameter": []}
    told = [api.post(f"/fhir/{path.format(anna=api.anna())}{asked}", body) for asked in ("", "?_format=json")]
    assert [t.status_code for t in told] == [told[0].status_code] * 2
    assert told[0].json == told[1].json
    refused(api.post(f"/fhir/{path.format(anna=api.anna())}?_format=xml", body), 406, "not-supported")
    refused(api.post(f"/fhir/{path.format(anna=api.anna())}?_formt=json", body), 400, "not-supported")


def test_errors_of_the_transport_are_outcomes(api):
    refused(api("DELETE", f"/fhir/List/{api.anna()}"), 405, "not-supported")
    refused(api("PUT", "/fhir/metadata"), 405, "not-supported")
    refused(api.get("/fhir/metadata?_format=xml"), 406, "not-supported")
    big = b"{" + b" " * 70_000 + b"}"
    for raw, status, code in ((big, 413, "too-long"), (b"[" * 5000, 400, "structure"), (b"[]", 422, "invalid")):
        told = api("POST", "/fhir/Patient/$medication-list", data=raw, content_type="application/fhir+json")
        refused(told, status, code)


def test_errors_are_outcomes(api):
    refused(api.get("/fhir/Nothing/1"), 404, "not-found")
    refused(api.get(f"/fhir/Patient/{'0' * 24}/$medication-list"), 404, "not-found")
    refused(api.get("/fhir/List"), 400, "invalid")
    refused(api.get("/fhir/metadata", {"Accept": "application/fhir+xml"}), 406, "not-supported")
    refused(
        api("POST", "/fhir/Patient/$medication-list", data=b"{", content_type="application/fhir+json"), 400, "structure"
    )
    refused(api("POST", "/fhir/Patient/$medication-list", data=b"{}", content_type="text/plain"), 415, "not-supported")
    refused(api.post("/fhir/Patient/$medication-list", {"resourceType": "Parameters"}), 422, "invalid")
    refused(api.get(f"/fhir/Patient/{api.anna()}/$medication-list?asOf=soon"), 422, "invalid")
    api.token = "none"  # noqa: S105 - no secret: nobody has it
    refused(api.get("/fhir/List?patient=0"), 401, "login")


def test_metadata_lists_what_is_there(api):
    told = valid(api.get("/fhir/metadata"))
    rules = {rule.rule for rule in api.app.url_map.iter_rules() if rule.rule.startswith("/fhir")}
    for kind in told["rest"][0]["resource"]:
        assert any(kind["type"] in rule for rule in rules)
        for operation in kind.get("operation", ()):
            assert any(rule.endswith(f"${operation['name']}") for rule in rules)


def test_what_people_wrote_is_escaped(api):
    told = api.post("/api/v1/patients/search", {"identifier": BERIT}).json["patient"]
    bundle = valid(api.get(f"/fhir/Patient/{told}/$medication-list"))["parameter"][0]["resource"]
    assert check_document(bundle) == []
    assert "<b>" not in bundle["entry"][0]["resource"]["section"][0]["text"]["div"]
