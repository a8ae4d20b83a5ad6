"""A launch from the journal (SMART App Launch 2.2, EHR launch): which patient the journal has open, and nothing more.

Who the reader is, HelseID has said; what they may see, our own gate says. From the journal comes only the patient in
context, read as the Patient resource that its token opens; the person is found by a national identity number in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from jwskate import Jwk
from requests import RequestException
from requests_oauth2client import AuthorizationRequest, OAuth2Client, OAuth2Error, PrivateKeyJwt
from sqlalchemy.orm import Session

from formats.identifiers import NATIONAL, is_valid, person_identifier
from medrec import persons
from medrec.access.helseid import Begun, recall, remember
from medrec.access.tokens import Refused
from medrec.access.trust import Authority, Launches, Untold, secure
from medrec.config import SettingFault
from medrec.db import Database

BACK = "/launch/back"
_SECONDS = 10
_LARGEST = 1_000_000
_LIFE = 240
_ELEVEN = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a journal launches with: its FHIR base address and its opaque handle of the context."""

    server: str
    handle: str


def begin(database: Database, trusted: Launches, asked: Asked, *, reader: str) -> Begun:
    """Ask the journal's authority for the context. Raises `Refused` for a journal that may not launch."""
    if asked.server.rstrip("/") not in trusted.servers or not asked.handle:
        raise Refused(code="launch-server")
    authority = _authority(asked.server)
    request = AuthorizationRequest(
        _endpoint(authority, "authorization_endpoint"),
        client_id=trusted.client_id,
        redirect_uri=trusted.web_url + BACK,
        scope=trusted.scope,
        aud=asked.server,
        launch=asked.handle,
    )
    state = request.state or ""
    told = {"server": asked.server, "verifier": request.code_verifier, "reader": reader}
    return Begun(request.uri, database.once(lambda session: remember(session, state, told)))


def finish(
    database: Database, trusted: Launches, answer: Mapping[str, str], *, cookie: str, reader: str
) -> tuple[str, ...]:
    """The national identity numbers of the patient in context. Raises `Refused`; the answer is good once.

    `reader` must be who began: a context that one reader opened is not shown to another who signs in meanwhile.
    """
    held = recall(database, answer.get("state", ""), cookie)
    if held.get("reader") != reader:
        raise Refused(code="launch-other-reader")
    code = answer.get("code")
    if "error" in answer or not code:
        raise Refused(code="launch-cancelled")
    server = str(held["server"])
    try:
        token = _client(_authority(server), trusted).authorization_code(
            code, validate=False, code_verifier=held["verifier"], redirect_uri=trusted.web_url + BACK
        )
    except (OAuth2Error, RequestException, ValueError) as fault:
        raise Refused(code="launch-refused-code") from fault
    patient = token.kwargs.get("patient")
    if not isinstance(patient, str) or not patient.replace("-", "").replace(".", "").isalnum():
        raise Refused(code="launch-without-patient")
    return _numbers(_patient(server, patient, token.access_token))


def person_of(session: Session, numbers: tuple[str, ...]) -> str | None:
    """The one person whom all the known numbers name; `None` where none is known. Raises `Refused` for two."""
    found = {persons.find(session, number) for number in numbers} - {None}
    if len(found) > 1:
        raise Refused(code="launch-two-persons")
    return found.pop() if found else None


def _authority(server: str) -> Authority:
    base = server.rstrip("/")
    return Authority(base, f"{base}/.well-known/smart-configuration")


def _endpoint(authority: Authority, name: str) -> str:
    try:
        found = authority.endpoint(name)
        secure("launch_servers", found)
    except Untold as fault:
        raise Refused(code=fault.code) from fault
    except SettingFault as fault:
        raise Refused(code="launch-endpoint") from fault
    return found


def _client(authority: Authority, trusted: Launches) -> OAuth2Client:
    endpoint = _endpoint(authority, "token_endpoint")
    key = Jwk.from_pem(trusted.key_pem).with_kid_thumbprint()
    auth = PrivateKeyJwt(trusted.client_id, key, alg=trusted.algorithm, lifetime=_LIFE, aud=endpoint)
    return OAuth2Client(endpoint, auth, testing=endpoint.startswith("http:"))


def _patient(server: str, patient: str, token: str) -> Mapping[str, object]:
    url = f"{server.rstrip('/')}/Patient/{patient}"
    head = {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"}
    try:
        answer = httpx.get(url, headers=head, timeout=_SECONDS, follow_redirects=False)
        answer.raise_for_status()
        told = answer.json() if len(answer.content) < _LARGEST else None
    except (httpx.HTTPError, ValueError) as fault:
        raise Refused(code="launch-no-patient") from fault
    if not isinstance(told, dict) or told.get("resourceType") != "Patient" or told.get("id") != patient:
        raise Refused(code="launch-other-patient")
    return told


def _numbers(patient: Mapping[str, object]) -> tuple[str, ...]:
    told = patient.get("identifier")
    values = [i.get("value") for i in told if isinstance(i, dict)] if isinstance(told, list) else []
    eleven = [v for v in values if isinstance(v, str) and len(v) == _ELEVEN and v.isdigit()]
    known = [(v, person_identifier("", v)) for v in eleven]
    return tuple(v for v, identifier in known if identifier.type in NATIONAL and is_valid(identifier))
