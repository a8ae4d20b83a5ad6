"""M9.12, the registry's answer with the medicines in use: the latest M25.1, and M25.2 and M25.3 for multidose patients.

Sources: ER-M912 2014-01-21 (kith.no), 2018-07-01 and 2021-10-01 (ehelse.no). Who is responsible for the multidose
becomes a role. Earlier identities (`AndreFnr`) belong to the person.
"""

from dataclasses import replace

from formats.eresept.m1 import version_of
from formats.eresept.m25 import read_as_shared_list
from formats.eresept.multidose import M274, ending, responsible
from formats.eresept.pharmacy import M92_VERSIONS, listed_prescription, owner_of
from formats.errors import ErrorCode, FormatError
from formats.msghead import Codecs, Message, identifier_breaches, one_person, person_of, read_message
from formats.node import Node
from formats.statement import Reach, Reading, Source, Unread

KITH, EHELSE = "http://www.kith.no/xmlstds/eresept/", "http://www.ehelse.no/xmlstds/eresept/"
_LISTS = frozenset({"m251", "m252", "m253", "m254", "m25"})
_KNOWN = frozenset(
    {"Fnr", "AndreFnr", "RefMsgId", "Multidoselege", "Multidoseapotek", "Reseptinfo", "VarerIBrukB64"},
)


def read_m912(message: Message) -> Reading:
    """All lists in the answer as one Reading. Raises FormatError, `two-persons` where a list is another person's."""
    body, envelope = message.body, message.envelope
    patient = body.one("Pasient") or body.need("Multidosepasient")
    lists = [_list(node, message) for node in patient.all("VarerIBrukB64")]
    number = patient.text("Fnr")
    others = tuple(filter(None, (n.own_text.strip() for n in patient.all("AndreFnr"))))
    told = person_of(number, others) if number else envelope.patient if envelope else None
    rows = [n for v in M92_VERSIONS for n in patient.all("Reseptinfo", v)]
    owners = [*((r.person, path) for r, path in lists), *((owner_of(n), n.path) for n in rows)]
    person = one_person([(told, patient.path), *owners])
    readings = [r for r, _ in lists]
    return Reading(
        message=f"M9.12/{version_of(body)}",
        source=Source.RF,
        person=person,
        statements=(*(s for r in readings for s in r.statements), *map(listed_prescription, rows)),
        allergies=tuple(a for r in readings for a in r.allergies),
        unread=(*(u for r in readings for u in r.unread), *_strangers(patient)),
        reach=Reach.WHOLE if readings else Reach.EVENT,
        kinds=tuple(dict.fromkeys(k for r in readings for k in r.kinds)),
        as_of=envelope.gen_date if envelope else None,
        roles=tuple(dict.fromkeys((*(x for r in readings for x in r.roles), *responsible(patient)))),
        breaches=identifier_breaches(person, patient.path),
        documents=tuple(r.message_id for r in readings if r.message_id),
    )


def _list(node: Node, outer: Message) -> tuple[Reading, str]:
    """One attached M25 and its path. Anything else in its place is `wrong-schema`."""
    message = read_message(node.doc.inside(node).root, outer.known)
    body = message.body
    kind = body.ns.rpartition("/")[0].rpartition("/")[2]
    if body.name != "LegemidlerIBruk" or kind not in _LISTS:
        raise FormatError(ErrorCode.WRONG_SCHEMA, body.path, "not a list of medicines in use")
    reading = read_as_shared_list(message)
    return replace(reading, message_id=message.envelope.msg_id if message.envelope else ""), body.path


def _strangers(patient: Node) -> tuple[Unread, ...]:
    spaces = {patient.ns, M274, *M92_VERSIONS}
    odd = (k for k in patient.kids() if k.ns not in spaces or k.name not in _KNOWN)
    return (*(Unread(k.place, "unknown element", k.name) for k in odd), *ending(patient))


CODECS: Codecs = {
    (KITH + "m912/2014-01-21", "M912"): read_m912,
    (EHELSE + "m912/2018-07-01", "M912"): read_m912,
    (EHELSE + "m912/2021-10-01", "M912"): read_m912,
}
