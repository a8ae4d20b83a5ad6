"""What the timelines are told with: one patient in a store, message after message, and the papers with their days."""

from datetime import UTC, date, datetime, timedelta

from papers import (
    NUMBER,
    REGISTRY,
    care,
    doctors_list,
    drug,
    entry,
    extract,
    home,
    info,
    key,
    on_list,
    registry,
    rolled,
    rx,
    shared,
    summary,
)

from medrec import clock, hearing, intake, roster, work
from medrec.demo.catalogue import demo_catalogue
from medrec.roster import RosterRow
from rules.reconcile import reconcile

FUROSEMIDE, AMLODIPINE, SIMVASTATIN = "furosemid|oral|plain", "amlodipin|oral|plain", "simvastatin|oral|plain"
FURIX = ("Furix", "1 tablett morgen", "C03CA01", "40 mg", "tab")
DOUBLED = ("Furix", "2 tabletter morgen", "C03CA01", "40 mg", "tab")
ZOCOR = ("Zocor", "1 tablett kveld", "C10AA01", "20 mg", "tab")
NORVASC = ("Norvasc", "1 tablett daglig", "C08CA01", "5 mg", "tab")
STOPPED = (*NORVASC, "", "2")
OFFICE_OF_RECORD = {"gp_her_id": "8010201", "gp_hpr": "9100011"}
ALL_IS_AGREED = ({FUROSEMIDE: "ACTIVE AGREED", SIMVASTATIN: "ACTIVE AGREED"}, set())


class Timeline:
    """One patient in an empty store: what stands after each message, judged on the day it came."""

    def __init__(self, database):
        self.database = database
        self.of_record(OFFICE_OF_RECORD)

    def of_record(self, gp, on="2026-01-01"):
        row = RosterRow(identifier=NUMBER, district="Nord", starts=date(2026, 1, 1), **gp)
        with clock.held(noon(on)), self.database.writing() as session:
            roster.load(session, [row], noon(on).date())

    def after(self, on, *papers):
        """What is concluded once these have come, in this order."""
        with clock.held(noon(on)):
            for paper in papers:
                self.person = intake.receive(self.database, paper, channel="test").patient
            work.drain(self.database, today=noon(on).date())
        return self.seen(on)

    def seen(self, on):
        with clock.held(noon(on)), self.database.reading() as session:
            case = hearing.case_of(session, self.person, noon(on).date())
        told = reconcile(case, demo_catalogue(), noon(on).date())
        placed = [i for line in told.lines for i in line.statements] + [a.statement for a in told.aside]
        assert sorted(placed) == sorted(s.id for s in case.statements), "each statement once, and none lost"
        return told


def noon(day):
    return datetime.fromisoformat(f"{day}T11:00:00").replace(tzinfo=UTC)


def of_day(paper, day, serial=0):
    """The registry's list as it was on another day; `serial`: its message number."""
    told = paper.replace(b"2026-03-01T08", f"{day}T08".encode())
    return told.replace(key(9096).encode(), key(serial).encode()) if serial else told


def prescribed(*drugs):
    """The registry's list: each with a prescription of its own, by the number of its place."""
    return registry(
        *(
            rx(n, drug(f"{name} Tab {strength}", dose, atc))
            for n, (name, dose, atc, strength, *_) in enumerate(drugs, 1)
        )
    )


def at_home(*drugs, on, system=""):
    lines = [(f"{name} tab {strength}", atc, strength, dose) for name, dose, atc, strength, *_ in drugs]
    told = home(*lines, as_of=f"{on}T10:00:00+01:00")
    return told.replace(b'"source_system": ""', f'"source_system": "{system}"'.encode())


def gps(*entries, on, serial=9251, **more):
    """The GP's own list; an entry is (medicine, day changed) and the day it was stopped."""
    told = [
        entry(n, on_list(f"{what[0]} Tab {what[3]}", what[1], what[2]), changed=changed, prescription=n, stop=stop)
        for n, (what, changed, stop) in enumerate(((*e, "")[:3] for e in entries), 1)
    ]
    return doctors_list(*told, made=f"{on}T08:00:00+01:00", serial=serial, **more)


def message(kind, *drugs, on, serial, **more):
    return care(kind, *(info(*d) for d in drugs), made=f"{on}T13:00:00", serial=serial, **more)


def from_gp(*drugs, on, serial, **more):
    return message("MEDISINSKE_OPPLYSNINGER", *drugs, on=on, serial=serial, **more)


def extracted(*drugs, on, serial=9150):
    told = extract(*(info(*d) for d in drugs), made=f"{on}T09:00:00")
    return told.replace(key(9150).encode(), key(serial).encode())


def letter(*drugs, on, serial):
    return summary(*drugs, made=f"{on}T12:00:00").replace(key(9400).encode(), key(serial).encode())


def codes(told):
    return {d.code for d in told.discrepancies}


def with_number(paper, prescription=1):
    """The same message, its entries naming the prescription they stand for."""
    return paper.replace(
        b"<Forskrivningsinfo>", f"<ReseptId>{key(prescription)}</ReseptId><Forskrivningsinfo>".encode()
    )


def rolls(*drugs, first, last, given, sent, serial):
    """The registry's answer with the newest roll (M25.3), as the pharmacy sent it."""
    following = date.fromisoformat(last) + timedelta(days=1)
    packing = (
        f"<Pakkeinfo><Bestillingsfrist>{given}T12:00:00</Bestillingsfrist>"
        f"<ForsteDoseringsdato>{following}</ForsteDoseringsdato></Pakkeinfo>"
    )
    packed = [
        rolled(n, on_list(f"{name} Tab {strength}", dose, atc), n, first=first, last=last, given=given)
        for n, (name, dose, atc, strength, *_) in enumerate(drugs, 1)
    ]
    made = {"made": f"{sent}T07:00:00+01:00", "serial": serial}
    answer = shared(doctors_list(*packed, kind="3", sender=REGISTRY, extra=packing, **made))
    return of_day(answer, sent).replace(key(9912).encode(), key(serial + 500).encode())
