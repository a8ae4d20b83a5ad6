"""Clients that others made read the list over HTTP, from a server on loopback."""

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models import bundle, detectedissue, medicationstatement, provenance
from fhirclient.models import list as fhir_list
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome, ResourceNotFound


@pytest.fixture
def base(address) -> str:
    return f"{address}/fhir"


@pytest.fixture
def fhirpy_client(api, base) -> SyncFHIRClient:
    return SyncFHIRClient(base, authorization=f"Bearer {api.token}")


@pytest.fixture
def smart(api, base) -> FHIRClient:
    client = FHIRClient(settings={"app_id": "test", "api_base": base})
    client.server.session.headers["Authorization"] = f"Bearer {api.token}"
    return client


def test_fhirpy_reads_the_list_and_what_it_names(api, fhirpy_client):
    anna = api.anna()
    lists = fhirpy_client.resources("List").search(patient=anna, code="medications", status="current").fetch()
    reconciled = next(one for one in lists if one.id == anna)
    lines = [fhirpy_client.reference(reference=e["item"]["reference"]).to_resource() for e in reconciled.entry]
    assert {line.resource_type for line in lines} == {"MedicationStatement"}
    assert len(fhirpy_client.resources("MedicationStatement").search(patient=anna).fetch()) >= len(lines)
    assert fhirpy_client.resources("DetectedIssue").search(patient=anna, status="final").fetch()
    assert fhirpy_client.resources("Provenance").search(patient=anna).first()


def test_fhirpy_runs_the_operations_and_is_told_of_errors(api, fhirpy_client):
    anna = api.anna()
    told = fhirpy_client.resource("Patient", id=anna).execute("$medication-list", method="get")
    assert told["parameter"][0]["resource"]["type"] == "document"
    history = fhirpy_client.execute(f"List/{anna}/_history", method="get")
    assert history["total"] == 1
    with pytest.raises(ResourceNotFound):
        fhirpy_client.reference("List", "0" * 24).to_resource()
    with pytest.raises(OperationOutcome) as refused:
        fhirpy_client.resources("List").search(patient=anna, colour="red").fetch()
    assert refused.value.resource["issue"][0]["code"] == "not-supported"


def test_fhirpy_confirms_what_it_read_and_is_stopped_when_that_is_stale(api, fhirpy_client):
    lists = fhirpy_client.reference("List", api.anna()).to_resource()

    def body(version: str) -> dict:
        return {
            "resourceType": "Parameters",
            "parameter": [{"name": "lastKnown", "valueString": f'W/"{version}"'}],
        }

    done = lists.execute("$confirm", data=body(lists.meta["versionId"]))
    assert done["id"] == api.anna()
    with pytest.raises(MultipleResourcesFound, match='"conflict"'):  # its name for any 412
        lists.execute("$confirm", data=body("99"))


def test_fhirclient_reads_all_kinds_with_its_own_models(api, smart):
    anna = api.anna()
    smart.prepare()
    assert smart.server.capabilityStatement.fhirVersion == "4.0.1"
    one = fhir_list.List.read(anna, smart.server)
    assert one.mode == "snapshot"
    assert one.entry
    for item in one.entry:
        kind, own = item.item.reference.split("/")
        assert kind == "MedicationStatement"
        assert medicationstatement.MedicationStatement.read(own, smart.server).effectivePeriod
    for kind in (detectedissue.DetectedIssue, provenance.Provenance, medicationstatement.MedicationStatement):
        assert list(kind.where({"patient": anna}).perform_resources_iter(smart.server))
    told = smart.server.request_json(f"List/{anna}/_history")
    assert bundle.Bundle(told).type == "history"
    told = smart.server.request_json(f"Patient/{anna}/$medication-list")
    assert bundle.Bundle(told["parameter"][0]["resource"]).entry[0].resource.resource_type == "Composition"
