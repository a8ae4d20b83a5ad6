"""What the patient page shows, made from a stored list: lines with their grid, flags, sources and the why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from formats.statement import AsideReason, Kind, Source, Statement
from medrec import clock, wording
from medrec.hearing import SourceWord
from medrec.listing import StoredList
from medrec.notices.threads import Reply
from medrec.placing import about
from medrec.present import dose_text
from medrec.roster import Care
from medrec.web import flags
from medrec.web.filters import on_clock
from medrec.web.flags import FlagView
from medrec.web.grid import EMPTY, PARTS, Grid, dosage_of, grid, weekdays_of
from medrec.web.picture import DosePicture, dose_picture
from medrec.worklist import ActionNote
from rules.conclusion import Discrepancy, DoseState, Line, LineStatus, SaidDose, Section

FOLDED = frozenset({Section.ENDED})
_HANDED_OVER = Kind.DISPENSING


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """What one source says of a line, verbatim; `says` is empty where it says nothing of it.

    `read`: false where nothing at all has come from it, and nobody can know what it says.
    """

    source: Source
    name: str
    says: tuple[Statement, ...]
    read: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One line of the page. `told_in`: by statement what carries it, as readers call it ("hjemmelisten").

    `other_days`: the sources name different weekdays for what is not given daily. `beside`: the doses as said that
    stand side by side; `old` those among them that no longer hold and say another dose than the line does.
    """

    line: Line
    anchor: str
    dose: str
    grid: Grid
    flags: tuple[FlagView, ...]
    sources: tuple[SourceView, ...]
    since_by: str
    picture: DosePicture | None
    told_in: Mapping[str, str] = field(default_factory=dict)
    other_days: bool = False
    beside: tuple[SaidDose, ...] = ()
    old: tuple[SaidDose, ...] = ()

    @property
    def other_names(self) -> tuple[str, ...]:
        """What else it is called, each once: the same letters in another case are no other name."""
        told = {name.casefold(): name for name in reversed(self.line.names)}
        return tuple(
            n for n in self.line.names if told.get(n.casefold()) == n and n.casefold() != self.line.name.casefold()
        )

    @property
    def said_by(self) -> str:
        """The sources that say something of it."""
        return ", ".join(s.name for s in self.sources if s.says)

    @property
    def not_said_by(self) -> str:
        """The sources that were read and do not."""
        return ", ".join(s.name for s in self.sources if s.read and not s.says)

    @property
    def not_read(self) -> str:
        """The sources nobody has read: they may say something of it."""
        return ", ".join(s.name for s in self.sources if not s.read)

    @property
    def loud(self) -> tuple[FlagView, ...]:
        """Flags that stand open, the worst first."""
        return tuple(sorted((f for f in self.flags if f.loud), key=lambda f: -f.flag.severity.rank))

    @property
    def quiet(self) -> tuple[FlagView, ...]:
        """Lesser flags, which are folded."""
        return tuple(f for f in self.flags if not (f.loud or f.put_off))

    @property
    def put_off(self) -> tuple[FlagView, ...]:
        """Flags that somebody has put off or explained, folded by themselves."""
        return tuple(f for f in self.flags if f.put_off)

    @property
    def do_not_give(self) -> bool:
        """A critical flag stands on it that no prescriber has explained, and giving it is what may harm."""
        return any(f.critical and f.loud and not f.of_going_without for f in self.flags)

    @property
    def ask_first(self) -> bool:
        """A critical flag stands on it, and not giving it may harm as much as giving it."""
        return not self.do_not_give and any(f.critical and f.loud for f in self.flags)

    @property
    def side_by_side(self) -> bool:
        """The doses are in conflict or the line is in dispute: all of them stand in full, none alone."""
        return bool(self.line.dose.as_said) and (
            self.line.dose.state is DoseState.CONFLICT
            or self.line.status is LineStatus.DISPUTED
            or self.do_not_give
            or self.ask_first
            or self.other_days
            or self.dose_gone
            or (self.line.dose.state is DoseState.UNKNOWN and len(self.beside) > 1)
        )

    @property
    def dose_gone(self) -> bool:
        """Each dose that was said no longer holds: none of them may look like today's."""
        dose = self.line.dose
        return dose.state is DoseState.UNKNOWN and bool(dose.as_said) and all(s.outdated for s in dose.as_said)

    @property
    def dose_as_said(self) -> bool:
        """The dose stands in a source's own words."""
        return any(self.dose == s.text for s in self.line.dose.as_said)

    @property
    def title(self) -> str:
        """Substance first, then what is on the box (web.md); the box alone where no substance is known."""
        substance = (
            "" if self.line.key.startswith(("text:", "atc:")) else self.line.key.split("|")[0].replace("+", " + ")
        )
        strength = self.line.strength or ""
        box = self.line.name if not strength or strength in self.line.name else f"{self.line.name} {strength}"
        if not substance or box.casefold().startswith(substance.casefold()):
            return box
        return f"{substance[:1].upper()}{substance[1:]} – {box}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """The whole page. `heard`: by statement the message that carries it today, and when it was said."""

    stored: StoredList
    gaps: tuple[str, ...]
    caveats: tuple[str, ...]
    whole: tuple[FlagView, ...]
    sections: tuple[tuple[Section, str, tuple[LineView, ...]], ...]
    parts: tuple[str, ...]
    stale: bool
    heard: Mapping[str, str]
    by_source: tuple[tuple[str, tuple[SourceWord, ...]], ...]
    language: str

    @property
    def loud_whole(self) -> tuple[FlagView, ...]:
        """Flags on the whole list that stand open."""
        return tuple(f for f in self.whole if f.loud)

    @property
    def quiet_whole(self) -> tuple[FlagView, ...]:
        """Flags on the whole list that are folded."""
        return tuple(f for f in self.whole if not f.loud)

    def of_act(self, note: ActionNote) -> str:
        """Which flag somebody did something with, or which two medicines; "" where it is neither or long gone."""
        if note.kind.startswith("link-"):
            said = [self.stored.statements.get(str(note.data.get(end))) for end in ("a", "b")]
            return " / ".join(f"«{s.name}»" for s in said if s is not None)
        known = (key for key, held in self.stored.flags.items() if held.id == note.discrepancy_id)
        return next((f"{wording.name(code, self.language)}, {about(of)}" for code, of in known), "")

    @property
    def lines(self) -> tuple[LineView, ...]:
        """All lines in display order."""
        return tuple(line for _, _, lines in self.sections for line in lines)


def list_view(
    stored: StoredList,
    language: str,
    *,
    now: datetime,
    care: Care | None = None,
    notes: Iterable[ActionNote] = (),
    replies: Mapping[str, tuple[Reply, ...]] | None = None,
    words: Iterable[SourceWord] = (),
    old: bool = False,
) -> ListView:
    """The page's content in the reader's language; `old`: an earlier version, which nobody can act on."""
    stored = replace(stored, flags={}) if old else stored
    told, today = stored.reconciliation, clock.day_of(now)
    answered = replies or {}
    views = tuple(
        replace(view, replies=answered.get(view.id, ()))
        for view in flags.flag_views(stored, notes, care, language, now)
    )
    seen: set[str] = set()
    by_section = _by_section(told.lines, told.discrepancies)
    lines = {
        line.key: _line(n, line, flags.on_line(views, line.key, seen), stored, language, today)
        for n, line in enumerate((li for found in by_section.values() for li in found), start=1)
    }
    keys = set(lines)
    heard = tuple(words)
    return ListView(
        stored=stored,
        gaps=tuple(dict.fromkeys(wording.gap(g, language) for g in told.gaps if g.limits)),
        caveats=tuple(dict.fromkeys(wording.gap(g, language) for g in told.gaps if not g.limits)),
        whole=tuple(f for f in views if not keys & set(f.flag.lines) and f.flag.code not in flags.SAID_BY_THE_BANNER),
        sections=tuple(
            (section, wording.SECTION[section][language], tuple(lines[li.key] for li in found))
            for section, found in by_section.items()
        ),
        parts=tuple(p for p in PARTS if any(p in view.grid.cells for view in lines.values())),
        stale=not old and stored.judged_on < today,
        heard=_heard_in(heard),
        language=language,
        by_source=tuple(
            (wording.SOURCE[source][language], tuple(w for w in heard if w.source is source)) for source in Source
        ),
    )


def _heard_in(words: Iterable[SourceWord]) -> dict[str, str]:
    """By statement the message that carries it today: "M9.6, i dag 10:12"."""
    found: dict[str, str] = {}
    for word in words:
        told = f"{word.message_type}, {on_clock(word.as_of)}" if word.as_of else word.message_type
        found |= dict.fromkeys(word.said, told)
    return found


def _by_section(lines: Iterable[Line], flags_: Iterable[Discrepancy]) -> dict[Section, list[Line]]:
    """In the order of the list; of what is to be clarified the most urgent first."""
    found: dict[Section, list[Line]] = {section: [] for section in Section}
    for line in lines:
        found[line.section].append(line)
    worst: dict[str, int] = {}
    for flag in flags_:
        worst |= {key: max(worst.get(key, 0), flag.severity.rank) for key in flag.lines}
    found[Section.DISPUTED].sort(key=lambda line: -worst.get(line.key, 0))
    return {section: held for section, held in found.items() if held}


def _line(
    number: int, line: Line, found: tuple[FlagView, ...], stored: StoredList, language: str, today: date
) -> LineView:
    said = [stored.statements[id_] for id_ in line.statements if id_ in stored.statements]
    chosen = stored.statements.get(line.dose.chosen or "")
    row = grid(line, chosen, language)
    unread = _unread(stored)
    view = LineView(
        line=line,
        anchor=f"l{number}",
        dose=dose_text(line, stored.statements, language),
        grid=row,
        flags=found,
        sources=tuple(
            SourceView(
                source=source,
                name=wording.SOURCE[source][language],
                says=tuple(s for s in said if s.source is source),
                read=source not in unread,
            )
            for source in Source
        ),
        since_by=_author(chosen),
        picture=dose_picture((*said, *_earlier(said, stored)), today),
        told_in={s.id: wording.KIND[s.kind][language] for s in said},
        other_days=_other_days(line, stored),
        beside=_beside(line, stored),
        old=tuple(s for s in line.dose.as_said if s.outdated and not _says(s, chosen, stored)),
    )
    return replace(view, grid=EMPTY) if view.side_by_side else view


def _other_days(line: Line, stored: StoredList) -> bool:
    """Two sources in force name different weekdays: one alone would look agreed, and be given on both."""
    in_force = (stored.statements.get(s.statement) for s in line.dose.as_said if not (s.outdated or s.status))
    return len({days for s in in_force if (days := weekdays_of(s))}) > 1


def _beside(line: Line, stored: StoredList) -> tuple[SaidDose, ...]:
    """Not what was handed over, where anything else says a dose: a label is no list, and stands under "why"."""
    said = line.dose.as_said
    lists = tuple(
        s
        for s in said
        if s.statement not in stored.statements or stored.statements[s.statement].kind is not _HANDED_OVER
    )
    return lists or said


def _says(said: SaidDose, chosen: Statement | None, stored: StoredList) -> bool:
    """The same dose as the line's own, read with certainty."""
    dosage = dosage_of(stored.statements.get(said.statement))
    return dosage is not None and dosage == dosage_of(chosen)


def _unread(stored: StoredList) -> frozenset[Source]:
    """Sources of which there is a limiting gap and not one statement."""
    spoke = {s.source for s in stored.statements.values()}
    return frozenset(g.source for g in stored.reconciliation.gaps if g.limits) - spoke


def _earlier(said: Iterable[Statement], stored: StoredList) -> tuple[Statement, ...]:
    """Earlier versions of the same medicine in the same source, kept aside as replaced."""
    known = {(s.source, s.name) for s in said}
    replaced = {a.statement for a in stored.reconciliation.aside if a.reason is AsideReason.REPLACED}
    return tuple(
        s for id_ in sorted(replaced) if (s := stored.statements.get(id_)) is not None and (s.source, s.name) in known
    )


def _author(statement: Statement | None) -> str:
    if statement is None or statement.author is None:
        return ""
    return statement.author.name or statement.author.organisation
