"""Worked cases: the `yaml` blocks of a file become cases, are judged, and compared with what they expect.

The form is described under "How to read a case" in tests/stories/open.md and in tests/stories/README.md.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import yaml

from formats.drug import (
    AtcCode,
    Catalogue,
    Drug,
    DrugLevel,
    Interaction,
    Varenr,
    catalogue_of,
    form_facts_by_name,
    read_strength,
)
from formats.neutral import allergies_from_case, statements_from_case
from formats.statement import Gap, GapCode, Source, Statement
from rules.conclusion import Case, Discrepancy, Heard, Line, Outcome, Reconciliation
from rules.judging import ADVISORY
from rules.reconcile import reconcile

NOT_ASSERTED = ADVISORY | {"C11", "C12", "C13"}
"""Asserted only where a case lists them."""
_BLOCK = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_OPENING = re.compile(r"^```ya?ml$", re.MULTILINE)
_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    "statements": list, "cave": list, "may": list, "never": list, "requires_fest": list, "multidose_responsible": list,
    "sources": Mapping, "patient": Mapping, "confirmed": Mapping, "expect": Mapping, "deliveries": (list, Mapping),
}  # fmt: skip
"""What stands under a case's key, where it stands there at all."""
_PAIR = re.compile(r"interaction (\w+)-(\w+)")
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A case with what was concluded of it; `differences` is empty where all that it expects holds."""

    id: str
    result: Reconciliation
    quarantined: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """All that the case expects holds."""
        return not self.differences


def cases_in(path: Path) -> tuple[Told, ...]:
    """The cases of a file: each `yaml` block of a markdown file, or each document of a YAML file.

    Raises ValueError (yaml.YAMLError is one of its kin) where a block can't be read or is no case.
    """
    text = path.read_text(encoding="utf-8-sig")
    blocks = _BLOCK.findall(text) if path.suffix not in {".yaml", ".yml"} else [text]
    if blocks != [text] and len(_OPENING.findall(text)) > len(blocks):
        msg = "a yaml block is not closed"
        raise ValueError(msg)
    found = [case for block in blocks for document in yaml.load_all(block, _Once) for case in _cases(document)]
    return tuple(_sound(case, number) for number, case in enumerate(found, 1))


class _Once(yaml.SafeLoader):
    """Safe YAML in which no key stands twice: the first of two would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - yaml's own form
        """As yaml's, after a look at the keys."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                msg = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, msg, key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _sound(case: object, number: int) -> Told:
    """The case, if each of its keys holds what belongs there. Raises ValueError, which names the case and the key."""
    if not isinstance(case, Mapping) or "today" not in case:
        msg = f"block {number} is no case"
        raise ValueError(msg)
    wrong = [] if type(case["today"]) is date else ["today"]
    wrong += [k for k, kind in _SHAPES.items() if case.get(k) is not None and not isinstance(case[k], kind)]
    sources = case.get("sources")
    wrong += (
        [f"sources.{k}" for k, v in sources.items() if not isinstance(v, Mapping)]
        if isinstance(sources, Mapping)
        else []
    )
    if wrong:
        msg = f"case {case.get('id', number)}: {wrong[0]} does not hold what belongs there"
        raise ValueError(msg)
    return case


def _cases(document: object) -> list[Any]:
    if document is None:
        return []
    return list(document) if isinstance(document, list) else [document]


def check(told: Told) -> Checked:
    """Judge one case and compare."""
    case, quarantined = case_from(told)
    result = reconcile(case, catalogue_for(told), told["today"])
    differences = compare(told.get("expect") or {}, result)
    return Checked(id=str(told.get("id", "")), result=result, quarantined=quarantined, differences=tuple(differences))


# --- from the form to a case ------------------------------------------------------------------------------------


def case_from(told: Told) -> tuple[Case, tuple[str, ...]]:
    """The case, and the ids of statements that are in quarantine (a message about somebody else)."""
    name = str(told.get("id", "case"))
    statements = statements_from_case(told.get("statements") or (), case=name)
    sources = told.get("sources") or {}
    strangers = {Source(s) for s, state in sources.items() if state.get("subject", "same") != "same"}
    person = told.get("patient") or {}
    confirmed = {str(k): v for k, v in (told.get("confirmed") or {}).items()}
    confirmed_on = confirmed.get("on", confirmed.get("True"))  # YAML 1.1 reads a bare `on` as true
    kept = tuple(s for s in _delivered(statements, told) if s.source not in strangers)
    case = Case(
        statements=kept,
        heard={source: _heard(sources.get(source.value) or {}, told["today"]) for source in Source},
        allergies=allergies_from_case(told.get("cave") or (), case=name),
        birth_date=person.get("birth_date"),
        birth_year=person.get("birth_year"),
        nursing_home=bool(person.get("nursing_home")),
        admitted=bool(person.get("admitted")),
        multidose_doctors=tuple(str(d.get("name") or "") for d in told.get("multidose_responsible") or ()),
        confirmed_by=confirmed.get("by"),
        confirmed_on=confirmed_on,
        changed_since_confirmed=_changed_since(kept, confirmed_on),
        serious_since=told.get("serious_since"),
    )
    return case, tuple(sorted(s.id for s in statements if s.source in strangers))


def _delivered(statements: Sequence[Statement], told: Told) -> tuple[Statement, ...]:
    """In the order of arrival where the case gives one, repeats included: neither may matter."""
    by_id = {s.id: s for s in statements}
    order = [str(i) for i in _flat(told.get("deliveries") or ())]
    return tuple(by_id[i] for i in order if i in by_id) + tuple(s for s in statements if s.id not in order)


def _flat(value: object) -> Iterable[object]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
    elif isinstance(value, Mapping):
        yield from _flat(list(value.values()))
    else:
        yield value


def _changed_since(statements: Iterable[Statement], on: date | None) -> bool:
    days = [day for s in statements for day in (s.decided, s.recorded) if day]
    return on is not None and any(day > on for day in days)


def _heard(state: Told, today: date) -> Heard:
    outcome = {"failed": Outcome.FAILED, "stale": Outcome.STALE}.get(state.get("state", "ok"), Outcome.READ)
    locked = state.get("state") == "locked" or state.get("locked_content") is True
    stranger = state.get("subject", "same") != "same"
    return Heard(
        outcome=outcome,
        as_of=_moment(state.get("last_ok"), today, outcome),
        gaps=(Gap(Source.RF, GapCode.LOCKED),) if locked else (),
        wrong_patient=stranger,
        allergies_answered=outcome is Outcome.READ and not locked and not stranger,
    )


def _moment(last: object, today: date, outcome: Outcome) -> datetime | None:
    if isinstance(last, str):
        last = datetime.fromisoformat(last)
    if isinstance(last, datetime):
        return last if last.tzinfo else last.replace(tzinfo=UTC)
    if isinstance(last, date):
        return datetime.combine(last, time(), tzinfo=UTC)
    return datetime.combine(today, time(), tzinfo=UTC) if outcome is Outcome.READ else None


# --- what the case takes the drug register to hold ---------------------------------------------------------------


def catalogue_for(told: Told) -> Catalogue:
    """A catalogue that holds what the case says FEST holds, and nothing else."""
    required = [str(r) for r in told.get("requires_fest") or ()]
    pairs = [hit for r in required if (hit := _PAIR.fullmatch(r))]
    marks: dict[str, set[str]] = {}
    for line in required:
        kind, numbers = re.sub(r"\d+", "", line).strip(), re.findall(r"\b\d{6}\b", line)
        for number in numbers:
            marks.setdefault(number, set()).add(f"{kind}:{numbers[0]}")
    named = {str(s.get("varenr")): s for s in told.get("statements") or () if s.get("varenr")}
    drugs = [_drug(number, named[number], what, told["today"]) for number, what in marks.items() if number in named]
    interactions = [
        Interaction(id=f"{n}", relevance=1, group_a=(hit[1],), group_b=(hit[2],)) for n, hit in enumerate(pairs)
    ]
    return catalogue_of(drugs, "worked case", interactions)


def _drug(number: str, said: Told, marks: set[str], today: date) -> Drug:
    groups = {m.partition(":")[2] for m in marks if m.startswith(("substitution", "limited"))}
    name = str(said.get("name", ""))
    return Drug(
        level=DrugLevel.PACKAGE,
        varenr=Varenr.read(number),
        name=name,
        brand=name.split(" ", 1)[0],
        atc=AtcCode.read(said.get("atc")),
        substances=tuple(said.get("sub") or ()),
        strengths=read_strength(said.get("str")),
        route=said.get("route") or form_facts_by_name(said.get("form")).route,
        release=said.get("rel") or "?",
        substitution_group=min(groups, default=""),
        exchange_limited=any(m.startswith("limited") for m in marks),
        divisible="1" if any(m.startswith("indivisible") for m in marks) else "0",
        withdrawn=today if any(m.startswith("withdrawn") for m in marks) else None,
    )


# --- comparing --------------------------------------------------------------------------------------------------


def compare(expect: Told, result: Reconciliation) -> list[str]:
    """What differs from the expectation, one sentence each."""
    return [
        *_lines_differ(expect.get("lines") or (), result.lines),
        *_flags_differ(expect, result.discrepancies),
        *_never(expect.get("never") or (), result),
        *_whole_differs(expect, result),
    ]


def _whole_differs(expect: Told, result: Reconciliation) -> list[str]:
    told = []
    if "complete" in expect and expect["complete"] is not result.complete:
        told.append(f"complete is {result.complete}, expected {expect['complete']}")
    return told


def _lines_differ(expected: Sequence[Told], lines: Sequence[Line]) -> list[str]:
    by_key = {line.key: line for line in lines}
    told = [f"line {key!r} is not expected" for key in by_key if key not in {e["key"] for e in expected}]
    for e in expected:
        line = by_key.get(e["key"])
        if line is None:
            told.append(f"line {e['key']!r} is missing")
            continue
        seen = {
            "status": line.status.value,
            "dose_state": line.dose.state.value,
            "from": sorted(line.statements),
            "section": line.section.value,
            "multidose": line.multidose,
        }
        for name in ("status", "dose_state", "from"):
            wanted = sorted(e[name]) if name == "from" and name in e else e.get(name)
            if wanted is not None and wanted != seen[name]:
                told.append(f"{e['key']}: {name} is {seen[name]}, expected {wanted}")
    return told


def _flags_differ(expect: Told, raised: Sequence[Discrepancy]) -> list[str]:
    expected, left, told = list(expect.get("flags") or ()), list(raised), []
    for e in expected:
        hit = next((f for f in left if _same_flag(e, f)), None)
        if hit is None:
            near = [f"{f.severity.value} {f.owner.value} {f.about}" for f in raised if f.code == e["code"]]
            told.append(f"{e['code']} {e.get('about')} {e.get('severity')} {e.get('owner')} is not raised; has {near}")
        else:
            left.remove(hit)
    may = set(expect.get("may") or ()) | NOT_ASSERTED
    told += [f"{f.code} {f.about} {f.severity.value} {f.owner.value} is raised" for f in left if f.code not in may]
    return told


def _same_flag(e: Told, f: Discrepancy) -> bool:
    return (
        e["code"] == f.code
        and e.get("severity", f.severity.value) == f.severity.value
        and e.get("owner", f.owner.value) == f.owner.value
        and ("about" not in e or about_matches(str(e["about"]), f))
    )


def about_matches(told: str, flag: Discrepancy) -> bool:
    """`told` names the flag's line key, its substances, `CAVE` and words of it, or a pair in any order."""
    if told == flag.about or told in flag.lines:
        return True
    if told.startswith("CAVE") and flag.about.startswith("CAVE"):
        return told.removeprefix("CAVE").strip().casefold() in flag.about.casefold()
    substances = {key.split("|", 1)[0] for key in flag.lines} | {flag.about.split("|", 1)[0]}
    if told in substances and len(flag.lines) <= 1:
        return True
    return sorted(told.split("+")) == sorted(flag.about.split("|", 1)[0].split("+"))


