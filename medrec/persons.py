"""Who a message is about: persons, and the aliases (system, value) by which others know them.

Only a national id, or an operator's word, joins two aliases. Numbers and names are sealed; the blind index finds them.
A person's own id is random, opaque, and may stand in a URL.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Select, bindparam, case, insert, select, update
from sqlalchemy.orm import Session

from formats.identifiers import NATIONAL, birth_date_of, is_valid, person_identifier
from formats.statement import Identifier, Person
from medrec import clock
from medrec.db import vault_of
from medrec.glance import Asked
from medrec.records import Moment, alias, life_event, person
from medrec.vault import Sealed

NATION = "no"
"""The system of every national id: one number names one person, whatever type a source calls it."""
_TOGETHER = 500


_OWNERS = Asked(
    select(alias.c.blind, alias.c.person_id).where(
        alias.c.blind.in_(bindparam("blinds", expanding=True)), alias.c.ended_at.is_(None)
    )
)
_CARDS = Asked(
    select(person.c.id, person.c.card_sealed, person.c.key_id).where(
        person.c.id.in_(bindparam("persons", expanding=True))
    )
)
_NUMBERS = Asked(
    select(alias.c.person_id, alias.c.type, alias.c.system, alias.c.value_sealed, alias.c.key_id)
    .where(alias.c.person_id.in_(bindparam("persons", expanding=True)), alias.c.ended_at.is_(None))
    .order_by(alias.c.id)
)
_THERE = Asked(select(person.c.id).where(person.c.id == bindparam("person")))
_KEYS = Asked(
    select(person.c.id, person.c.identity_key_sealed, person.c.identity_key_id).where(
        person.c.id.in_(bindparam("persons", expanding=True))
    )
)
_TELL = Asked(update(person).where(person.c.id == bindparam("person")))
_ALIAS = Asked(insert(alias))


class Doubt(StrEnum):
    """Why a message can't be laid at anybody's door (problem codes of the quarantine)."""

    PERSON_UNKNOWN = "person-unknown"
    WRONG_PATIENT = "wrong-patient"
    BAD_IDENTIFIER = "bad-identifier"


class Unresolved(Exception):  # noqa: N818 - an answer, not a fault
    """It is not certain whom the message is about."""

    def __init__(self, doubt: Doubt, text: str) -> None:
        super().__init__(f"{doubt}: {text}")
        self.doubt = doubt
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """A person as people know them. The first identifier is the one in use."""

    person_id: str
    name: str
    birth_date: date | None
    sex: str
    identifiers: tuple[Identifier, ...]


def find(session: Session, identifier: str) -> str | None:
    """The person id of a national identity number, `None` when nobody here has it."""
    return find_all(session, [identifier]).get(identifier)


def find_all(session: Session, identifiers: Iterable[str]) -> dict[str, str]:
    """The person ids of those national identity numbers that somebody here has."""
    found: dict[str, str] = {}
    for some in _hundreds(identifiers):
        owners = _owners(session, [person_identifier("", number) for number in some])
        found |= {some[n]: person_id for n, person_id in owners.items()}
    return found


def _hundreds(told: Iterable[str]) -> Iterator[list[str]]:
    """Each once, so many at a time as a database takes in one question; in one order, so that rows are locked so."""
    every = sorted(set(told))
    yield from (every[n : n + _TOGETHER] for n in range(0, len(every), _TOGETHER))


def resolve(session: Session, said: Person | None, *, asked_for: str | None, origin: str) -> str:
    """The person a message is about; a new national id makes a new person. Raises `Unresolved`.

    `asked_for`: the person a fetch was made for. New aliases are kept with `origin` (the message that told them).
    """
    identifiers = said.identifiers if said else ()
    if not all(map(is_valid, identifiers)):
        raise Unresolved(Doubt.BAD_IDENTIFIER, "an identity number with wrong check digits")
    owners = _owners(session, identifiers)
    nationals = [i for i in identifiers if i.type in NATIONAL]
    owner = _owner(set(owners.values()), asked_for, named=bool(nationals))
    is_new = owner is None
    if owner is None:
        if not nationals or said is None:
            raise Unresolved(Doubt.PERSON_UNKNOWN, "no national id, and the local id is not known here")
        owner = _new(session, said, nationals[0])
    elif nationals and not any(identifiers[n].type in NATIONAL for n in owners):
        raise Unresolved(Doubt.WRONG_PATIENT, "a national id that is not this person's")
    if nationals:
        fresh = [i for n, i in enumerate(identifiers) if n not in owners]
        _add_aliases(session, owner, fresh, origin)
        if not is_new:
            _complete_card(session, owner, said)
    return owner


def _owner(owners: set[str], asked_for: str | None, *, named: bool) -> str | None:
    if len(owners) > 1 or (asked_for and owners and owners != {asked_for}):
        raise Unresolved(Doubt.WRONG_PATIENT, "the identifiers belong to more than one person")
    if owners:
        return owners.pop()
    if asked_for and named:
        raise Unresolved(Doubt.WRONG_PATIENT, "another person than the one asked for")
    return asked_for


def _owners(session: Session, identifiers: Iterable[Identifier]) -> dict[int, str]:
    """Position of each known identifier -> the person who has it."""
    vault = vault_of(session)
    blinds = {n: vault.index(_system(i), i.value) for n, i in enumerate(identifiers)}
    if not blinds:
        return {}
    rows = _OWNERS.all(session, {"blinds": list(blinds.values())})
    known = {row.blind: row.person_id for row in rows}
    return {n: known[blind] for n, blind in blinds.items() if blind in known}


def _system(identifier: Identifier) -> str:
    return NATION if identifier.type in NATIONAL else f"{identifier.type}|{identifier.system}"


def _new(session: Session, said: Person, first: Identifier) -> str:
    person_id = secrets.token_hex(12)
    key = Person(identifiers=(first,)).key
    sealed = vault_of(session).seal(key.encode(), f"identity|{person_id}")
    session.execute(
        insert(person).values(
            id=person_id,
            identity_key_sealed=sealed.data,
            identity_key_id=sealed.key_id,
            created_at=clock.now(),
        )
    )
    _complete_card(session, person_id, said)
    return person_id


def create(session: Session, identifier: Identifier, name: str, origin: str) -> str:
    """A person known by a national id only (roster, operator)."""
    said = Person(identifiers=(identifier,), name=name)
    return resolve(session, said, asked_for=None, origin=origin)


def _add_aliases(session: Session, person_id: str, identifiers: Iterable[Identifier], origin: str) -> None:
    vault = vault_of(session)
    rows = []
    for identifier in dict.fromkeys(identifiers):
        sealed = vault.seal(identifier.value.encode(), f"alias|{person_id}")
        rows.append(
            {
                "person_id": person_id,
                "type": identifier.type,
                "system": identifier.system,
                "blind": vault.index(_system(identifier), identifier.value),
                "value_sealed": sealed.data,
                "key_id": sealed.key_id,
                "origin": origin,
                "created_at": clock.now(),
            }
        )
    _ALIAS.each(session, rows)


def end_alias(session: Session, alias_id: int, by: str) -> None:
    """An operator's word that an alias is not this person's; it stays in the history and names nobody any more."""
    session.execute(update(alias).where(alias.c.id == alias_id).values(ended_at=clock.now(), ended_by=by))


def join(session: Session, person_id: str, identifier: Identifier, by: str) -> None:
    """An operator's word that `identifier` names this person too. Raises `Unresolved`."""
    if is_gone(session, person_id):
        raise Unresolved(Doubt.PERSON_UNKNOWN, "the id stands for nobody any more")
    if (owner := _owners(session, [identifier]).get(0)) is not None:
        if owner == person_id:
            return
        raise Unresolved(Doubt.WRONG_PATIENT, "the identifier names another person; end that alias first")
    _add_aliases(session, person_id, [identifier], f"operator:{by}")


