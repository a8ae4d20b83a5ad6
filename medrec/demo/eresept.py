"""The registry's and the GPs' messages as the demo writes them: M1, M9.6 with its M1s, M25.1, M25.3 inside M9.12."""

import base64
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import NAMESPACE_OID, uuid5

from lxml import etree
from lxml.builder import ElementMaker

from medrec.clock import OSLO
from medrec.demo import envelope
from medrec.demo.doses import SLOTS, Dose, number
from medrec.demo.envelope import Element, coded
from medrec.demo.people import HOME_CARE_HER, PHARMACY_HER, Doctor, Patient
from medrec.demo.said import ListedDrug, Prescription, SaidAllergy, Sources
from medrec.demo.sign import Signer

M1 = "http://www.kith.no/xmlstds/eresept/m1/2013-10-08"
FORSKRIVNING = "http://www.kith.no/xmlstds/eresept/forskrivning/2013-10-08"
M96 = "http://www.ehelse.no/xmlstds/eresept/m96/2021-02-01"
M251 = "http://www.kith.no/xmlstds/eresept/m251/2013-10-08"
M253 = "http://www.kith.no/xmlstds/eresept/m253/2013-10-08"
M912 = "http://www.ehelse.no/xmlstds/eresept/m912/2021-10-01"
UTLEVERING = "http://www.kith.no/xmlstds/eresept/utlevering/2013-10-08"
KI = "http://www.kith.no/xmlstds/eresept/ki/2013-04-25"
FK1 = "http://www.kith.no/xmlstds/felleskomponent1"
_M1 = ElementMaker(namespace=M1, nsmap={None: M1})
_FS = ElementMaker(namespace=FORSKRIVNING, nsmap={None: FORSKRIVNING})
_M96 = ElementMaker(namespace=M96, nsmap={None: M96})
_M912 = ElementMaker(namespace=M912, nsmap={None: M912})
_UT = ElementMaker(namespace=UTLEVERING, nsmap={None: UTLEVERING})
_KI = ElementMaker(namespace=KI, nsmap={None: KI})
_FK1 = ElementMaker(namespace=FK1, nsmap={None: FK1})
_USE = {"fixed": ("1", "Fast"), "course": ("2", "Kur"), "prn": ("3", "Ved behov")}
_STATUS = {
    "E": "Ekspederbar", "U": "Under ekspedering", "R": "Resept avsluttet", "T": "Tilbakekalt", "F": "Foreldet",
}  # fmt: skip
_RECALL = {"1": "Fornying", "2": "Seponering", "3": "Fornying med endring", "4": "Annen"}
_STOP = {"A": "Avsluttet behandling", "L": "Legemiddelreaksjon", "X": "Annen årsak"}
_PART_OF_DAY = {"morgen": ("1", "Morgen"), "middag": ("3", "Midt på dagen"), "kveld": ("5", "Kveld")}


def m1(patient: Patient, said: Prescription, signer: Signer) -> bytes:
    """One prescription, signed by its prescriber. Its id is the message's own MsgId."""
    root = envelope.message(
        ("ERM1", "Resept"),
        id_=said.id,
        at=_noon(said.written),
        sender=envelope.office(said.prescriber),
        receiver=envelope.registry(),
        patient=patient,
        body=_M1.Resept(
            _M1.Forskrivningsdato(said.written.isoformat()),
            _M1.Utloper(said.expires.isoformat()),
            _prescribed(said),
            _M1.OppdatertFest(_noon(said.written - timedelta(days=3)).isoformat()),
        ),
    )
    return signer.signed(root)


def m96(said: Sources, at: datetime, signer: Signer) -> bytes:
    """The registry's list to a prescriber, every prescription attached as its signed M1."""
    patient = said.patient
    listed = _M96.M96(_M96.PasientInfo(_M96.Fnr(patient.identifier)))
    if said.locked:
        listed.append(_M96.LastResept("true"))
    if said.prescriptions:
        listed.extend(_list_element(p) for p in said.prescriptions)
    else:
        listed.append(coded("StatusSok", "4", "Ingen resept på dette søk", make=_M96))
    return envelope.as_bytes(
        envelope.message(
            ("ERM96", "Reseptliste (rekvirent)"),
            id_=_uuid("m96", patient.identifier, at),
            at=at,
            sender=envelope.registry(),
            receiver=envelope.care_unit("Demo kommune, hjemmetjenesten", HOME_CARE_HER),
            patient=None,
            body=listed,
            containers=[m1(patient, p, signer) for p in said.prescriptions],
        )
    )


