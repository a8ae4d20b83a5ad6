"""M9.6, the registry's list of a person's prescriptions to a prescriber, with the prescriptions (M1) attached.

Sources: ER-M96 2009-03-18, 2015-05-01, 2018-07-01, 2021-02-01, and M96KJ (to kjernejournal). One statement for each
`Listeelement`, also where its M1 is not attached but its name is known, and one for each `Utlevering` in it.
`LastResept` and `Pasientreservasjon` say that the list is known to be incomplete. A recall (7500) for renewal is a
replacement and no stop.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import prod

from formats.dates import last_day_before
from formats.drug import Varenr
from formats.eresept.codes import (
    DISCONTINUED,
    NO_PRESCRIPTIONS,
    RENEWED,
    STATUS,
    recall_code,
    recall_status,
    recall_words,
    status_to_keep,
    stop_reason_to_keep,
)
from formats.eresept.containers import Attached, attached_to
from formats.eresept.dispensing import told_by
from formats.eresept.forskrivning import Said, joined
from formats.eresept.m1 import Prescription, version_of
from formats.eresept.rest import rest_of, spelled
from formats.eresept.seponering import read_seponering
from formats.eresept.utlevering import aggregated_dispensing
from formats.msghead import Codecs, Message, identifier_breaches, one_person, person_of
from formats.node import Node, read_number
from formats.statement import (
    Code,
    Gap,
    GapCode,
    Kind,
    Person,
    Place,
    Reach,
    Reading,
    SaidStatus,
    Source,
    Statement,
    StatementType,
    Unread,
    stated,
)

KITH, EHELSE = "http://www.kith.no/xmlstds/eresept/", "http://www.ehelse.no/xmlstds/eresept/"
_WHOLE_OF = (Kind.PRESCRIPTION, Kind.DISPENSING)
_TOLD = (
    "ReseptId", "NavnUtleverer", "SendtSLVDato", "Status", "StatusSoknadSlv", "Tilbakekalling", "TilbakekallingStatus",
    "Arsak", "Fornying", "Seponering", "Utlevering", "Reseptinfo",
)  # fmt: skip
_KNOWN_CHILDREN = frozenset({"PasientInfo", "LastResept", "Pasientreservasjon", "StatusSok", "Listeelement"})


@dataclass(frozen=True, slots=True)
class _Element:
    """A Listeelement beside its M1, with the links it carries."""

    node: Node
    id: str
    prescription: Prescription | None
    status: Code
    recall: str = ""
    previous: str | None = None
    next: str | None = None


def read_m96(message: Message) -> Reading:
    """The list with its dispensings. Raises FormatError, `two-persons` where an M1 is another person's."""
    body, envelope = message.body, message.envelope
    as_of = envelope.gen_date if envelope else None
    attached = attached_to(envelope.documents if envelope else (), message.known)
    reports, owners = told_by(attached.reports)
    elements = [_element(n, attached) for n in body.all("Listeelement")]
    person = _person(body, envelope.patient if envelope else None, attached, owners)
    statements: list[Statement] = []
    gaps = list(_gaps(body))
    renewals = [e for e in elements if e.next and e.recall in RENEWED]
    for element in elements:
        statements += _statements(element, renewals, attached, as_of)
        gaps += _content_missing(element)
    statements += _orphans(attached, {e.id for e in elements}, body)
    return Reading(
        message=f"{body.name.replace('M96', 'M9.6')}/{version_of(body)}",
        source=Source.RF,
        person=person,
        statements=(*statements, *reports),
        gaps=tuple(gaps),
        unread=_strangers(body),
        reach=Reach.WHOLE,
        kinds=_WHOLE_OF,
        as_of=as_of,
        breaches=identifier_breaches(person, body.path),
    )


