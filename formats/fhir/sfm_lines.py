"""One SFM element -> statements: a MedicationStatement is a PLL entry, a prescription, or both; a dispensing; a roll.

A PLL entry and a prescription that stand in one element stay two statements with one place: they have their own
status, dates and author, and they can disagree (a stopped entry whose prescription is still at a pharmacy).
"""

from dataclasses import replace
from datetime import date, datetime

from formats.dates import day_of, last_day_before
from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element, shown
from formats.fhir.medicine import Medicine
from formats.fhir.person import actor_of
from formats.fhir.sfm_dosage import dosage_of, is_exact, last_day, periods_of
from formats.fhir.sfm_given import summed_up
from formats.fhir.sfm_rest import rest_of_line
from formats.fhir.sfm_told import coded, day, drug_of, inner, string
from formats.statement import (
    Actor,
    AsideReason,
    Code,
    Kind,
    SaidStatus,
    Source,
    Statement,
    StatementType,
    Use,
)

_USES = {"1": Use.FIXED, "2": Use.COURSE, "3": Use.PRN}
_RF_STATUS = {
    "E": SaidStatus.ACTIVE,
    "U": SaidStatus.ACTIVE,
    "R": SaidStatus.FINISHED,
    "F": SaidStatus.EXPIRED,
    "A": SaidStatus.REVOKED,
    "X": SaidStatus.REVOKED,
}
_RECALLED = {"1": SaidStatus.REPLACED, "2": SaidStatus.STOPPED, "3": SaidStatus.REPLACED}
_PLL_STATUS = {
    "active": SaidStatus.ACTIVE,
    "stopped": SaidStatus.STOPPED,
    "on-hold": SaidStatus.PAUSED,
    "completed": SaidStatus.FINISHED,
    "entered-in-error": SaidStatus.REVOKED,
    "not-taken": SaidStatus.STOPPED,
    "unknown": SaidStatus.UNKNOWN,
}
_PRESCRIBED, _INSTITUTED, _STOPPED_BY = "1", "2", "3"
_MEDICINES = "L"
_STATEMENTS = {Kind.PLL: "pll", Kind.PRESCRIPTION: "prescription"}


def line_statements(line: Element, systems: CodeSystems, as_of: datetime | None) -> list[Statement]:
    """The statements of a MedicationStatement: entry, prescription, a stop that neither tells.

    None where it was kept as unread (no medicine named).
    """
    medicine = drug_of(line, systems)
    ids = {(i.concept_text("type") or "").lower(): i.text("value") for i in line.all("identifier")}
    if medicine is None:
        line.doc.note(line.path, "medication-not-in-message", shown(dose_text(line) or ""))
        return []
    treatment, prescription = ids.get("pll") or ids.get("treatmentid"), ids.get("reseptid")
    # Both carry both ids: that is how the two are known to be one.
    base = replace(_base(line, medicine, systems), treatment_id=treatment, prescription_id=prescription)
    made = {"pll"} if ids.get("pll") or not prescription else set()
    told = _understood(line, base, made | ({"prescription"} if prescription else set()))
    found = []
    if ids.get("pll") or not prescription:
        found.append(_pll(base, line, as_of))
    if prescription:
        found.append(_prescription(base, line))
        found += _recall(base, line, as_of, listed=SaidStatus.STOPPED in {s.status for s in found})
        found += (given := summed_up(line, base))
        told |= {"deliverysummary"} if given else frozenset()
    rest = {kind: rest_of_line(line, medicine.rest, told, of) for kind, of in _STATEMENTS.items()}
    return [replace(s, codes=s.codes + rest.get(s.kind, ())) for s in found]


def _understood(line: Element, base: Statement, made: set[str]) -> frozenset[str]:
    """What of the element the statements `made` of it hold, by name; registrations by their path."""
    amendment, status = _amendment(line), line.text("status") or ""
    told = set(made)
    plain = status in _PLL_STATUS if "pll" in made else status in {"active", "entered-in-error"}
    told |= {"status"} if plain or (status == "completed" and "partOf" in line.value) else set()
    told |= {"ereseptdosing"} if base.dosage else set()
    told |= {"effective"} if base.start and line.extension("effectivedatetime") is None else set()
    group = coded(amendment, "itemgroup")
    told |= {"itemgroup"} if group and group.value == _MEDICINES else set()
    if "prescription" in made:
        told |= {"reit"} if _repeats(amendment) is not None else set()
        counted = _prescribed_quantity(amendment)
        told |= {"numberofpackages" if (counted or "").endswith("pakninger") else "amount"} if counted else set()
    taken = _newest(line, _PRESCRIBED) or _newest(line, _INSTITUTED)
    if line.extension("sfm-discontinuation") or _PLL_STATUS.get(status) is SaidStatus.STOPPED:
        taken = None if _moment(line.extension("sfm-discontinuation")) else _newest(line, _STOPPED_BY)
    return frozenset(told | ({taken.path} if taken and "pll" in made else set()))


def _approved(registration: Element) -> bool:
    status = coded(registration, "status")
    return status is None or status.value == "3"


