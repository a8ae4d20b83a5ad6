"""The registry's answers to pharmacies and online pharmacies: M9.2, M9.4, M9NA2, M9NA4.

Sources: ER-M92 2010-05-01, 2013-10-08, 2023-03-20; ER-M94 2010-07-01; ER-M9NA2, ER-M9NA4. No ATC and no dosing in the
lists; they answer one search and do not speak for all prescriptions of a person.
"""

from formats.drug import Varenr
from formats.eresept.codes import NO_PRESCRIPTIONS, STATUS, status_to_keep
from formats.eresept.containers import attached_to
from formats.eresept.forskrivning import USES, Said, joined, named
from formats.eresept.m1 import version_of
from formats.eresept.multidose import ending, responsible
from formats.eresept.rest import rest_of, spelled
from formats.eresept.utlevering import aggregated_dispensing
from formats.msghead import Codecs, Message, identifier_breaches, is_same_person, one_person, person_of, read_ident
from formats.node import Node
from formats.statement import Actor, Code, Gap, GapCode, Kind, Person, Reading, Source, Statement, Unread, stated

KITH, EHELSE = "http://www.kith.no/xmlstds/eresept/", "http://www.ehelse.no/xmlstds/eresept/"
M92_VERSIONS = (KITH + "m92/2013-10-08", KITH + "m92/2023-03-20", KITH + "m92/2010-05-01")
_TOLD = (
    "Nr", "NavnFormStyrke", "NavnStyrkeForm", "Forskrivningsdato", "Status", "MerknadTilbakekalling", "ReseptId",
    "NavnRekvirent", "RekvirentId", "Bruksomrade", "Mengde", "Reiterasjon", "SisteUtlevering", "Bruk", "NavnUtleverer",
    "TidligsteUtlevering", "EndretFarmasoyt",
)  # fmt: skip
_WHO_AND_WHERE = ("Ident", "Fornavn", "Mellomnavn", "Etternavn", "Address", "MetodeEkspedering")
_MESSAGES = {"Reseptliste": "M9.2", "M9NA2": "M9NA2", "M9NA4": "M9NA4", "ReseptNedlasting": "M9.4"}


def listed_prescription(node: Node) -> Statement:
    """One `Reseptinfo`: what the pharmacy is told of a prescription before it downloads it."""
    number, status, use = node.text("Nr"), node.code("Status"), node.code("Bruk")
    product = node.words("NavnFormStyrke") or node.words("NavnStyrkeForm")  # the latter in 2010
    name = product or node.words("LegemiddelblandingNavn") or node.dn("ProdGruppe")
    told: Said = {
        **named(name),
        "varenr": Varenr.read(number),
        "decided": node.day("Forskrivningsdato", required=True),
        "status": STATUS.get(status.value) if status else None,
        "reason": node.words("MerknadTilbakekalling"),
        "prescription_id": node.text("ReseptId"),
        "author": Actor(name=node.text("NavnRekvirent") or "", hpr=node.text("RekvirentId") or ""),
        "indication": node.words("Bruksomrade"),
        "quantity": _quantity(node),
        "refills_left": node.count("Reiterasjon"),
        "last_dispensed": node.day("SisteUtlevering"),
        "use": USES.get(use.value) if use else None,
        "codes": _kept(node, number, status),
    }
    return stated(told, source=Source.RF, kind=Kind.PRESCRIPTION, place=node.place)


def _kept(node: Node, number: str | None, status: Code | None) -> tuple[Code, ...]:
    kept = [Code(number, "Varenr")] if number and not Varenr.read(number) else []
    use = node.code("Bruk")
    if status and status_to_keep(status):
        kept.append(status)
    if use and use.value not in USES:
        kept.append(use)
    kept += [Code(text, name) for name in ("NavnUtleverer", "TidligsteUtlevering") if (text := node.text(name))]
    if node.flag("EndretFarmasoyt"):
        kept.append(Code("1", "EndretFarmasoyt"))
    size = () if node.one("Mengde") else ("Antall", "Pakningsstr", "EnhetPakning")
    return (*kept, *rest_of(node, *_TOLD, *_WHO_AND_WHERE, *size))


def _quantity(node: Node) -> str | None:
    amount = node.one("Mengde")
    if amount is not None:
        return " ".join(filter(None, (amount.attr("V"), amount.attr("U")))) or None
    packs = node.text("Antall")
    size = " ".join(filter(None, (node.text("Pakningsstr"), node.v("EnhetPakning"))))
    return f"{packs} x {size}" if packs and size else packs or size or None


