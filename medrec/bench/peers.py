"""Peers: what others would use for the same step, on the same input, in the same run. Absent ones are told."""

import importlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from formats.drug import Catalogue
from formats.read import read
from medrec.bench.measure import side_by_side
from rules.conclusion import Case, Reconciliation
from rules.reconcile import reconcile

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
