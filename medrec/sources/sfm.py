"""SFM: one person's prescriptions and list by `POST Patient/$getMedication`, the person in the body and nowhere else.

SFM answers 200 also where a look-up behind it failed; what it says of that stands in its answer and is read from there.
"""

import json
import uuid
from datetime import datetime

import structlog

from formats.identifiers import NATIONAL
from formats.statement import Source
from medrec.persons import PersonCard
from medrec.sources.asking import Asking, Fetched
from medrec.sources.http_client import SourceFault

SOURCE = Source.RF
_SYSTEMS = {"FNR": "2.16.578.1.12.4.1.4.1", "DNR": "2.16.578.1.12.4.1.4.2", "FHN": "2.16.578.1.12.4.1.4.3"}
_GENDER = {"1": "male", "2": "female"}


def fetch(asking: Asking, card: PersonCard, _whole_at: datetime | None = None) -> Fetched:
    """What SFM has of this person, always all of it. Raises `SourceFault`."""
    event = structlog.contextvars.get_contextvars().get("event_id") or str(uuid.uuid4())
    head = {"nhn-event-id": event, "nhn-source-system": "medrec"}
    answer = asking.send("POST", f"{asking.endpoint.url}/Patient/$getMedication", body=parameters(card), head=head)
    return Fetched(answer.whole())


def parameters(card: PersonCard) -> bytes:
    """The body: `Parameters` with the patient. Raises `SourceFault` where the person has no national id."""
    number = next((i for i in card.identifiers if i.type in NATIONAL), None)
    if number is None:
        code = "no-national-id"
        raise SourceFault(code)
    given, _, family = card.name.rpartition(" ")
    patient: dict[str, object] = {
        "resourceType": "Patient",
        "identifier": [{"system": f"urn:oid:{_SYSTEMS[number.type]}", "value": number.value}],
        "name": [{"family": family, "given": given.split()}],
    }
    if card.birth_date:
        patient["birthDate"] = card.birth_date.isoformat()
    if card.sex in _GENDER:
        patient["gender"] = _GENDER[card.sex]
    told = {"resourceType": "Parameters", "parameter": [{"name": "patient", "resource": patient}]}
    return json.dumps(told, ensure_ascii=False).encode()
