"""Meldinger: a patient's threads and calls, and what did not arrive, with the call that must be made instead."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from medrec import clock, persons, roster, wording
from medrec import worklist as stored_work
from medrec.access import gate, log, relation
from medrec.access.gate import database, needs, see
from medrec.access.people import Need
from medrec.actions import By
from medrec.notices import calls, outbox, threads, tidy
from medrec.notices.calls import Call
from medrec.notices.outbox import State
from medrec.notices.threads import Notice, Reply, Task, Thread
from medrec.persons import PersonCard
from medrec.placing import about
from medrec.web.language import chosen
from medrec.web.language import say as _
from medrec.worklist import FlagRow
from rules.conclusion import Severity

pages = Blueprint("notices", __name__)
MOST_SAID = 2000
View = TypeVar("View")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """One letter with its state in words, what it asks about, and its text."""

    notice: Notice
    state: str
    about: tuple[str, ...]
    solved: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """One conversation, its letters and answers in the order of time."""

    said: tuple[NoticeView | Reply, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One call to make: why, about what, whom to call now; `waits`: until their office opens."""

    task: Task
    why: str
    about: str
    call: Call
    card: PersonCard | None
    waits: bool


@pages.get("/patients/<person_id>/notices")
@needs(Need.SEE_LIST)
def of_patient(person_id: str) -> ResponseReturnValue:
    """Threads with their state, calls made, and calls to make."""
    with database().writing() as session:
        see(session, person_id, "read-notices")
        card = persons.who(session, person_id)
        found = tuple(_thread(session, t) for t in threads.threads(session, person_id))
        todo = tuple(_task(session, t, card) for t in threads.tasks(session, person_id))
        made = calls.calls_made(session, person_id)
    return render_template(
        "notices.html", person_id=person_id, card=card, threads=found, tasks=todo, calls=made, now=clock.now()
    )


@pages.get("/notices")
@needs(Need.WORKLIST)
def failures() -> ResponseReturnValue:
    """Calls to make and letters that did not arrive, of one's own district; how each GP office stands."""
    with database().writing() as session:
        mine = _mine(session)
        tasks = [t for t in threads.tasks(session) if t.person_id in mine]
        bad = [n for n in threads.failures(session) if n.person_id in mine]
        shown = {t.person_id for t in tasks if t.person_id} | {n.person_id for n in bad}
        log.record(session, gate.user(), "read-notices", why="COC", whom=shown)
        cards = persons.names(session, shown)
        todo = tuple(_task(session, t, cards.get(t.person_id or "")) for t in tasks)
        views = tuple(_notice(session, n) for n in bad)
        shut = _shut(session) if gate.user().may(Need.OVERVIEW) else 0
        offices = tidy.offices(session) if gate.user().may(Need.OVERVIEW) else ()
    return render_template(
        "failures.html",
        tasks=_of_each(todo, lambda view: view.task.person_id or ""),
        notices=_of_each(views, lambda view: view.notice.person_id),
        cards=cards,
        offices=offices,
        shut=shut,
        days=_days,
        now=clock.now(),
    )


def _of_each(views: Iterable[View], whose: Callable[[View], str]) -> dict[str, list[View]]:
    """What there is about each patient, in the order in which they first come: nobody's name stands twice."""
    found: dict[str, list[View]] = {}
    for view in views:
        found.setdefault(whose(view), []).append(view)
    return found


@pages.post("/patients/<person_id>/calls")
@needs(Need.ACT)
def called(person_id: str) -> ResponseReturnValue:
    """Who was called, who was reached ("" nobody) and what was said; one form, one call."""
    form = request.form
    said, reached, at = (form.get(name, "").strip()[:MOST_SAID] for name in ("said", "reached", "at"))
    if not said and not reached:
        abort(400)
    with database().writing() as session:
        see(session, person_id, "record-call")
        flag = stored_work.flag(session, form["discrepancy"]) if form.get("discrepancy") else None
        if form.get("discrepancy") and (flag is None or flag.person_id != person_id):
            abort(404)
        if not _made_before(session, person_id, reached, said, at):
            calls.record_call(
                session,
                person_id=person_id,
                discrepancy_id=flag.id if flag else None,
                called=Call(form.get("name", "")[:200], form.get("number", "")[:32], form.get("role", "")[:32]),
                reached=reached[:200],
                said=said,
                by=_by(),
                task_id=form.get("task", ""),
            )
    return redirect(url_for("notices.of_patient", person_id=person_id), code=303)


@pages.post("/patients/<person_id>/notices/<notice_id>/retry")
@needs(Need.ACT)
def again(person_id: str, notice_id: str) -> ResponseReturnValue:
    """Send a letter of this patient again: the same MsgId and bytes, which a receiver who has it ignores."""
    with database().writing() as session:
        see(session, person_id, "retry-notice")
        mine = {n.id for t in threads.threads(session, person_id) for n in t.notices}
        if notice_id not in mine:
            abort(404)
        outbox.retry(session, (notice_id,))
    return redirect(url_for("notices.of_patient", person_id=person_id), code=303)


