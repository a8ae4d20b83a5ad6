"""Epikrise 1.0 to 1.2, the hospital's discharge summary to a doctor: its coded medicines and its cave.

Sources: Epikrise-v1.2.xsd; code lists 7307 (what a medicine is said to be), 8233 (what an item is), 7309 (message
status: C cancels). It has its own envelope. The summary's text is for people: it is kept, for it may name medicines.
"""

from collections.abc import Iterator
from datetime import date

from formats.drug import AtcCode, read_strength
from formats.eresept.forskrivning import joined
from formats.eresept.rest import rest_of, spelled
from formats.identifiers import birth_date_of, person_identifier
from formats.msghead import Codecs, Message, identifier_breaches
from formats.node import Node
from formats.statement import (
    THREAD,
    Actor,
    Allergy,
    AsideReason,
    Code,
    Gap,
    GapCode,
    Kind,
    Person,
    Reading,
    SaidStatus,
    Source,
    Statement,
    Unread,
    Use,
)

_NAMESPACES = (
    "http://www.kith.no/xmlstds/epikrise/2012-02-15",
    "http://www.kith.no/xmlstds/epikrise/2006-09-23",
    "http://www.kith.no/xmlstds/epikrise",
)
_STOP, _ALLERGIC = "4", "10"  # 7307: advised to stop, allergic to
_USES = {"5": Use.PRN, "6": Use.FIXED}
_CANCELLED, _CHANGED = "C", "M"
_ANSWERS = "AHP"  # Ansvarlig helsepersonell
_CAVE = "CAVE"  # 8233
_TOLD_OF_DRUG = ("DrugId", "Status", "DosageCoded", "RouteOfAdm", "Form", "UnitDose", "DosageText", "Comment")
_TOLD_OF_ITEM = ("Medication", "Observation", "Type", "Origin", "RelHCProvider")
_DAYS = ("OrgDate", "StartDateTime", "EndDateTime")


def read_epikrise(message: Message) -> Reading:
    """The medicines and allergies of one discharge summary: one event."""
    root = message.body
    report = root.need("ServRprt")
    made = root.moment("GenDate", required=True)
    person = _person(report.one("Patient"))
    gone = AsideReason.CANCELLED if report.v("ServType") == _CANCELLED else None
    author = _author(report)
    items = _items(report)
    drugs = [(i, m) for i in items if (m := i.one("Medication")) is not None]
    issued = report.day("IssueDate")
    return Reading(
        message=f"Epikrise/{root.ns.rpartition('/')[2]}",
        source=Source.HP,
        person=person,
        statements=tuple(_statement(i, m, author, issued, gone) for i, m in drugs if not _is_allergy(i, m)),
        allergies=() if gone else (*_drug_allergies(drugs), *_caves(items)),
        gaps=tuple(_unplaced(report)),
        unread=tuple(_for_people(report)),
        as_of=made,
        cancels=tuple(_thread(report)),
        message_id=root.text("MsgId") or root.v("MsgId"),
        sender=author,
        breaches=identifier_breaches(person, report.path),
    )


def _thread(report: Node) -> Iterator[str]:
    """The summary's own id, which a changed (M) and a cancelled (C) edition share with the first: one thread."""
    if number := _word(report, "ServProvId"):
        yield f"{THREAD}{number}"


def _unplaced(report: Node) -> Iterator[Gap]:
    """A change or cancellation that does not tell of which summary: one that stands may be over, and none can tell."""
    if report.v("ServType") in {_CANCELLED, _CHANGED} and not _word(report, "ServProvId"):
        yield Gap(Source.HP, GapCode.PARTIAL, "epikrise endret uten referanse", report.place, (Kind.DISCHARGE,))


def _items(report: Node) -> list[Node]:
    """All `InfItem`, in events and in events inside them."""
    return [item for event in _events(report) for item in event.all("InfItem")]


def _events(report: Node) -> list[Node]:
    found: list[Node] = []
    waiting = report.all("Event")
    while waiting:
        event = waiting.pop(0)
        found.append(event)
        waiting += event.all("Event")
    return found


def _for_people(report: Node) -> Iterator[Unread]:
    """What the summary says in words under its headings, warnings on the patient, and what is attached."""
    for event in _events(report):
        for comment in event.all("Comment"):
            text = comment.one("TextResultValue")
            coded = (c.text or c.value for n in comment.all("TextCode") if (c := n.as_code()))
            words = " ".join([*(text.own_text if text else "").split(), *coded])
            if words:
                yield Unread(comment.place, "note", ": ".join(filter(None, (comment.dn("Heading"), words))))
        for item in event.all("InfItem"):
            seen = item.one("Observation")
            if seen is not None and item.v("Type") != _CAVE and seen.own_text.strip():
                yield Unread(item.place, "note", ": ".join((item.dn("Type"), " ".join(seen.own_text.split()))))
    patient = report.one("Patient")
    for warning in patient.all("PatientPrecaution") if patient else ():
        yield Unread(warning.place, "precaution", _word(warning, "Precaution") or "")
    for attached in report.all("RefDoc"):
        yield Unread(attached.place, "attachment", attached.text("Description") or attached.text("MimeType") or "")


def _word(node: Node, name: str) -> str | None:
    """Kith ST: the text, or its `@V`."""
    return node.words(name) or node.v(name) or None


def _person(node: Node | None) -> Person | None:
    if node is None:
        return None
    number = _word(node, "OffId")
    kinds = {"F": "FNR", "D": "DNR"}  # older versions of list 8116
    kind = node.v("TypeOffId")
    idents = (person_identifier(kinds.get(kind, kind), number),) if number else ()
    born = node.day("DateOfBirth") or (birth_date_of(idents[0]) if idents else None)
    return Person(identifiers=idents, name=_word(node, "Name") or "", birth_date=born, sex=node.v("Sex"))


