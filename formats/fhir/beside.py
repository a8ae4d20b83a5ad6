"""What stands beside the medicines in a FHIR message: allergies, lists, and what the server says went wrong."""

from collections.abc import Iterator
from datetime import date

from formats.fhir.codes import CodeSystems
from formats.fhir.element import Element
from formats.fhir.person import actor_of
from formats.fhir.rest import RESOURCE, TEXT, Told, further, rest_of
from formats.statement import (
    Allergy,
    AsideReason,
    Gap,
    GapCode,
    Kind,
    SaidStatus,
    Source,
    Statement,
    StatementType,
)

_WITHDRAWN = frozenset({"refuted", "entered-in-error"})
_RESOLVED = "resolved"
"""Of a clinical status: reassessed by testing or given again, and no longer there. `inactive` says less, and stands."""
_NOT_ASKED = frozenset({"notasked", "unavailable", "notstarted"})
_SEVERITIES = frozenset({"fatal", "error", "warning", "information"})
_TOLD_ISSUE: Told = {"diagnostics": True, "details": {"text": True}}
_HIDDEN = frozenset({"suppressed"})
_TOLD_ITEM: Told = {"item": {"reference": True, "display": True, "type": True}}
_TOLD_ENTRY: Told = {**_TOLD_ITEM, "date": True, "deleted": True}
_TOLD_LIST: Told = {
    **RESOURCE,
    "mode": True,
    "code": True,
    "subject": {"reference": True, "display": True, "type": True},
    "entry": True,
    "emptyReason": {"text": True, "coding": {"code": True, "system": True}},
}
_NO_MORE = {
    **dict.fromkeys(("03", "05", "cancelled", "ceased", "stopped", "seponert"), SaidStatus.STOPPED),
    **dict.fromkeys(("06", "suspended", "pause", "pauset"), SaidStatus.PAUSED),
}
"""Flags of a list's entry after which it is not in use: the code system that R4's own examples use, and its words."""
_MEDICATION_LISTS = frozenset({"medications", "10160-0", "19009-0", "182836005", "medication-list", "56445-0"})
_ALLERGY_LISTS = frozenset({"52472-8", "48765-2", "allergies"})


def allergy_of(resource: Element, systems: CodeSystems, source: Source = Source.HP) -> Allergy | None:
    """The allergy; `None` where it says "none known" or "not asked", which are kept as unread under those words."""
    codes = resource.codings("code")
    text = resource.concept_text("code") or ""
    verification = resource.code("verificationStatus") or ""
    withdrawn = verification in _WITHDRAWN or resource.code("clinicalStatus") == _RESOLVED
    words = {c.value.lower() for c in codes}
    if not withdrawn and words & systems.not_asked:
        _keep(resource, "allergy-not-asked", text)
        return None
    if not withdrawn and words & systems.no_known:
        _keep(resource, "no-known-allergy", text)
        return None
    reactions = resource.all("reaction")
    if not text:
        text = next((t for r in reactions if (t := r.concept_text("substance"))), "") or next(iter(words), "")
    if not text:
        _keep(resource, "allergy-without-name", "")
        return None
    clinical = resource.code("clinicalStatus") or ""
    named = bool(resource.concept_text("code"))
    certainty = " ".join(w for w in (verification, clinical if clinical != "active" else "") if w)
    return Allergy(
        source=source,
        text=text,
        atc=systems.atc_of(codes),
        reaction=", ".join(w for r in reactions for w in _reaction(r)) or None,
        certainty=certainty or None,
        codes=(*codes, *further(_rest_of_allergy(resource, named=named))),
        refuted=withdrawn,
        recorded=resource.day("recordedDate"),
        author=actor_of(resource.one("recorder") or resource.one("asserter")),
        place=resource.place,
    )


def _keep(resource: Element, reason: str, text: str) -> None:
    told: Told = {**RESOURCE, "patient": True, "code": TEXT}
    resource.doc.note(resource.path, reason, "; ".join([text, *rest_of(resource.value, told)]))


def _rest_of_allergy(resource: Element, *, named: bool) -> list[str]:
    """Criticality, category, notes, severity: everything that an allergy has no field for."""
    substance: Told = {} if named else TEXT
    coded: Told = {"coding": {"code": True}}
    told: Told = {
        **RESOURCE,
        "patient": {"reference": True, "display": True, "type": True},
        "code": {"text": True, "coding": {"code": True, "system": True, "display": True}},
        "verificationStatus": coded,
        "clinicalStatus": coded,
        "recordedDate": True,
        "recorder": {"display": True},
        "asserter": {} if "recorder" in resource.value else {"display": True},
        "reaction": {
            "description": True,
            "manifestation": {"text": True},
            "substance": substance,
        },
    }
    return rest_of(resource.value, told)


def _reaction(reaction: Element) -> list[str]:
    words = [reaction.text("description") or ""]
    words += [
        c.text("text") or next((k.text for k in c.codings_here() if k.text), "") for c in reaction.all("manifestation")
    ]
    return [w for w in words if w]


