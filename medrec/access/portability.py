"""A patient's data, whole: exported for them to read and for machines, and deleted where the law lets it be.

Both look at every table that has a column for a person, so that a table that comes later is not forgotten. What is
kept after deletion: the access log and the self-authorisations (who looked, and why), and that it was deleted.

Both are done at the machine only, by whoever holds its keys, on somebody's decision that is written down: nobody who is
signed in does it, whatever their role, for an administrator has no patient data and no nurse takes all of it away.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, or_, select, update
from sqlalchemy.orm import Session

from medrec import clock, feed, keeping, life, listing, persons, present, rekey, roster, wording
from medrec.access import insight, log
from medrec.access.people import User
from medrec.access.terms import terms
from medrec.db import settings_in, vault_of
from medrec.life import LifeKind, NotSo
from medrec.records import (
    audit,
    change,
    life_event,
    message,
    metadata,
    person,
    self_authorisation,
)
from medrec.records import roster as relations

_COLUMNS = ("person_id", "asked_for", "other_id")
_KEPT = frozenset({audit.name, self_authorisation.name, life_event.name, change.name, person.name})


class Basis(StrEnum):
    """On what ground a patient's data are deleted."""

    RETENTION = "retention"
    DECISION = "decision"


BASIS_TEXT: Mapping[Basis, str] = {
    Basis.RETENTION: "the time they are to be kept is over (setting keep_patients_years)",
    Basis.DECISION: "a decision to delete (helsepersonelloven § 43, pasientjournalloven § 25)",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A patient's data: as JSON, as text to read, and the bytes of each message under its id."""

    data: str
    text: str
    raw: Mapping[str, bytes]


def tables() -> dict[Table, list[ColumnElement[Any]]]:
    """Every table with rows about persons, and the columns that say about whom; children before parents."""
    found = {t: [t.c[name] for name in _COLUMNS if name in t.c] for t in reversed(metadata.sorted_tables)}
    return {t: columns for t, columns in found.items() if columns} | {person: [person.c.id]}


def export(session: Session, person_id: str, *, by: User, reason: str) -> Exported:
    """All that is kept of one person, also under ids joined into theirs. It is logged, and why is kept.

    Raises `NotSo` for somebody who is not at the machine, or a reason of too few words.
    """
    _at_the_machine(by)
    life.note(session, LifeKind.EXPORTED, person_id, by=by.id, reason=reason)
    log.record(session, by, "export-data", person_id=person_id)
    ids = life.known_as(session, person_id)
    told: dict[str, Any] = {"exported_at": clock.now().isoformat(), "person": person_id}
    told["tables"] = {t.name: list(_rows(session, t, columns, ids)) for t, columns in tables().items()}
    told["lists"] = [_list(session, i, note.version) for i in ids for note in listing.versions(session, i)]
    raw = {m: keeping.raw_of(session, m) for m in _messages(session, ids)}
    data = json.dumps(told, ensure_ascii=False, indent=1, default=_plain)
    return Exported(data, "\n".join(_text(session, person_id)) + "\n", raw)


def _at_the_machine(by: User) -> None:
    if not by.at_machine:
        msg = "a patient's data are exported and deleted at the machine only"
        raise NotSo(msg)


def _rows(
    session: Session, table: Table, columns: list[ColumnElement[Any]], ids: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """Rows as they stand, with what is sealed opened; bytes that are told elsewhere (messages, lists) are left out."""
    for row in session.execute(select(table).where(_about(columns, ids))):
        opened = {} if table is message else rekey.open_row(session, table, row)
        plain = {name: value for name, value in row._mapping.items() if not isinstance(value, bytes)}  # noqa: SLF001 - the row's public face has that name
        yield plain | {name.removesuffix("_sealed"): value.decode("utf-8", "replace") for name, value in opened.items()}


def _about(columns: list[ColumnElement[Any]], ids: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(column.in_(ids) for column in columns))


def _messages(session: Session, ids: tuple[str, ...]) -> list[str]:
    mine = message.c.person_id.in_(ids) | message.c.asked_for.in_(ids)
    return list(session.scalars(select(message.c.id).where(mine).order_by(message.c.received_at, message.c.id)))


def _list(session: Session, person_id: str, version: int) -> object:
    stored = listing.list_version(session, person_id, version)
    if stored is None:
        raise AssertionError
    return present.list_json(
        stored.reconciliation, stored.statements, patient=person_id, version=version, as_of=stored.created_at
    )


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _text(session: Session, person_id: str) -> Iterator[str]:
    """What a patient can read: who, who has cared, what was said by whom, what people did, and who has looked."""
    card = persons.who(session, person_id)
    yield f"Opplysninger i medrec, hentet ut {wording.day(clock.today())}"
    if card is not None:
        yield f"{card.name}, født {wording.day(card.birth_date) if card.birth_date else 'ukjent'}"
        yield from (f"{i.type}: {i.value}" for i in card.identifiers)
    yield from ("", "TJENESTER")
    for row in session.execute(
        select(relations).where(relations.c.person_id == person_id).order_by(relations.c.starts, relations.c.id)
    ):
        ends = wording.day(row.ends) if row.ends else "i dag"
        gp = f", fastlege {row.gp_name}" if row.gp_name else ""
        yield f"- {row.district}: {wording.day(row.starts)} til {ends}{gp}"
    yield from ("", "LEGEMIDDELLISTEN NÅ")
    yield from _lines(session, person_id)
    yield from ("", "HVEM SOM HAR SETT ELLER ENDRET")
    yield from (f"- {t.at} {t.who} ({t.role}): {t.what}" for t in insight.of_patient(session, person_id))


def _lines(session: Session, person_id: str) -> Iterator[str]:
    stored = listing.current_list(session, person_id)
    if stored is None:
        yield "Ingen liste."
        return
    for line in stored.reconciliation.lines:
        yield f"- {line.name or line.key}"
        for one in (stored.statements[i] for i in line.statements if i in stored.statements):
            when = (
                wording.day(said) if (said := one.decided or one.recorded) and isinstance(said, date) else "uten dato"
            )
            yield f"    {wording.told(one.source, 'nb')} ({when}): {one.name} {one.dose_text or ''}".rstrip()
    for flag in stored.reconciliation.discrepancies:
        yield f"! {wording.sentence(flag)}"


def due(session: Session, person_id: str) -> dict[str, int]:
    """How many rows of each table would go (the dry run)."""
    counts = {
        t.name: session.execute(select(func.count()).select_from(t).where(_about(columns, (person_id,)))).scalar_one()
        for t, columns in tables().items()
        if t.name not in _KEPT
    }
    return {name: many for name, many in counts.items() if many}


def may_erase(session: Session, person_id: str, basis: Basis) -> None:
    """Raises `NotSo` where the law or care stands against it."""
    if not persons.exists(session, person_id) or persons.is_gone(session, person_id):
        msg = "there is no such person"
        raise NotSo(msg)
    if roster.care_of(session, person_id, clock.today()) is not None:
        msg = "the person is in care: their list is needed"
        raise NotSo(msg)
    if basis is Basis.RETENTION and person_id not in past_keeping(session):
        msg = "the time this person's data are to be kept is not over"
        raise NotSo(msg)


def erase(session: Session, person_id: str, basis: Basis, *, by: User, reason: str) -> dict[str, int]:
    """Delete all that is kept of one person but the log. Returns how many rows of each table. Raises `NotSo`.

    The opaque id stays, so that the log and those who follow changes know whom they had; it tells nothing.
    """
    _at_the_machine(by)
    life.enough(reason)
    may_erase(session, person_id, basis)
    ids = life.known_as(session, person_id)
    gone: dict[str, int] = {}
    for each in ids:
        for name, many in due(session, each).items():
            gone[name] = gone.get(name, 0) + many
        _empty(session, each)
    life.note(session, LifeKind.DELETED, person_id, by=by.id, reason=f"{basis.value}: {reason}")
    feed.note(session, person_id, "revision", 0, 0)
    log.record(session, by, "delete-data", person_id=person_id, why=basis.value)
    return gone


def _empty(session: Session, person_id: str) -> None:
    for table, columns in tables().items():
        if table.name not in _KEPT:
            session.execute(delete(table).where(_about(columns, (person_id,))))
    sealed = vault_of(session).seal(b"", f"identity|{person_id}")
    blank: dict[str, Any] = {"card_sealed": None, "key_id": None, "dirty_since": None, "dirty_after": None}
    blank |= {"identity_key_sealed": sealed.data, "identity_key_id": sealed.key_id}
    session.execute(update(person).where(person.c.id == person_id).values(**blank))


def past_keeping(session: Session) -> tuple[str, ...]:
    """Persons who have been without care and without news for longer than they are kept; none where no time is set."""
    years = terms(settings_in(session)).patient_years
    if not years:
        return ()
    edge = clock.now() - timedelta(days=365.25 * years)
    day = clock.day_of(edge)
    cared = select(relations.c.person_id).where(or_(relations.c.ends.is_(None), relations.c.ends >= day))
    heard = select(message.c.person_id).where(message.c.received_at >= edge, message.c.person_id.is_not(None))
    query = select(person.c.id).where(
        person.c.created_at < edge,
        person.c.id.not_in(cared.where(relations.c.replaced_at.is_(None))),
        person.c.id.not_in(heard),
        person.c.id.not_in(persons.gone()),
    )
    return tuple(session.scalars(query.order_by(person.c.id)))