def _element(node: Node, attached: Attached) -> _Element:
    key = node.text("ReseptId") or ""
    renewal = node.one("Fornying")
    return _Element(
        node,
        key,
        attached.prescriptions.get(key),
        _status(node),
        _recall_of(node),
        renewal.text("ForrigeReseptId") if renewal else None,
        renewal.text("NyReseptId") if renewal else None,
    )


def _recall_of(node: Node) -> str:
    """The reason (7500) a prescription is recalled for, "" where it is not."""
    return (node.one("Tilbakekalling") or node).v("Arsak")


def _person(
    body: Node, patient: Person | None, attached: Attached, owners: Iterable[tuple[Person | None, str]]
) -> Person | None:
    """The person of the list, who must be that of every prescription in it."""
    info = body.one("PasientInfo")
    number = info.text("Fnr") if info else None
    others = tuple(filter(None, (n.own_text.strip() for n in info.all("AndreFnr")))) if info else ()
    listed = person_of(number, others) if number else None
    prescribed = ((p.person, attached.paths[key]) for key, p in attached.prescriptions.items())
    return one_person([(listed, body.path), (patient, body.path), *prescribed, *owners])


def _gaps(body: Node) -> Iterable[Gap]:
    if body.flag("LastResept"):
        yield Gap(Source.RF, GapCode.LOCKED, "LastResept", body.place, _WHOLE_OF)
    if body.flag("Pasientreservasjon"):
        yield Gap(Source.RF, GapCode.RESERVED, "Pasientreservasjon", body.place, _WHOLE_OF)
    search = body.code("StatusSok")
    if search and search.value != NO_PRESCRIPTIONS:
        yield Gap(Source.RF, GapCode.FAILED, search.text or search.value, body.place)


def _strangers(body: Node) -> tuple[Unread, ...]:
    """Children the format does not have: kept, never taken for something they are not."""
    return tuple(Unread(kid.place, "unknown element", kid.name) for kid in body.strangers(_KNOWN_CHILDREN))


def _content_missing(element: _Element) -> Iterable[Gap]:
    """A prescription that is in force, or called back, and not attached: we know of it and not what it is for.

    One called back for a renewal stops nothing, and what took its place stands in the list.
    """
    status = STATUS.get(element.status.value)
    named = len({n.text("NavnFormStyrke") for n in element.node.all("Utlevering")}) == 1
    unheard = element.status.value == "T" and element.recall not in RENEWED and not named
    if element.prescription is None and (unheard or status in {SaidStatus.ACTIVE, None}):
        yield Gap(Source.RF, GapCode.PARTIAL, "resept uten innhold", element.node.place)


def _status(node: Node) -> Code:
    info = node.one("Reseptinfo")  # 2009: the status stands one level down
    return (info.code("Status") if info else node.code("Status")) or Code("")


def _statements(
    element: _Element, renewals: list[_Element], attached: Attached, as_of: datetime | None
) -> list[Statement]:
    given = element.node.all("Utlevering")
    dispensed = [aggregated_dispensing(n, element.id) for n in given]
    told = _prescription(element, dispensed, given)
    if told is None:
        words = joined(element.id, spelled(rest_of(element.node))) or ""
        element.node.doc.unread.append(Unread(element.node.place, "prescription without content", words))
        return [*(_recalled(element) if element.status.value == "T" else ()), *dispensed]
    told["replaces"] = _replaces(element, renewals)
    if _is_copy(element, told, attached):
        told["type"] = StatementType.COPY
    place = element.node.place
    found = [stated(told, source=Source.RF, kind=Kind.PRESCRIPTION, place=place), *dispensed]
    stop = element.node.one("Seponering")
    if stop is not None and told.get("status") is not SaidStatus.STOPPED:
        found.append(_discontinuation(stop, told, as_of, place))
    elif element.status.value != "T" and _recall_of(element.node) == DISCONTINUED:
        found += _recalled(element)  # the prescription is in force while it is dispensed; the decision to stop is made
    return found