def read_pharmacy_list(message: Message) -> Reading:
    """M9.2 or M9NA2: prescriptions found by one search."""
    body, envelope = message.body, message.envelope
    rows = body.all("Reseptinfo")
    person = one_person([(envelope.patient if envelope else None, body.path), *((owner_of(n), n.path) for n in rows)])
    person = person or _only_user(body)
    users, beside = _users(body, person)
    search = body.code("Status")
    failed = search is not None and search.value != NO_PRESCRIPTIONS
    return Reading(
        message=f"{_MESSAGES[body.name]}/{version_of(body)}",
        source=Source.RF,
        person=person,
        statements=tuple(listed_prescription(n) for n in rows),
        gaps=(Gap(Source.RF, GapCode.FAILED, search.text or search.value, body.place),) if failed and search else (),
        as_of=envelope.gen_date if envelope else None,
        roles=tuple(who for user in users for who in responsible(user)),
        unread=(*body.doc.unread, *beside, *_more_found(body, rows)),
        breaches=identifier_breaches(person, body.path),
    )


def _more_found(body: Node, rows: list[Node]) -> tuple[Unread, ...]:
    """M9NA2 counts what the search found: more than it lists is told."""
    count = body.text("Antall")
    return (Unread(body.place, "prescriptions found", count),) if count and count != str(len(rows)) else ()


def owner_of(node: Node) -> Person | None:
    """The person a row names by number."""
    ident = node.one("Ident")
    read = read_ident(ident) if ident is not None else None
    return person_of(read.value) if read and read.value else None


def _only_user(body: Node) -> Person | None:
    users = body.all("Multidosebruker")
    number = users[0].text("Fnr") if len(users) == 1 else None
    return person_of(number) if number else None


def _users(body: Node, owner: Person | None) -> tuple[list[Node], tuple[Unread, ...]]:
    """The multidose users of this person, and what another one's row says: told, without a number, and of no use."""
    own: list[Node] = []
    others: list[Unread] = []
    for user in body.all("Multidosebruker"):
        number = user.text("Fnr")
        if owner is not None and (not number or is_same_person(owner, person_of(number))):
            own.append(user)
        else:
            others.append(Unread(user.place, "multidose of another person", spelled(rest_of(user, "Fnr"))))
    return own, (*others, *(u for user in own for u in ending(user)))


def read_download(message: Message) -> Reading:
    """M9.4: one prescription downloaded to a pharmacy, with its status; or M9NA4, with what was dispensed on it."""
    body, envelope = message.body, message.envelope
    attached = attached_to(envelope.documents if envelope else (), message.known)
    status, key = body.code("Status"), body.text("ReseptId")
    statements = []
    for one_id, one in attached.prescriptions.items():
        told: Said = {**one.said, "status": STATUS.get(status.value) if status else None}
        place = body.doc.place(attached.paths[one_id])
        statements.append(stated(told, source=Source.RF, kind=Kind.PRESCRIPTION, place=place))
    statements += [aggregated_dispensing(n, key) for n in body.all("Utlevering")]
    beside = rest_of(body, "ReseptId", "Utlevering", "InstitusjonsID", *(("Status",) if attached.prescriptions else ()))
    if beside:
        body.doc.unread.append(Unread(body.place, "said of the prescription", spelled(beside)))
    owners = ((p.person, attached.paths[k]) for k, p in attached.prescriptions.items())
    person = one_person([(envelope.patient if envelope else None, body.path), *owners])
    return Reading(
        message=f"{_MESSAGES[body.name]}/{version_of(body)}",
        source=Source.RF,
        person=person,
        statements=tuple(statements),
        as_of=envelope.gen_date if envelope else None,
        breaches=identifier_breaches(person, joined(body.path) or ""),
    )


CODECS: Codecs = {
    **dict.fromkeys(((ns, "Reseptliste") for ns in M92_VERSIONS), read_pharmacy_list),
    (KITH + "m9na2/2016-10-26", "M9NA2"): read_pharmacy_list,
    (KITH + "m9na2/2023-10-01", "M9NA2"): read_pharmacy_list,
    (KITH + "m94/2010-07-01", "ReseptNedlasting"): read_download,
    (KITH + "m9na4/2016-06-06", "M9NA4"): read_download,
}