def move_aliases(session: Session, alias_ids: Iterable[int], to: str, by: str) -> None:
    """Aliases name another person from now on; the rows that named the first stay as history."""
    vault = vault_of(session)
    rows = session.execute(select(alias).where(alias.c.id.in_(list(alias_ids)), alias.c.ended_at.is_(None))).all()
    for row in rows:
        end_alias(session, row.id, by)
    told = [
        Identifier(
            row.type, vault.open(Sealed(row.key_id, row.value_sealed), f"alias|{row.person_id}").decode(), row.system
        )
        for row in rows
    ]
    _add_aliases(session, to, told, f"operator:{by}"[:64])


def aliases_of(session: Session, person_id: str) -> dict[str, int]:
    """Blind index -> row of each alias that names a person now."""
    rows = session.execute(
        select(alias.c.blind, alias.c.id).where(alias.c.person_id == person_id, alias.c.ended_at.is_(None))
    )
    return {row.blind: row.id for row in rows}


def learnt_from(session: Session, person_id: str, message_ids: Iterable[str]) -> frozenset[str]:
    """Blind indexes of a person's aliases that these messages told."""
    told = (alias.c.person_id == person_id) & alias.c.ended_at.is_(None) & alias.c.origin.in_(list(message_ids))
    return frozenset(session.scalars(select(alias.c.blind).where(told)))


