"""What the patient page shows, made from a stored list: lines with their grid, flags, sources and the why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from formats.statement import Source, Statement
from medrec import wording
from medrec.listing import StoredList
from medrec.present import dose_text
from rules.conclusion import Discrepancy, DoseState, Line, LineStatus, Section, Severity

PARTS = ("morgen", "formiddag", "middag", "ettermiddag", "kveld", "natt", "sengetid")
_FROM_HOUR = ((5, "morgen"), (11, "middag"), (15, "ettermiddag"), (17, "kveld"), (23, "natt"))
LOUD = frozenset({Severity.CRITICAL, Severity.HIGH})
"""Severities that stand open on the first screen; the rest is grouped and folded."""
WHOLE_LIST_CODES = frozenset({"E05", "F02", "G01", "G02", "G05", "G06", "G07"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One place in the grid: the amount, and the clock time where a source names one."""

    amount: str
    clock: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagView:
    """One flag in words."""

    flag: Discrepancy
    id: str
    state: str
    sentence: str
    action: str
    closes: str
    severity: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """What one source says of a line: its words verbatim, its date and who; `words` "" where it says nothing."""

    source: Source
    name: str
    says: tuple[Statement, ...]
    outdated: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One line of the page."""

    line: Line
    anchor: str
    dose: str
    grid: Mapping[str, tuple[Cell, ...]]
    loud: tuple[FlagView, ...]
    quiet: tuple[FlagView, ...]
    sources: tuple[SourceView, ...]
    since_by: str

    @property
    def do_not_give(self) -> bool:
        """A critical flag stands on it."""
        return any(f.flag.severity is Severity.CRITICAL for f in self.loud)

    @property
    def side_by_side(self) -> bool:
        """The doses are in conflict: all of them stand in full, none alone."""
        return self.line.dose.state is DoseState.CONFLICT or self.line.status is LineStatus.DISPUTED


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """The whole page."""

    stored: StoredList
    gaps: tuple[str, ...]
    caveats: tuple[str, ...]
    whole: tuple[FlagView, ...]
    sections: tuple[tuple[Section, str, tuple[LineView, ...]], ...]
    parts: tuple[str, ...]
    stale: bool


def list_view(stored: StoredList, language: str, today: date) -> ListView:
    """The page's content in the reader's language."""
    told = stored.reconciliation
    flags = [_flag(d, stored, language) for d in told.discrepancies]
    lines = [_line(i, line, flags, stored, language) for i, line in enumerate(told.lines, start=1)]
    on_lines = {id(f) for view in lines for f in (*view.loud, *view.quiet)}
    return ListView(
        stored=stored,
        gaps=tuple(dict.fromkeys(wording.gap(g, language) for g in told.gaps if g.limits)),
        caveats=tuple(dict.fromkeys(wording.gap(g, language) for g in told.gaps if not g.limits)),
        whole=tuple(f for f in flags if id(f) not in on_lines and f.flag.code not in _SAID_BY_THE_BANNER),
        sections=tuple(_sections(lines, language)),
        parts=tuple(p for p in PARTS if any(p in view.grid for view in lines)),
        stale=stored.judged_on < today,
    )


_SAID_BY_THE_BANNER = frozenset({"G01", "G02", "G07"})


def _sections(lines: Iterable[LineView], language: str) -> Iterable[tuple[Section, str, tuple[LineView, ...]]]:
    by_section: dict[Section, list[LineView]] = {}
    for view in lines:
        by_section.setdefault(view.line.section, []).append(view)
    for section in Section:
        if section in by_section:
            yield section, wording.SECTION[section][language], tuple(by_section[section])


def _flag(flag: Discrepancy, stored: StoredList, language: str) -> FlagView:
    standing = stored.flags.get((flag.code, flag.about))
    return FlagView(
        flag=flag,
        id=standing.id if standing else "",
        state=standing.state if standing else "open",
        sentence=wording.sentence(flag, language),
        action=wording.action(flag, language),
        closes=wording.closes(flag),
        severity=wording.SEVERITY[flag.severity][language],
        owner=wording.OWNER[flag.owner][language],
    )


def _line(number: int, line: Line, flags: Iterable[FlagView], stored: StoredList, language: str) -> LineView:
    mine = [f for f in flags if line.key in f.flag.lines]
    said = [stored.statements[id_] for id_ in line.statements if id_ in stored.statements]
    outdated = frozenset(s.statement for s in line.dose.as_said if s.outdated)
    return LineView(
        line=line,
        anchor=f"l{number}",
        dose=dose_text(line, stored.statements, language),
        grid=_grid(line),
        loud=tuple(f for f in mine if f.flag.severity in LOUD),
        quiet=tuple(f for f in mine if f.flag.severity not in LOUD),
        sources=tuple(_source(source, said, outdated, language) for source in Source),
        since_by=_author(stored.statements.get(line.dose.chosen or "")),
    )


def _grid(line: Line) -> Mapping[str, tuple[Cell, ...]]:
    """Amounts by part of the day; nothing for a line whose dose is disputed or not described by the day."""
    if line.dose.state is DoseState.CONFLICT or line.status in {LineStatus.ENDED, LineStatus.PAUSED}:
        return {}
    cells: dict[str, list[Cell]] = {}
    for moment, amount in line.dose.moments:
        part, clock = (moment, "") if moment in PARTS else (_part_of(moment), moment)
        cells.setdefault(part, []).append(Cell(amount.replace(".", ","), clock))
    return {part: tuple(found) for part, found in cells.items()}


def _part_of(clock: str) -> str:
    """The part of day a clock time lies in."""
    hour = int(clock[:2])
    part = "natt"
    for start, name in _FROM_HOUR:
        if hour >= start:
            part = name
    return part


def _source(source: Source, said: Iterable[Statement], outdated: frozenset[str], language: str) -> SourceView:
    says = tuple(s for s in said if s.source is source)
    return SourceView(source=source, name=wording.SOURCE[source][language], says=says, outdated=outdated)


def _author(statement: Statement | None) -> str:
    if statement is None or statement.author is None:
        return ""
    return statement.author.name or statement.author.organisation
