"""Lists: who, the list and its history, each source's word, what people confirm."""

import json
from datetime import datetime
from typing import Any

from flask import Response, current_app, request

from formats import neutral
from formats.statement import Gap, GapCode, Source
from medrec import actions, clock, difference, hearing, listing, wording
from medrec.access import gate
from medrec.access.gate import database, needs
from medrec.access.people import Need
from medrec.actions import ActionKind
from medrec.api import entry, schemas
from medrec.api.description import ETAG, IF_NONE_MATCH, LANGUAGE, Room
from medrec.api.problems import ProblemError
from medrec.listing import Head, StoredList
from medrec.present import gap_json, list_json
from medrec.rendered import Rendered
from medrec.sources.log import LastFetch

lists = Room("lists", __name__, "Lists and their history")
_CHECKED = {
    "Medrec-Checked": {
        "description": "when it was last judged, with this same result",
        "schema": {"type": "string", "format": "date-time"},
    }
}


@lists.post("/patients/search")
@lists.arguments(schemas.Search)
@lists.response(200, schemas.Found)
@needs(Need.SEE_LIST)
def search(wanted: dict[str, str]) -> dict[str, str]:
    """The opaque id of a person, by national identity number."""
    return {"patient": entry.found(wanted["identifier"])}


@lists.get("/patients/<opaque:patient>/medication-list")
@lists.arguments(schemas.Asked(), location="query")
@lists.response(200, schemas.MedicationList, headers=ETAG | _CHECKED)
@lists.alt_response(304, description="You hold the newest", headers=ETAG | _CHECKED)
@lists.doc(parameters=[IF_NONE_MATCH, LANGUAGE])
@needs(Need.SEE_LIST)
def medication_list(asked: dict[str, datetime], patient: str) -> Response:
    """The reconciled list, now or as it stood at a moment.

    A list that could not be judged today says so (gap stale-judgement) and comes under a weak tag, which never
    answers 304.
    """
    if "as_of" not in asked and (unchanged := _unchanged(patient)) is not None:
        return unchanged
    with database().writing() as session:
        head = entry.see(session, patient, "read-list")
        if "as_of" in asked:
            stored = listing.list_as_of(session, patient, asked["as_of"])
        else:
            if head is not None and (held := _held(patient, head)) is not None:
                return held
            stored = listing.current_list(session, patient)
        newest = listing.head_of(session, patient)
    if stored is None or newest is None:
        raise ProblemError(code="not-found")
    return _answer(stored, newest=stored.version == newest.version)


def _held(patient: str, head: Head) -> Response | None:
    """The newest list as it was rendered before: nothing is unpacked. Its tag names the very bytes."""
    language, late = _language(), head.judged_on < clock.today()
    rendered_before: Rendered = current_app.extensions["medrec-rendered"]
    raw = rendered_before.get((patient, head.etag, language, late))
    return None if raw is None else _sent(raw, head.etag, head.judged_at, weak=late)


def _language() -> str:
    return wording.language_of(request.headers.get("Accept-Language"))


def _sent(raw: bytes, etag: str, judged_at: datetime, *, weak: bool) -> Response:
    tag = f'W/"{etag}"' if weak else f'"{etag}"'
    told = {"ETag": tag, "Medrec-Checked": judged_at.isoformat(), "Content-Language": _language()}
    return Response(raw, mimetype="application/json", headers=told | {"Vary": "Accept-Language"})


def _unchanged(patient: str) -> Response | None:
    """304 for who holds the newest list, judged today: nothing is read of it."""
    held = request.if_none_match
    if not held:
        return None
    head = gate.newest(patient)
    if head is None or head.judged_on != clock.today() or not held.contains(head.etag):
        return None
    return Response(status=304, headers={"ETag": f'"{head.etag}"', "Medrec-Checked": head.judged_at.isoformat()})


def _answer(stored: StoredList, *, newest: bool) -> Response:
    language = _language()
    late = newest and stored.judged_on < clock.today()
    held: Rendered = current_app.extensions["medrec-rendered"]
    key = (stored.person_id, stored.etag, language, late)
    if newest:
        raw = held.of(key, lambda: rendered(stored, language, late=late))
    else:
        raw = rendered(stored, language, late=False)
    return _sent(raw, stored.etag, stored.judged_at, weak=late or not newest)