def nationals_of(session: Session, person_id: str) -> frozenset[str]:
    """Blind indexes of the national numbers that name a person now."""
    mine = (alias.c.person_id == person_id) & alias.c.ended_at.is_(None) & alias.c.type.in_(sorted(NATIONAL))
    return frozenset(session.scalars(select(alias.c.blind).where(mine)))


def blinds(session: Session, identifiers: Iterable[Identifier]) -> frozenset[str]:
    """The blind indexes of identifiers."""
    vault = vault_of(session)
    return frozenset(vault.index(_system(i), i.value) for i in identifiers)


def found_apart(session: Session, said: Person, first: Identifier) -> str:
    """A person who was taken for another: an id and a card of their own; their aliases are moved to them after this."""
    return _new(session, said, first)


def redraw_card(session: Session, person_id: str, said: Person | None) -> None:
    """Write a card anew from what is still theirs: their numbers, and (where given) who a message of theirs names."""
    held, card = _card(session, person_id), who(session, person_id)
    numbers = card.identifiers if card else ()
    born = next(filter(None, map(birth_date_of, numbers)), None)
    told = {"name": said.name if said and said.name else held.get("name", ""), "sex": held.get("sex", "")}
    _write_card(session, person_id, told | {"birth_date": born.isoformat() if born else held.get("birth_date", "")})


def _complete_card(session: Session, person_id: str, said: Person | None) -> None:
    """Fill in what is not known yet; the roster may correct a name (`rename_all`), messages may not."""
    if said is None:
        return
    held = _card(session, person_id)
    born = next(filter(None, map(birth_date_of, said.identifiers)), None) or said.birth_date
    told = {"name": said.name, "birth_date": born.isoformat() if born else "", "sex": said.sex}
    better = {k: held.get(k) or v for k, v in told.items()}
    if better != held:
        _write_card(session, person_id, better)


def rename_all(session: Session, names: Mapping[str, str]) -> None:
    """The names as the roster has them, by person id; an empty one says nothing."""
    for some in _hundreds(names):
        for person_id, held in _cards(session, some).items():
            if names[person_id] and held.get("name") != names[person_id]:
                _write_card(session, person_id, {**held, "name": names[person_id]})


def _card(session: Session, person_id: str) -> dict[str, str]:
    return _cards(session, [person_id])[person_id]