def m251(said: Sources, at: datetime) -> bytes:
    """The GP's list, sent by the GP's own system."""
    patient, gp = said.patient, said.patient.gp
    body = etree.Element(f"{{{M251}}}LegemidlerIBruk", nsmap={None: M251})
    make = ElementMaker(namespace=M251)
    body.extend([_role(make, "L", "LIB-ansvarlig lege", gp), _role(make, "F", "Fastlege", gp)])
    body.extend(_listed(make, line) for line in said.gp_list)
    body.extend(_allergy(a) for a in said.gp_allergies)
    return envelope.as_bytes(
        envelope.message(
            ("ERM251", "Varer i bruk"),
            id_=_uuid("m251", patient.identifier, at),
            at=at,
            sender=envelope.office(gp),
            receiver=envelope.registry(),
            patient=patient,
            body=body,
        )
    )


def m912(said: Sources, at: datetime) -> bytes:
    """The roll: what the pharmacy packed (M25.3), as the registry answers for a multidose patient."""
    patient, gp = said.patient, said.patient.gp
    inner = envelope.message(
        ("ERM253", "Varer i bruk"),
        id_=_uuid("m253", patient.identifier, at),
        at=at,
        sender=envelope.care_unit("Demo apotek multidose", PHARMACY_HER),
        receiver=envelope.registry(),
        patient=patient,
        body=_m253(said),
    )
    body = _M912.M912(
        _M912.Pasient(
            _M912.Fnr(patient.identifier),
            _M912.Multidoselege(
                _M912.HprNr(gp.hpr),
                _M912.Fornavn(gp.given),
                _M912.Etternavn(gp.family),
                _M912.OrgNavn(gp.office),
                _M912.HerId(gp.her_id),
            ),
            _M912.VarerIBrukB64(base64.b64encode(envelope.as_bytes(inner)).decode()),
        )
    )
    return envelope.as_bytes(
        envelope.message(
            ("ERM912", "Nedlasting av PLL"),
            id_=_uuid("m912", patient.identifier, at),
            at=at,
            sender=envelope.registry(),
            receiver=envelope.care_unit("Demo kommune, hjemmetjenesten", HOME_CARE_HER),
            patient=None,
            body=body,
        )
    )


def _prescribed(said: Prescription | ListedDrug) -> Element:
    """ReseptDokLegemiddel: how much may be handed over, and the Forskrivning."""
    return _M1.ReseptDokLegemiddel(
        coded("Varegruppekode", "L", "Legemiddel", make=_M1),
        _M1.Antall("1"),
        _M1.KomLegemdlAdm(HOME_CARE_HER),
        _M1.Reiterasjon("3"),
        _forskrivning(said),
    )


def _forskrivning(said: Prescription | ListedDrug) -> Element:
    drug = said.drug
    forskrivning = _FS.Forskrivning()
    if said.indication:
        forskrivning.append(_FS.Bruksomrade(said.indication.upper()))
    forskrivning.append(_FS.DosVeiledEnkel(said.text))
    forskrivning.append(coded("Bruk", *_USE[said.use], make=_FS))
    dosing = _structured(said.dose, said.written if isinstance(said, Prescription) else said.started)
    if dosing is not None:
        forskrivning.append(dosing)
    package = _FS.Legemiddelpakning()
    if drug.atc:
        package.append(coded("Atc", drug.atc, drug.atc_name or drug.atc, make=_FS, book="7180"))
    package.append(_FS.NavnFormStyrke(drug.name))
    package.append(coded("Reseptgruppe", "C", "Reseptgruppe C", make=_FS))
    package.append(coded("LegemiddelformKort", drug.form_code, drug.form_text, make=_FS, book="7448"))
    package.append(_FS.Varenr(str(drug.varenr)))
    forskrivning.append(package)
    return forskrivning


def _structured(dose: Dose, start: date) -> Element | None:
    """Dosering for plain daily doses; other doses travel as text alone, as they mostly do."""
    if not dose.slots or dose.slots[3] or dose.daily_by_mistake:
        return None
    dosing = _FS.Dosering(_FS("Starttidspunkt", V=start.isoformat()))
    for slot, amount in zip(SLOTS, dose.slots, strict=True):
        if amount:
            dosing.append(
                _FS.DoseFastTidspunkt(
                    _FS("Mengde", V=number(amount).replace(",", "."), U=dose.unit),
                    _FS("Intervall", V="1", U="Døgn"),
                    coded("Tidsomrade", *_PART_OF_DAY[slot], make=_FS),
                    _FS.GisEksakt("false"),
                )
            )
    return dosing


def _list_element(said: Prescription) -> Element:
    element = _M96.Listeelement(
        _M96.ReseptId(said.id),
        coded("Status", said.status, _STATUS[said.status], make=_M96),
    )
    if said.recall:
        day, reason = said.recall
        element.append(
            _M96.Tilbakekalling(
                _M96.Tidspunkt(_noon(day).isoformat()), coded("Arsak", reason, _RECALL[reason], make=_M96)
            )
        )
    if said.replaced_by or said.previous:
        chain = _M96.Fornying()
        chain.extend(
            _M96(tag, id_) for tag, id_ in (("NyReseptId", said.replaced_by), ("ForrigeReseptId", said.previous)) if id_
        )
        element.append(chain)
    if said.handed_over:
        element.append(
            _M96.Utlevering(
                _M96.Varenr(str(said.drug.varenr)),
                _M96.NavnFormStyrke(said.drug.name),
                _M96.AntallPakningerUtlevertTotalt("1"),
                _M96.AntallPakningerUtlevertSiste("1"),
                _M96.TidspunktSisteUtlevering(_noon(said.handed_over).isoformat()),
            )
        )
    return element


