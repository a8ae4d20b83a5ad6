"""One message, from bytes to a marked person: kept first, then read, then said, and acknowledged last.

*Kept*: the bytes are committed before anything is tried with them; the same bytes again are no news. *Read*: what
can't be read, or laid at anybody's door, waits in quarantine, whole, with code and place. *Said*: the source's word
and the person's dirty mark in one transaction. Between any two of these steps the process may die: what is kept and
not yet said is taken up again by `resume`. The disk is waited for once, when it is said or in quarantine: before that
nobody was told that we have it, and where the store's server died in between and forgot it, it is kept once more.
"""

import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from formats.errors import FormatError
from formats.read import read
from formats.remembered import Recent
from formats.statement import Person, Reach, Reading, Source
from medrec import clock, persons, radar, store
from medrec.checks import at_hand
from medrec.db import Database, Overtaken
from medrec.glance import Asked
from medrec.keeping import ACCEPTED, KEPT, QUARANTINED, RELEASED, Kept, hash_of, keep, keep_all, raw_of
from medrec.persons import Doubt, Unresolved
from medrec.records import message

log = structlog.get_logger(__name__)

OUR_FAULT = "our-fault"
_DONE = frozenset({ACCEPTED, RELEASED})
_TOGETHER, _BYTES_TOGETHER = 50, 4 * 1024 * 1024
"""Messages that are said in one transaction, at most, and their bytes: a commit costs as much as one small message."""

_CONTAINERS = Recent(2_000)
"""What the signed prescriptions in lists read lately held (about 3 kB each): a list fetched anew is mostly old ones.

In the process and not in the store: sealing, fetching and opening a stored reading costs what decoding the container
again costs, and would be one more copy of patient data to keep true to the codec's version.
"""

_LOCKED = Asked(
    select(
        message.c.id,
        message.c.outcome,
        message.c.person_id,
        message.c.asked_for,
        message.c.asked_source,
        message.c.channel,
    )
    .where(message.c.id.in_(bindparam("messages", expanding=True)))
    .order_by(message.c.id)
    .with_for_update()
)
_TELL = Asked(update(message).where(message.c.id == bindparam("message")))
"""Never of the sealed bytes, which nobody here opens again."""
_ANY_KEPT = Asked(select(message.c.id).where(message.c.outcome == KEPT).limit(1))
"""Asked before every judgement, and the answer is mostly that there is none."""

AFTER_HEARD: list[Callable[[Session, str, Reading, str | None], None]] = []
"""Called with (session, message id, reading, person id) inside the transaction in which a message is said."""


_Row = Row[*tuple[Any, ...]]


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


class Forgotten(Exception):  # noqa: N818 - nothing is wrong with what came
    """A message that was kept is not in the store: its server died before what it was told was on the disk."""


def receive(
    database: Database, raw: bytes, *, channel: str, asked_for: str | None = None, source: Source | None = None
) -> Receipt:
    """Take in one message. When this returns, the message is on the disk whatever happens next.

    `asked_for`: person id for whom it was fetched; `source`: which source was asked, where known. Raises
    `LookupError` for an unknown `asked_for`, before anything is kept.
    """
    kept = partial(keep, raw=raw, channel=channel, asked_for=asked_for, source=source)
    try:
        return _received(database, raw, database.once(kept, on_disk=False))
    except Forgotten:
        return _received(database, raw, database.once(kept))


def _received(database: Database, raw: bytes, row: Kept) -> Receipt:
    if row.outcome in _DONE:
        return Receipt(row.id, "repeated", row.person_id)
    return handle(database, row.id, raw)


def receive_many(database: Database, raws: Iterable[bytes], *, channel: str) -> Iterator[Receipt]:
    """Take in many messages, in order: kept, and then said, some dozens in a transaction.

    When a receipt comes out, its message is on the disk. What is concluded is the same as of one after the other. A
    fault of ours in saying one message is raised when those of its transaction were said each for itself.
    """
    for some in _dozens(raws):
        hashes = [hash_of(raw) for raw in some]
        by_hash = dict(zip(hashes, some, strict=True))
        keep_these = partial(keep_all, by_hash=by_hash, channel=channel)
        try:
            kept = database.once(keep_these, on_disk=False)
            receipts = _received_all(database, by_hash, kept)
        except Forgotten:
            kept = database.once(keep_these)
            receipts = _received_all(database, by_hash, kept)
        for content_hash in hashes:
            known = kept[content_hash]
            receipt = receipts.get(known.id, Receipt(known.id, "repeated", known.person_id))
            yield receipt
            if receipt.status == "accepted":
                receipts[known.id] = replace(receipt, status="repeated")


