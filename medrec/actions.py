"""What people do with a list: acknowledge, snooze, explain, link, observe, confirm, ask the GP; and undo.

An act never closes a flag and never changes what a source said: it moves a flag's state, or adds a person's word which
the next judgement hears (S13, S21, clarification 55). Every act names who and when, and can be undone by name.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from medrec import clock, hearing, human, ledger, listing
from medrec.ledger import FlagStatus
from medrec.records import action, discrepancy, list_head, person, statement
from medrec.values import load
from rules.conclusion import Discrepancy, Severity

SNOOZE_AT_MOST = timedelta(days=7)
"""S13: a click can only acknowledge or snooze, with an end."""


class ActionKind(StrEnum):
    """What can be done. The data of each stands in the README's table."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    INTENDED = "intended"
    LINK_SAME = "link-same"
    LINK_DIFFERENT = "link-different"
    OBSERVATION = "observation"
    CONFIRM = "confirm"
    ASK_GP = "ask-gp"


_DATA: Mapping[ActionKind, tuple[frozenset[str], frozenset[str]]] = {
    ActionKind.ACKNOWLEDGE: (frozenset({"discrepancy"}), frozenset({"note"})),
    ActionKind.SNOOZE: (frozenset({"discrepancy", "until"}), frozenset({"note"})),
    ActionKind.INTENDED: (frozenset({"discrepancy", "prescriber", "known_by"}), frozenset({"written_reply"})),
    ActionKind.LINK_SAME: (frozenset({"a", "b"}), frozenset()),
    ActionKind.LINK_DIFFERENT: (frozenset({"a", "b"}), frozenset()),
    ActionKind.OBSERVATION: (frozenset({"name"}), frozenset({"dose_text", "use", "note", "reported_by", "local"})),
    ActionKind.CONFIRM: (frozenset(), frozenset()),
    ActionKind.ASK_GP: (frozenset({"discrepancy"}), frozenset({"text"})),
}
"""What each kind must be told, and what it may be told besides."""

_JUDGED_AGAIN = {
    ActionKind.INTENDED,
    ActionKind.LINK_SAME,
    ActionKind.LINK_DIFFERENT,
    ActionKind.OBSERVATION,
    ActionKind.CONFIRM,
}
_MOVES = {
    ActionKind.ACKNOWLEDGE: FlagStatus.ACKNOWLEDGED,
    ActionKind.SNOOZE: FlagStatus.SNOOZED,
    ActionKind.ASK_GP: FlagStatus.SENT,
}


class Stale(Exception):  # noqa: N818 - an answer: read the list again
    """The list has changed since it was read."""


class MissingMatch(Exception):  # noqa: N818 - an answer
    """This act must say which version it was made upon."""


class Refusal(StrEnum):
    """Which rule an act is against."""

    LACKING = "lacking"
    STRANGE = "strange"
    CLOSED = "closed"
    CRITICAL_SNOOZE = "critical-snooze"
    SNOOZE_SPAN = "snooze-span"
    WRITTEN_REPLY = "written-reply"
    ONE_STATEMENT = "one-statement"
    SENT = "sent"


