"""Rounds of fetching: whose turn it is, one claim, one question, one outcome in the log.

First come those whose care visit is next. A claim is a turn put off (`fetch_state.next_at`), so a round that dies loses
nothing: the person's turn comes again. Any process of any machine may do rounds: each claims a batch at a time, and all
keep one pace. An answer counts from the moment it was asked for, so that one that was long on its way (a machine slept)
passes for nothing newer. A source that rests is left alone; nobody's turn is used up by it.
"""

import time
import uuid
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import case, or_, select, true, update
from sqlalchemy.orm import Session

from formats.statement import LIMITING, GapCode, Source
from medrec import clock, intake, persons
from medrec.db import Database
from medrec.persons import PersonCard
from medrec.records import fetch_state, person, reading, roster, source_note
from medrec.sources import fhir, sfm
from medrec.sources.asking import Asking, Fetched
from medrec.sources.endpoints import FHIR, SFM, Endpoint, endpoint_of
from medrec.sources.http_client import RESTING, HttpClient, SourceFault
from medrec.sources.log import FetchOutcome, note
from medrec.sources.pace import SharedPace
from medrec.store import put, put_again

log = structlog.get_logger(__name__)

_CLAIM = timedelta(minutes=10)
_LONGEST_WAIT = timedelta(hours=1)
_CLOCKS_DIFFER = timedelta(hours=1)
_ROUND_SECONDS = 15.0
_BATCH = 20


@dataclass(frozen=True, slots=True)
class _Kind:
    source: Source
    ask: Callable[[Asking, PersonCard, datetime | None], Fetched]


KINDS: Mapping[str, _Kind] = {SFM: _Kind(sfm.SOURCE, sfm.fetch), FHIR: _Kind(fhir.SOURCE, fhir.fetch)}


def software_note(channel: str) -> str:
    """The name under which the software behind a channel is noted."""
    return f"{channel}.software"


class Rounds:
    """The rounds of one source in this process: its line and token are kept from round to round."""

    def __init__(self, channel: str, asking: Asking | None = None) -> None:
        self.channel = channel
        self._asking = asking
        self._software = ""

    def tick(self, database: Database, *, seconds: float = _ROUND_SECONDS) -> int:
        """Fetch those whose turn it is, for about so long. Returns how many brought something new."""
        if self._asking is None:
            endpoint = endpoint_of(database.settings, self.channel)
            if endpoint is None:
                return 0
            self._asking = Asking(endpoint, _line(database, endpoint))
        self._note_software(database, self._asking)
        ends, fresh = time.monotonic() + seconds, 0
        districts, every = self._asking.endpoint.districts, self._asking.endpoint.every
        while time.monotonic() < ends and not self._asking.client.breaker.open:
            turns = database.once(lambda session: claim(session, self.channel, _BATCH, districts, every))
            if not turns:
                break
            fresh += self._fetch_all(database, self._asking, turns)
        return fresh

    def _note_software(self, database: Database, asking: Asking) -> None:
        """Write down which software answers; its version stands beside what the radar counts."""
        if asking.client.breaker.open:
            return
        told = asking.capability().software
        if told and told != self._software:
            row = {"name": software_note(self.channel), "value": told, "at": clock.now()}
            database.once(lambda session: put(session, source_note, [row], renew=("value", "at")))
            self._software = told

    def _fetch_all(self, database: Database, asking: Asking, turns: list[str]) -> int:
        with ThreadPoolExecutor(asking.endpoint.at_once) as pool:
            # each in a copy of this context: it carries the log's ids, and the clock where it is held
            done = [pool.submit(copy_context().run, fetch_one, database, asking, self.channel, p) for p in turns]
            return sum(future.result() for future in done)


def _line(database: Database, endpoint: Endpoint) -> HttpClient:
    """The line of this process; on PostgreSQL its pace is that of all processes together."""
    shared = None
    if not database.settings.is_sqlite:
        shared = SharedPace(database, endpoint.channel, endpoint.per_second)
    return HttpClient(timeout=endpoint.timeout, per_second=endpoint.per_second, pace=shared)


def claim(
    session: Session, channel: str, limit: int, districts: Collection[str] = (), every: timedelta = timedelta(hours=12)
) -> list[str]:
    """Persons in care (of these districts; of all where none is named) whose turn it is, next visit first.

    From now on nobody else asks for them. `every`: how often each is asked for; a turn further ahead than that was
    written by a clock that was wrong, and is now.
    """
    now = clock.now()
    farthest = now + max(every, _LONGEST_WAIT) + _CLOCKS_DIFFER
    state = fetch_state.alias()
    turns = list(
        session.scalars(
            select(person.c.id)
            .join(roster, roster.c.person_id == person.c.id)
            .outerjoin(state, (state.c.person_id == person.c.id) & (state.c.channel == channel))
            .where(
                roster.c.replaced_at.is_(None),
                roster.c.starts <= clock.today(),
                or_(roster.c.ends.is_(None), roster.c.ends >= clock.today()),
                roster.c.district.in_(districts) if districts else true(),
                or_(state.c.next_at.is_(None), state.c.next_at <= now, state.c.next_at > farthest),
            )
            .order_by(case((roster.c.next_visit >= now, 0), else_=1), roster.c.next_visit, person.c.id)
            .limit(limit)
            .with_for_update(of=person, skip_locked=True)
        )
    )
    row = {"channel": channel, "next_at": now + _CLAIM}
    still = or_(fetch_state.c.next_at <= now, fetch_state.c.next_at > farthest)  # nobody claimed it as we looked
    return [
        p
        for p in dict.fromkeys(turns)
        if put_again(session, fetch_state, row | {"person_id": p}, renew=("next_at",), where=still)
    ]