def _prescription(element: _Element, dispensed: list[Statement], given: list[Node]) -> Said | None:
    """What the prescription and its place in the list say together; `None` where not even a name is known."""
    node, one = element.node, element.prescription
    names = {d.name for d in dispensed}
    if one is not None:
        told: Said = {**one.said}
    elif len(names) == 1:
        told = {"name": names.pop(), "varenr": dispensed[0].varenr}
        node.doc.unread.append(Unread(node.place, "prescription not attached"))
    else:
        return None
    told["prescription_id"] = element.id or told.get("prescription_id")
    told["codes"] = (*told.get("codes", ()), *_kept(node, element))
    told["last_dispensed"] = max((d.last_dispensed for d in dispensed if d.last_dispensed), default=None)
    told["refills_left"] = _refills_left(told, given)
    _set_status(told, element)
    return told


def _kept(node: Node, element: _Element) -> Iterable[Code]:
    """What the list says of a prescription that a statement has no field for."""
    holder = node.text("NavnUtleverer")
    if holder:
        yield Code(holder, "NavnUtleverer")
    info = node.one("Reseptinfo") or node
    for code in (element.status, info.code("StatusSoknadSlv")):
        if code and (code.value or code.text) and status_to_keep(code):
            yield code
    sent = info.text("SendtSLVDato")
    if sent:
        yield Code(sent, "SendtSLVDato")
    if element.next:
        yield Code(element.next, "NyReseptId")
    yield from rest_of(node, *_TOLD)
    if info is not node:
        yield from rest_of(info, *_TOLD)


def _set_status(told: Said, element: _Element) -> None:
    node, status = element.node, element.status.value
    told["status"] = STATUS.get(status)
    recall, flagged = node.one("Tilbakekalling"), node.flag("TilbakekallingStatus")
    if status != "T":
        if recall is not None or flagged:  # recalled while being dispensed: in force until that is over
            told["reason"] = _reason(node, recall)
            when = recall.text("Tidspunkt") if recall else None
            told["codes"] = (*told.get("codes", ()), *((Code(when, "Tilbakekalling/Tidspunkt"),) if when else ()))
        elif (reason := recall_code(node.code("Arsak"))) is not None:  # without a word of a recall
            told["codes"] = (*told.get("codes", ()), reason, *node.beside("Arsak"))
        return
    why = recall.v("Arsak") if recall else node.v("Arsak")
    told["status"] = recall_status(why)
    told["reason"] = _reason(node, recall)
    if why == DISCONTINUED:
        stop = node.one("Seponering")
        on = (recall.day("Tidspunkt") if recall else None) or (stop.day("Tidspunkt") if stop else None)
        told["recorded"], told["decided"] = told.get("decided"), on
        if stop is not None:
            _tell_discontinuation(told, stop)


def _tell_discontinuation(told: Said, stop: Node) -> None:
    """The discontinuation beside a recall for it: its last day, and its own words where they are others."""
    moment, said = stop.moment("Tidspunkt"), told.get("reason") or ""
    further = (words for words in (stop.dn("Arsak"), stop.words("Merknad")) if words and words not in said)
    told["end"] = last_day_before(moment) if moment else told.get("end")
    told["reason"] = joined(said, *further)
    told["codes"] = (*told.get("codes", ()), *stop_reason_to_keep(stop))


def _recalled(element: _Element) -> Iterable[Statement]:
    """The recall by itself, as an M5 tells it: whatever cites the number of the prescription hears it."""
    if not element.id:
        return
    node = element.node
    recall, stop = node.one("Tilbakekalling"), node.one("Seponering")
    status = recall_status(element.recall)
    stopping = status is SaidStatus.STOPPED
    on = recall.day("Tidspunkt") if recall else None
    told: Said = {
        "type": StatementType.DECISION if stopping else StatementType.COPY,
        "status": SaidStatus.REVOKED if stopping else status,
        "reason": _reason(node, recall),
        "decided": on or (stop.day("Tidspunkt") if stop else None),
        "prescription_id": element.id,
        "codes": tuple(c for c in (recall_code((recall or node).code("Arsak")), *_kept(node, element)) if c),
    }
    yield stated(told, source=Source.RF, kind=Kind.REVOCATION, place=node.place)