def _cards(session: Session, person_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """What the card of each says: name, birth date, sex; nothing where none is written."""
    vault, found = vault_of(session), {}
    for row in _CARDS.all(session, {"persons": list(person_ids)}):
        plain = vault.open(Sealed(row.key_id, row.card_sealed), f"card|{row.id}") if row.card_sealed else b"{}"
        found[row.id] = {str(k): str(v) for k, v in json.loads(plain).items()}
    return found


def _write_card(session: Session, person_id: str, card: Mapping[str, str]) -> None:
    sealed = vault_of(session).seal(json.dumps(card, ensure_ascii=False).encode(), f"card|{person_id}")
    _TELL.each(session, [{"person": person_id, "card_sealed": sealed.data, "key_id": sealed.key_id}])


def who(session: Session, person_id: str) -> PersonCard | None:
    """Name, birth date and identifiers of one person, `None` when there is no such person."""
    return names(session, [person_id]).get(person_id)


def names(session: Session, person_ids: Iterable[str]) -> dict[str, PersonCard]:
    """Cards of many persons at once; ids that name nobody are left out."""
    vault, wanted = vault_of(session), list(person_ids)
    numbers: dict[str, list[Identifier]] = {}
    for row in _NUMBERS.all(session, {"persons": wanted}):
        value = vault.open(Sealed(row.key_id, row.value_sealed), f"alias|{row.person_id}").decode()
        numbers.setdefault(row.person_id, []).append(Identifier(row.type, value, row.system))
    return {
        person_id: PersonCard(
            person_id=person_id,
            name=told.get("name", ""),
            birth_date=_born(told),
            sex=told.get("sex", ""),
            identifiers=tuple(sorted(numbers.get(person_id, ()), key=_in_use_first)),
        )
        for person_id, told in _cards(session, wanted).items()
    }


def _born(card: Mapping[str, str]) -> date | None:
    return date.fromisoformat(card["birth_date"]) if card.get("birth_date") else None


def _in_use_first(identifier: Identifier) -> int:
    order = ("FNR", "DNR", "FHN")
    return order.index(identifier.type) if identifier.type in order else len(order)


def birth_dates(session: Session, person_ids: Iterable[str]) -> dict[str, date]:
    """The birth dates of those of whom they are known."""
    return {name: born for name, card in _cards(session, person_ids).items() if (born := _born(card))}


def identity_key(session: Session, person_id: str) -> str:
    """The text that enters the identity of this person's statements: that of the first number they were known by.

    A later number (a D-number replaced by a fødselsnummer) does not make other statements of the same words.
    """
    return identity_keys(session, [person_id])[person_id]


def identity_keys(session: Session, person_ids: Sequence[str]) -> dict[str, str]:
    """As `identity_key`, of each of them."""
    vault = vault_of(session)
    return {
        row.id: vault.open(Sealed(row.identity_key_id, row.identity_key_sealed), f"identity|{row.id}").decode()
        for row in _KEYS.all(session, {"persons": list(person_ids)})
    }


def mark_dirty(session: Session, person_ids: Iterable[str] | None = None) -> None:
    """Judge again: these persons, or everybody. The mark stands in the same transaction as what made it needed.

    Who waits already keeps the place in the row, however much more is said of them; who was put off begins anew.
    """
    now = clock.now()
    if person_ids is None:
        session.execute(_MARKED, {"now": now})
    else:
        for some in _hundreds(person_ids):
            _MARKED_THESE.each(session, [{"now": now, "persons": some}])


def gone() -> Select[tuple[str]]:
    """Persons whose id stands for nobody any more: joined into another, or deleted."""
    return select(life_event.c.person_id).where(
        life_event.c.kind.in_(("joined", "deleted")), life_event.c.undone_at.is_(None)
    )


_NOW = bindparam("now", type_=Moment())
_WAITS = (person.c.dirty_since <= _NOW) & person.c.dirty_after.is_(None)
_MARKED = (
    update(person)
    .values(dirty_since=case((_WAITS, person.c.dirty_since), else_=_NOW), dirty_after=None, dirty_tries=0)
    .where(person.c.id.not_in(gone()))
)
_MARKED_THESE = Asked(_MARKED.where(person.c.id.in_(bindparam("persons", expanding=True))))


_GONE = Asked(gone().where(life_event.c.person_id.in_(bindparam("persons", expanding=True))).limit(1))


def is_gone(session: Session, *person_ids: str) -> bool:
    """True where the id, or one of these, stands for nobody any more."""
    return bool(_GONE.all(session, {"persons": person_ids}))


def exists(session: Session, person_id: str) -> bool:
    """True where there is such a person."""
    return _THERE.first(session, {"person": person_id}) is not None
