"""One message, from bytes to a marked person: kept first, then read, then said.

*Kept*: the bytes are committed before anything is tried with them; the same bytes again are no news. *Read*: what
can't be read, or laid at anybody's door, waits in quarantine, whole, with code and place. *Said*: the source's word
and the person's dirty mark in one transaction. Between any two of these steps the process may die: what is kept and
not yet said is taken up again by `resume`.
"""

import hashlib
import secrets
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from formats.errors import FormatError
from formats.read import read
from formats.remembered import Recent
from formats.statement import Reach, Reading, Source, Statement
from medrec import clock, persons, radar, store
from medrec.checks import at_hand
from medrec.db import Database, vault_of
from medrec.packing import pack, unpack
from medrec.persons import Doubt, Unresolved
from medrec.records import message
from medrec.vault import Sealed

log = structlog.get_logger(__name__)

KEPT, ACCEPTED, QUARANTINED, RELEASED = "kept", "accepted", "quarantined", "released"
OUR_FAULT = "our-fault"

_CONTAINERS = Recent(2_000)
"""What the signed prescriptions in lists read lately held (about 3 kB each): a list fetched anew is mostly old ones.

In the process and not in the store: sealing, fetching and opening a stored reading costs what decoding the container
again costs, and would be one more copy of patient data to keep true to the codec's version.
"""

_KNOWN = select(
    message.c.id, message.c.outcome, message.c.person_id, message.c.asked_for, message.c.asked_source
).where(message.c.content_hash == bindparam("hash"))
_LOCKED = (
    select(
        message.c.id,
        message.c.outcome,
        message.c.person_id,
        message.c.asked_for,
        message.c.asked_source,
        message.c.channel,
    )
    .where(message.c.id == bindparam("message"))
    .with_for_update()
)
_TELL = update(message).where(message.c.id == bindparam("message"))
"""Asked for every message: built once, and never of the sealed bytes, which nobody here opens again."""

AFTER_HEARD: list[Callable[[Session, str, Reading, str | None], None]] = []
"""Called with (session, message id, reading, person id) inside the transaction in which a message is said."""