def _author(report: Node) -> Actor | None:
    """The unit that gave the care, and who signs for it: named there, else the one answering for it (AHP)."""
    provider = report.one("ServProvider")
    party = provider.one("HCP") if provider else None
    answering = next((r for r in report.all("RelServProvider") if r.v("Relation") == _ANSWERS), None)
    behind = answering.one("HCP") if answering else None
    if party is None:
        return None
    inst = party.one("Inst")
    units = [inst, *inst.all("Dept")] if inst is not None else []
    persons = _persons(party) or (_persons(behind) if behind else [])
    alone = persons[0] if len(persons) == 1 else None  # a number is one person's
    return Actor(
        name=", ".join(filter(None, (_word(p, "Name") for p in persons))),
        hpr=_numbered([alone], "HPR") if alone else "",
        organisation=", ".join(filter(None, (_word(u, "Name") for u in units))),
        her_id=_numbered(units, "HER"),
    )


def _persons(party: Node) -> list[Node]:
    """The health workers of a party: one of its own, or those of an institution."""
    inst, worker = party.one("Inst"), party.one("HCProf")
    return [worker] if worker is not None else inst.all("HCPerson") if inst is not None else []


def _numbered(named: list[Node], kind: str) -> str:
    """The number of this kind (list 8116, 9051) of the last that has one, "" where none has."""
    return next((_word(n, "Id") or "" for n in reversed(named) if n.v("TypeId") == kind), "")


def _atc(code: Code | None) -> AtcCode | None:
    """The ATC code, which is written with a space in it ("C03C A01")."""
    return AtcCode.read(code.value.replace(" ", "")) if code else None


def _statement(
    item: Node, drug: Node, author: Actor | None, issued: date | None, gone: AsideReason | None
) -> Statement:
    name, status, form = drug.code("DrugId"), drug.v("Status"), drug.code("Form")
    unit = drug.one("UnitDose")
    strength = " ".join(filter(None, (unit.attr("V"), unit.attr("U")))) if unit else ""
    kept = [name, drug.code("Status"), drug.code("DosageCoded"), drug.code("RouteOfAdm")]
    if name is None:
        item.doc.unread.append(Unread(item.place, "medicine without a name"))
    return Statement(
        source=Source.HP,
        kind=Kind.DISCHARGE,
        name=(name.text or name.value) if name else "",
        atc=_atc(name),
        codes=(*(c for c in kept if c), *rest_of(drug, *_TOLD_OF_DRUG), *rest_of(item, *_TOLD_OF_ITEM, *_DAYS)),
        form=form.text or None if form else None,
        form_code=form.value or None if form else None,
        strength=strength or None,
        unit_strengths=read_strength(strength),
        dose_text=_word(drug, "DosageText"),
        use=_USES.get(status),
        status=SaidStatus.STOPPED if status == _STOP else None,
        decided=item.day("OrgDate") or issued,
        start=item.day("StartDateTime"),
        end=item.day("EndDateTime"),
        author=author,
        note=joined(_word(drug, "Comment")),
        aside=gone,
        place=item.place,
    )


def _is_allergy(item: Node, drug: Node) -> bool:
    """A medicine to be kept away from: said to be allergic to, or standing in a cave item. It is none in use."""
    return drug.v("Status") == _ALLERGIC or item.v("Type") == _CAVE


def _drug_allergies(drugs: list[tuple[Node, Node]]) -> Iterator[Allergy]:
    return (_drug_allergy(item, drug) for item, drug in drugs if _is_allergy(item, drug))


def _drug_allergy(item: Node, drug: Node) -> Allergy:
    name, status = drug.code("DrugId"), drug.code("Status")
    text = (name.text or name.value) if name else ""
    said = [c for c in (name, None if status and status.value == _ALLERGIC else status) if c]
    kept = (*said, *rest_of(drug, "DrugId", "Status", "Comment"), *rest_of(item, *_TOLD_OF_ITEM))
    if status and status.value in _USES:
        item.doc.unread.append(Unread(item.place, "cave on a medicine in use", spelled(said)))
    return Allergy(
        source=Source.HP, text=text, atc=_atc(name), reaction=_word(drug, "Comment"), codes=kept, place=item.place
    )


def _caves(items: list[Node]) -> Iterator[Allergy]:
    """Cave items without a medicine. One in which nothing can be read is kept as unread."""
    for item in items:
        if item.v("Type") != _CAVE or item.one("Medication") is not None:
            continue
        seen = item.one("Observation")
        found = _cave(item, seen) if seen is not None else None
        if found is not None:
            yield found
        else:
            item.doc.unread.append(Unread(item.place, "cave", spelled(rest_of(item, "Type"))))


def _cave(item: Node, seen: Node) -> Allergy | None:
    """A cave item in words: its description, else its code, else the remark on it."""
    coded, reaction = seen.one("CodedDescr"), _word(seen, "Comment")
    text = seen.words("Description") or (coded.dn("Concept") if coded else "") or reaction
    if not text:
        return None
    kept = (*rest_of(seen, "Description", "Comment"), *rest_of(item, *_TOLD_OF_ITEM))
    return Allergy(source=Source.HP, text=" ".join(text.split()), reaction=reaction, codes=kept, place=item.place)


CODECS: Codecs = {(ns, "Message"): read_epikrise for ns in _NAMESPACES}
