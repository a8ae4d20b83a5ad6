"""Writes dialogue messages: our value to Dialogmelding 1.1 (Helsefaglig dialog) or 1.0 (Forespørsel, svar).

The same value gives the same bytes, so that a repeat is recognised. Element order is the schema's; text is escaped by
lxml and stripped of what XML cannot carry. Texts of codes come from lists 7322, 9152, 9034, 9060, 8116, 9051.
"""

import re

from lxml import etree
from lxml.builder import ElementMaker
from lxml.etree import _Element as Element  # the type; lxml gives it no public name

from formats.dialog import DIALOG_1_0, DIALOG_1_1, Contact, DialogKind, DialogMessage
from formats.msghead import FK1, MSGHEAD, Party, Unit
from formats.statement import Code, Identifier, Person

VOLVEN = "2.16.578.1.12.4.1.1."
CONTACT_AT_RECEIVER = "24"
"""List 9034: Kontakt hos mottaker."""
ABOUT_PATIENT, ABOUT_MEDICINES = "6", "9"
"""List 7322: Henvendelse om pasient; Forespørsel om legemiddelopplysninger."""
MEDICINES_ASKED = "4"
"""List 9152: Legemiddelopplysninger."""

_M = ElementMaker(namespace=MSGHEAD, nsmap={None: MSGHEAD})
_F = ElementMaker(namespace=FK1, nsmap={None: FK1})
_TYPES = {
    "DIALOG_HELSEFAGLIG": "Helsefaglig dialog",
    "DIALOG_FORESPORSEL": "Forespørsel",
    "DIALOG_SVAR": "Svar på forespørsel",
    "DIALOG_AVVIK": "Avviksmelding",
    "DIALOG_NOTAT": "Notat",
}
_IDENT = {
    "FNR": ("8116", "Fødselsnummer"),
    "DNR": ("8116", "D-nummer"),
    "FHN": ("8116", "Felles hjelpenummer"),
    "HPR": ("8116", "HPR-nummer"),
    "HER": ("9051", "HER-id"),
    "ENH": ("9051", "Organisasjonsnummeret i Enhetsregister"),
    "RSH": ("9051", "RESH-id"),
}
_ROLES = {"6": "Fastlege", "9": "Primærkontakt", "21": "Helsefaglig kontakt", "24": "Kontakt hos mottaker"}
_PROFESSIONS = {
    "LE": "Lege",
    "SP": "Sykepleier",
    "VP": "Vernepleier",
    "HF": "Helsefagarbeider",
    "FA1": "Provisorfarmasøyt",
    "FA2": "Reseptarfarmasøyt",
    "HE": "Helsesekretær",
    "XX": "Ukjent/uspesifisert",
}
_SEX = {"1": "Mann", "2": "Kvinne", "0": "Ikke kjent", "9": "Ikke spesifisert"}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_dialog(message: DialogMessage) -> bytes:
    """The message as bytes, UTF-8.

    Raises ValueError for a message the profile forbids: no zone on the time; a patient without name or number; of 1.1
    no subject, text, or responsible sender with phone; a first message about a patient (theme 6) that does not name
    whom it is for; a conversation without the message answered.
    """
    _check(message)
    root = _M.MsgHead(_info(message), _document(message))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def theme(value: str, version: str) -> Code:
    """A theme of list 7322 (version 1.1) or a kind of request of list 9152 (1.0), with its text."""
    texts = (
        {"4": "Legemiddelopplysninger", "99": "Annen henvendelse", "1": "Helseopplysninger"}
        if version == "1.0"
        else {
            "6": "Henvendelse om pasient",
            "8": "Forespørsel om helseopplysninger",
            "9": "Forespørsel om legemiddelopplysninger",
        }
    )
    return Code(value, VOLVEN + ("9152" if version == "1.0" else "7322"), texts[value])


def _check(message: DialogMessage) -> None:
    patient, first = message.patient, not message.parent_id
    faults = {
        "version": message.version not in {"1.0", "1.1"},
        "time without a zone": message.sent.tzinfo is None,
        "patient": patient is None or not patient.name or not patient.identifiers,
        "text": not message.text.strip(),
        "conversation": bool(message.parent_id) != bool(message.conversation_id),
    }
    if message.version == "1.1":
        at_receiver = [c for c in message.contacts if c.role == CONTACT_AT_RECEIVER]
        faults |= {
            "subject": not message.subject.strip(),
            "responsible sender": not any(c.name and c.phone for c in message.contacts if c not in at_receiver),
            "contact at receiver": first
            and message.theme.value == ABOUT_PATIENT
            and not any(c.profession for c in at_receiver),
        }
    found = [name for name, wrong in faults.items() if wrong]
    if found:
        msg = f"a dialogue message can't be sent: {', '.join(found)}"
        raise ValueError(msg)


def _info(message: DialogMessage) -> Element:
    reference = []
    if message.parent_id:
        reference = [
            _M.ConversationRef(_M.RefToParent(message.parent_id), _M.RefToConversation(message.conversation_id))
        ]
    patient = [_patient(message.patient)] if message.patient else []
    return _M.MsgInfo(
        _M.Type(V=str(message.kind), DN=_TYPES.get(str(message.kind), str(message.kind))),
        _M.MIGversion("v1.2 2006-05-24"),
        _M.GenDate(message.sent.isoformat(timespec="seconds")),
        _M.MsgId(message.msg_id),
        *reference,
        _M.Sender(*_party(message.sender)),
        _M.Receiver(*_party(message.receiver)),
        *patient,
    )


