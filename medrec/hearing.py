"""How each source was heard, and the Case that rules judge: what was said, what was read, what people added."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from formats.errors import ErrorCode
from formats.statement import Gap, GapCode, Kind, Reach, Source, Statement
from medrec import casefile, human, ledger, persons, roster
from medrec.casefile import Said, Word
from medrec.config import Settings
from medrec.db import settings_in
from medrec.persons import Doubt
from medrec.records import message
from medrec.sources.log import UNREAD, LastFetch, last_fetch, last_of_each, read_at
from rules.conclusion import Case, Heard, Outcome

_MULTIDOSE_DOCTOR = "M"
"""Code list 7490: the doctor responsible for the multidose."""

_WRONG_PATIENT = {Doubt.WRONG_PATIENT.value, ErrorCode.TWO_PERSONS.value}
"""Problems that say: another person than the one asked for (G05)."""

_WHOLE_OF = {Source.RF: Kind.PRESCRIPTION}
"""What a source must have spoken of whole to count as read: for the registry its prescriptions."""

_HELD_BACK = select(message.c.asked_source, message.c.problem_code).where(
    message.c.asked_for == bindparam("person"),
    message.c.outcome == "quarantined",
    message.c.asked_source.is_not(None),
)


def case_of(session: Session, person_id: str, on: date) -> Case:
    """All that judgement may know of a person on a day."""
    care = roster.care_of(session, person_id, on)
    held = casefile.word(session, person_id, gp_her_id=care.gp.her_id if care else "")
    said = human.of_person(session, person_id)
    statements = casefile.statements(held) + said.observations
    confirmation = said.confirmation
    return Case(
        statements=statements,
        heard=heard(session, person_id, held, on),
        allergies=casefile.allergies(held),
        birth_date=persons.birth_date(session, person_id),
        nursing_home=bool(care and care.nursing_home),
        gp_hpr=(care.gp.hpr or None) if care else None,
        multidose_doctors=_multidose_doctors(held),
        links=said.links,
        intents=said.intents,
        confirmed_by=confirmation.by if confirmation else None,
        confirmed_on=confirmation.on if confirmation else None,
        changed_since_confirmed=bool(confirmation and confirmation.statements != human.fingerprint(statements)),
        serious_since=ledger.serious_since(session, person_id) if confirmation else None,
        admitted=casefile.admitted(held, on),
    )


def heard(session: Session, person_id: str, held: Word, on: date) -> dict[Source, Heard]:
    """How and when each of the three sources was heard, as it stands on a day."""
    held_back = _quarantined(session, person_id)
    fresh = _freshness(settings_in(session))
    fetched = last_of_each(session, person_id)
    return {
        source: _as_aged(
            _as_fetched(
                session,
                person_id,
                source,
                heard_as(
                    source,
                    held,
                    held_back=held_back.get(source, set()),
                    failed=fetched.get(source) in UNREAD,
                    fresh=fresh,
                ),
            ),
            on,
        )
        for source in Source
    }


def _as_fetched(session: Session, person_id: str, source: Source, told: Heard) -> Heard:
    """A fetched source that was read again and had nothing new to say is as fresh as that reading."""
    if told.fresh_hours_low is None or told.as_of is None:
        return told
    read = read_at(session, person_id, source)
    return told if read is None or read <= told.as_of else replace(told, as_of=read)


def _as_aged(told: Heard, on: date) -> Heard:
    """A fetched source older than the high limit is stale: a gap on the list, and absence in it is no evidence.

    Counted in whole days, as G01 counts.
    """
    if told.outcome is not Outcome.READ or told.as_of is None or told.fresh_hours_high is None:
        return told
    hours = (on - told.as_of.date()).days * 24
    return replace(told, outcome=Outcome.STALE) if hours > told.fresh_hours_high else told


@dataclass(frozen=True, slots=True)
class Freshness:
    """Ages in hours from which a fetched source is old (low, high), and which channels are fetched."""

    low: int
    high: int
    channels: frozenset[str]


def _freshness(settings: Settings) -> Freshness:
    return Freshness(settings.fresh_hours_low, settings.fresh_hours_high, settings.fetched_channels)


def heard_as(
    source: Source,
    held: Word,
    *,
    held_back: Collection[str] = (),
    failed: bool = False,
    fresh: Freshness | None = None,
) -> Heard:
    """How one source was heard. `held_back`: problem codes of its quarantined messages; `failed`: its last fetch."""
    todays = held.todays(source)
    gaps = [gap for said in todays for gap in said.gaps if gap.source is source]
    if set(held_back) - _WRONG_PATIENT:
        gaps.append(Gap(source, GapCode.QUARANTINED))
    wrong = bool(set(held_back) & _WRONG_PATIENT)
    if not todays:
        outcome = Outcome.FAILED if failed else Outcome.NOT_READ
        return Heard(outcome=outcome, gaps=tuple(gaps), wrong_patient=wrong, allergies_answered=False)
    main = _main(source, todays)
    if main is None:
        gaps.append(Gap(source, GapCode.PARTIAL))
    of = main or todays[-1]
    ages = fresh is not None and of.channel in fresh.channels
    return Heard(
        outcome=Outcome.READ,
        as_of=of.as_of,
        gaps=tuple(dict.fromkeys(gaps)),
        fresh_hours_low=fresh.low if fresh and ages else None,
        fresh_hours_high=fresh.high if fresh and ages else None,
        wrong_patient=wrong,
        allergies_answered=any(said.allergies_answered for said in todays),
    )


def _main(source: Source, todays: list[Said]) -> Said | None:
    """The newest reading that speaks for the whole of the source; a lone event speaks for itself only."""
    needed = _WHOLE_OF.get(source)
    wholes = [s for s in todays if s.reach is Reach.WHOLE and (needed is None or needed in s.kinds or not s.kinds)]
    return wholes[-1] if wholes else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWord:
    """One reading of a source's word of today. `heard`: how that source stands as a whole.

    `fetched`: how the newest fetch of that source ended, `None` where it is not fetched.
    """

    source: Source
    source_system: str
    message_type: str
    message_id: str
    as_of: datetime | None
    received_at: datetime
    channel: str
    whole: bool
    kinds: tuple[Kind, ...]
    gaps: tuple[Gap, ...]
    unread: int
    heard: Heard
    statements: tuple[Statement, ...]
    fetched: LastFetch | None = None


def sources(session: Session, person_id: str, today: date) -> tuple[SourceWord, ...]:
    """Each source's own word, apart: what each system says today, and in which message it said it."""
    care = roster.care_of(session, person_id, today)
    held = casefile.word(session, person_id, gp_her_id=care.gp.her_id if care else "")
    told = heard(session, person_id, held, today)
    fetched = {source: last_fetch(session, person_id, source) for source in Source}
    known = {s.id: s for s in casefile.statements(held)}
    said = {
        i: [known[s] for s, at in sorted(held.sayings.items()) if any(t[0] == i for t in at)] for i in held.readings
    }
    return tuple(
        SourceWord(
            source=source,
            source_system=one.source_system,
            message_type=one.message_type,
            message_id=one.message_id,
            as_of=one.as_of,
            received_at=one.received_at,
            channel=one.channel,
            whole=one.reach is Reach.WHOLE,
            kinds=one.kinds,
            gaps=one.gaps,
            unread=one.unread,
            heard=told[source],
            statements=tuple(said.get(one.id, ())),
            fetched=fetched[source],
        )
        for source in Source
        for one in held.todays(source)
    )


def _quarantined(session: Session, person_id: str) -> dict[Source, set[str]]:
    """Problems of messages that were asked for this person and wait in quarantine, by source."""
    rows = session.execute(_HELD_BACK, {"person": person_id})
    found: dict[Source, set[str]] = {}
    for row in rows:
        found.setdefault(Source(row.asked_source), set()).add(row.problem_code)
    return found


def _multidose_doctors(held: Word) -> tuple[str, ...]:
    roles = [role for source in Source for said in held.todays(source) for role in said.roles]
    return tuple(dict.fromkeys(role.hpr for role in roles if role.role == _MULTIDOSE_DOCTOR and role.hpr))