def _received_all(database: Database, by_hash: Mapping[str, bytes], kept: Mapping[str, Kept]) -> dict[str, Receipt]:
    """Read and say what isn't done yet; by message id."""
    return _say_all(
        database, {k.id: _read(database, k.id, by_hash[h]) for h, k in kept.items() if k.outcome not in _DONE}
    )


def _dozens(raws: Iterable[bytes]) -> Iterator[list[bytes]]:
    some: list[bytes] = []
    for raw in raws:
        some.append(raw)
        if len(some) >= _TOGETHER or sum(map(len, some)) >= _BYTES_TOGETHER:
            yield some
            some = []
    if some:
        yield some


def _say_all(database: Database, news: Mapping[str, Reading | Problem]) -> dict[str, Receipt]:
    """All in one transaction; where that fails each in its own, and the first fault is raised when all were tried."""
    try:
        return database.once(partial(_say, told=news))
    except Forgotten:
        raise
    except Exception as fault:
        if len(news) == 1:
            raise
        log.warning("saying.apart", messages=len(news), fault=type(fault).__name__, at=where(fault))
    receipts: dict[str, Receipt] = {}
    faults: list[Exception] = []
    for message_id, heard in news.items():
        try:
            receipts |= _say_all(database, {message_id: heard})
        except Exception as fault:  # noqa: BLE001 - raised below; the others are said first
            faults.append(fault)
    if faults:
        raise next((fault for fault in faults if isinstance(fault, Forgotten)), faults[0])  # first they are kept again
    return receipts


def handle(database: Database, message_id: str, raw: bytes, *, again: bool = False) -> Receipt:
    """Read a kept message and say what it says; what can't be read or laid at a door is put in quarantine.

    `again`: an earlier reading of the same bytes may be replaced. A fault of ours in reading is no fault of the
    sender's: the message waits in quarantine as `our-fault` and is read again after an upgrade.
    """
    told = {message_id: _read(database, message_id, raw)}
    return database.once(partial(_say, told=told, again=again))[message_id]


def _read(database: Database, message_id: str, raw: bytes) -> Reading | Problem:
    """What a message says, or why that can't be told."""
    checked_with = at_hand(database.settings)
    try:
        return read(raw, known=_CONTAINERS, **checked_with)
    except FormatError as refused:
        return Problem(refused.code.value, refused.place, refused.text)
    except Exception as fault:  # noqa: BLE001 - a codec's fault must not keep other messages from being read
        log.error("reading.failed", message=message_id, fault=type(fault).__name__, at=where(fault))  # noqa: TRY400 - no text of it
        return Problem(OUR_FAULT, "", type(fault).__name__)


class _Said(NamedTuple):
    """A message that is laid at somebody's door, or at nobody's."""

    row: _Row
    heard: Reading
    parts: Sequence[Reading]
    person_id: str | None


def _say(session: Session, told: Mapping[str, Reading | Problem], *, again: bool = False) -> dict[str, Receipt]:
    """Say what was read, in this transaction; by message id. Raises `Forgotten`, and nothing is said then."""
    receipts: dict[str, Receipt] = {}
    said: list[_Said] = []
    known: dict[tuple[Person, str | None], str] = {}
    rows = {row.id: row for row in _LOCKED.all(session, {"messages": list(told)})}
    if len(rows) < len(told):
        raise Forgotten
    for message_id, heard in told.items():
        row = rows[message_id]
        if row.outcome == RELEASED or (row.outcome == ACCEPTED and not (again and isinstance(heard, Reading))):
            receipts[row.id] = Receipt(row.id, "repeated", row.person_id)
        elif isinstance(heard, Problem):
            receipts[row.id] = _quarantine(session, row, heard, None)
        else:
            parts = list(store.parts(heard))
            try:
                said.append(_Said(row, heard, parts, _whose(session, parts, row, known)))
                receipts[row.id] = Receipt(row.id, "accepted", said[-1].person_id)
            except Unresolved as doubt:
                if row.outcome == ACCEPTED:
                    log.warning("reading.worse", message=row.id, code=doubt.doubt.value)
                    receipts[row.id] = Receipt(row.id, "repeated", row.person_id)
                    continue
                problem = Problem(doubt.doubt.value, "person", doubt.text)
                receipts[row.id] = _quarantine(session, row, problem, heard)
    _keep_said(session, said)
    return receipts


