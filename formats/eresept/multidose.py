"""Who answers for a person's multidose: M27.1 to M27.4, M28, and the same elements inside M9.2 and M9.12.

Sources: ER-M271 and ER-M272 2013-04-16, ER-M273, ER-M274 and ER-M28 2012-06-11; M9.12 of 2021 says it in plain texts.
They tell of no medicine. Doctor and pharmacy become roles; from when, until when and in which group has no place in a
role and stands among the unread items.
"""

from collections.abc import Iterable

from formats.eresept.m1 import version_of
from formats.eresept.rest import rest_of, spelled
from formats.msghead import FK1, Codecs, Message, identifier_breaches, one_person, person_of, read_ident
from formats.node import Node
from formats.statement import Actor, Gap, GapCode, Person, Reading, Source, Unread

KITH = "http://www.kith.no/xmlstds/eresept/"
M274 = KITH + "m274/2012-06-11"
DOCTOR, PHARMACY = "M", "A"  # code list 7490
_DOCTOR, _PHARMACY = "Multidoselege", "Multidoseapotek"
_MESSAGES = {"M271": "M27.1", "M272": "M27.2", "M273": "M27.3", "M274": "M27.4", "M28": "M28"}


def responsible(node: Node) -> Iterable[Actor]:
    """The multidose doctor and pharmacy inside `node`, in the shape of M27.4 or of M9.12 2021 (plain texts)."""
    doctor = _one(node, _DOCTOR)
    if doctor is not None:
        name = doctor.text("Navn") or " ".join(filter(None, (doctor.text("Fornavn"), doctor.text("Etternavn"))))
        yield Actor(
            name=name,
            hpr=doctor.text("HprNr") or "",
            role=DOCTOR,
            organisation=doctor.text("Org") or doctor.text("OrgNavn") or "",
            her_id=_her_id(doctor, "HerId"),
            phone=_phone(doctor),
        )
    pharmacy = _one(node, _PHARMACY)
    if pharmacy is not None:
        yield Actor(
            role=PHARMACY,
            organisation=pharmacy.text("Navn") or "",
            her_id=_her_id(pharmacy, "Herid"),
            phone=_phone(pharmacy),
        )


def ending(node: Node) -> Iterable[Unread]:
    """Responsibility for the multidose that has a last day: a role has no place for one."""
    for name in (_DOCTOR, _PHARMACY):
        who = _one(node, name)
        until = who.text("AktivTil") if who else None
        if who is not None and until:
            yield Unread(who.place, f"{name} has a last day", until)


def _one(node: Node, name: str) -> Node | None:
    return node.one(name) or node.one(name, M274)


def _her_id(node: Node, name: str) -> str:
    found = node.one(name)
    if found is None:
        return ""
    return read_ident(found).value if len(found.element) else found.own_text.strip()


def _phone(node: Node) -> str:
    found = node.one("Telefon")
    if found is None:
        return ""
    said = found.v("TeleAddress", FK1) if len(found.element) else found.own_text.strip()
    return said.removeprefix("tel:")


def read_multidose(message: Message) -> Reading:
    """M27 or M28. The doctors of several persons in a group are nobody's role: the message is about none alone."""
    body, envelope = message.body, message.envelope
    members = body.all("Pasient")
    alone = members if len(members) == 1 else []
    owners = [(_numbered(n), n.path) for n in alone]
    person = one_person([(envelope.patient if envelope else None, body.path), *owners])
    name = _MESSAGES[body.name]
    return Reading(
        message=f"{name}/{version_of(body)}",
        source=Source.RF,
        person=person,
        gaps=(Gap(Source.RF, GapCode.NOT_MEDICATION, name, body.place),),
        unread=(*message.doc.unread, *_beside(body, members)),
        as_of=envelope.gen_date if envelope else None,
        roles=tuple(who for node in (body, *alone) for who in responsible(node)),
        breaches=identifier_breaches(person, "/MsgHead/MsgInfo/Patient"),
    )


def _numbered(node: Node) -> Person | None:
    number = node.text("Fnr")
    return person_of(number) if number else None


def _beside(body: Node, members: list[Node]) -> Iterable[Unread]:
    """What no role holds. Numbers of the persons in a group are no part of it: each belongs to one of them alone."""
    registered = body.text("RegistrertEndring")  # "false" is said too: it was not
    count = f"Pasient {len(members)}" if len(members) > 1 else ""
    words = (
        f"RegistrertEndring {registered}" if registered else "",
        spelled(rest_of(body, "RegistrertEndring", _DOCTOR, _PHARMACY, "Pasient")),
        count,
    )
    yield Unread(body.place, "multidose responsibility", "; ".join(filter(None, words)))
    yield from ending(body)
    for member in members:
        said = spelled(rest_of(member, "Fnr"))
        if count and said:
            yield Unread(member.place, "multidose responsibility in a group", said)
        elif not count:
            yield from ending(member)


CODECS: Codecs = {
    (KITH + "m271/2013-04-16", "M271"): read_multidose,
    (KITH + "m272/2013-04-16", "M272"): read_multidose,
    (KITH + "m273/2012-06-11", "M273"): read_multidose,
    (M274, "M274"): read_multidose,
    (KITH + "m28/2012-06-11", "M28"): read_multidose,
}
