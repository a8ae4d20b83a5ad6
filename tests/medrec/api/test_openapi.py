"""The description is valid, tells the truth, and every operation keeps to it with and without a token."""

import pytest
import schemathesis
from calling import municipality
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
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


EXAMPLES = [6, pytest.param(100, marks=pytest.mark.full)]


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_operation_keeps_to_the_description(sqlite_database, signed_in, examples):
    api = municipality(sqlite_database)
    api.app.extensions["medrec-buckets"] = Buckets(rate=1e9, burst=1e9)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api.app)
    headers = {"Authorization": f"Bearer {api.token}"} if signed_in else {}
    bounded = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    seen = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @bounded
        @given(case=operation.as_strategy())
        def calls(case):
            answer = case.call_and_validate(checks=list(CHECKS), headers=headers)
            assert signed_in or answer.status_code in {401, 405}

        calls()
        seen.add(operation.label)
    assert len(seen) >= 14