def fetch_one(database: Database, asking: Asking, channel: str, person_id: str) -> bool:
    """Ask for one person and write down how it ended. True when there was something new.

    One id follows it through our logs and, where the source takes one, through theirs.
    """
    with structlog.contextvars.bound_contextvars(event_id=str(uuid.uuid4())):
        return _fetch_one(database, asking, channel, person_id)


def _fetch_one(database: Database, asking: Asking, channel: str, person_id: str) -> bool:
    kind, began, asked_at = KINDS[channel], time.monotonic(), clock.now()
    with database.reading() as session:
        card = persons.who(session, person_id)
        whole_at = session.scalar(
            select(fetch_state.c.whole_at).where(fetch_state.c.person_id == person_id, fetch_state.c.channel == channel)
        )
    if card is None:
        return False
    try:
        fetched = kind.ask(asking, card, whole_at)
    except SourceFault as caught:
        fault = caught
        if fault.code == RESTING:
            database.once(lambda session: _put_off(session, channel, person_id, clock.now() + timedelta(minutes=1)))
            return False
        seconds = time.monotonic() - began
        database.once(lambda session: _failed(session, channel, person_id, fault, _Took(asked_at, seconds)))
        return False
    return _take_in(database, asking, channel, person_id, fetched, _Took(asked_at, time.monotonic() - began))


@dataclass(frozen=True, slots=True)
class _Took:
    """When a question was asked, and how long its answer took."""

    asked_at: datetime
    seconds: float


def _take_in(database: Database, asking: Asking, channel: str, person_id: str, fetched: Fetched, took: _Took) -> bool:
    with database.reading() as session:
        known = session.execute(
            select(fetch_state.c.digest, fetch_state.c.message_id).where(
                fetch_state.c.person_id == person_id, fetch_state.c.channel == channel
            )
        ).first()
    message_id, new, problem = known.message_id if known else None, False, ""
    unchanged = bool(known and fetched.digest and known.digest == fetched.digest)
    if fetched.raw is not None and not unchanged:
        receipt = intake.receive(
            database, fetched.raw, channel=channel, asked_for=person_id, source=KINDS[channel].source
        )
        message_id, new = receipt.message_id, receipt.status == "accepted"
        problem = receipt.problem.code if receipt.problem else ""

    def told(session: Session) -> None:
        left_out = tuple(dict.fromkeys(fetched.kept_back + _left_out(session, message_id)))
        outcome = FetchOutcome.PARTIAL if left_out else FetchOutcome.OK
        note(
            session,
            channel=channel,
            outcome=FetchOutcome.FAILED if problem else outcome,
            person_id=person_id,
            source=KINDS[channel].source,
            code=f"quarantined-{problem}" if problem else ",".join(left_out),
            seconds=took.seconds,
            message_id=message_id,
            at=took.asked_at,
        )
        values = {"next_at": clock.now() + asking.endpoint.every, "ok_at": took.asked_at, "failures": 0}
        if fetched.raw is not None:
            values |= {"digest": "" if problem else fetched.digest, "message_id": message_id}
            values |= {} if left_out or problem else {"whole_at": took.asked_at}
        _set(session, channel, person_id, values)

    database.once(told)
    return new


def _left_out(session: Session, message_id: str | None) -> tuple[str, ...]:
    """What the answer itself says that it left out: a look-up behind it that failed, locked prescriptions, a page."""
    gaps = session.scalars(select(reading.c.gaps).where(reading.c.message_id == message_id)) if message_id else ()
    return tuple(code for told in gaps for gap in told if GapCode(code := str(gap["code"])) in LIMITING)


def _failed(session: Session, channel: str, person_id: str, fault: SourceFault, took: _Took) -> None:
    outcome = FetchOutcome.REFUSED if fault.refused else FetchOutcome.FAILED
    source = KINDS[channel].source
    note(
        session,
        channel=channel,
        outcome=outcome,
        person_id=person_id,
        source=source,
        code=fault.code,
        seconds=took.seconds,
        at=took.asked_at,
    )
    failures = 1 + (
        session.scalar(
            select(fetch_state.c.failures).where(fetch_state.c.person_id == person_id, fetch_state.c.channel == channel)
        )
        or 0
    )
    wait = min(timedelta(minutes=2 ** min(failures, 6)), _LONGEST_WAIT)
    _set(session, channel, person_id, {"failures": failures, "next_at": clock.now() + wait})
    log.warning("fetch.failed", channel=channel, person=person_id, code=fault.code)


def _put_off(session: Session, channel: str, person_id: str, until: datetime) -> None:
    _set(session, channel, person_id, {"next_at": until})


def _set(session: Session, channel: str, person_id: str, values: Mapping[str, object]) -> None:
    session.execute(
        update(fetch_state)
        .where(fetch_state.c.person_id == person_id, fetch_state.c.channel == channel)
        .values(**values)
    )
