"""The stored lists: judge a person and keep the conclusion, and read what was kept. Reading never judges."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from formats.statement import Statement
from medrec import catalogue, clock, feed, hearing, ledger, values
from medrec.glance import Asked
from medrec.ledger import FlagState, Settled
from medrec.packing import pack, unpack
from medrec.records import list_head, person
from medrec.records import list_version as _versions
from medrec.store import put
from rules.conclusion import Case, Reconciliation
from rules.reconcile import reconcile


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredList:
    """One stored version. `flags`: how each discrepancy stands now, by (code, about).

    `judged_on` is the day it was last judged with this same result; a list not judged today says so where it is shown.
    """

    person_id: str
    version: int
    revision: int
    created_at: datetime
    judged_on: date
    judged_at: datetime
    reconciliation: Reconciliation
    statements: Mapping[str, Statement]
    flags: Mapping[tuple[str, str], FlagState]

    @property
    def etag(self) -> str:
        """Version and revision, as it stands in the ETag header between quotes."""
        return f"{self.version}.{self.revision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionNote:
    """One version without its content."""

    version: int
    created_at: datetime
    digest: str
    rule_set: str
    catalogue: str
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a judgement did. `changed`: the conclusions differ, so there is a new version."""

    person_id: str
    version: int
    revision: int
    changed: bool
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()


_LOCK = select(person.c.id).where(person.c.id == bindparam("person")).with_for_update()
_HEADS = Asked(select(list_head).where(list_head.c.person_id.in_(bindparam("persons", expanding=True))))
_KEEP = Asked(insert(_versions))
_JUDGED = Asked(
    update(list_head)
    .where(list_head.c.person_id.in_(bindparam("persons", expanding=True)))
    .values(judged_on=bindparam("day"), judged_at=bindparam("now"))
)
_CLEARED = Asked(
    update(person)
    .where(person.c.id.in_(bindparam("persons", expanding=True)))
    .values(dirty_since=None, dirty_after=None, dirty_tries=0)
)

AFTER_REFRESH: list[Callable[[Session, Refreshed], None]] = []
"""Called inside the transaction of each judgement that changed something; notices lay their letters in the outbox here.

What time alone makes due, without any change of list or flags, is their own round's business.
"""


def conclude(session: Session, person_id: str, today: date) -> tuple[Case, Reconciliation]:
    """Judge a person and keep nothing (refresh's own first step, and what a dry run shows)."""
    case = hearing.case_of(session, person_id, today)
    return case, reconcile(case, catalogue.current(session), today)


def refresh(session: Session, person_id: str, today: date) -> Refreshed:
    """Judge a person and keep the conclusion, all in this transaction; as `refresh_all`.

    The person's row is locked first, so that no message slips in between what was read and what is cleared.
    """
    session.execute(_LOCK, {"person": person_id}).one()
    return refresh_all(session, [person_id], today)[0]


def refresh_all(session: Session, person_ids: Sequence[str], today: date) -> list[Refreshed]:
    """Judge persons whose rows this transaction has locked, and keep the conclusions, in the order given.

    A new version only where the conclusions differ; discrepancies opened and closed; the dirty marks cleared; changes
    noted. Where nothing differs only the day and moment of the judgement are written. Each table is asked and written
    once for all of them: a fault in one person's judgement is a fault of all, and the caller's to take apart.
    """
    cases, drugs = hearing.cases_of(session, person_ids, today), catalogue.current(session)
    told = {p: reconcile(cases[p], drugs, today) for p in person_ids}
    heads = {row.person_id: row for row in _HEADS.all(session, {"persons": list(person_ids)})}
    settled = ledger.settle_all(session, {p: told[p].discrepancies for p in person_ids}, today)
    judged = [_judged(p, cases[p], told[p], heads.get(p), settled[p]) for p in person_ids]
    _keep(session, judged, today)
    _CLEARED.each(session, [{"persons": list(person_ids)}])
    for one in judged:
        for hook in AFTER_REFRESH if one.anew else ():
            hook(session, one.done)
    return [one.done for one in judged]


class _Judged(NamedTuple):
    """A judgement and what is to be kept of it. `anew`: the head of the list says something else than before."""

    case: Case
    told: Reconciliation
    waiting: tuple[int, datetime | None]
    done: Refreshed
    anew: bool


def _judged(
    person_id: str, case: Case, told: Reconciliation, head: Row[tuple[object, ...]] | None, settled: Settled
) -> _Judged:
    changed = head is None or head.digest != told.digest
    moves = settled.moves
    done = Refreshed(
        person_id=person_id,
        version=(head.version if head else 0) + changed,
        revision=_revision(head, changed=changed, moved=settled.changed or bool(moves)),
        changed=changed,
        opened=moves.opened,
        closed=moves.closed,
        reopened=moves.reopened,
    )
    same = head is not None and (done.version, done.revision, *settled.waiting) == (
        head.version, head.revision, head.worst, head.oldest_open,
    )  # fmt: skip
    return _Judged(case, told, settled.waiting, done, not same)


def _revision(head: Row[tuple[object, ...]] | None, *, changed: bool, moved: bool) -> int:
    if head is None or changed:
        return 0
    return int(head.revision) + moved


