"""The envelope of the messages the demo writes: MsgHead with sender, receiver, patient and documents."""

import base64
from collections.abc import Iterable
from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker

from medrec.demo.people import Doctor, Patient

MSGHEAD = "http://www.kith.no/xmlstds/msghead/2006-05-24"
BASE64 = "http://www.kith.no/xmlstds/base64container"
VOLVEN = "2.16.578.1.12.4.1.1."
Element = etree._Element  # noqa: SLF001 - lxml's public name for its elements
_E = ElementMaker(namespace=MSGHEAD, nsmap={None: MSGHEAD})


def coded(tag: str, value: str, text: str, *, make: ElementMaker, book: str = "") -> Element:
    """A CS (`V`, `DN`), or a CV with `S` where `book` is the number of its code list."""
    system = {"S": VOLVEN + book} if book else {}
    return make(tag, {"V": value} | system | {"DN": text})


def registry() -> Element:
    """Reseptformidleren as sender or receiver."""
    return _E.Organisation(
        _E.OrganisationName("Reseptformidleren"),
        _ident("915933149", "ENH", "9051", "Organisasjonsnummeret i Enhetsregister"),
        _ident("80624", "HER", "9051", "HER-id"),
    )


def office(doctor: Doctor) -> Element:
    """A doctor in their office as sender or receiver."""
    return _E.Organisation(
        _E.OrganisationName(doctor.office),
        _ident(doctor.org_number, "ENH", "9051", "Organisasjonsnummeret i Enhetsregister"),
        _ident(doctor.her_id, "HER", "9051", "HER-id"),
        _E.TeleCom(coded("TypeTelecom", "HP", "Hovedtelefon", make=_E), _E("TeleAddress", V=f"tel:{doctor.phone}")),
        _E.HealthcareProfessional(
            coded("TypeHealthcareProfessional", "LE", "Lege", make=_E),
            _E.FamilyName(doctor.family),
            _E.GivenName(doctor.given),
            _ident(doctor.hpr, "HPR", "8116", "HPR-nummer"),
        ),
    )


def care_unit(name: str, her_id: str) -> Element:
    """A municipal unit as sender or receiver."""
    return _E.Organisation(_E.OrganisationName(name), _ident(her_id, "HER", "9051", "HER-id"))


def message(
    kind: tuple[str, str],
    *,
    id_: str,
    at: datetime,
    sender: Element,
    receiver: Element,
    patient: Patient | None,
    body: Element,
    containers: Iterable[bytes] = (),
) -> Element:
    """One MsgHead: the body as main document, each container as a Base64 document after it."""
    info = _E.MsgInfo(
        coded("Type", *kind, make=_E),
        _E.MIGversion("v1.2 2006-05-24"),
        _E.GenDate(at.isoformat(timespec="seconds")),
        _E.MsgId(id_),
        _E.Sender(sender),
        _E.Receiver(receiver),
    )
    if patient:
        info.append(_patient(patient))
    return _E.MsgHead(info, _document(body), *(_document(_container(raw)) for raw in containers))


def as_bytes(root: Element) -> bytes:
    """UTF-8 with declaration, as messages travel."""
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _patient(patient: Patient) -> Element:
    return _E.Patient(
        _E.FamilyName(patient.family),
        _E.GivenName(patient.given),
        _E.DateOfBirth(patient.birth_date.isoformat()),
        coded("Sex", patient.sex, "Mann" if patient.sex == "1" else "Kvinne", make=_E),
        _ident(patient.identifier, "FNR", "8116", "Fødselsnummer"),
    )


def _ident(value: str, kind: str, book: str, text: str) -> Element:
    return _E.Ident(_E.Id(value), coded("TypeId", kind, text, make=_E, book=book))


def attached(raw: bytes, description: str) -> Element:
    """A further document of a message: another message, in Base64."""
    kind = coded("MsgType", "A", "Vedlegg", make=_E)
    told = (_E.MimeType("application/xml"), _E.Description(description))
    return _E.Document(_E.RefDoc(kind, *told, _E.Content(_container(raw))))


def _document(content: Element) -> Element:
    return _E.Document(_E.RefDoc(coded("MsgType", "XML", "XML-instans", make=_E), _E.Content(content)))


def _container(raw: bytes) -> Element:
    container = etree.Element(f"{{{BASE64}}}Base64Container", nsmap={None: BASE64})
    container.text = base64.b64encode(raw).decode()
    return container
