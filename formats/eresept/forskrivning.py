"""`Forskrivning` and the drug block in it: the medicine as the prescriber named it, and how it is to be taken.

Sources: Forskrivning 2013-10-08, 2010-04-01, and 2009-02-20, which calls the name `NavnStyrkeForm`. Everything is
kept as said; the strength is the last part of the name only where that part is exactly a strength, for the format
defines the field as name, form, strength.
"""

from datetime import date
from typing import TypedDict

from formats.dosing import Dosage
from formats.drug import AtcCode, FestId, Quantity, Varenr, strength_at_end
from formats.eresept.dose_parts import NotUnderstoodError
from formats.eresept.dosering import read_dosering
from formats.eresept.rest import rest_of, spelled
from formats.node import Node
from formats.remembered import by_content
from formats.statement import (
    Actor,
    AsideReason,
    Code,
    SaidStatus,
    Signature,
    StatementType,
    Unread,
    Use,
)

ATC_LIST = "2.16.578.1.12.4.1.1.7180"
USES = {"1": Use.FIXED, "2": Use.COURSE, "3": Use.PRN}
_USE_WORDS = {"1": "fast", "2": "kur", "3": "ved behov"}
"""The words of list 9101: said in other words, maybe meaning the opposite, the code is kept beside the field."""
_TOLD = ("Bruksomrade", "DosVeiledEnkel", "Bruk", "Kortdose", "Dosering")
_TOLD_OF_DRUG = ("Atc", "NavnFormStyrke", "NavnStyrkeForm", "LegemiddelformKort", "Varenr", "Id")
_PARTS = ("BestanddelVirkestoff", "BestanddelLegemiddel", "BestanddelAnnet")
_TOLD_OF_BLEND = ("Navn", "TilbOppl", "Legemiddelform", *_PARTS)
_SHARES = ("MengdeBestanddel", "Mengde", "Styrke", "Utblanding")
_BLOCKS = ("Legemiddelpakning", "LegemiddelMerkevare", "LegemiddelVirkestoff", "Legemiddeldose", "Legemiddelblanding")


class Said(TypedDict, total=False):
    """What an e-prescription message can say of one medicine: fields of `Statement`, those that were said."""

    name: str
    atc: AtcCode | None
    varenr: Varenr | None
    fest_id: FestId | None
    codes: tuple[Code, ...]
    substances: tuple[str, ...]
    form: str | None
    form_code: str | None
    strength: str | None
    unit_strengths: tuple[Quantity, ...]
    dose_text: str | None
    dosage: Dosage | None
    use: Use | None
    scheme: bool
    type: StatementType | None
    change: str | None
    reason: str | None
    status: SaidStatus | None
    decided: date | None
    recorded: date | None
    start: date | None
    end: date | None
    prescription_id: str | None
    treatment_id: str | None
    replaces: tuple[str, ...]
    valid_to: date | None
    quantity: str | None
    refills_left: int | None
    last_dispensed: date | None
    packed: date | None
    next_roll: date | None
    in_multidose: bool | None
    administered_by: str | None
    exchange_reserved: bool | None
    intervention: str | None
    indication: str | None
    author: Actor | None
    reported_by: Actor | None
    signed: Signature | None
    note: str | None
    aside: AsideReason | None


def read_forskrivning(node: Node) -> tuple[Said, str]:
    """The medicine and its dosing, and the size of its pack ("100 stk", "" where there is not one).

    Raises FormatError only for what a schema could not allow at all.
    """
    use, short = node.code("Bruk"), node.code("Kortdose")
    how = node.one("AdministreringForskrivning")
    drug, size = _read_drug(node)
    told: Said = {
        **drug,
        "indication": node.words("Bruksomrade"),
        "dose_text": node.words("DosVeiledEnkel") or _short_dose_text(node),
        "use": USES.get(use.value) if use else None,
        "scheme": bool(how and how.flag("AdmEtterSkjema")),
    }
    kept = [short] if short else []
    kept += node.beside("Kortdose", told["dose_text"])
    if use and (use.value not in USES or use.text.casefold() not in {"", _USE_WORDS[use.value]}):
        kept.append(use)
    doses = node.all("Dosering")
    dosage, exact = _dosage(doses)
    if exact:
        kept.append(Code("true", "GisEksakt"))
    told["codes"] = (*drug.get("codes", ()), *kept, *rest_of(node, *_TOLD, *_BLOCKS))
    if dosage:
        told["dosage"] = dosage
        told["start"], told["end"] = dosage.starts, dosage.ends
    return told, size


def _short_dose_text(node: Node) -> str | None:
    """The words of a short dose where no text is given: its full text, else its short form."""
    short = node.one("Kortdose")
    return (short.attr("OT") or short.attr("DN") or None) if short else None