def _party(party: Party) -> list[Element]:
    """Units from the outermost inwards, the health worker in the innermost."""
    inner: Element | None = None
    for depth, unit in enumerate(reversed(party.units)):
        element = _unit(unit)
        if inner is not None:
            element.append(inner)
        if depth == 0 and (party.name or party.identifiers):
            element.append(_worker(party))
        inner = element
    return [inner] if inner is not None else []


def _unit(unit: Unit) -> Element:
    phone = [_M.TeleCom(_M.TeleAddress(V=f"tel:{unit.phone}"))] if unit.phone else []
    return _M.Organisation(_M.OrganisationName(xml_text(unit.name)), *(_ident(i) for i in unit.identifiers), *phone)


def _worker(party: Party) -> Element:
    profession = [_M.TypeHealthcareProfessional(V=party.profession, DN=_profession(party.profession))]
    phone = [_M.TeleCom(_M.TeleAddress(V=f"tel:{party.phone}"))] if party.phone else []
    return _M.HealthcareProfessional(
        *(profession if party.profession else []),
        *_names(_M, party.name),
        *(_ident(i) for i in party.identifiers),
        *phone,
    )


def _patient(patient: Person) -> Element:
    born = [_M.DateOfBirth(patient.birth_date.isoformat())] if patient.birth_date else []
    sex = [_M.Sex(V=patient.sex, DN=_SEX[patient.sex])] if patient.sex in _SEX else []
    return _M.Patient(*_names(_M, patient.name), *born, *sex, *(_ident(i) for i in patient.identifiers[:1]))


def _names(make: ElementMaker, name: str) -> list[Element]:
    """Family and given name: the last word, and what stands before it. The schema wants both, the family name first."""
    given, _, family = xml_text(name).rpartition(" ")
    return [make.FamilyName(family), make.GivenName(given)] if family else []


def _ident(identifier: Identifier) -> Element:
    book, text = _IDENT.get(identifier.type, ("8116", identifier.type))
    system = identifier.system or VOLVEN + book
    return _M.Ident(_M.Id(identifier.value), _M.TypeId(V=identifier.type, S=system, DN=text))


def _document(message: DialogMessage) -> Element:
    content = _M.Content(_body(message))
    issued = _M.IssueDate(V=message.sent.isoformat(timespec="seconds"))
    return _M.Document(_M.RefDoc(issued, _M.MsgType(V="XML", DN="XML-instans"), content))


def _body(message: DialogMessage) -> Element:
    space = DIALOG_1_0 if message.version == "1.0" else DIALOG_1_1
    make = ElementMaker(namespace=space, nsmap={None: space})
    roles = [_role(make, contact) for contact in message.contacts]
    text = xml_text(message.text)
    if message.kind == DialogKind.REQUEST:
        purpose = make("Formål", V="2", S=VOLVEN + "9068", DN="Helsehjelp til pasient som har journal")
        subject = [make.EmneSporsmal(xml_text(message.subject))] if message.version == "1.1" and message.subject else []
        kind = _coded(make, "TypeForesp", message.theme)
        if message.version == "1.0" and message.subject:  # version 1.0 has no place for it
            text = f"{xml_text(message.subject)}\n{text}"
        return make.Dialogmelding(make.Foresporsel(kind, *subject, make.Sporsmal(text), purpose, *roles))
    asked = []
    if message.asked:
        quoted = _coded(make, "TypeForesp", Code("99", VOLVEN + "9152", "Annen henvendelse"))
        asked = [make.Foresporsel(quoted, make.Sporsmal(xml_text(message.asked)))]
    subject = [make.Tema(xml_text(message.subject))] if message.subject else []
    note = (_coded(make, "TemaKodet", message.theme), *subject, make.TekstNotatInnhold(text))
    return make.Dialogmelding(make.Notat(*note, *asked, *roles))


def _role(make: ElementMaker, contact: Contact) -> Element:
    role = [make.RoleToPatient(V=contact.role, S=VOLVEN + "9034", DN=_ROLES.get(contact.role, contact.role))]
    profession = [make.TypeHealthcareProfessional(V=contact.profession, DN=_profession(contact.profession))]
    number = [make.Ident(_F.Id(contact.hpr), _F.TypeId(V="HPR", S=VOLVEN + "8116", DN="HPR-nummer"))]
    phone = [make.TeleCom(_F.TeleAddress(V=f"tel:{contact.phone}"))]
    worker = make.HealthcareProfessional(
        *(profession if contact.profession else []),
        *_names(make, contact.name),
        *(number if contact.hpr else []),
        *(phone if contact.phone else []),
    )
    return make.RollerRelatertNotat(*(role if contact.role else []), worker)


def _coded(make: ElementMaker, tag: str, code: Code) -> Element:
    return make(tag, V=code.value, S=code.system, DN=code.text)


def _profession(code: str) -> str:
    return _PROFESSIONS.get(code, code)


def xml_text(text: str) -> str:
    """`text` without the control characters XML cannot carry; each becomes a space, so that no words run together."""
    return _NOT_XML.sub(" ", text)
