"""Oversikt for the leader: open discrepancies by age, severity, owner, GP office and source, and over time."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from medrec import clock, radar, roster, wording
from medrec.access import log
from medrec.access.gate import database, needs, user
from medrec.access.people import Need
from medrec.radar_shifts import INTERVAL, Shift
from medrec.records import discrepancy, person, reading, saying, statement
from medrec.web.language import chosen
from medrec.web.language import say as _
from medrec.web.picture import Bar, bars, curve
from rules.conclusion import Owner, Severity
from rules.tables.intervals import Interval

pages = Blueprint("overview", __name__, url_prefix="/overview")
DAYS = 30
_AGES = ((1, "today"), (7, "week"), (30, "month"))


@dataclass(frozen=True, slots=True)
class Chart:
    """A heading, bars, and what the rows are."""

    title: str
    what: str
    rows: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Lists that are to be judged again: how many of how many, since when, and how many of them failed last time."""

    left: int
    of: int
    since: datetime
    failing: int


@pages.get("")
@needs(Need.OVERVIEW)
def page() -> ResponseReturnValue:
    """Charts, each with its numbers as a table beside it."""
    today = clock.today()
    with database().writing() as session:
        me = user()
        log.record(session, me, "read-overview", why="COC")
        cares = roster.cares(session, None, today)
        mine = {p for p, care in cares.items() if not me.district or care.district == me.district}
        rows = [r for r in session.execute(select(discrepancy)) if r.person_id in mine]
        waiting = [r for r in rows if r.closed_at is None and r.state != "intended"]
        causes = _causes(session, waiting)
        unjudged = _unjudged(session, mine)
        faults = tuple(_fault(shift) for shift in radar.shown(session))
    days = [today - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    over_time = [
        (
            on,
            sum(
                clock.day_of(r.opened_at) <= on and (r.closed_at is None or clock.day_of(r.closed_at) > on)
                for r in rows
            ),
        )
        for on in days
    ]
    offices = Counter(cares[r.person_id].gp.office or _("ikke oppgitt") for r in waiting)
    charts = (
        Chart(_("Etter alvor"), _("Alvor"), _by_severity(Counter(r.severity for r in waiting))),
        Chart(
            _("Etter alder"), _("Åpnet"), _by_age(Counter((today - clock.day_of(r.opened_at)).days for r in waiting))
        ),
        Chart(_("Etter hvem som gjør noe"), _("Hvem"), _by_owner(Counter(r.owner for r in waiting))),
        Chart(_("Etter fastlegekontor"), _("Kontor"), bars(offices.most_common())),
        Chart(_("Etter kilden avvikene hviler på"), _("Kilde og system"), bars(causes.by_source.most_common(12))),
        Chart(_("Etter melding og versjon"), _("Melding"), bars(causes.by_version.most_common(12))),
    )
    return render_template(
        "overview.html", charts=charts, over_time=over_time, line=curve([n for _on, n in over_time]),
        waiting=len(waiting), patients=len({r.person_id for r in waiting}), now=clock.now(), faults=faults,
        unjudged=unjudged,
    )  # fmt: skip


def _unjudged(session: Session, mine: Collection[str]) -> Waiting | None:
    """How far a refresh of everybody has come among one's own; `None` when nobody waits."""
    marked = select(person.c.id, person.c.dirty_since, person.c.dirty_tries).where(person.c.dirty_since.is_not(None))
    rows = [row for row in session.execute(marked) if row.id in mine]
    if not rows:
        return None
    return Waiting(len(rows), len(mine), min(r.dirty_since for r in rows), sum(r.dirty_tries > 0 for r in rows))


@dataclass(frozen=True, slots=True)
class Fault:
    """A shift of the radar in words: whose, since when, of what, and what is said now."""

    system: str
    week: date
    substance: str
    what: str
    share: int
    before: int


def _fault(shift: Shift) -> Fault:
    names = {radar.EVERY: _("alle virkestoff"), radar.NOT_DAILY: _("virkestoff som ikke gis daglig")}
    if shift.measure == INTERVAL:
        what = wording.INTERVAL[list(Interval)[shift.to].value][chosen()]
    else:
        what = _("minst fire ganger større dose") if shift.to > 0 else _("høyst en firedel av dosen")
    share, before = (round(100 * part) for part in (shift.share, shift.before))
    system = f"{shift.system}, {shift.version}"
    return Fault(system, shift.week, names.get(shift.substance, shift.substance), what, share, before)


def _by_severity(counted: Counter[str]) -> tuple[Bar, ...]:
    return bars((wording.SEVERITY[s][chosen()], counted[s.value]) for s in Severity)


def _by_owner(counted: Counter[str]) -> tuple[Bar, ...]:
    return bars((wording.OWNER[o][chosen()], counted[o.value]) for o in Owner)


def _by_age(days: Counter[int]) -> tuple[Bar, ...]:
    names = (_("i dag"), _("siste uke"), _("siste måned"), _("før det"))
    found: Counter[str] = Counter()
    for age, many in days.items():
        found[names[sum(age >= limit for limit, _name in _AGES)]] += many
    return bars((name, found[name]) for name in names)


@dataclass(frozen=True, slots=True)
class Causes:
    """What the waiting flags rest on: how many on each source and system, and on each message in its version."""

    by_source: Counter[str]
    by_version: Counter[str]


def _causes(session: Session, waiting: Iterable[object]) -> Causes:
    """Each flag counts once for each source, and once for each message in its version, that says what it rests on."""
    rests_on = {(r.person_id, s): r.id for r in waiting for s in json.loads(r.content).get("evidence", ())}  # type: ignore[attr-defined] # rows of one query
    people = {p for p, _s in rests_on}
    says = (saying.c.person_id == statement.c.person_id) & (saying.c.statement_id == statement.c.id)
    rows = session.execute(
        select(
            statement.c.person_id,
            statement.c.id,
            statement.c.source,
            statement.c.source_system,
            reading.c.message_type,
        )
        .distinct()
        .join(saying, says)
        .join(reading, reading.c.id == saying.c.reading_id)
        .where(statement.c.person_id.in_(people))
    )
    found = [(rests_on[(r.person_id, r.id)], r) for r in rows if (r.person_id, r.id) in rests_on]
    sources = {(flag, f"{wording.told(r.source, chosen())} {_short(r.source_system)}".strip()) for flag, r in found}
    versions = {(flag, f"{wording.told(r.source, chosen())}: {r.message_type}") for flag, r in found}
    return Causes(Counter(name for _flag, name in sources), Counter(name for _flag, name in versions))


def _short(system: str) -> str:
    """A system as people name it: of an address, the host."""
    return urlsplit(system).netloc or system
