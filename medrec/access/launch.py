"""A launch from the journal (SMART App Launch 2.2, EHR launch): which patient the journal has open, and nothing more.

Who the reader is, HelseID has said; what they may see, our own gate says. From the journal comes only the patient in
context, read as the Patient resource that its token opens; the person is found by a national identity number in it.
Where the journal tells who has it open (`fhirUser`) and both name an HPR number, they must be the same health worker:
else somebody else sits at a screen that another signed in to.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import to_bytes
from jwskate import Jwk
from requests import RequestException
from requests_oauth2client import AuthorizationRequest, BearerToken, OAuth2Client, OAuth2Error, PrivateKeyJwt
from sqlalchemy.orm import Session

from formats.identifiers import NATIONAL, is_valid, person_identifier
from medrec import persons
from medrec.access.helseid import Begun, recall, remember
from medrec.access.people import User
from medrec.access.tokens import Refused
from medrec.access.trust import Authority, Launches, Untold, secure
from medrec.config import SettingFault
from medrec.db import Database

BACK = "/launch/back"
_SECONDS = 10
_LARGEST = 1_000_000
_LIFE = 240
_ELEVEN = 11
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
"""An id of FHIR R4."""
_HPR_SYSTEM = "urn:oid:2.16.578.1.12.4.1.4.4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a journal launches with: its FHIR base address and its opaque handle of the context."""

    server: str
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InContext:
    """The patient's national identity numbers. `same_user`: the journal's user has the reader's HPR number."""

    numbers: tuple[str, ...]
    same_user: bool


def begin(database: Database, trusted: Launches, asked: Asked, *, reader: str) -> Begun:
    """Ask the journal's authority for the context. Raises `Refused` for a journal that may not launch."""
    authority = trusted.authorities.get(asked.server.rstrip("/"))
    if authority is None or not asked.handle:
        raise Refused(code="launch-server")
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


def finish(database: Database, trusted: Launches, answer: Mapping[str, str], *, cookie: str, reader: User) -> InContext:
    """The patient in context. Raises `Refused`; the answer is good once.

    `reader` must be who began: a context that one reader opened is not shown to another who signs in meanwhile.
    """
    held = recall(database, answer.get("state", ""), cookie)
    if held.get("reader") != reader.id:
        raise Refused(code="launch-other-reader")
    code = answer.get("code")
    if "error" in answer or not code:
        raise Refused(code="launch-cancelled")
    server = str(held["server"]).rstrip("/")
    authority = trusted.authorities.get(server)
    if authority is None:
        raise Refused(code="launch-server")
    try:
        token = _client(authority, trusted).authorization_code(
            code, validate=False, code_verifier=held["verifier"], redirect_uri=trusted.web_url + BACK
        )
    except (OAuth2Error, RequestException, ValueError) as fault:
        raise Refused(code="launch-refused-code") from fault
    patient = token.kwargs.get("patient")
    if not isinstance(patient, str) or not _ID.fullmatch(patient):
        raise Refused(code="launch-without-patient")
    same = _same_user(server, token, reader)
    return InContext(numbers=_numbers(_resource(server, "Patient", patient, token.access_token)), same_user=same)


def person_of(session: Session, numbers: tuple[str, ...]) -> str | None:
    """The one person whom all the known numbers name; `None` where none is known. Raises `Refused` for two."""
    found = {persons.find(session, number) for number in numbers} - {None}
    if len(found) > 1:
        raise Refused(code="launch-two-persons")
    return found.pop() if found else None


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


def _resource(server: str, kind: str, name: str, token: str) -> Mapping[str, object]:
    head = {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"}
    try:
        answer = httpx.get(f"{server}/{kind}/{name}", headers=head, timeout=_SECONDS, follow_redirects=False)
        answer.raise_for_status()
        told = answer.json() if len(answer.content) < _LARGEST else None
    except (httpx.HTTPError, ValueError) as fault:
        raise Refused(code=f"launch-no-{kind.lower()}") from fault
    if not isinstance(told, dict) or told.get("resourceType") != kind or told.get("id") != name:
        raise Refused(code=f"launch-other-{kind.lower()}")
    return told


def _same_user(server: str, token: BearerToken, reader: User) -> bool:
    """True where both name one HPR number, False where one of them names none. Raises `Refused` where they differ."""
    practitioner = _practitioner(server, token)
    if not practitioner or not reader.hpr:
        return False
    try:
        told = _values(_resource(server, "Practitioner", practitioner, token.access_token), _HPR_SYSTEM)
    except Refused:
        return False  # a journal may name its user and let nobody read more of them
    if told and reader.hpr not in told:
        raise Refused(code="launch-other-user")
    return bool(told)


def _practitioner(server: str, token: BearerToken) -> str:
    """The id of the Practitioner of this journal that its id_token names, "" where it names none.

    The token came from the token endpoint itself, so that TLS vouches for it (OpenID Connect Core 3.1.3.7); and nobody
    is let in by what it says, only refused.
    """
    raw = str(token.kwargs.get("id_token") or token.id_token or "")
    try:
        claims = json.loads(jws.extract_compact(to_bytes(raw)).payload) if raw else {}
    except (JoseError, ValueError, TypeError) as fault:
        raise Refused(code="launch-garbage-user") from fault
    told = claims.get("fhirUser") if isinstance(claims, dict) else None
    kind, _, name = told.removeprefix(f"{server}/").partition("/") if isinstance(told, str) else ("", "", "")
    return name if kind == "Practitioner" and _ID.fullmatch(name) else ""


def _values(resource: Mapping[str, object], system: str = "") -> tuple[str, ...]:
    """The values of a resource's identifiers, of one system or of all."""
    told = resource.get("identifier")
    mine = [i for i in told if isinstance(i, dict)] if isinstance(told, list) else []
    return tuple(
        value for i in mine if isinstance(value := i.get("value"), str) and (not system or i.get("system") == system)
    )


def _numbers(patient: Mapping[str, object]) -> tuple[str, ...]:
    eleven = [v for v in _values(patient) if len(v) == _ELEVEN and v.isdigit()]
    known = [(v, person_identifier("", v)) for v in eleven]
    return tuple(v for v, identifier in known if identifier.type in NATIONAL and is_valid(identifier))
