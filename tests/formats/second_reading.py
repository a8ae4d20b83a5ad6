"""A second, plain and slow reading of messages, written from the schemas and code lists without ours in sight.

`facts(raw)` gives for each element that stands for a medicine where it stands and what it says: names of fields of a
`Statement` with their values, `hpr` for the number of its author, `grid` for its doses in the day, and `words` that
must be told somewhere of it. What is left out of a fact, or `...`, is not compared.
"""

import base64
import binascii
import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from lxml import etree

OSLO = ZoneInfo("Europe/Oslo")
PARSER = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, strip_cdata=True)
USES = {"1": "fixed", "2": "course", "3": "prn"}
STATUSES = {"E": "active", "U": "active", "R": "finished", "F": "expired", "A": "revoked", "X": "revoked"}
RECALLS = {"1": "replaced", "2": "stopped", "3": "replaced"}
PARTS = dict(zip("123456", ("morgen", "formiddag", "middag", "ettermiddag", "kveld", "natt"), strict=True))
BLOCKS = ("Legemiddelpakning", "LegemiddelMerkevare", "LegemiddelVirkestoff", "Legemiddeldose", "Legemiddelblanding")
GUID = re.compile(r"ID_[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?")


# Elements


def local(element):
    return etree.QName(element).localname


def one(element, *names):
    """The element reached by names, one inside the other."""
    for name in names:
        found = [] if element is None else [kid for kid in element if local(kid) == name]
        element = found[0] if found else None
    return element


def every(element, name):
    return [kid for kid in element if local(kid) == name]


def text(element, *names):
    found = one(element, *names)
    return None if found is None else "".join(found.itertext()).strip() or None


def coded(element, *names, at="V"):
    found = one(element, *names)
    return None if found is None else (found.get(at) or "").strip() or None


def place(element):
    steps = []
    while element is not None:
        above = element.getparent()
        alike = [kid for kid in above if kid.tag == element.tag] if above is not None else [element]
        steps.append(local(element) + (f"[{alike.index(element) + 1}]" if len(alike) > 1 else ""))
        element = above
    return "/" + "/".join(reversed(steps))


def opened(element):
    """The document in a base64 element."""
    try:
        return etree.fromstring(base64.b64decode("".join(element.itertext())), PARSER)
    except (etree.XMLSyntaxError, binascii.Error):
        return None


# Days


def instant(said):
    """The moment in Oslo; midnight of a day alone. Offsets turn moments, and never days."""
    day, hour, minute, second, zone = MOMENT.fullmatch(said.strip()).groups()
    clock = time(int(hour) % 24, int(minute), int(second)) if hour else time()
    moment = datetime.combine(date.fromisoformat(day), clock)
    if hour is None or zone is None:
        found = moment.replace(tzinfo=OSLO)
    elif zone == "Z":
        found = moment.replace(tzinfo=UTC)
    else:
        ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
        found = moment.replace(tzinfo=timezone(-ahead if zone[0] == "-" else ahead))
    return found.astimezone(OSLO) + timedelta(days=hour == "24")


def day(said):
    try:
        return instant(said).date() if said else None
    except OverflowError:  # the first and last days of the calendar are nobody's
        return ...


def last_before(said):
    moment = instant(said)
    return moment.date() - timedelta(days=moment.time() == time())


# Numbers and codes


def atc(said):
    return said if said and re.fullmatch(r"[A-Z](\d\d([A-Z]([A-Z](\d\d)?)?)?)?", said) else None


def varenr(said):
    return said.zfill(6) if said and re.fullmatch(r"\d{1,6}", said) else None


def hpr_of(person):
    """The HPR number, where there is one and no other."""
    numbers = {text(i, "Id") for i in every(person, "Ident") if coded(i, "TypeId") == "HPR"}
    return numbers.pop() if len(numbers) == 1 else ... if numbers else None


# Medicines