class NotAllowed(Exception):  # noqa: N818 - an answer
    """The act is against a rule of safety, or lacks what it must be told; `rule` and the message say which."""

    def __init__(self, rule: Refusal, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class Unknown(Exception):  # noqa: N818 - an answer
    """There is no such person, flag, statement or act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who acts."""

    id: str
    name: str
    role: str
    hpr: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The act, and the list's version and revision after it."""

    action_id: str
    version: int
    revision: int


def record_action(
    session: Session,
    *,
    person_id: str,
    kind: ActionKind,
    by: By,
    today: date,
    if_match: str | None = None,
    **data: Any,  # noqa: ANN401 - checked against the table of kinds
) -> Done:
    """Record what somebody does, in this transaction; what judgement must hear is judged at once.

    Raises `Unknown`, `MissingMatch`, `Stale` or `NotAllowed`, and then nothing is kept.
    """
    _lock(session, person_id)
    _check_match(session, person_id, kind, if_match)
    _check_data(kind, data)
    flag = _open_flag(session, person_id, data["discrepancy"]) if "discrepancy" in data else None
    told = _told(session, person_id, kind, flag, data, today)
    action_id = _keep(session, person_id, kind, by, flag.id if flag else None, told)
    if flag is not None and kind in _MOVES:
        ledger.move(session, flag.id, _MOVES[kind], until=data.get("until"))
    return Done(action_id, *_after(session, person_id, kind, today))


def undo_action(session: Session, *, person_id: str, action_id: str, by: By, today: date) -> Done:
    """Take back one's own act on a person; it stays in the history with who took it back.

    Raises `Unknown` for an act of somebody else, on somebody else or taken back already, and `NotAllowed` for a letter
    that was sent.
    """
    _lock(session, person_id)
    mine = (action.c.id == action_id) & (action.c.person_id == person_id) & (action.c.by_id == by.id)
    row = session.execute(select(action).where(mine, action.c.undone_at.is_(None))).first()
    if row is None:
        raise Unknown
    kind = ActionKind(row.kind)
    if kind is ActionKind.ASK_GP:
        msg = "what was sent to the GP can't be taken back"
        raise NotAllowed(Refusal.SENT, msg)
    session.execute(update(action).where(action.c.id == action_id).values(undone_at=clock.now(), undone_by=by.id))
    if kind in _MOVES and row.discrepancy_id:
        _move_back(session, row.discrepancy_id, _MOVES[kind])
    return Done(action_id, *_after(session, person_id, kind, today))


def _move_back(session: Session, discrepancy_id: str, given: FlagStatus) -> None:
    held = session.execute(select(discrepancy.c.state).where(discrepancy.c.id == discrepancy_id)).scalar_one()
    if held == given.value:
        ledger.move(session, discrepancy_id, FlagStatus.OPEN)


def _after(session: Session, person_id: str, kind: ActionKind, today: date) -> tuple[int, int]:
    if kind not in _JUDGED_AGAIN:
        return listing.touch(session, person_id)
    before = session.execute(
        select(list_head.c.version, list_head.c.revision).where(list_head.c.person_id == person_id)
    ).one()
    done = listing.refresh(session, person_id, today)
    if (done.version, done.revision) == (before.version, before.revision):
        return listing.touch(session, person_id)
    return done.version, done.revision


def hold(session: Session, person_id: str) -> bool:
    """Wait for whoever judges the person, and hold them; False where there is no such person.

    To be called before the access log's row is written: that one holds up everybody who writes one, and whoever marks
    persons writes it last. Two acts on one person that come at once are one after the other from here on.
    """
    return session.execute(select(person.c.id).where(person.c.id == person_id).with_for_update()).first() is not None


def _lock(session: Session, person_id: str) -> None:
    if not hold(session, person_id):
        raise Unknown


def _check_match(session: Session, person_id: str, kind: ActionKind, if_match: str | None) -> None:
    head = session.execute(
        select(list_head.c.version, list_head.c.revision).where(list_head.c.person_id == person_id)
    ).first()
    if head is None:
        raise Unknown
    if if_match is None:
        if kind is ActionKind.CONFIRM:
            raise MissingMatch
        return
    if if_match not in _tags(head.version, head.revision, kind):
        raise Stale


def _tags(version: int, revision: int, kind: ActionKind) -> set[str]:
    """What `If-Match` may say: the whole tag; to confirm, the version in any revision."""
    return {f"{version}.{revision}"} | ({str(version)} if kind is ActionKind.CONFIRM else set())


def _check_data(kind: ActionKind, data: Mapping[str, Any]) -> None:
    needed, allowed = _DATA[kind]
    given = {name for name, value in data.items() if value is not None and value != ""}
    if lacking := sorted(needed - given):
        msg = f"{kind} needs {', '.join(lacking)}"
        raise NotAllowed(Refusal.LACKING, msg)
    if strange := sorted(set(data) - needed - allowed):
        msg = f"{kind} does not take {', '.join(strange)}"
        raise NotAllowed(Refusal.STRANGE, msg)


def _open_flag(session: Session, person_id: str, flag_id: str) -> Row[Any]:
    row = session.execute(
        select(discrepancy).where(discrepancy.c.id == flag_id, discrepancy.c.person_id == person_id)
    ).first()
    if row is None:
        raise Unknown
    if row.closed_at is not None:
        msg = "the discrepancy is closed"
        raise NotAllowed(Refusal.CLOSED, msg)
    return row


def _told(
    session: Session, person_id: str, kind: ActionKind, flag: Row[Any] | None, data: Mapping[str, Any], today: date
) -> dict[str, Any]:
    """What is written down of an act, after the rules of its kind."""
    told = {name: value for name, value in data.items() if name != "discrepancy" and value not in (None, "")}
    if kind is ActionKind.SNOOZE and flag is not None:
        told["until"] = _snooze(flag, data["until"], today)
    if kind is ActionKind.INTENDED and flag is not None:
        told |= _intent(flag, data)
    if kind in {ActionKind.LINK_SAME, ActionKind.LINK_DIFFERENT}:
        _check_statements(session, person_id, data["a"], data["b"])
    if kind is ActionKind.CONFIRM:
        told["statements"] = human.fingerprint(hearing.case_of(session, person_id, today).statements)
    return told


def _snooze(flag: Row[Any], until: date, today: date) -> str:
    if flag.severity == Severity.CRITICAL:
        msg = "a critical discrepancy can't be snoozed"
        raise NotAllowed(Refusal.CRITICAL_SNOOZE, msg)
    if not today < until <= today + SNOOZE_AT_MOST:
        msg = f"a snooze ends within {SNOOZE_AT_MOST.days} days, tomorrow at the earliest"
        raise NotAllowed(Refusal.SNOOZE_SPAN, msg)
    return until.isoformat()


def _intent(flag: Row[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    written = bool(data.get("written_reply"))
    if flag.severity == Severity.CRITICAL and not written:
        msg = "a critical discrepancy needs the prescriber's written reply"
        raise NotAllowed(Refusal.WRITTEN_REPLY, msg)
    evidence = load(Discrepancy, flag.content).evidence
    return {"code": flag.code, "about": flag.about, "evidence": list(evidence), "written_reply": written}


def _check_statements(session: Session, person_id: str, a: str, b: str) -> None:
    if a == b:
        msg = "a link is between two statements"
        raise NotAllowed(Refusal.ONE_STATEMENT, msg)
    known = session.scalars(
        select(statement.c.id).where(statement.c.person_id == person_id, statement.c.id.in_([a, b]))
    ).all()
    if len(known) != 2:  # noqa: PLR2004 - both of them
        observed = {s.id for s in human.of_person(session, person_id).observations}
        if not {a, b} <= set(known) | observed:
            raise Unknown


def _keep(
    session: Session, person_id: str, kind: ActionKind, by: By, flag_id: str | None, told: Mapping[str, Any]
) -> str:
    action_id = secrets.token_hex(12)
    session.execute(
        insert(action).values(
            id=action_id,
            person_id=person_id,
            kind=kind.value,
            discrepancy_id=flag_id,
            data=json.dumps(told, ensure_ascii=False, sort_keys=True),
            by_id=by.id,
            by_name=by.name,
            by_role=by.role,
            at=clock.now(),
        )
    )
    return action_id