def rendered(stored: StoredList, language: str, *, late: bool) -> bytes:
    """The list as JSON bytes; `late`: it has not been judged today, and says so."""
    told = list_json(
        stored.reconciliation,
        stored.statements,
        language=language,
        patient=stored.person_id,
        version=stored.version,
        as_of=stored.created_at,
        flags=stored.flags,
    )
    if late:
        told["complete"] = False
        told["gaps"].append(gap_json(Gap(Source.HP, GapCode.STALE_JUDGEMENT), language))
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


@lists.get("/patients/<opaque:patient>/medication-list/versions")
@lists.arguments(schemas.Request, location="query")
@lists.response(200, schemas.Versions)
@needs(Need.SEE_LIST)
def versions(_asked: dict[str, object], patient: str) -> dict[str, object]:
    """All versions of a list, newest first, without their content."""
    with database().writing() as session:
        entry.see(session, patient, "read-versions")
        return {"versions": listing.versions(session, patient)}


@lists.get("/patients/<opaque:patient>/medication-list/versions/<int:n>")
@lists.arguments(schemas.Request, location="query")
@lists.response(200, schemas.MedicationList, headers=ETAG | _CHECKED)
@lists.doc(parameters=[LANGUAGE])
@needs(Need.SEE_LIST)
def one_version(_asked: dict[str, object], patient: str, n: int) -> Response:
    """One version; its discrepancies' states are those of today."""
    with database().writing() as session:
        entry.see(session, patient, "read-version")
        stored = listing.list_version(session, patient, n) if n < _MOST else None
        newest = listing.current_list(session, patient)
    if stored is None or newest is None:
        raise ProblemError(code="not-found")
    return _answer(stored, newest=newest.version == n)


_MOST = 2**31


@lists.get("/patients/<opaque:patient>/medication-list/diff")
@lists.arguments(schemas.Span, location="query")
@lists.response(200, schemas.Diff)
@needs(Need.SEE_LIST)
def diff(span: dict[str, int], patient: str) -> dict[str, object]:
    """What differs from one version to another; conclusions only."""
    with database().writing() as session:
        entry.see(session, patient, "read-diff")
        old, new = (listing.list_version(session, patient, span[n]) for n in ("from_", "to"))
    if old is None or new is None:
        raise ProblemError(code="not-found")
    return span | {"changes": difference.differences(old.reconciliation, new.reconciliation)}


@lists.get("/patients/<opaque:patient>/sources")
@lists.arguments(schemas.Request, location="query")
@lists.response(200, schemas.Sources)
@lists.doc(parameters=[LANGUAGE])
@needs(Need.SEE_LIST)
def sources(_asked: dict[str, object], patient: str) -> dict[str, object]:
    """Each source's own word of today, apart, in the messages that carried it."""
    language = wording.language_of(request.headers.get("Accept-Language"))
    with database().writing() as session:
        entry.see(session, patient, "read-sources")
        words = hearing.sources(session, patient, clock.today())
    return {"sources": [_word(word, language) for word in words]}


def _fetched(last: LastFetch | None) -> dict[str, object] | None:
    return None if last is None else {"at": last.at, "outcome": last.outcome.value, "codes": list(last.codes)}


def _word(word: hearing.SourceWord, language: str) -> dict[str, object]:
    return {
        **{name: getattr(word, name) for name in ("source_system", "message_type", "channel", "as_of", "received_at")},
        "source": word.source.value,
        "outcome": word.heard.outcome.value,
        "whole": word.whole,
        "kinds": [kind.value for kind in word.kinds],
        "unread": word.unread,
        "gaps": [gap_json(gap, language) for gap in word.gaps],
        "fetched": _fetched(word.fetched),
        "statements": [neutral.statement_json(s) for s in word.statements],
    }


@lists.act("/patients/<opaque:patient>/medication-list/confirm", schemas.Act)
def confirm(told: dict[str, Any], patient: str) -> Response:
    """Somebody has gone through the list; stands until a statement changes."""
    return act(patient, ActionKind.CONFIRM, told)


def act(patient: str, kind: ActionKind, told: dict[str, Any]) -> Response:
    """Do one act in one transaction, logged; the answer carries the tag after it."""
    match, by = entry.if_match(), entry.acting(told.pop("on_behalf_of", None))
    with database().writing() as session:
        actions.hold(session, patient)
        entry.see(session, patient, kind.value)
        done = actions.record_action(
            session, person_id=patient, kind=kind, by=by, today=clock.today(), if_match=match, **told
        )
    body = schemas.Done().dumps(done)
    return Response(body, mimetype="application/json", headers={"ETag": f'"{done.version}.{done.revision}"'})
