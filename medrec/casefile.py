"""Rows into a Case: all that is known of one person today, the same whatever the order in which it came.

A source's word is ordered by the source's own time, ties by content hash. For each kind the newest whole reading of a
system is what it says today; what it no longer carries is *last said on* a day and still stands in the case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from formats.drug import folded
from formats.statement import (
    THREAD,
    Actor,
    Allergy,
    AsideReason,
    Gap,
    GapCode,
    Kind,
    Place,
    Reach,
    Signature,
    Source,
    Statement,
    altered,
)
from medrec import clock, offices, values
from medrec.glance import Asked
from medrec.records import message, reading, saying, statement

FAR_PAST = datetime.min.replace(tzinfo=UTC)
_TORN = {GapCode.FAILED, GapCode.PARTIAL, GapCode.NOT_READ, GapCode.LOCKED, GapCode.RESERVED}
"""Gaps after which a whole reading does not tell what is gone: it may have been there, and was not shown."""
_EVENTS = frozenset({Kind.DISPENSING, Kind.REVOCATION, Kind.OBSERVATION, Kind.MULTIDOSE})
"""Each is one of its own, also when it names the same prescription."""
_RETOLD = frozenset({Kind.GP_LIST, Kind.HOME_LIST})
"""Lists that are also told of in messages to others (PLO), one after the other, each of some of the medicines."""

Sayings = tuple[tuple[int, str, str | None, str | None], ...]
"""Where one statement was said: reading, path, the reason it is set aside, the verdict on its signature."""

_THEIRS: BindParameter[list[str]] = bindparam("persons", expanding=True)
_READINGS = Asked(
    select(reading, message.c.content_hash, message.c.business_id, message.c.received_at, message.c.channel)
    .join(message, message.c.id == reading.c.message_id)
    .where(reading.c.person_id.in_(_THEIRS), message.c.outcome == "accepted")
)
_CONTENTS = Asked(
    select(statement.c.person_id, statement.c.id, statement.c.content).where(statement.c.person_id.in_(_THEIRS))
)
_KINDS = Asked(
    select(statement.c.person_id, statement.c.id, statement.c.kind).where(statement.c.person_id.in_(_THEIRS))
)
_SAYINGS = Asked(
    select(
        saying.c.person_id, saying.c.reading_id, saying.c.statement_id, saying.c.path, saying.c.aside, saying.c.signed
    ).where(saying.c.person_id.in_(_THEIRS))
)
"""Built once: building a query takes as long as asking it, and these are asked for every judgement."""


class Order(NamedTuple):
    """A reading's place in time: the source's own time, then content hash and part, which never tie."""

    as_of: datetime
    content_hash: str
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One reading as it lies in the store."""

    id: int
    message_id: str
    business_id: str
    order: Order
    received_at: datetime
    channel: str
    message_type: str
    source: Source | None
    source_system: str
    sender_her_id: str
    reach: Reach
    kinds: tuple[Kind, ...]
    as_of: datetime | None
    cancels: tuple[str, ...]
    gaps: tuple[Gap, ...]
    unread: int
    roles: tuple[Actor, ...]
    allergies: tuple[Allergy, ...]
    allergies_answered: bool

    def torn(self, kind: Kind | None) -> bool:
        """True where a whole reading says itself that parts of it, of this kind, are missing."""
        return any(g.code in _TORN and (kind is None or g.concerns({kind})) for g in self.gaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Everything said of one person, and which readings are each source's word of today.

    `newest`: (source, system, kind) -> newest whole reading; `whole`: the same among those that miss nothing;
    `gone`: readings that a later message of the same source cancelled or replaced; `contents`: the statements, none
    where only the readings were asked for.
    """

    readings: Mapping[int, Said]
    sayings: Mapping[str, Sayings]
    contents: Mapping[str, Statement]
    newest: Mapping[tuple[Source, str, Kind | None], int]
    whole: Mapping[tuple[Source, str, Kind | None], int]
    gone: Mapping[int, AsideReason]

    def of(self, source: Source) -> list[Said]:
        """The readings of a source that stand, oldest first."""
        mine = (r for r in self.readings.values() if r.source is source and r.id not in self.gone)
        return sorted(mine, key=lambda r: r.order)

    def todays(self, source: Source) -> list[Said]:
        """Its word of today: the newest whole readings, and the newest event of each system and type."""
        wholes = {i for (s, _, _), i in self.newest.items() if s is source}
        events = {(r.source_system, r.message_type): r.id for r in self.of(source) if r.reach is Reach.EVENT}
        return [r for r in self.of(source) if r.id in wholes | set(events.values())]


def word(session: Session, person_id: str, *, gp_her_id: str = "", contents: bool = True) -> Word:
    """Load all that was said of a person; as `words`."""
    return words(session, {person_id: gp_her_id}, contents=contents)[person_id]


def words(session: Session, gps: Mapping[str, str], *, contents: bool = True) -> dict[str, Word]:
    """Load all that was said of some persons. `gps`: by person the office of the GP of record, "" where not known.

    Without `contents` no statement is taken apart: which readings are today's words, and which statements stand in
    them, is known without. What other offices sent is told apart (`offices`).
    """
    theirs = {"persons": list(gps)}
    readings: dict[str, dict[int, Said]] = {person_id: {} for person_id in gps}
    told: dict[str, dict[str, Statement]] = {person_id: {} for person_id in gps}
    kinds: dict[str, dict[str, Kind]] = {person_id: {} for person_id in gps}
    sayings: dict[str, dict[str, list[tuple[int, str, str | None, str | None]]]] = {p: {} for p in gps}
    for person_id, said in _readings(session, theirs):
        readings[person_id][said.id] = said
    _recast(session, readings, gps)
    for person_id, statement_id, content in _CONTENTS.all(session, theirs) if contents else ():
        told[person_id][statement_id] = values.load(Statement, content)
    for person_id, statement_id, kind in _KINDS.all(session, theirs) if not contents else ():
        kinds[person_id][statement_id] = Kind(kind)
    for person_id, reading_id, statement_id, *at in _SAYINGS.all(session, theirs):
        if reading_id in readings[person_id]:
            sayings[person_id].setdefault(statement_id, []).append((reading_id, *at))
    return {
        p: assembled(readings[p], {name: tuple(at) for name, at in sayings[p].items()}, told[p], kinds[p]) for p in gps
    }


def _recast(session: Session, readings: dict[str, dict[int, Said]], gps: Mapping[str, str]) -> None:
    apart = [p for p, told in readings.items() if any(offices.elsewhere(r, gps[p]) for r in told.values())]
    ever = offices.ever_of_record(session, apart) if apart else {}
    for p in apart:
        told = offices.told_apart(readings[p].values(), gps[p], ever.get(p, ()))
        readings[p] = {r.id: r for r in told}


def assembled(
    readings: Mapping[int, Said],
    sayings: Mapping[str, Sayings],
    contents: Mapping[str, Statement],
    kinds_said: Mapping[str, Kind] | None = None,
) -> Word:
    """What the readings say together, whatever the order they are given in: from rows here, from files offline.

    `kinds_said`: the kind of each statement, where their contents are not given.
    """
    kind_of = kinds_said or {name: said.kind for name, said in contents.items()}
    kinds: dict[int, set[Kind]] = {}
    for statement_id, told in sayings.items():
        for reading_id, *_ in told:
            kinds.setdefault(reading_id, set()).add(kind_of[statement_id])
    gone = _gone(readings.values(), kinds)
    standing = sorted((r for r in readings.values() if r.id not in gone), key=lambda r: r.order)
    return Word(
        readings=readings,
        sayings=sayings,
        contents=contents,
        newest=_newest(standing, kinds),
        whole=_newest(standing, kinds, untorn=True),
        gone=gone,
    )


def _readings(session: Session, theirs: Mapping[str, list[str]]) -> Iterable[tuple[str, Said]]:
    for row in _READINGS.all(session, theirs):
        said = Said(
            id=row.id,
            message_id=row.message_id,
            business_id=row.business_id,
            order=Order(row.as_of or FAR_PAST, row.content_hash, row.part),
            received_at=row.received_at,
            channel=row.channel,
            message_type=row.message_type,
            source=Source(row.source) if row.source else None,
            source_system=row.source_system,
            sender_her_id=row.sender_her_id,
            reach=Reach(row.reach),
            kinds=tuple(Kind(k) for k in row.kinds),
            as_of=row.as_of,
            cancels=tuple(row.cancels),
            gaps=values.revive(tuple[Gap, ...], row.gaps),
            unread=len(row.unread),
            roles=values.revive(tuple[Actor, ...], row.roles),
            allergies=values.revive(tuple[Allergy, ...], row.allergies),
            allergies_answered=row.allergies_answered,
        )
        yield row.person_id, said


def _gone(readings: Iterable[Said], kinds: Mapping[int, set[Kind]]) -> dict[int, AsideReason]:
    """Readings of messages that a later one of the same source names as cancelled or replaced; the last one tells."""
    gone: dict[int, AsideReason] = {}
    every = sorted(readings, key=lambda r: r.order)
    known: dict[str, list[Said]] = {}
    for said in every:
        for name in {said.business_id, *(name for name in said.cancels if name.startswith(THREAD))}:
            known.setdefault(name, []).append(said)
    for later in every:
        reason = AsideReason.REPLACED if kinds.get(later.id) else AsideReason.CANCELLED
        for name in later.cancels:
            gone |= {one.id: reason for one in known.get(name, ()) if _ends(later, one, name)}
    return gone


def _ends(later: Said, earlier: Said, name: str) -> bool:
    if earlier.source is not later.source or earlier.message_id == later.message_id:
        return False
    return earlier.order < later.order if name.startswith(THREAD) else earlier.order.as_of <= later.order.as_of


def _newest(
    standing: Iterable[Said], kinds: Mapping[int, set[Kind]], *, untorn: bool = False
) -> dict[tuple[Source, str, Kind | None], int]:
    newest: dict[tuple[Source, str, Kind | None], int] = {}
    for one in standing:
        if one.reach is Reach.WHOLE and one.source is not None:
            spoken: Iterable[Kind | None] = one.kinds or kinds.get(one.id) or (None,)
            told = (kind for kind in spoken if not (untorn and one.torn(kind)))
            newest |= {(one.source, one.source_system, kind): one.id for kind in told}
    return newest


def statements(held: Word) -> tuple[Statement, ...]:
    """Every statement, each with the place where it was first read, how often and until when it was said."""
    newer = _respoken(held)
    return tuple(_as_known(held, statement_id, told, newer) for statement_id, told in sorted(held.sayings.items()))


_Entry = tuple[Source | None, str, Kind, str]
"""One entry of a list: source, system, kind, and its id there."""


def _entry(said: Said, content: Statement) -> _Entry | None:
    business = content.prescription_id or content.order_id or content.treatment_id
    recast = content.kind is Kind.GP_LIST and said.source is Source.RF  # another office's M25.1 is the national list
    kind = Kind.PLL if recast else content.kind
    return (said.source, said.source_system, kind, business) if business else None


_Respoken = Mapping[tuple[_Entry, Reach], Order]


def _respoken(held: Word) -> _Respoken:
    """When each entry was last spoken of in a list: also a torn one is its newest word on what it holds.

    A journal that tells one order alone speaks of that order, where the message says when (R0: the later version).
    """
    newest: dict[tuple[_Entry, Reach], Order] = {}
    for statement_id, told in held.sayings.items():
        content = held.contents[statement_id]
        for reading_id, *_ in told if content.kind not in _EVENTS else ():
            said = held.readings[reading_id]
            dated = said.reach is Reach.WHOLE or _alone(content, said)
            entry = _entry(said, content) if dated and said.id not in held.gone else None
            if entry:
                spoken = (entry, said.reach)
                newest[spoken] = max(newest.get(spoken, said.order), said.order)
    return newest


def _as_known(held: Word, statement_id: str, told: Sayings, newer: _Respoken) -> Statement:
    standing = [t for t in told if t[0] not in held.gone]
    by_time = sorted(standing or told, key=lambda t: held.readings[t[0]].order)
    first, last = by_time[0], by_time[-1]
    content, newest = held.contents[statement_id], held.readings[last[0]]
    if content.source is not newest.source and newest.source is Source.RF and content.kind is Kind.GP_LIST:
        content = replace(content, source=Source.RF, kind=Kind.PLL)
    if offices.ALONE in newest.source_system:
        content = replace(content, source_system=newest.source_system)
    aside = AsideReason(last[2]) if last[2] else content.aside
    began = _began(held, content, by_time)
    known: dict[str, object] = {
        "place": Place(held.readings[first[0]].order.content_hash, first[1]),
        "times_said": len({held.readings[t[0]].message_id for t in told}),
        "aside": aside if standing else held.gone[last[0]],
        "signed": Signature(last[3]) if last[3] else None,
        "said_until": _said_until(held, content, newest, newer),
    }
    if content.dated_by_envelope and began is not None:
        known["recorded"] = clock.day_of(began)
    return altered(content, known)


def _began(held: Word, content: Statement, by_time: list[tuple[int, str, str | None, str | None]]) -> datetime | None:
    """Since when its source says so without a break: a list that said otherwise in between is the end of the first."""
    mine = {t[0] for t in by_time}
    if content.dated_by_envelope and len(mine) > 1:
        newest = held.readings[by_time[-1][0]]
        otherwise = _others_of(held, content) - mine
        between = [
            r.order
            for r in held.readings.values()
            if r.order < newest.order
            and (r.source, r.source_system) == (newest.source, newest.source_system)
            and r.id not in mine
            and r.id not in held.gone
            and (r.id in otherwise or (r.reach is Reach.WHOLE and content.kind in r.kinds and not r.torn(content.kind)))
        ]
        by_time = [t for t in by_time if not between or held.readings[t[0]].order > max(between)]
    return held.readings[by_time[0][0]].as_of


def _others_of(held: Word, content: Statement) -> set[int]:
    """The readings that tell of the same medicine of such a list in other words."""
    same = (content.kind, content.atc or folded(content.name))
    others = (s for s in held.contents.values() if s.id != content.id)
    named = (s.id for s in others if (s.kind, s.atc or folded(s.name)) == same)
    return {reading_id for name in named for reading_id, *_ in held.sayings.get(name, ())}


def _said_until(held: Word, content: Statement, newest: Said, newer: _Respoken) -> date | None:
    """The day it was last said, where its source has since spoken of this kind, or of this entry, without it."""
    if newest.source is None:
        return None
    spoken = _wholes_since(held, content, newest)
    alone = _alone(content, newest)
    reaches = [r for r in (Reach.WHOLE, Reach.EVENT) if alone or (r is newest.reach is Reach.WHOLE)]
    entry = _entry(newest, content)
    spoken += [newer[entry, reach] for reach in reaches if entry and (entry, reach) in newer]
    if not any(order > newest.order and order.as_of > FAR_PAST for order in spoken):  # undated: nobody knows if later
        return None
    return clock.day_of(newest.as_of or newest.received_at)


def _wholes_since(held: Word, content: Statement, newest: Said) -> list[Order]:
    """The whole lists of its kind that its source has sent. A message to others (PLO) tells of the list, whose ever."""
    retold = _retold(content, newest)
    return [
        held.readings[i].order
        for (source, system, kind), i in held.whole.items()
        if (source, kind) == (newest.source, content.kind)
        and (system == newest.source_system or (retold and offices.ALONE not in system))
    ]


def _alone(content: Statement, said: Said) -> bool:
    """Whether a message that tells of some entries is the newest word on this one, by the number it has in its list."""
    return said.as_of is not None and (content.order_id is not None or _retold(content, said))


def _retold(content: Statement, said: Said) -> bool:
    """Told of in a message to others, dated by it alone."""
    return said.reach is Reach.EVENT and content.kind in _RETOLD and content.dated_by_envelope


def last_told(held: Word) -> dict[str, datetime]:
    """When each entry of a list was last told of in a message to others (PLO), where no list has been sent since."""
    told: dict[str, datetime] = {}
    for statement_id, at in held.sayings.items():
        standing = [held.readings[i] for i, *_ in at if i not in held.gone]
        newest, content = max(standing, key=lambda r: r.order, default=None), held.contents[statement_id]
        if newest is None or newest.as_of is None or not _retold(content, newest):
            continue
        sent = (i for (source, _, kind), i in held.newest.items() if (source, kind) == (newest.source, content.kind))
        if not any(held.readings[i].order > newest.order for i in sent):
            told[statement_id] = newest.as_of
    return told


def allergies(held: Word) -> tuple[Allergy, ...]:
    """The union of all that any source said, never removed by silence; a source's newest word on each one counts."""
    known: dict[tuple[Any, ...], Allergy] = {}
    for said in sorted(held.readings.values(), key=lambda r: r.order):
        for one in said.allergies if said.id not in held.gone else ():
            known[(one.source, " ".join(one.text.casefold().split()), one.atc or "", one.substances)] = one
    return tuple(known[k] for k in sorted(known, key=str))
