"""Ryddeliste: what never warrants a letter of its own, one list for each GP office, sorted by patient.

A dialogue message is about one patient (the profile wants name and number); this list is about many. So it is laid as a
text beside the letters, for the municipality's own secure channel, once a month and office.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from medrec import clock, fences, persons, roster, wording, worklist
from medrec.access import relation
from medrec.db import Database
from medrec.notices import closings, outbox, policy
from medrec.roster import Care
from medrec.worklist import FlagRow
from rules.conclusion import Owner, Severity

SCHEDULE = "ryddeliste"
SPEED_OVER = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """How a GP office stands.

    `open`: what waits for it, `urgent` and `tidy` of that; `closed` and `median`: of the last 90 days, `None` where
    nothing closed. `her_id` "": it has several, or none.
    """

    name: str
    her_id: str
    open: int
    urgent: int
    tidy: int
    closed: int
    median: timedelta | None


def tick(database: Database) -> int:
    """What the scheduler calls."""
    return database.once(monthly)


def monthly(session: Session) -> int:
    """Make this month's lists, once, by whoever comes first at or after the moment they are due. Returns how many."""
    moment = due(clock.now())
    if not fences.take(session, SCHEDULE, moment):
        return 0
    lists, addresses = tidy_lists(session), _addresses(session)
    for office, content in lists.items():
        outbox.put_message(
            session,
            kind=outbox.Kind.TIDY,
            msg_id=f"ryddeliste-{moment:%Y-%m}-{addresses.get(office) or outbox.short(office)}",
            body=content.encode(),
            person_id=None,
            her_id=addresses.get(office, ""),
            data={"office": office},
        )
    return len(lists)


def due(now: datetime) -> datetime:
    """The newest moment, not after `now`, at which lists are made (aware, Oslo)."""
    local = now.astimezone(clock.OSLO)
    this = datetime.combine(local.date().replace(day=policy.TIDY_DAY), policy.TIDY_FROM, clock.OSLO)
    if this <= now:
        return this
    before = this.date() - timedelta(days=policy.TIDY_DAY)
    return datetime.combine(before.replace(day=policy.TIDY_DAY), policy.TIDY_FROM, clock.OSLO)


def _is_tidy(flag: FlagRow) -> bool:
    return policy.is_tidy(flag.code, flag.severity) and (flag.owner is Owner.GP or flag.code == "C01")


def tidy_lists(session: Session) -> Mapping[str, str]:
    """Text of each GP office's list, by the office's name; an office without anything has none."""
    mine = [f for f in _waiting(session) if _is_tidy(f)]
    cares = roster.cares(session, {f.person_id for f in mine}, clock.today())
    cards = persons.names(session, {f.person_id for f in mine})
    offices: dict[str, dict[tuple[str, str], list[str]]] = {}
    for flag in sorted(mine, key=lambda f: (-f.severity.rank, f.code, f.about)):
        care, card = cares.get(flag.person_id), cards.get(flag.person_id)
        if care is None or card is None:
            continue
        number = card.identifiers[0].value if card.identifiers else ""
        asked = wording.action(flag.flag)
        lines = offices.setdefault(_office(care), {}).setdefault((card.name, number), [])
        lines.append(f"- {wording.sentence(flag.flag)}")
        lines.append(f"  Vi ber om: {asked}" if asked else "  Til orientering.")
    return {office: _text(office, patients, clock.today()) for office, patients in sorted(offices.items())}


def on_lists(session: Session) -> frozenset[str]:
    """The persons whose flags stand on some tidy-up list."""
    return frozenset(f.person_id for f in _waiting(session) if _is_tidy(f))


def _waiting(session: Session) -> tuple[FlagRow, ...]:
    flags = worklist.open_discrepancies(session, limit=1_000_000).rows
    shut = relation.blocked(session)
    return tuple(f for f in flags if f.state in worklist.WAITING and f.person_id not in shut)


def _office(care: Care) -> str:
    return care.gp.office or "Ukjent legekontor"


def _addresses(session: Session) -> dict[str, str]:
    """The HER-id of each office that has only one."""
    known: dict[str, set[str]] = {}
    for care in roster.cares(session, None, clock.today()).values():
        known.setdefault(_office(care), set()).add(care.gp.her_id)
    return {office: next(iter(found)) for office, found in known.items() if len(found) == 1}


def _text(office: str, patients: Mapping[tuple[str, str], list[str]], on: date) -> str:
    points = sum(line.startswith("- ") for lines in patients.values() for line in lines)
    many = "1 punkt" if points == 1 else f"{points} punkter"
    whose = "1 pasient" if len(patients) == 1 else f"{len(patients)} pasienter"
    head = (
        f"Ryddeliste for {office}, {wording.day(on)}: {many} hos {whose}.\n"
        "Ingenting her haster. Punktene lukkes av seg selv når kildene viser endringen."
    )
    parts = ["\n".join([f"{name} ({number})", *lines]) for (name, number), lines in sorted(patients.items())]
    return "\n\n".join([head, *parts]) + "\n"


def offices(session: Session) -> tuple[Office, ...]:
    """Each GP office of the roster: how much waits there, and how fast it closes."""
    cares, addresses = roster.cares(session, None, clock.today()), _addresses(session)
    flags: dict[str, list[FlagRow]] = {_office(care): [] for care in cares.values()}
    for flag in _waiting(session):
        if flag.owner is Owner.GP and flag.person_id in cares:
            flags[_office(cares[flag.person_id])].append(flag)
    speeds = closings.by_office(session, clock.now() - SPEED_OVER)
    return tuple(_standing(name, addresses.get(name, ""), flags[name], speeds.get(name, ())) for name in sorted(flags))


def _standing(name: str, her_id: str, flags: Iterable[FlagRow], times: Iterable[timedelta]) -> Office:
    held, over = list(flags), list(times)
    return Office(
        name=name,
        her_id=her_id,
        open=len(held),
        urgent=sum(f.severity.rank >= Severity.HIGH.rank for f in held),
        tidy=sum(map(_is_tidy, held)),
        closed=len(over),
        median=closings.middle(over) if over else None,
    )
