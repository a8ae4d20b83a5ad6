"""Flags as the page tells them: one sentence, one owner, what closes it, and whom to call when it can't wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from medrec import wording
from medrec.listing import StoredList
from medrec.notices import calls
from medrec.notices.threads import Reply
from medrec.placing import placed
from medrec.roster import Care
from medrec.web import closing
from medrec.web.language import say as _
from medrec.worklist import ActionNote
from rules.conclusion import Discrepancy, Owner, Severity
from rules.rulebook import RULES

LOUD = frozenset({Severity.CRITICAL, Severity.HIGH, Severity.MODERATE})
"""Severities that stand open on the first screen, and on paper: all that somebody is to do within a week."""
ADVICE = frozenset(rule.code for rule in RULES if rule.advisory)
"""Advice is grouped and folded (S14) unless it is for today."""
GOING_WITHOUT = frozenset({"A01", "A02", "A03", "B05"})
"""Kinds that say that the patient may be going without a medicine in use: "do not give" would be the wrong word."""
SAID_BY_THE_BANNER = frozenset({"G01", "G02", "G07"})
_QUIET_STATES = frozenset({"snoozed", "intended"})
LEGEVAKT = "116117"
STOPPED = "seponerte"
"""How B07 tells that the hospital stopped it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagView:
    """One flag in words. `again`: it stands in full further up; `note`: who last did what with it.

    `replies`: what receivers answered to letters about it.
    """

    flag: Discrepancy
    id: str
    state: str
    sentence: str
    action: str
    closes: str
    severity: str
    owner: str
    calls: tuple[tuple[str, str], ...] = ()
    note: ActionNote | None = None
    again: bool = False
    replies: tuple[Reply, ...] = ()

    @property
    def loud(self) -> bool:
        """Stands open on the first screen."""
        told = self.flag.severity in LOUD and not (self.flag.code in ADVICE and self.flag.severity is Severity.MODERATE)
        return told and not self.put_off

    @property
    def put_off(self) -> bool:
        """Somebody has put it off, or a prescriber has explained it: no lesser than it was, but for another day."""
        return self.state in _QUIET_STATES or self.flag.intended

    @property
    def critical(self) -> bool:
        """Before the next dose."""
        return self.flag.severity is Severity.CRITICAL

    @property
    def of_going_without(self) -> bool:
        """What is wrong is that it may not be given: it is missing somewhere, or the hospital ordered it."""
        carried = self.flag.code == "B07" and self.flag.values.get("change") != STOPPED
        return carried or self.flag.code in GOING_WITHOUT

    @property
    def done(self) -> bool:
        """Somebody has done something with it."""
        return self.state not in {"open", "closed"}


def flag_views(
    stored: StoredList, notes: Iterable[ActionNote], care: Care | None, language: str, now: datetime
) -> tuple[FlagView, ...]:
    """All flags of a list, in its order."""
    latest: dict[str, ActionNote] = {}
    for note in notes:
        if note.discrepancy_id and note.undone_at is None:
            latest.setdefault(note.discrepancy_id, note)
    return tuple(_view(d, stored, latest, care, language, now) for d in stored.reconciliation.discrepancies)


def _view(
    flag: Discrepancy,
    stored: StoredList,
    notes: Mapping[str, ActionNote],
    care: Care | None,
    language: str,
    now: datetime,
) -> FlagView:
    standing = stored.flags.get((flag.code, flag.about))
    told = placed(flag, stored.statements)
    return FlagView(
        flag=flag,
        id=standing.id if standing else "",
        state=standing.state.value if standing else "open",
        sentence=wording.sentence(told, language),
        action=wording.action(told, language),
        closes=closing.closes(flag, language),
        severity=wording.SEVERITY[flag.severity][language],
        owner=wording.OWNER[flag.owner][language],
        calls=whom_to_call(flag, care, now) if flag.severity is Severity.CRITICAL else (),
        note=notes.get(standing.id) if standing else None,
    )


def on_line(flags: Iterable[FlagView], key: str, told: set[str]) -> tuple[FlagView, ...]:
    """The flags on one line, each once in full: what stands on an earlier line too is marked `again`."""
    mine = [f for f in flags if key in f.flag.lines]
    views = tuple(replace(f, again=f.id in told) if f.id else f for f in mine)
    told |= {f.id for f in mine if f.id}
    return views


def whom_to_call(flag: Discrepancy, care: Care | None, now: datetime) -> tuple[tuple[str, str], ...]:
    """(words, telephone number or "") to call now: a doctor first, the pharmacy too where the roll is at fault.

    The GP's office in its hours (`calls.is_open`), else the out-of-hours service; the pharmacy's number as the roster
    has it.
    """
    gp = care.gp if care else None
    if calls.is_open(now) and gp is not None and gp.phone:
        doctor = (_("Ring fastlegen nå (%(office)s):", office=gp.office or gp.name), gp.phone)
    else:
        doctor = (_("Ring legevakten nå:"), LEGEVAKT)
    roll = flag.owner is Owner.PHARM or flag.code.startswith("E")
    return (doctor, _packer(care.pharmacy_phone if care else "")) if roll else (doctor,)


def _packer(phone: str) -> tuple[str, str]:
    return (_("Ring også apoteket som pakker rullen:") if phone else _("Ring også apoteket som pakker rullen."), phone)