def _dosage(parts: list[Node]) -> tuple[Dosage | None, bool]:
    """The dosing in structure, and whether one of its doses is to be given at its very moment."""
    try:
        return read_dosering(parts)
    except NotUnderstoodError:
        words = "\n".join(spelled(rest_of(part)) for part in parts)
        parts[0].doc.unread.append(Unread(parts[0].place, "structured dosing not understood", words))
        return None, any(fixed.flag("GisEksakt") for one in parts for fixed in one.all("DoseFastTidspunkt"))


def _read_drug(node: Node) -> tuple[Said, str]:
    """The one drug block among the children of `node`, and the size of its pack. None of them: an empty name."""
    for name in _BLOCKS:
        block = node.one(name)
        if block is not None:
            return (_blend(block), "") if name == "Legemiddelblanding" else _drug(block)
    return {}, ""


@by_content
def _drug(block: Node) -> tuple[Said, str]:
    name = block.words("NavnFormStyrke") or block.words("NavnStyrkeForm") or block.words("Varenavn") or ""
    atc, form, package = block.code("Atc"), block.code("LegemiddelformKort"), block.text("Varenr")
    festid, read = block.text("Id"), AtcCode.read("".join(block.v("Atc").split()))
    told: Said = {
        **named(name),
        "atc": read,
        "varenr": Varenr.read(package),
        "fest_id": FestId.read(festid),
        "form": form.text or None if form else None,
        "form_code": form.value or None if form else None,
    }
    kept = [*([atc] if atc else []), *block.beside("Atc"), *block.beside("LegemiddelformKort")]
    if package and not told["varenr"]:
        kept.append(Code(package, "Varenr"))
    if festid and not told["fest_id"]:
        kept.append(Code(festid, "FEST"))
    packs = block.all("PakningsinfoResept")
    size = ("PakningsinfoResept",) if len(packs) == 1 else ()  # one: it is in the quantity
    trade = packs[0].text("Varenavn") if size else None
    if trade and trade.casefold() not in name.casefold():
        kept.append(Code(trade, "Varenavn"))
    told["codes"] = (*kept, *rest_of(block, *_TOLD_OF_DRUG, *size))
    return told, _size(packs[0]) if size and block.name == "Legemiddelpakning" else ""


def _size(pack: Node) -> str:
    return f"{pack.text('Pakningsstr') or ''} {pack.v('EnhetPakning')}".strip()


def named(name: str) -> Said:
    """The name as said, with the strength it ends in (the longest end of it that is nothing but a strength)."""
    strength, found = strength_at_end(name)
    return {"name": name, "strength": strength, "unit_strengths": found} if strength else {"name": name}


def _blend(block: Node) -> Said:
    """A magistral blend: its substances as named, its instructions as note."""
    form = block.code("Legemiddelform")
    parts = block.all("BestanddelVirkestoff")
    active = [b.one("Virkestoff") for b in parts]
    return {
        "name": block.words("Navn") or "",
        "substances": tuple(filter(None, ((a.text("Navn") or "") if a else "" for a in active))),
        "codes": (
            *(Code(a.text("Id") or "", "FEST", a.text("Navn") or "") for a in active if a),
            *block.beside("Legemiddelform"),
            *rest_of(block, *_TOLD_OF_BLEND),
            *(c for b in block.all("BestanddelLegemiddel") for c in rest_of(b, *_SHARES)),
        ),
        "form": form.text or None if form else None,
        "form_code": form.value or None if form else None,
        "note": _lines(
            block.words("TilbOppl"),
            *(_part(b, (a.text("Navn") if a else None) or "") for b, a in zip(parts, active, strict=True) if _share(b)),
            *(_part(b, _read_drug(b)[0].get("name", "")) for b in block.all("BestanddelLegemiddel")),
            *(_part(b, b.words("NavnFormStyrke") or b.words("Navn") or "") for b in block.all("BestanddelAnnet")),
        ),
    }


def _part(node: Node, name: str) -> str:
    """One part of a blend with how much of it there is: "Salisylsyre 2 g", "Hydrokortison 10 mg/1 g"."""
    return f"{name} {_share(node)}".strip()


def _share(node: Node) -> str:
    strength, amount, rest = node.one("Styrke"), node.one("MengdeBestanddel"), node.one("Utblanding")
    if strength is not None:
        return "/".join(filter(None, (_amount(strength.one("Teller")), _amount(strength.one("Nevner")))))
    measure = amount.one("Mengde") if amount else node.one("Mengde")  # the latter in 2009 and 2010
    return _amount(measure) if measure else rest.dn("Adqs") if rest else ""


def _amount(node: Node | None) -> str:
    return " ".join(filter(None, (node.attr("V"), node.attr("U")))) if node else ""


def _lines(*parts: str | None) -> str | None:
    return "\n".join(p for p in parts if p) or None


def joined(*parts: str | None) -> str | None:
    """Remarks of one element, each on its own line, as said; `None` where there are none."""
    return _lines(*parts)
