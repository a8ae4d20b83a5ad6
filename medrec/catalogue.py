"""The drug catalogue: FEST in (staged, guarded, swapped whole in one transaction), `Catalogue` out.

A catalogue once loaded is never changed; the one in use is named by its state. Lists name the version that judged them.
"""

import gc
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, BinaryIO

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from formats.drug import Catalogue, Drug, Interaction, catalogue_of
from formats.fest import open_fest, read_fest
from formats.fest.content import FestContent
from medrec import clock, persons, values
from medrec.db import Database
from medrec.glance import Asked
from medrec.records import catalogue, catalogue_entry

_MAY_SHRINK_TO = 0.8
"""A catalogue with fewer drugs than this share of the one in use is held to be torn."""

_BATCH = 1000
_KEPT_IN_MEMORY = 2
_memory: dict[tuple[str, int, str], Catalogue] = {}
_memory_lock = Lock()


_CURRENT = Asked(
    select(catalogue.c.id, catalogue.c.content_hash, catalogue.c.version, catalogue.c.not_assessed).where(
        catalogue.c.state == "current"
    )
)


class CatalogueRefused(ValueError):  # noqa: N818 - an answer to who loads it
    """The file is not taken into use; the one in use stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueStatus:
    """A catalogue as it lies in the store; `state` is staged, current or earlier."""

    id: int
    version: str
    state: str
    loaded_at: datetime
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What loading did. `repeated`: the same content was in use already. `unread`: entries not understood."""

    version: str
    drugs: int
    interactions: int
    unread: int
    repeated: bool = False


def current(session: Session) -> Catalogue:
    """The catalogue in use, the empty one where none was loaded. Kept in memory between calls."""
    row = _CURRENT.first(session, {})
    if row is None:
        return Catalogue()
    key = (str(session.get_bind().engine.url), row["id"], row["content_hash"])
    with _memory_lock:
        if (known := _memory.get(key)) is not None:
            return known
    built = _built(session, row["id"], row["version"], row["not_assessed"])
    with _memory_lock:
        while len(_memory) >= _KEPT_IN_MEMORY:
            _memory.pop(next(iter(_memory)))
        _memory[key] = built
    _set_apart()
    return built


def _set_apart() -> None:
    """What lives as long as the process (the catalogue most of all) is no longer looked through for garbage.

    A full collection walks every object; beside a loaded catalogue that was a fourteenth of a judgement, and came as a
    pause in whatever was at hand. What is set apart is freed as before once nobody refers to it.
    """
    gc.collect()
    gc.freeze()


def _built(session: Session, catalogue_id: int, version: str, not_assessed: Iterable[str]) -> Catalogue:
    rows = session.execute(
        select(catalogue_entry.c.kind, catalogue_entry.c.content)
        .where(catalogue_entry.c.catalogue_id == catalogue_id)
        .order_by(catalogue_entry.c.nr)
    ).all()
    return catalogue_of(
        (values.load(Drug, row.content) for row in rows if row.kind == "drug"),
        version,
        (values.load(Interaction, row.content) for row in rows if row.kind == "interaction"),
        not_assessed,
        dict(json.loads(row.content) for row in rows if row.kind == "short-dose"),
    )


def status(session: Session) -> tuple[CatalogueStatus, ...]:
    """All catalogues that were loaded, newest first."""
    rows = session.execute(select(catalogue).order_by(catalogue.c.id.desc()))
    return tuple(
        CatalogueStatus(id=r.id, version=r.version, state=r.state, loaded_at=r.loaded_at, counts=dict(r.counts))
        for r in rows
    )