def _amendment(line: Element) -> Element | None:
    return line.extension("sfm-reseptamendment")


def _dosage(line: Element) -> Element | None:
    return line.one("dosage")


def dose_text(line: Element) -> str | None:
    """The dosing text; of several dosages all of them in order; else the label text, else the short dose in words."""
    texts = [t for d in sorted(line.all("dosage"), key=lambda d: d.number("sequence") or 0) if (t := d.text("text"))]
    short = coded(_dosage(line), "sfm-shortdosage")
    return "\n".join(texts) or string(_amendment(line), "dssn") or (short.text if short else None) or None


def _base(line: Element, medicine: Medicine, systems: CodeSystems) -> Statement:
    """What the PLL entry and the prescription of one element share."""
    amendment, dosage = _amendment(line), _dosage(line)
    periods = periods_of(amendment, systems)
    use, short = coded(dosage, "sfm-use"), coded(dosage, "sfm-shortdosage")
    dosing = dosage_of(periods)
    exact = Code("true", "GisEksakt") if dosing and is_exact(amendment) else None
    kept = [c for c in (use, short, coded(amendment, "typeresept"), exact) if c]
    multidose = inner(line, "sfm-administration", "mddispensed")
    exchange = inner(line, "sfm-generic-substitution", "genericsubstitutionaccepted")
    accepted = exchange.flag("valueBoolean") if exchange else None
    group = coded(amendment, "itemgroup")
    return Statement(
        source=Source.RF,
        kind=Kind.PLL,
        **medicine.facts,
        codes=medicine.codes + tuple(kept),
        dose_text=dose_text(line),
        dosage=dosing,
        use=_USES.get(use.value) if use else None,
        start=day(line, "effectivedatetime") or line.day("effectiveDateTime"),
        end=last_day(periods),
        in_multidose=multidose.flag("valueBoolean") if multidose else None,
        exchange_reserved=None if accepted is None else not accepted,
        indication=_indication(line),
        note=_note(line, medicine),
        aside=AsideReason.SUPPLY if group and group.value != _MEDICINES else None,
        place=line.place,
    )


def _indication(line: Element) -> str | None:
    area = inner(_dosage(line), "sfm-application-area")
    code = coded(area, "code")
    words = [string(area, "text") or (code.text if code else None), line.concept_text("reasonCode")]
    return ", ".join(w for w in words if w) or None


def _note(line: Element, medicine: Medicine) -> str | None:
    """Words beside the dose: for the patient, for the pharmacy, on the label, instructions, who instituted it."""
    amendment = _amendment(line)
    words: list[str | None] = [medicine.note]
    for dosage in line.all("dosage"):
        words.append(dosage.text("patientInstruction"))
        words += [c.text for c in dosage.codings("additionalInstruction")]
        words += [i.text("text") for i in dosage.all("additionalInstruction")]
    label = string(amendment, "dssn")
    words += [string(amendment, "note"), label if label != dose_text(line) else None]
    instituted = _registered(line, _INSTITUTED)
    words.append(f"Instituert av: {instituted[0].name}" if instituted and instituted[0] else None)
    return "\n".join(dict.fromkeys(w for w in words if w)) or None


def _registered(line: Element, role: str) -> tuple[Actor | None, date | None] | None:
    """Who did it and when, of the newest registration in this role."""
    newest = _newest(line, role)
    if newest is None:
        return None
    provider = newest.extension("provider")
    return actor_of(provider.one("valueReference")) if provider else None, _registration_day(newest)


def changed_on(line: Element) -> date | None:
    """The day the line was last changed or registered by anyone; `None` where it tells none."""
    told = [day(_amendment(line), "lastchanged"), day(_amendment(line), "reseptdate")]
    told += [_registration_day(r) for r in line.extensions("sfm-reginfo")]
    return max((d for d in told if d), default=None)


def _newest(line: Element, role: str) -> Element | None:
    """The newest approved registration in this role (sfm-performer-roles); of two of one day the first.

    What nobody with the right to prescribe has approved is a draft, and no decision (P14).
    """
    found = [r for r in line.extensions("sfm-reginfo") if (kind := coded(r, "type")) and kind.value == role]
    found = [r for r in found if _approved(r)]
    return max(found, key=lambda r: _registration_day(r) or date.min, default=None)


def _registration_day(registration: Element) -> date | None:
    stamp = registration.extension("timestamp")
    moment = stamp.moment("valueDateTime") if stamp else None
    return day_of(moment) if moment else None


