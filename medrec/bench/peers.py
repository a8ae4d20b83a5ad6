"""Peers: what others would use for the same step, on the same input, in the same run. Absent ones are told."""

import importlib
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from formats.drug import Catalogue
from formats.read import read
from formats.statement import Identifier, Person, Reading, Statement
from medrec import keeping, persons, store
from medrec.bench.measure import side_by_side
from medrec.config import Settings, settings
from medrec.db import Database, open_database, upgrade
from medrec.values import dump
from rules.conclusion import Case, Reconciliation
from rules.judging import judge
from rules.reconcile import matched, reconcile

ROUNDS = 5
PATIENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One step here and at a peer, milliseconds for one item; `theirs` is `None` where the peer is not installed."""

    step: str
    peer: str
    ours: float
    theirs: float | None
    does: str

    @property
    def ratio(self) -> float | None:
        """How many times as long the peer takes."""
        return None if self.theirs is None else self.theirs / self.ours


def compared(posts: Sequence[bytes], cases: Sequence[Case], catalogue: Catalogue, today: date) -> Iterator[Compared]:
    """Each step beside each peer. `posts`: messages as bytes; `cases`: patients for the rule engines."""
    r4 = [raw for raw in posts if raw[:1] == b"{"]
    m251 = [raw for raw in posts if b"ERM251" in raw[:600]]
    few = cases[:PATIENTS]
    told = [reconcile(case, catalogue, today) for case in few]
    yield _reading("read R4 searchset", "fhir.resources", r4, _fhir_resources, "its models, no statements")
    yield _reading("read R4 searchset", "fhirclient", r4, _fhirclient, "its models, no statements")
    yield _reading("read M25.1", "xsdata", m251, _xsdata, "a generic tree, no statements")
    views = iter([[matched(case, catalogue, today)[:2] for case in few] for _ in range(ROUNDS + 1)])
    yield _beside(
        "all rules on matched lines",
        "zen-engine",
        lambda: [judge(*one) for one in next(views)],
        lambda: _zen(told),
        len(few),
        "a table of 30 rows on the same lines' ready facts",
    )
    with tempfile.TemporaryDirectory() as folder:
        yield from _stored(settings(Path(folder), {}, demo=True), [read(raw) for raw in posts[:_STORED]])
    yield _beside(
        "match and all rules",
        "zen-engine",
        lambda: [reconcile(case, catalogue, today) for case in few],
        lambda: _zen(told),
        len(few),
        "a table of 30 rows on the lines' ready facts, nothing matched",
    )


def _reading(
    step: str, peer: str, raws: Sequence[bytes], parser: Callable[[], Callable[[bytes], object]], does: str
) -> Compared:
    def theirs() -> Callable[[], object]:
        parse = parser()
        return lambda: [parse(raw) for raw in raws]

    return _beside(step, peer, lambda: [read(raw) for raw in raws], theirs, len(raws), does)


def _beside(
    step: str,
    peer: str,
    ours: Callable[[], object],
    theirs: Callable[[], Callable[[], object]],
    count: int,
    does: str,
) -> Compared:
    """`theirs` is called once, outside of the measuring, to make the peer ready; it raises where it is absent."""
    try:
        other = theirs()
    except ModuleNotFoundError:
        mine, _ = side_by_side(ours, ours, rounds=ROUNDS)
        return Compared(step=step, peer=peer, ours=mine * 1000 / count, theirs=None, does="not installed")
    mine, their = side_by_side(ours, other, rounds=ROUNDS)
    return Compared(step=step, peer=peer, ours=mine * 1000 / count, theirs=their * 1000 / count, does=does)


def _fhir_resources() -> Callable[[bytes], object]:
    parse: Callable[[bytes], object] = importlib.import_module("fhir.resources.R4B.bundle").Bundle.model_validate_json
    return parse


def _fhirclient() -> Callable[[bytes], object]:
    bundle: Callable[..., object] = importlib.import_module("fhirclient.models.bundle").Bundle
    return lambda raw: bundle(json.loads(raw), strict=False)


def _xsdata() -> Callable[[bytes], object]:
    parse: Callable[[bytes], object] = (
        importlib.import_module("xsdata.formats.dataclass.parsers").TreeParser().from_bytes
    )
    return parse


# --- an ORM store -----------------------------------------------------------------------------------------------

_STORED = 30
"""Messages whose statements are stored, each of a person of its own, one transaction a message."""


class _Base(DeclarativeBase):
    """What an ORM maps."""


class _Statement(_Base):
    """A statement as a row with its content, as ours is."""

    __tablename__ = "bench_orm_statement"
    number: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(index=True)
    source: Mapped[str]
    kind: Mapped[str]
    content: Mapped[str]
    sayings: Mapped[list["_Saying"]] = relationship()


class _Saying(_Base):
    """In which message and where it was said."""

    __tablename__ = "bench_orm_saying"
    number: Mapped[int] = mapped_column(primary_key=True)
    statement: Mapped[int] = mapped_column(ForeignKey("bench_orm_statement.number"), index=True)
    message: Mapped[str]
    place: Mapped[str]


def _stored(chosen: Settings, readings: Sequence[Reading]) -> Iterator[Compared]:
    """The same statements, on the same disk: our rows with reading, versions and places, and two mapped classes."""
    upgrade(chosen)
    database = open_database(chosen)
    _Base.metadata.create_all(database.engine)
    rounds = iter([_new_persons(database, readings) for _ in range(ROUNDS + 1)])

    def ours() -> None:
        for telling in next(rounds):
            with database.writing() as session:
                store.say_all(session, [telling])

    def theirs() -> None:
        for reading in readings:
            with Session(database.engine) as session:
                session.add_all(_mapped(s) for s in reading.statements)
                session.commit()

    yield _beside(
        "store a message's statements", "SQLAlchemy's ORM", ours, lambda: theirs, len(readings), "two classes"
    )
    database.close()


def _mapped(s: Statement) -> _Statement:
    said = _Saying(message="m", place=s.place.path if s.place else "")
    return _Statement(person="p", source=s.source.value, kind=s.kind.value, content=dump(s), sayings=[said])


def _new_persons(database: Database, readings: Sequence[Reading]) -> list[store.Telling]:
    """Each reading as told of somebody nobody has heard of."""
    told = []
    with database.writing() as session:
        for reading in readings:
            kept = keeping.keep(session, token_bytes(), channel="bench")
            of = Identifier("LOCAL", token_hex(8), "bench")
            person = persons.found_apart(session, Person(identifiers=(of,)), of)
            key = reading.person.key if reading.person else ""
            told.append(store.Telling(kept.id, person, key, [reading], first=True))
    return told


# --- a rule engine ----------------------------------------------------------------------------------------------

_FIELDS = ("status", "dose", "sources", "names", "facts")
_ROWS = 30


def _zen(told: Sequence[Reconciliation]) -> Callable[[], object]:
    engine: Any = importlib.import_module("zen").ZenEngine()
    decision = engine.create_decision(json.dumps(_table()))
    facts = [[_facts(line) for line in one.lines] for one in told]
    return lambda: [decision.evaluate(line) for lines in facts for line in lines]


def _facts(line: Any) -> dict[str, object]:  # noqa: ANN401 - a line of the list
    return {
        "status": str(line.status),
        "dose": str(line.dose.state),
        "sources": len({said.source for said in line.dose.as_said}),
        "names": len(line.names),
        "facts": len(line.facts),
    }


def _table() -> dict[str, object]:
    """A decision table in the engine's own form: every row is tried, three tests a row (speed.md)."""
    inputs = [{"id": name, "name": name, "type": "expression", "field": name} for name in _FIELDS]
    rows = [
        {
            "_id": str(n),
            "status": ('"active"', '"unconfirmed"', '"disputed"')[n % 3],
            "dose": ('"agreed"', '"conflict"', '"single"')[n % 3],
            "sources": f"> {n % 4}",
            "names": f"> {n % 3}",
            "facts": f"< {n}",
            "code": f'"K{n:02}"',
        }
        for n in range(_ROWS)
    ]
    output = [{"id": "code", "name": "code", "type": "expression", "field": "code"}]
    content = {"hitPolicy": "collect", "inputs": inputs, "outputs": output, "rules": rows}
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": content},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "a", "type": "edge", "sourceId": "in", "targetId": "table"},
        {"id": "b", "type": "edge", "sourceId": "table", "targetId": "out"},
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