def gaps_of(outcome: Element, source: Source, systems: CodeSystems) -> list[Gap]:
    """One gap for each issue that tells of something missing.

    Suppressed content: locked. Fatal and error: failed, or not-read where we may not see it. A warning: partial,
    unless it is a caveat that the
    vendor puts on every answer. Information: a caveat, it limits nothing.
    """
    found = []
    for issue in outcome.all("issue"):
        codes = {issue.text("code") or ""} | {c.value for c in issue.codings("details")}
        code = _gap_code(issue, codes, systems)
        details = issue.concept_text("details") or ""
        words = " ".join(t for t in (details, issue.text("diagnostics") or "") if t)
        known = issue.value.get("severity") in _SEVERITIES
        rest = "; ".join(rest_of(issue.value, {**_TOLD_ISSUE, "severity": known}))
        text = f"{words} ({rest})" if words and rest else words or rest
        if code is not GapCode.STANDING_CAVEAT or text:
            found.append(Gap(source, code, text, issue.place))
    return found


def _gap_code(issue: Element, words: set[str], systems: CodeSystems) -> GapCode:
    severity = issue.text("severity") or "error"
    caveat = any(
        c.value == code and c.system.startswith(system)
        for c in issue.codings("details")
        for system, code in systems.caveats
    )
    if words & _HIDDEN:
        return GapCode.LOCKED
    if caveat or severity == "information":
        return GapCode.STANDING_CAVEAT
    if words & systems.refused:
        return GapCode.NOT_READ
    return GapCode.PARTIAL if severity == "warning" and "not-found" not in words else GapCode.FAILED


def list_items(resource: Element, source_system: str) -> tuple[list[Statement], list[Allergy], list[Gap]]:
    """What a List says that no other resource in the message says: items told by words alone, and why it is empty.

    An item whose resource is in the message speaks for itself there. Other items are kept as unread.
    """
    codes = {c.value for c in resource.codings("code")}
    statements: list[Statement] = []
    allergies: list[Allergy] = []
    beside: list[str] = []
    current = resource.value.get("status") == "current"
    for entry in resource.all("entry"):
        item = entry.one("item")
        if item is not None and item.resolved() is not None:
            beside += rest_of(entry.value, _TOLD_ITEM, "entry")
            continue
        words = (item.text("display") if item else None) or ""
        kind = ((item.text("reference") if item else None) or "").split("/", maxsplit=1)[0]
        if (
            words
            and resource.text("status") != "entered-in-error"
            and _is(codes, kind, _MEDICATION_LISTS, "Medication")
        ):
            statements.append(_listed(entry, words, resource, source_system))
            beside += rest_of(entry.value, {**_TOLD_ENTRY, "flag": {"text": True}}, "entry")
        elif words and _is(codes, kind, _ALLERGY_LISTS, "Allergy") and not entry.flag("deleted"):
            recorded = entry.day("date") or resource.day("date")
            allergies.append(Allergy(source=Source.HP, text=words, recorded=recorded, place=entry.place))
            beside += rest_of(entry.value, _TOLD_ENTRY, "entry")
        else:
            resource.doc.note(entry.path, "list-item-not-in-message", "; ".join(rest_of(entry.value)) or words or kind)
    beside += rest_of(resource.value, {**_TOLD_LIST, "date": bool(statements or allergies), "status": current})
    if beside:  # then with the list's own name; a list that says no more than its items needs no note
        named = rest_of({"code": resource.value.get("code")})
        resource.doc.note(resource.path, "list-says-beside", "; ".join([*named, *beside]))
    return statements, allergies, _why_empty(resource, codes)


def _is(codes: set[str], kind: str, lists: frozenset[str], beginning: str) -> bool:
    return kind.startswith(beginning) if kind else bool(codes & lists)


def _listed(entry: Element, words: str, resource: Element, source_system: str) -> Statement:
    retired = resource.value.get("status") == "retired"
    return Statement(
        source=Source.HP,
        kind=Kind.HOME_LIST,
        source_system=source_system,
        name=words,
        type=StatementType.COPY,
        change=entry.concept_text("flag"),
        status=_no_more(entry),
        aside=AsideReason.OLD if retired else None,
        recorded=entry.day("date") or resource.day("date"),
        place=entry.place,
    )


def _no_more(entry: Element) -> SaidStatus | None:
    """What an entry says of use: that it is taken off the list or ended; `None` where it says nothing."""
    if entry.flag("deleted"):
        return SaidStatus.STOPPED
    flag = entry.one("flag")
    words = [w for c in flag.codings_here() for w in (c.value, c.text)] + [flag.text("text") or ""] if flag else []
    found = {_NO_MORE[w.lower()] for w in words if w.lower() in _NO_MORE}
    return found.pop() if len(found) == 1 else None


def taken_off(resource: Element) -> Iterator[tuple[Element, SaidStatus, date | None]]:
    """Medicines in the message that this List says are taken off it, or ended: which, how, and the day it says so."""
    if resource.value.get("status") != "current":
        return
    for entry in resource.all("entry"):
        item, status = entry.one("item"), _no_more(entry)
        target = item.resolved() if item and status else None
        if target and status:
            yield target, status, entry.day("date") or resource.day("date")


def _why_empty(resource: Element, codes: set[str]) -> list[Gap]:
    reason = resource.code("emptyReason") or ""
    if resource.value.get("entry") or not codes & (_MEDICATION_LISTS | _ALLERGY_LISTS):
        return []
    text = resource.concept_text("emptyReason") or reason
    if reason == "withheld":
        return [Gap(Source.HP, GapCode.LOCKED, text, resource.place)]
    return [Gap(Source.HP, GapCode.NOT_READ, text, resource.place)] if reason in _NOT_ASKED else []