def _never(sentences: Iterable[object], result: Reconciliation) -> list[str]:
    told = []
    for sentence in map(str, sentences):
        raised = re.match(r"([A-G]\d\d)(?: or ([A-G]\d\d))? raised", sentence)
        status = re.match(r"status ([A-Z]+)$", sentence)
        if raised and any(f.code in raised.groups() for f in result.discrepancies):
            told.append(f"never: {sentence}")
        if status and any(line.status.value == status[1] for line in result.lines):
            told.append(f"never: {sentence}")
    return told


# --- as JSON ----------------------------------------------------------------------------------------------------


def outcome_json(outcome: Checked) -> dict[str, Any]:
    """As the contract has it: always what was concluded, whether or not the case held."""
    result = outcome.result
    return {
        "id": outcome.id,
        "passed": outcome.passed,
        "lines": [
            {
                "key": line.key,
                "status": line.status.value,
                "dose": line.dose.text,
                "dose_state": line.dose.state.value,
                "from": list(line.statements),
                "section": line.section.value,
                "multidose": line.multidose,
                "as_said": [{"source": d.source.value, "text": d.text} for d in line.dose.as_said if d.text],
            }
            for line in result.lines
        ],
        "flags": [flag_json(f) for f in result.discrepancies],
        "suppressed": [flag_json(f) | {"suppressed_by": f.suppressed_by} for f in result.suppressed],
        "aside": [{"statement": a.statement, "reason": a.reason.value} for a in result.aside],
        "quarantined": list(outcome.quarantined),
        "complete": result.complete,
        "differences": list(outcome.differences),
    }


def flag_json(flag: Discrepancy) -> dict[str, Any]:
    """One flag of a checked case."""
    return {
        "code": flag.code,
        "about": flag.about,
        "severity": flag.severity.value,
        "owner": flag.owner.value,
        "evidence": list(flag.evidence),
    }