def load(database: Database, stream: BinaryIO, *, name: str = "", force: bool = False) -> LoadOutcome:
    """Take a FEST file (M30 XML or a zip of one, seekable) into use. `name`: the version shown, else FEST's date.

    Staged in one transaction, checked, and swapped in by another together with everybody's dirty mark. Raises
    `CatalogueRefused` (`force` overrides the guard only) or `FormatError`; then the one in use stays.
    """
    content_hash = _hash_of(stream)
    stream.seek(0)
    content = read_fest(open_fest(stream))
    version = name or f"FEST {content.fetched[:10]}"
    with database.reading() as session:
        used = session.execute(select(catalogue).where(catalogue.c.state == "current")).first()
    outcome = LoadOutcome(version, len(content.drugs), len(content.interactions), len(content.unread))
    if used is not None and used.content_hash == content_hash and used.version == version:
        return LoadOutcome(version, outcome.drugs, outcome.interactions, outcome.unread, repeated=True)
    if not force:
        _guard(content, version, used.version if used else "", used.counts if used else {})
    staged = database.once(lambda session: _stage(session, content, version, content_hash))
    database.once(lambda session: _swap(session, staged))
    return outcome


def _hash_of(stream: BinaryIO) -> str:
    found = hashlib.sha256()
    while block := stream.read(1 << 20):
        found.update(block)
    return found.hexdigest()


def _guard(content: FestContent, version: str, used_version: str, used: dict[str, Any]) -> None:
    if not content.drugs:
        msg = "no drug in it"
        raise CatalogueRefused(msg)
    if len(content.drugs) < _MAY_SHRINK_TO * int(used.get("drugs", 0)):
        msg = f"{len(content.drugs)} drugs where the one in use has {used['drugs']}; is the file whole?"
        raise CatalogueRefused(msg)
    same_kind = version.startswith("FEST ") and used_version.startswith("FEST ")
    if same_kind and version < used_version:
        msg = f"{version} is older than {used_version}, which is in use"
        raise CatalogueRefused(msg)


def _stage(session: Session, content: FestContent, version: str, content_hash: str) -> int:
    _drop_staged(session)
    counts = {"drugs": len(content.drugs), "interactions": len(content.interactions), "unread": len(content.unread)}
    row = {"version": version, "state": "staged", "content_hash": content_hash, "loaded_at": clock.now()}
    row |= {"counts": counts, "not_assessed": sorted(content.not_assessed)}
    catalogue_id = int(session.execute(insert(catalogue).values(**row).returning(catalogue.c.id)).scalar_one())
    batch: list[dict[str, Any]] = []
    for number, (kind, text) in enumerate(_entries(content)):
        batch.append({"catalogue_id": catalogue_id, "nr": number, "kind": kind, "content": text})
        if len(batch) == _BATCH:
            session.execute(insert(catalogue_entry), batch)
            batch = []
    if batch:
        session.execute(insert(catalogue_entry), batch)
    return catalogue_id


def _drop_staged(session: Session) -> None:
    """Leftovers of a load that broke off."""
    old = select(catalogue.c.id).where(catalogue.c.state == "staged").scalar_subquery()
    session.execute(delete(catalogue_entry).where(catalogue_entry.c.catalogue_id.in_(old)))
    session.execute(delete(catalogue).where(catalogue.c.state == "staged"))


def _entries(content: FestContent) -> Iterator[tuple[str, str]]:
    yield from (("drug", values.dump(drug)) for drug in content.drugs)
    yield from (("interaction", values.dump(one)) for one in content.interactions)
    for code, dose in content.catalogue().short_doses.items():
        yield "short-dose", json.dumps([code, dose], ensure_ascii=False)


def _swap(session: Session, staged: int) -> None:
    """Raises `CatalogueRefused` where another load has dropped this one; the one in use stays."""
    session.execute(update(catalogue).where(catalogue.c.state == "current").values(state="earlier"))
    ours = update(catalogue).where(catalogue.c.id == staged).values(state="current").returning(catalogue.c.id)
    if session.execute(ours).first() is None:
        msg = "another catalogue is being loaded"
        raise CatalogueRefused(msg)
    persons.mark_dirty(session)