def medicine(given):
    """What a ReseptDokLegemiddel says."""
    prescribed = one(given, "Forskrivning")
    block = next(found for name in BLOCKS if (found := one(prescribed, name)) is not None)
    blend = local(block) == "Legemiddelblanding"
    form, short = "Legemiddelform" if blend else "LegemiddelformKort", coded(prescribed, "Kortdose", at="DN")
    festid = text(block, "Id") if local(block) != "Legemiddelblanding" else None
    told = {
        "name": text(block, "Navn" if blend else "NavnFormStyrke"),
        "atc": None if blend else atc(coded(block, "Atc")),
        "varenr": varenr(text(block, "Varenr")),
        "fest_id": festid if festid and GUID.fullmatch(festid) else None,
        "form_code": coded(block, form),
        "dose_text": text(prescribed, "DosVeiledEnkel"),
        "indication": text(prescribed, "Bruksomrade"),
        "use": USES.get(coded(prescribed, "Bruk")),
        "administered_by": text(given, "KomLegemdlAdm"),
        "grid": day_grid(prescribed),
        "words": [text(given, "Merknad"), coded(block, "Atc", at="DN"), short, coded(given, "RefKode", at="DN")],
    }
    if told["dose_text"] is None and short:
        del told["dose_text"]  # the short dose stands in for it
    return told


def day_grid(prescribed):
    """What is given at which part of the day, where one Dosering says that alone; `...` where it says more or else."""
    periods = every(prescribed, "Dosering")
    doses = every(periods[0], "DoseFastTidspunkt") if len(periods) == 1 else []
    given = {coded(dose, "Tidsomrade"): coded(dose, "Mengde") for dose in doses}
    plain = all({local(part) for part in dose} <= {"Mengde", "Tidsomrade", "GisEksakt"} for dose in doses)
    units = {coded(dose, "Mengde", at="U") for dose in doses}
    known = all(
        part in PARTS and re.fullmatch(r"[1-9]\d*(\.\d+)?|0\.\d*[1-9]", amount or "") for part, amount in given.items()
    )
    if not doses or one(periods[0], "Doseringsregel") is not None or not (plain and known) or len(units) > 1:
        return ...
    return tuple((PARTS[part], Decimal(given[part])) for part in sorted(given)) if len(given) == len(doses) else ...


def prescription(resept, number):
    given = one(resept, "ReseptDokLegemiddel")
    return {
        **(medicine(given) if given is not None else {}),
        "decided": day(text(resept, "Forskrivningsdato")),
        "valid_to": day(text(resept, "Utloper")),
        "prescription_id": number,
    }


def attached(bodies):
    """The prescriptions in the containers of a list, by number."""
    found = {}
    for body in bodies:
        inner = opened(body) if local(body) == "Base64Container" else None
        if inner is not None:
            number = text(inner, "MsgInfo", "MsgId")
            found[number] = prescription(contents(inner)[0], number)
    return found


def contents(head):
    return head.xpath("*[local-name()='Document']/*/*[local-name()='Content']/*")


def listed(bodies):
    """The rows of M9.6, with their prescriptions and dispensings."""
    prescribed = attached(bodies)
    for row in every(bodies[0], "Listeelement"):
        number = text(row, "ReseptId")
        status = coded(row, "Status")
        told = {**prescribed.get(number, {}), "prescription_id": number, "status": STATUSES.get(status)}
        if status == "T":
            why = coded(row, "Tilbakekalling", "Arsak") or coded(row, "Arsak")
            told["status"] = RECALLS.get(why, "revoked")
            told.pop("decided", None)
        if number in prescribed:
            words = (text(row, "NavnUtleverer"), *(text(row, "Fornying", n) for n in ("NyReseptId", "ForrigeReseptId")))
            told["words"] = [
                *told.get("words", []),
                text(row, "Seponering", "Merknad") if told["status"] == "stopped" else None,
                *words,
            ]
            yield row, "resept", told
        for given in every(row, "Utlevering"):
            last = day(text(given, "TidspunktSisteUtlevering"))
            yield (
                given,
                "utlevering",
                {
                    "name": text(given, "NavnFormStyrke"),
                    "varenr": varenr(text(given, "Varenr")),
                    "prescription_id": number,
                    "last_dispensed": last,
                    "recorded": last,
                },
            )


def acting(line, role):
    """The HPR numbers of those with this role towards a line, persons first; "" for a unit."""
    held = [text(r, "Helseperson", "HprId", "Id") or "" for r in every(line, "Rolle") if coded(r, "Rolle") == role]
    return sorted(held, key=lambda number: not number)