def _listed(make: ElementMaker, line: ListedDrug, *, changes: bool = True) -> Element:
    """One EnkeltoppforingLIB; its drug lies inside as Base64."""
    entry = make.EnkeltoppforingLIB(make.Id(line.id))
    if line.prescription:
        entry.append(coded("Type", "E", "Eresept", make=make))
        entry.append(make.ReseptId(line.prescription.id))
        entry.append(make.UtlopsdatoResept(line.prescription.expires.isoformat()))
    else:
        entry.append(coded("Type", "U", "Uten resept", make=make))
    entry.append(make.SistEndret(line.changed.isoformat(timespec="seconds")))
    entry.append(make.DatoOppstart(line.started.isoformat()))
    if line.decided and changes:
        entry.append(make.MedEndring("true"))
    entry.append(_role(make, "R", "Rekvirent", line.prescriber))
    entry.append(make.ReseptDokLegemiddelB64(base64.b64encode(etree.tostring(_prescribed(line))).decode()))
    if line.stopped and changes:
        day, reason = line.stopped
        entry.append(
            make.Seponering(make.Tidspunkt(_noon(day).isoformat()), coded("Arsak", reason, _STOP[reason], make=make))
        )
    return entry


def _m253(said: Sources) -> Element:
    body = etree.Element(f"{{{M253}}}LegemidlerIBruk", nsmap={None: M253})
    make = ElementMaker(namespace=M253)
    body.append(_role(make, "M", "Multidoseansvarlig lege", said.patient.gp))
    body.extend(_packed(make, line, said) for line in said.roll)
    return body


def _packed(make: ElementMaker, line: ListedDrug, said: Sources) -> Element:
    """A line of the roll: as on the list, that it is packed, and from when to when the present roll lasts."""
    entry = _listed(make, line, changes=False)
    started = entry.find(f"{{{M253}}}DatoOppstart")
    if started is not None:
        started.addnext(coded("InngarMultidose", "1", "Ja", make=make))
    if said.packed and said.next_roll:
        entry.append(
            make.SisteUtlevering(
                make.RefM10(_uuid("m10", line.id, said.packed)),
                make.DatoForsteDose(said.packed.isoformat()),
                make.DatoSisteDose((said.next_roll - timedelta(days=1)).isoformat()),
                make.UtleveringB64(base64.b64encode(etree.tostring(_handed_over(line, said.packed))).decode()),
            )
        )
    return entry


def _handed_over(line: ListedDrug, packed: date) -> Element:
    return _UT.Utlevering(
        _UT.ReseptId(line.prescription.id if line.prescription else line.id),
        _UT.Utleveringsdato(packed.isoformat()),
        _UT.Annullering("false"),
        _UT.Utleverer(
            _UT.HerId(_FK1.Id(PHARMACY_HER), coded("TypeId", "HER", "HER-id", make=_FK1, book="9051")),
            _UT.Navn("Demo apotek multidose"),
        ),
    )


def _role(make: ElementMaker, role: str, text: str, doctor: Doctor) -> Element:
    return make.Rolle(
        coded("Rolle", role, text, make=make),
        make.Helseperson(
            make.HprId(_FK1.Id(doctor.hpr), coded("TypeId", "HPR", "HPR-nummer", make=_FK1, book="8116")),
            make.Fornavn(doctor.given),
            make.Etternavn(doctor.family),
        ),
    )


def _allergy(said: SaidAllergy) -> Element:
    return _KI.Allergi(
        coded("Reaksjon", "11", "Mindre alvorlig hudreaksjon", make=_KI, book="7497"),
        _KI.Kommentar(said.text),
        _KI.Oppdatert(_noon(said.on).isoformat()),
        coded("Kilde", "5", "Hentet fra tidligere journal", make=_KI, book="7498"),
        _KI.Legemiddelreaksjon(
            coded("Atc", said.atc, said.substance, make=_KI, book="7180"), _KI.Virkestoff(said.substance)
        ),
    )


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), OSLO)


def _uuid(*parts: object) -> str:
    return str(uuid5(NAMESPACE_OID, "/".join(map(str, parts))))


def messages(said: Sources, at: datetime, signer: Signer, *, registry: bool = True) -> Iterable[bytes]:
    """All that the registry (unless it is asked by SFM) and the GP's system say about this patient."""
    if registry and not said.registry_silent:
        yield m96(said, at, signer)
    if registry and said.roll:
        yield m912(said, at)
    if not said.gp_silent:
        yield m251(said, at)
