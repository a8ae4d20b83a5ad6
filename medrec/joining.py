"""Two persons found to be one, and one found to be two: by an operator's word, with reason, and undone by the same.

A block on one of them is a block on both, and stays so when they part again: only a person's word lifts it.
Everything that hangs on a person goes along: their messages (what was said is read again from its bytes, so that the
same words get the same ids), aliases, flags, acts, letters, relations and blocks. List versions and the log stay under
the id they were made with; `life.known_as` finds them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from formats.errors import FormatError
from formats.identifiers import NATIONAL
from formats.read import read
from formats.statement import Identifier, Person, Reading
from medrec import clock, feed, intake, keeping, life, persons, store
from medrec.access import blocks, log
from medrec.access.people import User
from medrec.checks import at_hand
from medrec.db import settings_in
from medrec.life import LifeKind, NotSo
from medrec.records import (
    action,
    closing,
    discrepancy,
    fetch_state,
    list_head,
    message,
    notice_item,
    notice_reply,
    outbox,
    person,
    phone_call,
    reading,
    roster,
    saying,
    statement,
)

events = structlog.get_logger(__name__)

_OWN = {"discrepancies": discrepancy, "actions": action, "letters": outbox, "calls": phone_call}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """What parting did: the new person, messages that went, and those that nobody can say whose they are."""

    event: str
    person_id: str
    messages: tuple[str, ...]
    unsure: tuple[str, ...]


def join(session: Session, source: str, target: str, *, by: User, reason: str) -> str:
    """`source` is `target`: their id stands for nobody from now on. Returns the event. Raises `NotSo`."""
    _both(session, source, target)
    messages = list(session.scalars(select(message.c.id).where(message.c.person_id == source)))
    own = {name: list(session.scalars(select(t.c.id).where(t.c.person_id == source))) for name, t in _OWN.items()}
    asked = list(session.scalars(select(message.c.id).where(message.c.asked_for == source)))
    aliases = persons.aliases_of(session, source)
    moved: dict[str, Any] = {"messages": messages, "asked": asked, "blinds": sorted(aliases), **own}
    persons.move_aliases(session, aliases.values(), target, by.id)
    moved["relations"], moved["copied"] = _relations(session, source, target)
    _go(session, source, target, moved)
    moved["twins"] = _close_twins(session, target)
    moved["died"] = _mourned(session, source, target, by=by, reason=reason)
    event = life.note(session, LifeKind.JOINED, source, by=by.id, reason=reason, other_id=target, moved=moved)
    if blocks.standing(session, source):
        blocks.put(session, target, by)
    session.execute(update(person).where(person.c.id == source).values(dirty_since=None, dirty_after=None))
    session.execute(update(list_head).where(list_head.c.person_id == source).values(worst=-1, oldest_open=None))
    _told(session, (source, target), "join", event, by)
    return event


def unjoin(session: Session, event_id: str, *, by: User) -> str:
    """Take back a joining: what came with the one goes with them again, also what was said of them since.

    With it go the ids at sources by which they came to be known since. Returns the id that stands for somebody again.
    Raises `NotSo` where their numbers have gone elsewhere since (another joining, a parting): that is taken back first.
    """
    event = life.standing(session, event_id, LifeKind.JOINED)
    source, target, moved = event.person_id, event.other_id, dict(event.moved)
    _lock(session, (source, target))
    held, theirs = persons.aliases_of(session, target), frozenset(moved["blinds"])
    if not theirs <= held.keys():
        msg = "their numbers have gone elsewhere since; take that back first"
        raise NotSo(msg)
    since = session.scalars(
        select(message.c.id).where(message.c.person_id == target, message.c.received_at >= event.at)
    )
    named = {m: _named(session, m) & held.keys() for m in since.all()}
    stays = persons.nationals_of(session, target) - theirs
    taught = persons.learnt_from(session, target, moved["messages"]) - stays  # read again since
    going = _going(session, target, named, theirs | taught, stays)
    moved["messages"] += [m for m, told in named.items() if told & theirs or (told and told <= going)]
    life.undone(session, event_id, by.id)
    persons.move_aliases(session, [held[blind] for blind in sorted(going)], source, by.id)
    session.execute(update(roster).where(roster.c.id.in_(moved["copied"])).values(replaced_at=clock.now()))
    session.execute(update(roster).where(roster.c.id.in_(moved["relations"])).values(replaced_at=None))
    told = {"closed_at": None, "state": "open"}
    session.execute(update(discrepancy).where(discrepancy.c.id.in_(moved["twins"])).values(**told))
    _go(session, target, source, moved)
    if (died := moved.get("died")) and life.stands(session, died):
        life.not_dead(session, died, by=by.id)
    persons.redraw_card(session, target, None)
    _told(session, (source, target), "unjoin", event_id, by)
    return str(source)


def part(
    session: Session, person_id: str, numbers: Iterable[Identifier], *, by: User, reason: str, also: Iterable[str] = ()
) -> Parted:
    """These numbers of a person are another's. Messages that name them go along, and those that `also` names.

    So do the ids at sources that these taught, and what names nothing else. A message that names numbers of both, none
    at all, or an id that stays though it was told with theirs, stays and is told as unsure. Raises `NotSo`.
    """
    theirs = list(numbers)
    going = persons.blinds(session, theirs)
    _lock(session, (person_id,))
    held = persons.aliases_of(session, person_id)
    if not going or not going < held.keys() or not any(i.type in NATIONAL for i in theirs):
        msg = "the numbers must be some, not all, of this person's, a national one among them"
        raise NotSo(msg)
    mine, named_too = session.scalars(select(message.c.id).where(message.c.person_id == person_id)).all(), set(also)
    if strange := sorted(named_too - set(mine)):
        msg = f"no messages of this person: {', '.join(strange)}"
        raise NotSo(msg)
    named = {m: _named(session, m) & held.keys() for m in mine}
    stays = persons.nationals_of(session, person_id) - going
    going = _going(session, person_id, named, going, stays, named_too)
    goes = [m for m, told in named.items() if m in named_too or (told and told <= going)]
    near = going.union(*(told for told in named.values() if told & going)) - stays
    unsure = tuple(m for m, told in named.items() if m not in goes and (not told or told & near))
    fresh = persons.found_apart(session, _person_of(session, goes) or Person(), theirs[0])
    persons.move_aliases(session, [held[b] for b in sorted(going & held.keys())], fresh, by.id)
    moved = {"messages": goes, "asked": []}
    _go(session, person_id, fresh, moved)
    persons.redraw_card(session, person_id, _person_of(session, [m for m in mine if m not in goes]))
    event = life.note(session, LifeKind.PARTED, person_id, by=by.id, reason=reason, other_id=fresh, moved=moved)
    if blocks.standing(session, person_id):
        blocks.put(session, fresh, by)
    _told(session, (person_id, fresh), "part", event, by)
    return Parted(event=event, person_id=fresh, messages=tuple(goes), unsure=unsure)


def _going(
    session: Session,
    person_id: str,
    named: Mapping[str, frozenset[str]],
    numbers: frozenset[str],
    stays: frozenset[str],
    also: Collection[str] = (),
) -> frozenset[str]:
    """These numbers, and the ids at sources that were learnt from what names them alone.

    `named`: by message whom it names; `stays`: national numbers, which go by an operator's word only.
    """
    going = numbers
    while True:
        clear = [m for m, told in named.items() if m in also or (told & going and not told & stays)]
        more = going | (persons.learnt_from(session, person_id, clear) - stays)
        if more == going:
            return going
        going = more


def unpart(session: Session, event_id: str, *, by: User, reason: str) -> str:
    """Take back a parting: the two are one after all. Returns the event of their joining."""
    event = life.standing(session, event_id, LifeKind.PARTED)
    life.undone(session, event_id, by.id)
    return join(session, event.other_id, event.person_id, by=by, reason=reason)


def _both(session: Session, source: str, target: str) -> None:
    if source == target:
        msg = "it is the same person already"
        raise NotSo(msg)
    for each in (source, target):
        if not persons.exists(session, each) or persons.is_gone(session, each):
            msg = "there is no such person"
            raise NotSo(msg)
    _lock(session, (source, target))


def _lock(session: Session, ids: Iterable[str]) -> None:
    session.execute(
        select(person.c.id).where(person.c.id.in_(sorted(ids))).order_by(person.c.id).with_for_update()
    ).all()


def _go(session: Session, source: str, target: str, moved: Mapping[str, Any]) -> None:
    """Messages, flags, acts and letters from one to the other; words of people follow the new ids of statements."""
    renamed: dict[str, str] = {}
    for message_id in moved["messages"]:
        renamed |= _say_of(session, message_id, target)
    asked = message.c.id.in_(moved["asked"])
    session.execute(update(message).where(asked).values(asked_for=target))
    for name, table in _OWN.items():
        ids = moved.get(name, [])
        session.execute(update(table).where(table.c.id.in_(ids)).values(person_id=target))
    letters, flags, said = moved.get("letters", []), moved.get("discrepancies", []), moved["messages"]
    for table, column, ids in (
        (notice_item, notice_item.c.outbox_id, letters),
        (closing, closing.c.discrepancy_id, flags),
        (notice_reply, notice_reply.c.message_id, said),
    ):
        session.execute(update(table).where(column.in_(ids)).values(person_id=target))
    _rename(session, action, ("data",), target, renamed)
    _rename(session, discrepancy, ("about", "content"), target, renamed)
    session.execute(fetch_state.delete().where(fetch_state.c.person_id == source))


def _say_of(session: Session, message_id: str, target: str) -> dict[str, str]:
    """A message is about another person than was thought: read again from its bytes. Returns old -> new statement ids.

    One that can't be read any more keeps the reading it had, under the ids it had.
    """
    before = _said(session, message_id)
    session.execute(update(message).where(message.c.id == message_id).values(person_id=target))
    parts = _heard(session, message_id)
    if not parts:
        _carry(session, message_id, target)
        return {}
    store.say(session, message_id, target, persons.identity_key(session, target), parts)
    after = {place: told for told, place in _said(session, message_id).items()}
    return {old: after[place] for old, place in before.items() if place in after and after[place] != old}


def _said(session: Session, message_id: str) -> dict[str, tuple[int, str, str]]:
    """Statement id -> where it stands in a message, and as the how manieth at that place."""
    rows = session.execute(
        select(saying.c.statement_id, reading.c.part, saying.c.path, statement.c.content)
        .join(reading, reading.c.id == saying.c.reading_id)
        .join(statement, (statement.c.id == saying.c.statement_id) & (statement.c.person_id == saying.c.person_id))
        .where(reading.c.message_id == message_id)
    )
    return {row.statement_id: (row.part, row.path, row.content.replace(row.statement_id, "")) for row in rows}


def _carry(session: Session, message_id: str, target: str) -> None:
    """Move a reading as it is."""
    ids = list(session.scalars(select(reading.c.id).where(reading.c.message_id == message_id)))
    words = select(statement).join(saying, (saying.c.statement_id == statement.c.id))
    held = session.execute(words.where(saying.c.reading_id.in_(ids), saying.c.person_id == statement.c.person_id))
    store.put(session, statement, [{**row._mapping, "person_id": target} for row in held])  # noqa: SLF001 - the row's public face has that name
    session.execute(update(reading).where(reading.c.id.in_(ids)).values(person_id=target))
    session.execute(update(saying).where(saying.c.reading_id.in_(ids)).values(person_id=target))


def _rename(
    session: Session, table: Table, columns: tuple[str, ...], person_id: str, renamed: Mapping[str, str]
) -> None:
    for row in session.execute(select(table).where(table.c.person_id == person_id)).all() if renamed else ():
        told = {name: _renamed(getattr(row, name), renamed) for name in columns}
        if any(told[name] != getattr(row, name) for name in columns):
            session.execute(update(table).where(table.c.id == row.id).values(**told))


def _renamed(text: str, renamed: Mapping[str, str]) -> str:
    for old, new in renamed.items():
        text = text.replace(old, new)
    return text


def _relations(session: Session, source: str, target: str) -> tuple[list[int], list[int]]:
    """Care relations that stand go along, unless the other has the same. Returns (replaced, copied)."""
    rows = session.execute(select(roster).where(roster.c.person_id == source, roster.c.replaced_at.is_(None))).all()
    held = session.execute(select(roster).where(roster.c.person_id == target, roster.c.replaced_at.is_(None))).all()
    known = {(row.district, row.starts) for row in held}
    copied = []
    for row in rows:
        if (row.district, row.starts) not in known:
            fresh = {k: v for k, v in row._mapping.items() if k != "id"} | {"person_id": target}  # noqa: SLF001 - as above
            copied.append(session.execute(insert(roster).values(**fresh).returning(roster.c.id)).scalar_one())
    replaced = [row.id for row in rows]
    session.execute(update(roster).where(roster.c.id.in_(replaced)).values(replaced_at=clock.now()))
    return replaced, copied


def _close_twins(session: Session, target: str) -> list[str]:
    """The same flag stood open on both: the older stays, so that it has waited as long as it has."""
    open_ = (discrepancy.c.person_id == target) & discrepancy.c.closed_at.is_(None)
    rows = session.execute(select(discrepancy).where(open_).order_by(discrepancy.c.opened_at, discrepancy.c.id)).all()
    first = {(row.code, row.about): row.id for row in reversed(rows)}
    twins = [row.id for row in rows if first[row.code, row.about] != row.id]
    closed = {"closed_at": clock.now(), "state": "closed", "state_until": None}
    session.execute(update(discrepancy).where(discrepancy.c.id.in_(twins)).values(**closed))
    return twins


def _mourned(session: Session, source: str, target: str, *, by: User, reason: str) -> str | None:
    """A death that was known of the one is the other's too. Returns the event, `None` where nothing is new."""
    day = life.death_of(session, source)
    if day is None or life.death_of(session, target) is not None:
        return None
    return life.died(session, target, day, by=by.id, reason=reason)


