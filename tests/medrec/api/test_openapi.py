"""The description is valid, tells the truth, and every operation keeps to it with and without a token."""

import json

import pytest
import schemathesis
from calling import municipality
from hypothesis import HealthCheck, Phase, given, settings
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS as CHECKS_BY_NAME
from schemathesis.checks import load_all_checks

from medrec.access.gate import need_of
from medrec.api.limits import Buckets
from medrec.api.problems import PROBLEMS

load_all_checks()
CHECKS = CHECKS_BY_NAME.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "allow_header_conformance",
        "ignored_auth",
        "use_after_free",
    ]
)
REFUSALS = CHECKS_BY_NAME.get_by_names(["negative_data_rejection", "missing_required_header", "unsupported_method"])
"""What must be refused when the request is not one of the description."""


def test_the_description_is_valid(api):
    told = api.get("/api/v1/openapi.json").json
    assert told["openapi"].startswith("3.1")
    validate(told, cls=OpenAPIV31SpecValidator)


def test_errors_are_told_as_they_are_sent(api):
    told = api.get("/api/v1/openapi.json").json
    for name, response in told["components"]["responses"].items():
        assert list(response["content"]) == ["application/problem+json"], name


def test_every_problem_has_its_place_on_the_page(api):
    page = api.get("/api/v1/docs").text
    assert all(f'id="{code}"' in page for code in PROBLEMS)
    assert "http" not in page.replace("http://localhost", ""), "nothing is fetched from anybody else"


def test_every_route_of_the_api_declares_its_need(api):
    for rule in api.app.url_map.iter_rules():
        if rule.rule.startswith(("/api/", "/fhir")):
            with api.app.test_request_context(rule.rule):
                assert need_of(api.app, rule.endpoint) is not None, rule.rule


def operations(told: dict):
    for path, by_method in told["paths"].items():
        for method, operation in by_method.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def contents(told: dict):
    """(where, media type, content) of every request and answer that has a body, references followed."""
    for label, operation in operations(told):
        bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
        for where, body in bodies.items():
            reference = body.get("$ref", "").rpartition("/")[2]
            found = told["components"]["responses"][reference] if reference else body
            for kind, content in found.get("content", {}).items():
                yield f"{label} {where}", kind, content


def test_every_request_and_answer_has_an_example_that_fits_its_schema(api):
    told = api.get("/api/v1/openapi.json").json
    seen = list(contents(told))
    assert len(seen) >= 60
    assert [(where, kind) for where, kind, content in seen if "example" not in content] == []
    for where, kind, content in seen:
        fit = OAS31Validator({**content["schema"], "components": told["components"]})
        assert [error.message for error in fit.iter_errors(content["example"])] == [], (where, kind)


def test_an_example_shows_every_field(api):
    told = api.get("/api/v1/openapi.json").json
    for where, _, content in contents(told):
        named = told["components"]["schemas"].get(content["schema"].get("$ref", "").rpartition("/")[2], {})
        if " request" not in where and "Problem" not in content["schema"].get("$ref", ""):
            assert set(named.get("properties", {})) <= set(content["example"]) or not named, where


def test_examples_of_requests_are_taken(api):
    told = api.get("/api/v1/openapi.json").json
    patient, tag = api.anna(), api.get(api.list_path()).headers["ETag"]
    flag = api.get(api.list_path()).json["discrepancies"][0]["id"]
    sent = [(label, o["requestBody"]["content"]) for label, o in operations(told) if "requestBody" in o]
    for label, content in sent:
        method, path = label.split()
        address = path.format(patient=patient, discrepancy=flag)
        for kind in content:
            example = content[kind]["example"]
            raw = example if isinstance(example, str) else json.dumps(example)
            answer = api(method, address, {"If-Match": tag}, data=raw.encode(), content_type=kind)
            assert answer.status_code in {200, 201, 202, 409, 412}, (label, kind, answer.text)


def test_a_call_names_its_query_and_its_headers(api):
    told = dict(operations(api.get("/api/v1/openapi.json").json))

    def named(label: str) -> set[str]:
        return {p["name"] for p in told[label].get("parameters", ())}

    assert named("GET /api/v1/patients/{patient}/medication-list") == {"as_of", "If-None-Match", "Accept-Language"}
    worklist = {"severity", "owner", "district", "state", "cursor", "limit", "Accept-Language"}
    assert named("GET /api/v1/discrepancies") == worklist
    assert named("POST /api/v1/discrepancies/{discrepancy}/snooze") == {"If-Match"}


EXAMPLES = [6, pytest.param(100, marks=pytest.mark.full)]


def bounded(examples: int):
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def described(api):
    api.app.extensions["medrec-buckets"] = Buckets(rate=1e9, burst=1e9)
    return [
        found.ok() for found in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api.app).get_all_operations()
    ]


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_operation_keeps_to_the_description(sqlite_database, signed_in, examples):
    api = municipality(sqlite_database)
    headers = {"Authorization": f"Bearer {api.token}"} if signed_in else {}
    seen = set()
    for operation in described(api):

        @bounded(examples)
        @given(case=operation.as_strategy())
        def calls(case):
            answer = case.call_and_validate(checks=list(CHECKS), headers=headers)
            assert signed_in or answer.status_code in {401, 405}

        calls()
        seen.add(operation.label)
    assert len(seen) >= 14


@pytest.mark.parametrize("examples", [2, pytest.param(60, marks=pytest.mark.full)])
@pytest.mark.parametrize("signed_in", [True, False])
def test_what_the_description_forbids_is_refused(sqlite_database, signed_in, examples):
    api = municipality(sqlite_database)
    headers = {"Authorization": f"Bearer {api.token}"} if signed_in else {}
    for operation in described(api):

        @bounded(examples)
        @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        def calls(case):
            answer = case.call_and_validate(checks=[*CHECKS, *REFUSALS], headers=headers)
            assert signed_in or answer.status_code in {401, 404, 405}

        calls()