def _reason(node: Node, recall: Node | None) -> str | None:
    source = recall or node
    return joined(recall_words(source), recall.words("Merknad") if recall else None)


def _refills_left(told: Said, dispensed: list[Node]) -> int | None:
    """Extra dispensings left: the first one uses none.

    Not said where packs do not divide into dispensings, or where packs of another size were handed over.
    """
    left, quantity = told.get("refills_left"), told.get("quantity")
    if left is None:
        return None
    given = sum((n.number("AntallPakningerUtlevertTotalt") or Decimal(0) for n in dispensed), Decimal(0))
    if not given:
        return left
    packs, _, size = quantity.partition(" x ") if quantity else ("", "", "")
    per_time = Decimal(packs) if packs.isdigit() else None
    if not per_time or given % per_time or any(_of_another_size(n, told, size) for n in dispensed):
        return None
    return max(left + 1 - int(given / per_time), 0)


def _of_another_size(dispensed: Node, told: Said, size: str) -> bool:
    """Whether packs of another size than the prescribed one ("100 stk") were handed over, as far as both are told."""
    number, pack = Varenr.read(dispensed.text("Varenr")), dispensed.one("Pakningsstr")
    if number is not None and number == told.get("varenr"):
        return False
    parts = [read_number(part) for part in size.rpartition(" ")[0].split("x")]  # "10 x 100 stk" is 1000
    given = read_number(pack.attr("V")) if pack else None
    return None not in parts and given is not None and prod(p for p in parts if p) != given


def _replaces(element: _Element, renewals: list[_Element]) -> tuple[str, ...]:
    """Prescriptions this one takes the place of: as it says itself, and as their own recalls for renewal say."""
    earlier = [element.previous] if element.previous else []
    earlier += [e.id for e in renewals if e.next == element.id and e.id not in earlier]
    return tuple(earlier)


def _is_copy(element: _Element, told: Said, attached: Attached) -> bool:
    """A renewal with the dose text of the prescription before it decides nothing new."""
    before = attached.prescriptions.get(element.previous) if element.previous else None
    return bool(before and told.get("dose_text") and before.said.get("dose_text") == told.get("dose_text"))


def _discontinuation(stop: Node, told: Said, as_of: datetime | None, place: Place) -> Statement:
    """The list's copy of a discontinuation in the medicines in use, beside a prescription that is still in force."""
    decided: Said = {
        "name": told.get("name", ""),
        "atc": told.get("atc"),
        "varenr": told.get("varenr"),
        "fest_id": told.get("fest_id"),
        "form": told.get("form"),
        "form_code": told.get("form_code"),
        "strength": told.get("strength"),
        "unit_strengths": told.get("unit_strengths", ()),
        "prescription_id": told.get("prescription_id"),
        "codes": stop_reason_to_keep(stop),
        **read_seponering(stop, as_of, None),
    }
    return stated(decided, source=Source.RF, kind=Kind.PLL, place=place)


def _orphans(attached: Attached, listed: set[str], body: Node) -> Iterable[Statement]:
    """Prescriptions that are attached and not in the list: told as they are, for they were sent."""
    for key, one in attached.prescriptions.items():
        if key not in listed:
            place = body.doc.place(attached.paths[key])
            yield stated(one.said, source=Source.RF, kind=Kind.PRESCRIPTION, place=place)


CODECS: Codecs = {
    (KITH + "m96/2009-03-18", "M96"): read_m96,
    (KITH + "m96/2015-05-01", "M96"): read_m96,
    (EHELSE + "m96/2018-07-01", "M96"): read_m96,
    (EHELSE + "m96/2021-02-01", "M96"): read_m96,
    (KITH + "m96kj/2015-05-01", "M96KJ"): read_m96,
}