def _pll(base: Statement, line: Element, as_of: datetime | None) -> Statement:
    """The entry on the list: a stop is a decision of its own day, and may lie in the future."""
    status = _PLL_STATUS.get(line.text("status") or "")
    stopped = line.extension("sfm-discontinuation")
    moment = _moment(stopped)
    changed = day(_amendment(line), "lastchanged")
    said = replace(base, kind=Kind.PLL, status=status, recorded=changed)
    if status is SaidStatus.REVOKED:
        said = replace(said, aside=AsideReason.CANCELLED)
    if stopped or status is SaidStatus.STOPPED:
        who = _registered(line, _STOPPED_BY)
        reason = coded(stopped, "reason")
        said = replace(
            said,
            type=StatementType.DECISION,
            status=SaidStatus.STOPPED,
            decided=day_of(moment) if moment else (who[1] if who else None),
            reason=(reason.text or reason.value if reason else None) or "Seponering",
            author=who[0] if who else None,
        )
        if moment and as_of and moment > as_of:
            return replace(said, status=SaidStatus.ACTIVE, end=last_day_before(moment), decided=changed)
        return said
    who = _registered(line, _PRESCRIBED) or _registered(line, _INSTITUTED)
    if who is None:
        return said
    return replace(said, type=StatementType.DECISION if who[1] else None, decided=who[1], author=who[0])


def _moment(discontinuation: Element | None) -> datetime | None:
    stamp = inner(discontinuation, "timedate")
    return stamp.moment("valueDateTime") if stamp else None


def _prescription(base: Statement, line: Element) -> Statement:
    """The prescription in the registry: its own status (7408), whatever the list says of the treatment."""
    amendment = _amendment(line)
    status, recall = coded(amendment, "rfstatus", "status"), coded(amendment, "recallinfo", "recallcode")
    said = _RF_STATUS.get(status.value) if status else None
    if status and status.value == "T":
        said = _RECALLED.get(recall.value, SaidStatus.REVOKED) if recall else SaidStatus.REVOKED
    superseded = line.text("status") == "completed" and line.value.get("partOf") is not None
    superseded = superseded and said is not SaidStatus.ACTIVE  # one that can still be dispensed is none of the past
    withdrawn = line.text("status") == "entered-in-error" and said is not SaidStatus.ACTIVE
    aside = AsideReason.CANCELLED if withdrawn else base.aside
    who = _registered(line, _PRESCRIBED) or _registered(line, _INSTITUTED)
    recalled = recall and (recall.text or recall.value)
    written = day(amendment, "reseptdate")
    stop = said is SaidStatus.STOPPED  # dated by the stop; the day it was written is kept beside
    return replace(
        base,
        kind=Kind.PRESCRIPTION,
        status=SaidStatus.REPLACED if superseded else said,
        aside=AsideReason.REPLACED if superseded or said is SaidStatus.REPLACED else aside,
        change=f"Tilbakekalling: {recalled}" if recalled else None,
        reason=string(amendment, "recallinfo", "text"),
        decided=_stopped_on(line) if stop else written,
        codes=(*base.codes, Code(written.isoformat(), "reseptdate")) if stop and written else base.codes,
        recorded=day(amendment, "lastchanged"),
        valid_to=day(amendment, "expirationdate"),
        quantity=_prescribed_quantity(amendment),
        refills_left=_repeats(amendment),
        last_dispensed=day(line, "sfm-deliverysummary", "sistutlevert"),
        author=who[0] if who else None,
    )


def _recall(base: Statement, line: Element, as_of: datetime | None, *, listed: bool) -> list[Statement]:
    """A stop told of a prescription that is no entry of the list, or recalled while it is dispensed: a decision (P5).

    `listed`: the entry or the prescription says itself that it is stopped. A stop that lies ahead is none yet.
    """
    why, moment = coded(_amendment(line), "recallinfo", "recallcode"), _moment(line.extension("sfm-discontinuation"))
    stopping = line.extension("sfm-discontinuation") is not None or (why is not None and why.value == "2")
    ahead = moment is not None and as_of is not None and moment > as_of
    if listed or ahead or not stopping or line.text("status") == "entered-in-error":
        return []
    who = _registered(line, _STOPPED_BY)
    told = replace(
        base,
        kind=Kind.REVOCATION,
        type=StatementType.DECISION,
        status=SaidStatus.REVOKED,
        reason="Seponering",
        decided=_stopped_on(line),
        recorded=day(_amendment(line), "lastchanged"),
        author=who[0] if who else None,
        dose_text=None,
        dosage=None,
    )
    return [told]


def _stopped_on(line: Element) -> date | None:
    moment, who = _moment(line.extension("sfm-discontinuation")), _registered(line, _STOPPED_BY)
    return day_of(moment) if moment else (who[1] if who else None)


def _prescribed_quantity(amendment: Element | None) -> str | None:
    amount, packages = inner(amendment, "amount"), inner(amendment, "numberofpackages")
    quantity = amount.one("valueQuantity") if amount else None
    value = quantity.number("value") if quantity else None
    if quantity and value is not None:
        return f"{format(value.normalize(), 'f')} {quantity.text('unit') or ''}".strip()
    count = packages.number("valueDecimal") if packages else None
    return None if count is None else f"{format(count.normalize(), 'f')} pakninger"


def _repeats(amendment: Element | None) -> int | None:
    text = string(amendment, "reit") or ""
    return int(text) if text.isdecimal() and len(text) <= 3 else None  # noqa: PLR2004 - more than 999 is no count