def _mine(session: Session) -> frozenset[str]:
    """Persons in care in the reader's district, without those who have closed their record."""
    district = gate.user().district
    cares = roster.cares(session, None, clock.today())
    return frozenset(p for p, c in cares.items() if not district or c.district == district) - relation.blocked(session)


def _days(time: timedelta) -> str:
    """In days with one decimal, with the decimal mark of the reader's language."""
    return wording.number(Decimal(round(time / timedelta(days=1), 1)).quantize(Decimal("0.1")), chosen())


def _shut(session: Session) -> int:
    """How many tasks are about patients who have closed their record: a number, never who."""
    shut = relation.blocked(session)
    return sum(t.person_id in shut for t in threads.tasks(session))


def _made_before(session: Session, person_id: str, reached: str, said: str, at: str) -> bool:
    """The same form sent twice: this reader noted the same call after the page was made."""
    try:
        made = datetime.fromisoformat(at)
    except ValueError:
        return False
    mine = (c for c in calls.calls_made(session, person_id) if c.by_name == gate.user().name)
    return made.tzinfo is not None and any((c.reached, c.said) == (reached, said) and c.at >= made for c in mine)


def _by() -> By:
    me = gate.user()
    return By(id=me.id, name=me.name, role=me.role.value, hpr=me.hpr, organisation=me.organisation)


def _thread(session: Session, thread: Thread) -> ThreadView:
    letters = [(n.created_at, _notice(session, n)) for n in thread.notices]
    everything: list[tuple[datetime, NoticeView | Reply]] = [*letters, *((r.at, r) for r in thread.replies)]
    return ThreadView(said=tuple(one for _at, one in sorted(everything, key=lambda pair: pair[0])))


def _notice(session: Session, notice: Notice) -> NoticeView:
    return NoticeView(
        notice=notice,
        state=state_words()[notice.state],
        about=_names(session, notice.raised),
        solved=_names(session, notice.closed),
        text=threads.text_of(session, notice.id),
    )


def _names(session: Session, flag_ids: Iterable[str]) -> tuple[str, ...]:
    found = (stored_work.flag(session, flag_id) for flag_id in flag_ids)
    return tuple(f"{wording.name(f.code, chosen())}: {about(f.about)}" for f in found if f)


def _task(session: Session, task: Task, card: PersonCard | None) -> TaskView:
    flag = stored_work.flag(session, str(task.data["discrepancy"])) if "discrepancy" in task.data else None
    told = wording.sentence(flag.flag, chosen()) if flag else str(task.data.get("errors", ""))
    call, waits = _whom(session, task, flag)
    return TaskView(task=task, why=why_words()[task.why], about=told, call=call, card=card, waits=waits)


def _whom(session: Session, task: Task, flag: FlagRow | None) -> tuple[Call, bool]:
    """Whom to call, and whether it waits until they open: nobody calls the out-of-hours doctor about a lost letter.

    What is critical in a letter that did not arrive has a call of its own.
    """
    now, number = clock.now(), str(task.data.get("phone", ""))
    urgent = task.why == "call" or (flag is not None and flag.severity is Severity.CRITICAL)
    waits = not (urgent or calls.is_open(now))
    if waits or (number and calls.is_open(now) and task.why != "call"):
        name = ", ".join(filter(None, (task.data.get("name"), task.data.get("office"))))
        return Call(name, number, str(task.data.get("role", ""))), waits
    return calls.whom_to_call(session, task.person_id or "", flag.code if flag else "", now), False


def state_words() -> Mapping[State, str]:
    """The state of a letter in the reader's language."""
    return {
        State.QUEUED: _("Venter på å bli sendt"),
        State.SENT: _("Sendt, ikke kvittert"),
        State.ACKNOWLEDGED: _("Mottatt i mottakerens system (ikke nødvendigvis lest)"),
        State.REJECTED: _("Avvist av mottakerens system"),
        State.OVERDUE: _("Ingen kvittering innen fire døgn"),
        State.FAILED: _("Kunne ikke sendes"),
        State.HELD: _("Ikke sendt: pasienten er død"),
    }


def why_words() -> Mapping[str, str]:
    """Why somebody must phone, in the reader's language."""
    return {
        "call": _("Haster: ring nå. Meldingen er ingen nødkanal."),
        "no-address": _("Ingen adresse å sende til: ring."),
        "no-name": _("Pasienten mangler navn eller nummer, så meldingen kan ikke sendes: ring."),
        "blocked": _("Pasienten har sperret opplysningene, så ingenting er sendt: vurder om det må ringes."),
        "rejected": _("Meldingen ble avvist: ring."),
        "overdue": _("Ingen kvittering: regn meldingen som ikke mottatt, og ring."),
        "failed": _("Meldingen kunne ikke sendes: ring."),
    }
