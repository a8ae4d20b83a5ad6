"""How each source was heard, and the Case that rules judge: what was said, what was read, what people added."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from formats.errors import ErrorCode
from formats.statement import Gap, GapCode, Kind, Reach, Source, Statement
from medrec import casefile, human, ledger, persons, roster, stays
from medrec.casefile import Said, Word
from medrec.config import Settings
from medrec.db import settings_in
from medrec.glance import Asked
from medrec.human import HumanWord
from medrec.persons import Doubt
from medrec.records import message
from medrec.roster import Care
from medrec.sources.log import UNREAD, LastFetch, Standing, last_fetch, standings
from rules.conclusion import Case, Heard, Outcome

_MULTIDOSE_DOCTOR = "M"
"""Code list 7490: the doctor responsible for the multidose."""
_LIST_DOCTORS = {"L", "F"}
"""Code list 7490: who is responsible for the national list (PLL), and the GP."""

_WRONG_PATIENT = {Doubt.WRONG_PATIENT.value, ErrorCode.TWO_PERSONS.value}
"""Problems that say: another person than the one asked for (G05)."""

_WHOLE_OF = {Source.RF: Kind.PRESCRIPTION}
"""What a source must have spoken of whole to count as read: for the registry its prescriptions."""

_HELD_BACK = Asked(
    select(message.c.asked_for, message.c.asked_source, message.c.problem_code).where(
        message.c.asked_for.in_(bindparam("persons", expanding=True)),
        message.c.outcome == "quarantined",
        message.c.asked_source.is_not(None),
    )
)


def case_of(session: Session, person_id: str, on: date) -> Case:
    """All that judgement may know of a person on a day."""
    return cases_of(session, [person_id], on)[person_id]


def cases_of(session: Session, person_ids: Sequence[str], on: date) -> dict[str, Case]:
    """As `case_of`, of each of them; each table is asked once for all."""
    cares = roster.cares(session, person_ids, on)
    words = casefile.words(session, {p: cares[p].gp.her_id if p in cares else "" for p in person_ids})
    people = human.of_persons(session, person_ids)
    confirmed = [p for p, said in people.items() if said.confirmation]
    serious = ledger.serious_since(session, confirmed) if confirmed else {}
    births = persons.birth_dates(session, person_ids)
    readings = _readings(session, person_ids)
    return {
        p: _case(
            words[p],
            people[p],
            cares.get(p),
            heard=_heard(words[p], readings[p], on),
            birth_date=births.get(p),
            serious_since=serious.get(p),
            on=on,
        )
        for p in person_ids
    }


def _case(
    held: Word,
    said: HumanWord,
    care: Care | None,
    *,
    heard: Mapping[Source, Heard],
    birth_date: date | None,
    serious_since: date | None,
    on: date,
) -> Case:
    statements = casefile.statements(held) + said.observations
    confirmation = said.confirmation
    since = stays.admitted(held, on)
    return Case(
        statements=statements,
        heard=heard,
        allergies=casefile.allergies(held),
        birth_date=birth_date,
        nursing_home=bool(care and care.nursing_home),
        gp_hpr=(care.gp.hpr or None) if care else None,
        list_doctors=list_doctors(held),
        last_told=casefile.last_told(held),
        multidose_doctors=multidose_doctors(held),
        links=said.links,
        intents=said.intents,
        confirmed_by=confirmation.by if confirmation else None,
        confirmed_on=confirmation.on if confirmation else None,
        changed_since_confirmed=bool(confirmation and confirmation.statements != human.fingerprint(statements)),
        serious_since=serious_since,
        admitted=since is not None,
        admitted_on=since,
    )


@dataclass(frozen=True, slots=True)
class Freshness:
    """Ages in hours from which a fetched source is old (low, high), and which channels are fetched."""

    low: int
    high: int
    channels: frozenset[str]


def _freshness(settings: Settings) -> Freshness:
    return Freshness(settings.fresh_hours_low, settings.fresh_hours_high, settings.fetched_channels)


class _Readings(NamedTuple):
    """What is known of a person's sources beside what they said: problems of what waits, fetches, ages that count."""

    held_back: Mapping[Source, set[str]]
    fetched: Mapping[Source, Standing]
    fresh: Freshness