def lines(body, made):
    """The lines of a list of medicines in use, made at `made`."""
    for line in every(body, "EnkeltoppforingLIB"):
        stop, packed = one(line, "Seponering"), local(body.getparent()) and "m253" in etree.QName(body).namespace
        told = {
            **medicine(opened(one(line, "ReseptDokLegemiddelB64"))),
            "treatment_id": text(line, "Id"),
            "prescription_id": text(line, "ReseptId"),
            "valid_to": day(text(line, "UtlopsdatoResept")),
            "recorded": day(text(line, "SistEndret")),
            "status": "active",
        }
        begun = day(text(line, "DatoOppstart"))
        if begun and not packed:
            told["start"] = begun
        persons = (acting(line, "S") if stop is not None else []) or acting(line, "R")
        if persons:
            told["hpr"] = persons[0]
        if stop is not None and day(text(stop, "Tidspunkt")) in {..., date.min, date.max}:
            del told["status"]
        elif stop is not None:
            told["status"] = "active" if instant(text(stop, "Tidspunkt")) > instant(made) else "stopped"
            told["end"] = last_before(text(stop, "Tidspunkt"))
            told["words"] += [coded(stop, "Arsak", at="DN"), text(stop, "Merknad")]
        names = [text(r, "Helseperson", "Etternavn") for r in every(line, "Rolle")]
        told["words"] += [n for n in names if n and len(n.split()) > 1]
        yield line, None, told


def dispensed(report):
    given = one(report, "Utlevering")
    content = one(given, "ReseptDokLegemiddel") if given is not None else None
    if content is not None:
        told = medicine(content)
        told |= {"prescription_id": text(given, "ReseptId"), "last_dispensed": day(text(given, "Utleveringsdato"))}
        yield given, "utlevering", told


def informed(element):
    """One Legemiddelinfo of the GP's or home care's system."""
    told = one(element, "ForenkletForskrivning")
    drug, who = one(told, "Forskrivningsinfo"), one(told, "Forskriver")
    fact = {
        "name": text(drug, "Navn"),
        "atc": atc(coded(drug, "Atc")),
        "varenr": varenr(text(drug, "Nr")),
        "form_code": coded(drug, "Legemiddelform"),
        "dose_text": text(drug, "DosVeiledEnkel"),
        "indication": text(drug, "BruksomradeTekst"),
        "use": USES.get(coded(drug, "Bruk")),
        "start": day(coded(drug, "DoseringStarttidspunkt")),
        "end": day(coded(drug, "DoseringSluttidspunkt")),
        "prescription_id": text(told, "ReseptId"),
        "in_multidose": {"1": False, "2": True}.get(coded(told, "InngaarIMultidose")),
        "words": [text(told, "Merknad"), text(drug, "GeneriskNavn")],
    }
    if coded(told, "StatusTilForskrivningen") == "2":
        fact["status"] = "stopped"
    if who is not None:
        fact["hpr"] = hpr_of(who)
        fact["words"].append(text(who, "FamilyName"))
    return element, None, fact


def summarised(item):
    drug = one(item, "Medication")
    return item, "epikrise", {
        "atc": atc(coded(drug, "DrugId")),
        "name": coded(drug, "DrugId", at="DN"),
        "dose_text": text(drug, "DosageText"),
        "form_code": coded(drug, "Form"),
        "start": day(coded(item, "StartDateTime")),
        "end": day(coded(item, "EndDateTime")),
        "words": [text(drug, "Comment"), coded(drug, "RouteOfAdm", at="DN"), coded(drug, "Status", at="DN")],
    }  # fmt: skip


def facts(raw):
    """(place, kind or `None`, what it says) of each medicine in a message."""
    return [(where, kind, told) for where, kind, told in _facts(etree.fromstring(raw, PARSER), "")]


def _facts(root, under):
    bodies = contents(root) if local(root) == "MsgHead" else [root]
    body = bodies[0]
    found = {
        "M96": lambda: listed(bodies),
        "LegemidlerIBruk": lambda: lines(body, text(root, "MsgInfo", "GenDate")),
        "Resept": lambda: [(body, "resept", prescription(body, text(root, "MsgInfo", "MsgId")))],
        "Utleveringsrapport": lambda: dispensed(body),
        "UtleveringsrapportRekvirent": lambda: dispensed(body),
        "Message": lambda: map(summarised, body.xpath(".//*[local-name()='InfItem'][*[local-name()='Medication']]")),
    }.get(local(body), list)()
    for element, kind, told in found:
        yield under + place(element), kind, told
    for part in bodies:
        for element in part.xpath("descendant-or-self::*[local-name()='Legemiddelinfo']"):
            yield under + place(element), *informed(element)[1:]
    for inner in body.xpath(".//*[local-name()='VarerIBrukB64']"):
        yield from _facts(opened(inner), under + place(inner))