def _keep_said(session: Session, said: Sequence[_Said]) -> None:
    """The sources' word, the marks of those it is about, and the messages' own rows."""
    about = sorted({one.person_id for one in said if one.person_id is not None})
    _mark(session, {*about, *(one.row.person_id for one in said if one.row.person_id is not None)})
    keys = persons.identity_keys(session, about) if about else {}
    tellings = [
        store.Telling(one.row.id, one.person_id, keys[one.person_id], one.parts, first=one.row.outcome != ACCEPTED)
        for one in said
        if one.person_id is not None
    ]
    news = store.say_all(session, tellings)
    _TELL.each(session, [_accepted(one) for one in said])
    for one in said:
        for hook in AFTER_HEARD:
            hook(session, one.row.id, one.heard, one.person_id)
    for channel in sorted({one.row.channel for one in said}):
        first = [one.row.id for one in said if one.row.channel == channel and one.row.outcome != ACCEPTED]
        radar.count(session, [pair for name in first for pair in news.get(name, ())], channel)


def _mark(session: Session, about: Collection[str]) -> None:
    """Mark them, and so hold their rows. Raises `Overtaken` where one was joined to another since we asked who."""
    if about:
        persons.mark_dirty(session, about)
        if persons.is_gone(session, *about):
            raise Overtaken


def _accepted(one: _Said) -> dict[str, Any]:
    told: dict[str, Any] = {"message": one.row.id, "outcome": ACCEPTED, "person_id": one.person_id}
    told |= {"breaches": [b for part in one.parts for b in part.breaches], "handled_at": clock.now()}
    return told | {"problem_code": None, "problem_place": None, "problem_text": None} | _envelope(one.heard)


def _whose(
    session: Session, parts: Iterable[Reading], row: _Row, known: dict[tuple[Person, str | None], str]
) -> str | None:
    """The one person all parts speak of; `None` for what is no message about a person. Raises `Unresolved`.

    `known`: who was found already in this transaction, for whom; added to.
    """
    found: str | None = row.asked_for
    if found is not None and persons.is_gone(session, found):
        raise Unresolved(Doubt.PERSON_UNKNOWN, "the id it was fetched for stands for nobody any more")
    told = [part.person for part in parts if part.person is not None and part.person.identifiers]
    for named in dict.fromkeys(told):
        key = (named, found)
        if key not in known:
            known[key] = persons.resolve(session, named, asked_for=found, origin=row.id)
        found = known[key]
    if found is None and any(p.statements or p.allergies or p.unread or p.reach is Reach.WHOLE for p in parts):
        raise Unresolved(Doubt.PERSON_UNKNOWN, "the message names nobody")
    return found


def _quarantine(session: Session, row: _Row, problem: Problem, heard: Reading | None) -> Receipt:
    told: dict[str, Any] = {"outcome": QUARANTINED, "handled_at": clock.now(), "problem_code": problem.code}
    told |= {"problem_place": problem.place, "problem_text": problem.text}
    if heard is not None:
        told |= _envelope(heard)
        told |= {"asked_source": row.asked_source or (heard.source.value if heard.source else None)}
    session.execute(update(message).where(message.c.id == row.id).values(**told))
    if row.asked_for is not None:
        persons.mark_dirty(session, [row.asked_for])
    log.warning("message.quarantined", message=row.id, code=problem.code, channel=row.channel)
    return Receipt(row.id, "quarantined", None, problem)


def _envelope(heard: Reading) -> dict[str, Any]:
    return {"type": heard.message, "business_id": heard.message_id}


def resume(database: Database, limit: int = 100) -> int:
    """Take up messages that were kept and not said (a process died between). Returns how many.

    One that still can't be said, by a fault of ours, stays kept and holds up neither the others nor any judgement.
    """
    if _ANY_KEPT.first(database, {}) is None:
        return 0
    with database.reading() as session:
        waiting = session.scalars(
            select(message.c.id).where(message.c.outcome == KEPT).order_by(message.c.received_at).limit(limit)
        ).all()
    for message_id in waiting:
        try:
            with database.reading() as session:
                raw = raw_of(session, message_id)
            handle(database, message_id, raw)
        except DBAPIError:
            raise
        except Exception as fault:  # noqa: BLE001 - as for a judgement: told, and tried again in the next round
            log.error("saying.failed", message=message_id, fault=type(fault).__name__, at=where(fault))  # noqa: TRY400 - no text of it
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