def _named(session: Session, message_id: str) -> frozenset[str]:
    """Blind indexes of everybody a message's bytes name."""
    told = _heard(session, message_id)
    return persons.blinds(session, (i for p in told if p.person for i in p.person.identifiers))


def _heard(session: Session, message_id: str) -> list[Reading]:
    """A message read again from its bytes, checked as when it came; nothing where it can't be read any more.

    A fault of ours in reading one message must not keep the medicines of two persons on one list.
    """
    raw = keeping.raw_of(session, message_id)
    try:
        return list(store.parts(read(raw, **at_hand(settings_in(session)))))
    except FormatError:
        return []
    except Exception as fault:  # noqa: BLE001 - see above
        events.error("reading.failed", message=message_id, fault=type(fault).__name__, at=intake.where(fault))
        return []


def _person_of(session: Session, message_ids: Iterable[str]) -> Person | None:
    found = (p.person for m in message_ids for p in _heard(session, m) if p.person is not None and p.person.name)
    return next(found, None)


def _told(session: Session, ids: Iterable[str], what: str, event: str, by: User) -> None:
    for person_id in ids:
        head = session.execute(select(list_head).where(list_head.c.person_id == person_id)).first()
        if head is not None:
            feed.note(session, person_id, "revision", head.version, head.revision)
        log.record(session, by, what, person_id=person_id, detail={"event_id": event})
    persons.mark_dirty(session, ids)