class Kept(NamedTuple):
    """A message that is on the disk, and how far it has come."""

    id: str
    outcome: str
    person_id: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a message waits: a code of a closed set (FormatError's, or `persons.Doubt`), and where in the message."""

    code: str
    place: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a message. `status`: accepted, repeated or quarantined; `patient`: person id where certain."""

    message_id: str
    status: str
    patient: str | None = None
    problem: Problem | None = None


def receive(
    database: Database, raw: bytes, *, channel: str, asked_for: str | None = None, source: Source | None = None
) -> Receipt:
    """Take in one message. When this returns, the message is on the disk whatever happens next.

    `asked_for`: person id for whom it was fetched; `source`: which source was asked, where known. Raises
    `LookupError` for an unknown `asked_for`, before anything is kept.
    """
    content_hash = hashlib.sha256(raw).hexdigest()
    row = database.once(lambda session: _keep(session, raw, content_hash, channel, asked_for, source))
    if row.outcome in {ACCEPTED, RELEASED}:
        return Receipt(row.id, "repeated", row.person_id)
    return handle(database, row.id, raw)


def keep(session: Session, raw: bytes, *, channel: str) -> str:
    """Keep a message that came inside another one, in that one's transaction; `resume` reads it. Returns its id."""
    return str(_keep(session, raw, hashlib.sha256(raw).hexdigest(), channel, None, None).id)


def _keep(
    session: Session, raw: bytes, content_hash: str, channel: str, asked_for: str | None, source: Source | None
) -> Kept:
    """Sealed only where it is news: most of what is fetched every night is not."""
    if asked_for is not None and not persons.exists(session, asked_for):
        msg = "no such person"
        raise LookupError(msg)
    asked_source = source.value if source else None
    known = session.execute(_KNOWN, {"hash": content_hash}).first()
    if known is None:
        row = _sealed(session, raw, content_hash) | {"channel": channel}
        row |= {"asked_for": asked_for, "asked_source": asked_source}
        if store.put_first(session, message, row):
            return Kept(row["id"], KEPT, None)
        known = session.execute(_KNOWN, {"hash": content_hash}).one()
    if asked_for is not None and known.asked_for is None and known.outcome == QUARANTINED:
        told = {"asked_for": asked_for, "asked_source": asked_source or known.asked_source}
        session.execute(update(message).where(message.c.id == known.id).values(**told))
    return Kept(known.id, known.outcome, known.person_id)


def _sealed(session: Session, raw: bytes, content_hash: str) -> dict[str, Any]:
    """The row of a message nobody has read yet, but for how it came."""
    sealed = vault_of(session).seal(pack(raw), f"message|{content_hash}")
    return {
        "id": secrets.token_hex(12),
        "content_hash": content_hash,
        "received_at": clock.now(),
        "raw_sealed": sealed.data,
        "key_id": sealed.key_id,
        "outcome": KEPT,
        "breaches": [],
    }


def handle(database: Database, message_id: str, raw: bytes, *, again: bool = False) -> Receipt:
    """Read a kept message and say what it says; what can't be read or laid at a door is put in quarantine.

    `again`: an earlier reading of the same bytes may be replaced. A fault of ours in reading is no fault of the
    sender's: the message waits in quarantine as `our-fault` and is read again after an upgrade.
    """
    checked_with = at_hand(database.settings)
    try:
        heard = read(raw, known=_CONTAINERS, **checked_with)
    except FormatError as refused:
        problem = Problem(refused.code.value, refused.place, refused.text)
        return database.once(lambda session: _quarantine(session, message_id, problem, None))
    except Exception as fault:  # noqa: BLE001 - a codec's fault must not keep other messages from being read
        log.error("reading.failed", message=message_id, fault=type(fault).__name__, at=where(fault))  # noqa: TRY400 - no text of it
        problem = Problem(OUR_FAULT, "", type(fault).__name__)
        return database.once(lambda session: _quarantine(session, message_id, problem, None))
    return database.once(lambda session: _say(session, message_id, heard, again=again))


def _say(session: Session, message_id: str, heard: Reading, *, again: bool) -> Receipt:
    row = _locked(session, message_id)
    if row.outcome == RELEASED or (row.outcome == ACCEPTED and not again):
        return Receipt(row.id, "repeated", row.person_id)
    parts = list(store.parts(heard))
    try:
        person_id = _whose(session, parts, row)
    except Unresolved as doubt:
        return _quarantine(session, message_id, Problem(doubt.doubt.value, "person", doubt.text), heard)
    fresh: list[tuple[Reading, Statement]] = []
    if person_id is not None:
        said = store.say(
            session, message_id, person_id, persons.identity_key(session, person_id), parts,
            first=row.outcome != ACCEPTED,
        )  # fmt: skip
        fresh = radar.countable(said) if row.outcome != ACCEPTED else []
        persons.mark_dirty(session, [person_id])
    told: dict[str, Any] = {
        "outcome": ACCEPTED,
        "person_id": person_id,
        "breaches": [b for p in parts for b in p.breaches],
    }
    told |= {"handled_at": clock.now(), "problem_code": None, "problem_place": None, "problem_text": None}
    session.execute(_TELL, told | _envelope(heard) | {"message": message_id})
    for hook in AFTER_HEARD:
        hook(session, message_id, heard, person_id)
    radar.count(session, fresh, row.channel)
    return Receipt(message_id, "accepted", person_id)


def _whose(session: Session, parts: Iterable[Reading], row: Row[*tuple[Any, ...]]) -> str | None:
    """The one person all parts speak of; `None` for what is no message about a person. Raises `Unresolved`."""
    found: str | None = row.asked_for
    told = [part.person for part in parts if part.person is not None and part.person.identifiers]
    for named in dict.fromkeys(told):
        found = persons.resolve(session, named, asked_for=found, origin=row.id)
    if found is None and any(p.statements or p.allergies or p.unread or p.reach is Reach.WHOLE for p in parts):
        raise Unresolved(Doubt.PERSON_UNKNOWN, "the message names nobody")
    return found


def _quarantine(session: Session, message_id: str, problem: Problem, heard: Reading | None) -> Receipt:
    row = _locked(session, message_id)
    if row.outcome in {ACCEPTED, RELEASED}:
        return Receipt(row.id, "repeated", row.person_id)
    told: dict[str, Any] = {"outcome": QUARANTINED, "handled_at": clock.now(), "problem_code": problem.code}
    told |= {"problem_place": problem.place, "problem_text": problem.text}
    if heard is not None:
        told |= _envelope(heard)
        told |= {"asked_source": row.asked_source or (heard.source.value if heard.source else None)}
    session.execute(update(message).where(message.c.id == message_id).values(**told))
    if row.asked_for is not None:
        persons.mark_dirty(session, [row.asked_for])
    log.warning("message.quarantined", message=message_id, code=problem.code, channel=row.channel)
    return Receipt(message_id, "quarantined", None, problem)


def _envelope(heard: Reading) -> dict[str, Any]:
    return {"type": heard.message, "business_id": heard.message_id}


def _locked(session: Session, message_id: str) -> Row[*tuple[Any, ...]]:
    return session.execute(_LOCKED, {"message": message_id}).one()


def raw_of(session: Session, message_id: str) -> bytes:
    """The bytes of a kept message, as they came."""
    row = session.execute(
        select(message.c.content_hash, message.c.raw_sealed, message.c.key_id).where(message.c.id == message_id)
    ).one()
    return unpack(vault_of(session).open(Sealed(row.key_id, row.raw_sealed), f"message|{row.content_hash}"))


def resume(database: Database, limit: int = 100) -> int:
    """Take up messages that were kept and not said (a process died between). Returns how many."""
    with database.reading() as session:
        waiting = session.scalars(
            select(message.c.id).where(message.c.outcome == KEPT).order_by(message.c.received_at).limit(limit)
        ).all()
    for message_id in waiting:
        with database.reading() as session:
            raw = raw_of(session, message_id)
        handle(database, message_id, raw)
    return len(waiting)


def read_again(database: Database, message_id: str) -> Receipt:
    """Read a message from its bytes once more (after an upgrade, or when somebody has become known).

    What could not be read before may be said now. What was said before is replaced only if it reads: a message that
    reads worse than before keeps its earlier reading.
    """
    with database.reading() as session:
        raw = raw_of(session, message_id)
    return handle(database, message_id, raw, again=True)


def where(fault: BaseException) -> str:
    """File and line in which a fault arose: all that may be logged of it, for its text may hold patient data."""
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