def _readings(session: Session, person_ids: Sequence[str]) -> dict[str, _Readings]:
    held_back, fetched = _quarantined(session, person_ids), standings(session, person_ids)
    fresh = _freshness(settings_in(session))
    return {p: _Readings(held_back.get(p, {}), fetched.get(p, {}), fresh) for p in person_ids}


def heard(session: Session, person_id: str, held: Word, on: date) -> dict[Source, Heard]:
    """How and when each of the three sources was heard, as it stands on a day."""
    return _heard(held, _readings(session, [person_id])[person_id], on)


def _heard(held: Word, known: _Readings, on: date) -> dict[Source, Heard]:
    told = {}
    for source in Source:
        fetched = known.fetched.get(source)
        one = heard_as(
            source,
            held,
            held_back=known.held_back.get(source, set()),
            failed=fetched is not None and fetched.outcome in UNREAD,
            fresh=known.fresh,
        )
        told[source] = _as_aged(_as_fetched(one, fetched), on)
    return told


def _as_fetched(told: Heard, fetched: Standing | None) -> Heard:
    """A fetched source that was read again and had nothing new to say is as fresh as that reading."""
    if told.fresh_hours_low is None or told.as_of is None or fetched is None or fetched.read_at is None:
        return told
    return told if fetched.read_at <= told.as_of else replace(told, as_of=fetched.read_at)


def _as_aged(told: Heard, on: date) -> Heard:
    """A fetched source older than the high limit is stale: a gap on the list, and absence in it is no evidence.

    Counted in whole days in Oslo, as G01 counts.
    """
    if told.outcome is not Outcome.READ or told.day is None or told.fresh_hours_high is None:
        return told
    hours = (on - told.day).days * 24
    return replace(told, outcome=Outcome.STALE) if hours > told.fresh_hours_high else told


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

    `said`: the ids of the statements in it; `statements`: themselves, where they were asked for.
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
    said: tuple[str, ...]
    statements: tuple[Statement, ...] = ()
    fetched: LastFetch | None = None


def sources(session: Session, person_id: str, today: date, *, statements: bool = True) -> tuple[SourceWord, ...]:
    """Each source's own word, apart: what each system says today, and in which message it said it.

    Without `statements` only their ids: whoever shows a list has its statements already.
    """
    care = roster.care_of(session, person_id, today)
    office = care.gp.her_id if care else ""
    held = casefile.word(session, person_id, gp_her_id=office, contents=statements)
    told = heard(session, person_id, held, today)
    fetched = {source: last_fetch(session, person_id, source) for source in Source}
    known = {s.id: s for s in casefile.statements(held)} if statements else {}
    said: dict[int, list[str]] = {}
    for name, at in sorted(held.sayings.items()):
        for reading_id in dict.fromkeys(t[0] for t in at):
            said.setdefault(reading_id, []).append(name)
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
            said=tuple(said.get(one.id, ())),
            statements=tuple(known[name] for name in said.get(one.id, ()) if statements),
            fetched=fetched[source],
        )
        for source in Source
        for one in held.todays(source)
    )


def _quarantined(session: Session, person_ids: Sequence[str]) -> dict[str, dict[Source, set[str]]]:
    """By person: problems of messages that were asked for them and wait in quarantine, by source."""
    found: dict[str, dict[Source, set[str]]] = {}
    for person_id, source, problem in _HELD_BACK.all(session, {"persons": list(person_ids)}):
        found.setdefault(person_id, {}).setdefault(Source(source), set()).add(problem)
    return found


def list_doctors(held: Word) -> tuple[str, ...]:
    """HPR numbers of those who keep the national list as it was told today: who answers for it, or the GP it names."""
    told = [role for said in held.todays(Source.RF) for role in said.roles if role.role in _LIST_DOCTORS]
    return tuple(dict.fromkeys(role.hpr for role in told if role.hpr))


def multidose_doctors(held: Word) -> tuple[str, ...]:
    """HPR numbers of the doctors who answer for the multidose, by any source's word of today."""
    roles = [role for source in Source for said in held.todays(source) for role in said.roles]
    return tuple(dict.fromkeys(role.hpr for role in roles if role.role == _MULTIDOSE_DOCTOR and role.hpr))
