"""The text a GP reads in 20 seconds, and the message that carries it.

Most serious first; of each point why, which medicine, what each source says with its date, what we ask, what closes it.
No more of the patient than these lines: name and number stand in the envelope.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from formats.dialog import Contact, DialogKind, DialogMessage
from formats.dialog_xml import ABOUT_MEDICINES, ABOUT_PATIENT, CONTACT_AT_RECEIVER, MEDICINES_ASKED, theme
from formats.msghead import Party, Unit
from formats.statement import Identifier, Kind, Person, SaidStatus, Statement
from medrec import wording
from medrec.notices.addresses import Receiver, Sender
from medrec.notices.asks import ASKED, CLOSES, CLOSES_OTHERWISE, WHY
from medrec.notices.calls import spaced
from medrec.notices.whom import Role, To
from medrec.placing import placed
from rules.conclusion import Discrepancy, Severity

SOURCES_SHOWN = 4
_URGENT = {Severity.CRITICAL: "HASTER: ", Severity.HIGH: "I dag: "}
_PHONED, _URGENTLY = "Noe her haster, og vi ringer også om det.", "Noe her haster."
"""Whom a nurse phones is the GP's office, the pharmacy or the out-of-hours doctor: only the GP is told to expect it."""
_LIST_ASKED = frozenset({"A01", "B07", "D05", "D06"})
"""Kinds that ask for an updated list: theme 9; anything else is theme 6."""
_PROFESSION = {Role.GP: "LE", Role.MULTIDOSE: "LE", Role.HOSPITAL: "LE", Role.PHARMACY: "FA1"}
_STATUS = {
    SaidStatus.STOPPED: "seponert",
    SaidStatus.REVOKED: "tilbakekalt",
    SaidStatus.EXPIRED: "utløpt",
    SaidStatus.PAUSED: "pause",
    SaidStatus.FINISHED: "avsluttet",
    SaidStatus.UNKNOWN: "ukjent status",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One flag with the statements behind it, and what a nurse added when she asked for it."""

    flag: Discrepancy
    evidence: tuple[Statement, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """All that goes into one message. `solved`: flags of this thread that closed since the last letter."""

    msg_id: str
    at: datetime
    sender: Sender
    to: To
    receiver: Receiver
    patient: Person
    points: tuple[Point, ...]
    solved: tuple[Discrepancy, ...] = ()
    parent_id: str = ""
    conversation_id: str = ""


def text(points: Sequence[Point], solved: Sequence[Discrepancy], sender: Sender, role: Role = Role.GP) -> str:
    """The letter's words in Bokmål, without markup, for what its reader is to the patient."""
    many = "ett punkt" if len(points) == 1 else f"{len(points)} punkter, det viktigste først"
    parts = []
    if points:
        parts.append(f"Hjemmesykepleien har sammenlignet kildene til legemiddellisten: {many}.")
    if any(point.flag.severity is Severity.CRITICAL for point in points):
        urgent = _PHONED if role is Role.GP else _URGENTLY
        parts.append(f"{urgent} Dere når oss på telefon {spaced(sender.phone)}.")
    parts += [_point(number, point, role) for number, point in enumerate(points, start=1)]
    if solved:
        lines = [f"- {wording.name(flag.code)}: {_medicine(flag)}" for flag in solved]
        parts.append("\n".join(["Løst siden sist, takk:", *lines]))
    if points:
        parts.append(
            "Punktene lukkes av seg selv når kildene viser endringen. Er noe ment slik, svar på denne meldingen."
        )
    parts.append(f"{sender.responsible}, {sender.name}, tlf. {spaced(sender.phone)}")
    return "\n\n".join(parts)


def _medicine(flag: Discrepancy) -> str:
    """What a point is about; of two medicines both."""
    pair = [flag.values.get(name) for name in ("name_a", "name_b")]
    if all(pair) and "drug" not in flag.values and "substance" not in flag.values:
        return wording.told(pair, "nb")
    named = (flag.values.get(name) for name in ("drug", "substance", "name_a", "text", "cave"))
    return next((wording.told(n, "nb") for n in named if n), flag.about)


def _point(number: int, point: Point, role: Role) -> str:
    flag = placed(point.flag, {s.id: s for s in point.evidence})
    lines = [f"{number}. {_URGENT.get(flag.severity, '')}{wording.name(flag.code)}: {_medicine(flag)}"]
    lines.append(wording.filled(flag, WHY[flag.code]) if flag.code in WHY else wording.sentence(flag))
    lines += _shown(point.evidence)
    if asked := _asked(point, role):
        lines.append(f"Vi ber om: {asked}")
    if point.note:
        lines.append(f"Fra sykepleier: {point.note}")
    lines.append(f"Lukkes når {CLOSES.get(flag.code, CLOSES_OTHERWISE)}.")
    return "\n".join(lines)


def _shown(evidence: Sequence[Statement]) -> list[str]:
    """What each source says, the newest first: that is what the reader may not know of."""
    newest = sorted(evidence, key=lambda s: _day(s) or date.min, reverse=True)
    if len(newest) <= SOURCES_SHOWN + 1:
        return [f"- {said(s)}" for s in newest]
    return [*(f"- {said(s)}" for s in newest[:SOURCES_SHOWN]), f"- og {len(newest) - SOURCES_SHOWN} til"]


def _day(statement: Statement) -> date | None:
    return statement.decided or statement.recorded or statement.start


def _asked(point: Point, role: Role) -> str:
    """What this reader can do about it."""
    flag = point.flag
    own = ASKED[role].get(flag.code, "")
    return wording.filled(flag, own) if own else wording.action(flag)


def said(statement: Statement) -> str:
    """One source's word with its day: `E-resept 01.06.2025: Selo-Zok 50 mg, 1 tablett morgen`.

    Of what a source ended or paused never the dose it names: read in haste, that is an order.
    """
    on = _day(statement)
    when = wording.day(on) if on else "uten dato"
    kind = wording.KIND[statement.kind]["nb"]
    told = [statement.name or "uten navn"]
    if statement.status in _STATUS:
        told.append(_STATUS[statement.status])
    if statement.dose_text and statement.status not in wording.ENDS:
        told.append(statement.dose_text)
    if statement.valid_to and statement.kind is Kind.PRESCRIPTION:
        told.append(f"gyldig til {wording.day(statement.valid_to)}")
    return f"{kind[:1].upper()}{kind[1:]} {when}: {', '.join(told)}"


def message(letter: Letter) -> DialogMessage:
    """The letter as a dialogue message of the version its receiver supports."""
    old = letter.receiver.version == "1.0"
    lists = bool(letter.points) and all(p.flag.code in _LIST_ASKED for p in letter.points)
    value = MEDICINES_ASKED if old else ABOUT_MEDICINES if lists else ABOUT_PATIENT
    to = letter.to
    at_receiver = Contact(name=to.name, role=CONTACT_AT_RECEIVER, profession=_PROFESSION[to.role], hpr=to.hpr)
    return DialogMessage(
        version=letter.receiver.version,
        kind=DialogKind.REQUEST if old else DialogKind.HEALTH,
        msg_id=letter.msg_id,
        sent=letter.at,
        sender=letter.sender.party,
        receiver=_party(letter),
        patient=letter.patient,
        theme=theme(value, letter.receiver.version),
        subject=_subject(letter),
        text=text(letter.points, letter.solved, letter.sender, to.role),
        parent_id=letter.parent_id,
        conversation_id=letter.conversation_id,
        contacts=(letter.sender.contact,) if old else (letter.sender.contact, at_receiver),
    )


def _subject(letter: Letter) -> str:
    if not letter.points:
        return "Legemiddelavvik er løst"
    worst = max(letter.points, key=lambda p: p.flag.severity.rank).flag
    urgent = "HASTER: " if worst.severity is Severity.CRITICAL else ""
    return f"{urgent}Legemiddelavvik: {_medicine(worst)}"


def _party(letter: Letter) -> Party:
    to = letter.to
    office = to.office or letter.receiver.name or to.name or to.her_id
    unit = Unit(office, (Identifier("HER", to.her_id),))
    if not (to.hpr and to.name):
        return Party((unit,))
    return Party((unit,), to.name, (Identifier("HPR", to.hpr),), _PROFESSION[to.role])