def _keep(session: Session, judged: Sequence[_Judged], today: date) -> None:
    """New versions, the heads of the lists, and what is noted for those who follow."""
    now = clock.now()
    _KEEP.each(session, [_version_row(one, now) for one in judged if one.done.changed])
    heads = [_head_row(one, today, now) for one in judged if one.anew]
    put(session, list_head, heads, renew=[name for name in heads[0] if name != "person_id"] if heads else ())
    if same := [one.done.person_id for one in judged if not one.anew]:
        _JUDGED.each(session, [{"persons": same, "day": today, "now": now}])
    done = [one.done for one in judged if one.anew]
    feed.note_all(session, [(d.person_id, "list" if d.changed else "revision", d.version, d.revision) for d in done])


def _version_row(one: _Judged, now: datetime) -> dict[str, Any]:
    return {
        "person_id": one.done.person_id,
        "version": one.done.version,
        "body": _packed(values.dump(one.told)),
        "statements": _packed(values.dump(tuple(sorted(one.case.statements, key=lambda s: s.id)))),
        "digest": one.told.digest,
        "rule_set": one.told.rule_set,
        "catalogue": one.told.catalogue,
        "complete": one.told.complete,
        "created_at": now,
    }


def _head_row(one: _Judged, today: date, now: datetime) -> dict[str, Any]:
    return {
        "person_id": one.done.person_id,
        "version": one.done.version,
        "revision": one.done.revision,
        "digest": one.told.digest,
        "complete": one.told.complete,
        "judged_on": today,
        "judged_at": now,
        "worst": one.waiting[0],
        "oldest_open": one.waiting[1],
    }


def touch(session: Session, person_id: str) -> tuple[int, int]:
    """Raise the revision: something besides the conclusions changed. Returns (version, revision) as they are now."""
    head = session.execute(
        select(list_head.c.version, list_head.c.revision).where(list_head.c.person_id == person_id).with_for_update()
    ).one()
    worst, oldest = ledger.worst_open(session, person_id)
    fresh = {"revision": head.revision + 1, "worst": worst, "oldest_open": oldest}
    session.execute(update(list_head).where(list_head.c.person_id == person_id).values(**fresh))
    feed.note(session, person_id, "revision", head.version, head.revision + 1)
    return head.version, head.revision + 1


def current_list(session: Session, person_id: str) -> StoredList | None:
    """The newest list of a person, `None` while none was concluded."""
    head = head_of(session, person_id)
    return None if head is None else _stored(session, person_id, head.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Which list is the newest, without its content."""

    version: int
    revision: int
    judged_on: date
    judged_at: datetime

    @property
    def etag(self) -> str:
        """As a list's."""
        return f"{self.version}.{self.revision}"


_HEAD_NOTE = Asked(
    select(list_head.c.version, list_head.c.revision, list_head.c.judged_on, list_head.c.judged_at).where(
        list_head.c.person_id == bindparam("person")
    )
)


def head_of(session: Session, person_id: str) -> Head | None:
    """Version, revision and last judgement of the newest list: one row, nothing unpacked."""
    row = _HEAD_NOTE.first(session, {"person": person_id})
    return None if row is None else Head(**row)


def list_version(session: Session, person_id: str, version: int) -> StoredList | None:
    """One version of a person's list, `None` where there is no such version."""
    return _stored(session, person_id, version)


def list_as_of(session: Session, person_id: str, moment: datetime) -> StoredList | None:
    """The list as it stood at a moment (aware), `None` where there was none yet."""
    found = _AS_OF.first(session, {"person": person_id, "moment": moment})
    return None if found is None else _stored(session, person_id, found["version"])


def versions(session: Session, person_id: str) -> tuple[VersionNote, ...]:
    """All versions of a person's list, newest first."""
    columns = (
        _versions.c.version,
        _versions.c.created_at,
        _versions.c.digest,
        _versions.c.rule_set,
        _versions.c.catalogue,
        _versions.c.complete,
    )
    rows = session.execute(
        select(*columns).where(_versions.c.person_id == person_id).order_by(_versions.c.version.desc())
    )
    return tuple(VersionNote(**row._mapping) for row in rows)  # noqa: SLF001 - the row's public face has that name


_AS_OF = Asked(
    select(_versions.c.version)
    .where(_versions.c.person_id == bindparam("person"), _versions.c.created_at <= bindparam("moment"))
    .order_by(_versions.c.version.desc())
    .limit(1)
)
_VERSION = Asked(
    select(
        _versions,
        list_head.c.version.label("newest"),
        list_head.c.revision,
        list_head.c.judged_on,
        list_head.c.judged_at,
    )
    .join(list_head, list_head.c.person_id == _versions.c.person_id)
    .where(_versions.c.person_id == bindparam("person"), _versions.c.version == bindparam("version"))
)


def _stored(session: Session, person_id: str, version: int) -> StoredList | None:
    rows = _VERSION.all(session, {"person": person_id, "version": version})
    if not rows:
        return None
    (found,) = rows
    is_newest = found.newest == version
    said = values.load(tuple[Statement, ...], _unpacked(found.statements))
    return StoredList(
        person_id=person_id,
        version=version,
        revision=found.revision if is_newest else 0,
        created_at=found.created_at,
        judged_on=found.judged_on if is_newest else clock.day_of(found.created_at),
        judged_at=found.judged_at if is_newest else found.created_at,
        reconciliation=values.load(Reconciliation, _unpacked(found.body)),
        statements={s.id: s for s in said},
        flags=ledger.states(session, person_id),
    )


def _packed(text: str) -> bytes:
    return pack(text.encode())


def _unpacked(data: bytes) -> str:
    return unpack(data).decode()
