"""Whole messages of our own making, in the shapes the registry, the GPs, the hospital and the journal send them."""

import base64
import json
from xml.sax.saxutils import escape

from told import number

KITH = "http://www.kith.no/xmlstds/eresept/"
EHELSE = "http://www.ehelse.no/xmlstds/eresept/"
EPJ = "http://www.kith.no/xmlstds/epj"
HEAD = "http://www.kith.no/xmlstds/msghead/2006-05-24"
FK1 = "http://www.kith.no/xmlstds/felleskomponent1"
META = f'xmlns:m1="{EPJ}/meta/2008-02-20"'
FORMS = {
    "tab": "53",
    "depottab": "25",
    "kaps": "32",
    "enterotab": "28",
    "inj": "101",
    "gel": "29",
}
NUMBER = number(11)
NONE = '<StatusSok V="4" DN="Ingen resept"/>'


def b64(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def key(serial):
    return f"7a7a7a7a-0000-4000-8000-{serial:012d}"


def unit(name, her, hpr="", doctor="Vik, Astrid"):
    family, given = doctor.split(", ")
    who = (
        f"<HealthcareProfessional><FamilyName>{family}</FamilyName><GivenName>{given}</GivenName><Ident><Id>{hpr}</Id>"
        '<TypeId V="HPR" S="2.16.578.1.12.4.1.1.8116" DN="HPR-nummer"/></Ident></HealthcareProfessional>'
    )
    return (
        f"<Organisation><OrganisationName>{name}</OrganisationName><Ident><Id>{her}</Id><TypeId V='HER' DN='HER-id'/>"
        f"</Ident>{who if hpr else ''}</Organisation>"
    )


REGISTRY = unit("Reseptformidleren", "80624")
OFFICE = unit("Fjordgata legekontor", "8010201", "9100011")
OTHER_OFFICE = unit("Byporten legesenter", "8010999", "9100099", "Moe, Geir")


def envelope(
    kind, *bodies, sender=REGISTRY, serial=9000, made="2026-03-01T08:00:00.1234567+01:00", about=True, refer=""
):
    who = (
        f"<Patient><FamilyName>Øvre-Ås</FamilyName><GivenName>Ragnhild</GivenName><Ident><Id>{NUMBER}</Id>"
        "<TypeId V='FNR' S='2.16.578.1.12.4.1.1.8116' DN='Fødselsnummer'/></Ident></Patient>"
    )
    both = f"<RefToParent>{refer}</RefToParent><RefToConversation>{refer}</RefToConversation>"
    reference = f"<ConversationRef>{both}</ConversationRef>"
    documents = "".join(
        f"<Document><RefDoc><MsgType V='XML' DN='XML-instans'/><Content>{b}</Content></RefDoc></Document>"
        for b in bodies
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><MsgHead xmlns="{HEAD}"><MsgInfo><Type V="{kind}" DN="{kind}"/>'
        f"<MIGversion>v1.2 2006-05-24</MIGversion><GenDate>{made}</GenDate><MsgId>{key(serial)}</MsgId>"
        f"{reference if refer else ''}<Sender>{sender}</Sender><Receiver>{REGISTRY}</Receiver>{who if about else ''}"
        f"</MsgInfo>{documents}</MsgHead>"
    ).encode()


def drug(name, dose, atc="", form="tab", *, use="1", varenr="", ns="", magistral=""):
    """ReseptDokLegemiddel: one medicine as it is prescribed."""
    told_atc = f"<Atc V='{atc}' S='2.16.578.1.12.4.1.1.7180' DN='{atc}'/>" if atc else ""
    text = "" if dose is None else f"<DosVeiledEnkel>{escape(dose)}</DosVeiledEnkel>"
    level = "Legemiddelpakning" if varenr else "LegemiddelMerkevare"
    block = magistral or (
        f"<{level}>{told_atc}<NavnFormStyrke>{escape(name)}</NavnFormStyrke><Reseptgruppe V='C' DN='C'/>"
        f"<LegemiddelformKort V='{FORMS[form]}' S='2.16.578.1.12.4.1.1.7448' DN='{form}'/>"
        + (f"<Varenr>{varenr}</Varenr>" if varenr else f"<Varenavn>{escape(name.split()[0])}</Varenavn>")
        + f"</{level}>"
    )
    space = f" xmlns='{ns}'" if ns else ""
    return (
        f"<ReseptDokLegemiddel{space}><Varegruppekode V='L' DN='Legemiddel'/>"
        f"<Antall>1</Antall><Reiterasjon>3</Reiterasjon><Forskrivning xmlns='{KITH}forskrivning/2013-10-08'>{text}"
        f"<Bruk V='{use}' DN='x'/>{block}</Forskrivning></ReseptDokLegemiddel>"
    )


SUPPLY = (
    "<ReseptDokHandelsvare><Varegruppekode V='A' DN='Annet'/><Antall>2</Antall>"
    f"<MedForbMatr xmlns='{KITH}forskrivning/2013-10-08'><Nr>800777</Nr><Navn>Teststrimler</Navn></MedForbMatr>"
    "</ReseptDokHandelsvare>"
)


def m1(serial, what, on="2025-11-10", to="2026-11-10", sender=OFFICE):
    body = (
        f"<Resept xmlns='{KITH}m1/2013-10-08'><Forskrivningsdato>{on}</Forskrivningsdato><Utloper>{to}</Utloper>"
        f"{what}<OppdatertFest>2025-10-15T06:00:00</OppdatertFest></Resept>"
    )
    return envelope("ERM1", body, sender=sender, serial=serial, made=f"{on}T10:00:00+01:00")


def rx(serial, what, status="E", inside="", **dates):
    """A prescription of the registry's list: its element and its M1."""
    element = f"<Listeelement><ReseptId>{key(serial)}</ReseptId><Status V='{status}' DN='x'/>{inside}</Listeelement>"
    return element, m1(serial, what, **dates)


def recall(reason, at="2026-02-20T10:00:00+01:00"):
    return f"<Tilbakekalling><Tidspunkt>{at}</Tidspunkt><Arsak V='{reason}' DN='x'/></Tilbakekalling>"


def given_out(name, varenr, on, total="1"):
    return (
        f"<Utlevering><Varenr>{varenr}</Varenr><NavnFormStyrke>{name}</NavnFormStyrke><Pakningsstr V='100' U='stk'/>"
        f"<AntallPakningerUtlevertTotalt>{total}</AntallPakningerUtlevertTotalt><AntallPakningerUtlevertSiste>1"
        f"</AntallPakningerUtlevertSiste><TidspunktSisteUtlevering>{on}T00:00:00.000+01:00</TidspunktSisteUtlevering></Utlevering>"
    )


def registry(*prescriptions, marks="", missing=()):
    """M9.6 of 2021, each prescription attached as Base64."""
    elements = "".join(e for e, _ in prescriptions)
    body = (
        f"<M96 xmlns='{EHELSE}m96/2021-02-01'><PasientInfo><Fnr>{NUMBER}</Fnr></PasientInfo>{marks}"
        f"{elements or NONE}</M96>"
    )
    space = "http://www.kith.no/xmlstds/base64container"
    packed = [
        f"<Base64Container xmlns='{space}'>{b64(m)}</Base64Container>"
        for i, (_, m) in enumerate(prescriptions)
        if i not in missing
    ]
    return envelope("ERM96", body, *packed, about=False, serial=9096)


def role(kind, hpr="9100011"):
    who = f"<Id xmlns='{FK1}'>{hpr}</Id><TypeId xmlns='{FK1}' V='HPR' DN='HPR'/>"
    return (
        f"<Rolle><Rolle V='{kind}' DN='x'/><Helseperson><HprId>{who}</HprId><Fornavn>Astrid</Fornavn>"
        "<Etternavn>Vik</Etternavn></Helseperson></Rolle>"
    )


def entry(serial, what, *, changed="2025-11-10", prescription=0, stop=""):
    """EnkeltoppforingLIB."""
    link = f"<Type V='E' DN='E'/><ReseptId>{key(prescription)}</ReseptId>" if prescription else "<Type V='U' DN='U'/>"
    end = f"<Seponering><Tidspunkt>{stop}T00:00:00+01:00</Tidspunkt><Arsak V='A' DN='x'/></Seponering>"
    return (
        f"<EnkeltoppforingLIB><Id>{key(5000 + serial)}</Id>{link}<SistEndret>{changed}T12:00:00+01:00</SistEndret>"
        f"{role('R')}<ReseptDokLegemiddelB64>{b64(what)}</ReseptDokLegemiddelB64>{end if stop else ''}"
        "</EnkeltoppforingLIB>"
    )


M1 = KITH + "m1/2013-10-08"


def on_list(*words, **more):
    """A medicine as an entry of M25.1 holds it."""
    return drug(*words, **more, ns=M1)


def reaction(atc, substance):
    return (
        f"<Allergi xmlns='{KITH}ki/2013-04-25'><Reaksjon V='1' DN='x'/><Oppdatert>2025-01-05T12:00:00+01:00</Oppdatert>"
        f"<Kilde V='2' DN='x'/><Legemiddelreaksjon><Atc V='{atc}' DN='x'/><Virkestoff>{substance}</Virkestoff>"
        "</Legemiddelreaksjon></Allergi>"
    )


def doctors_list(*entries, sender=OFFICE, kind="1", serial=9251, made="2026-03-01T08:00:00+01:00", extra=""):
    space = f"{KITH}m25{kind}/2013-10-08"
    body = f"<LegemidlerIBruk xmlns='{space}'>{role('L')}{role('F')}{''.join(entries)}{extra}</LegemidlerIBruk>"
    return envelope(f"ERM25{kind}", body, sender=sender, serial=serial, made=made)


def shared(*lists, inside=""):
    packed = "".join(f"<VarerIBrukB64>{b64(m)}</VarerIBrukB64>" for m in lists)
    body = f"<M912 xmlns='{EHELSE}m912/2021-10-01'><Pasient><Fnr>{NUMBER}</Fnr>{inside}{packed}</Pasient></M912>"
    return envelope("ERM912", body, about=False, serial=9912)


def dispensed(serial, prescription, what, on, annuls=0):
    her = f"<HerId><Id xmlns='{FK1}'>8010303</Id><TypeId xmlns='{FK1}' V='HER' DN='HER'/></HerId>"
    body = (
        f"<Utleveringsrapport xmlns='{KITH}m10/2013-10-08'><Utlevering xmlns='{KITH}utlevering/2013-10-08'>"
        f"<ReseptId>{key(prescription)}</ReseptId><Utleveringsdato>{on}</Utleveringsdato>"
        f"<Annullering>{'true' if annuls else 'false'}</Annullering>"
        + (f"<AnnulleringsId>{key(annuls)}</AnnulleringsId>" if annuls else "")
        + f"{what}<Utleverer>{her}<Navn>Torget apotek</Navn></Utleverer></Utlevering>"
        "<ReservasjonRapportFastlege>false</ReservasjonRapportFastlege><AnsattId>9100777</AnsattId></Utleveringsrapport>"
    )
    return envelope("ERM10", body, serial=serial, made=f"{on}T15:00:00+01:00")


def revocation(serial, prescription, reason, new=0, made="2026-02-20T10:00:00+01:00"):
    body = (
        f"<Tilbakekalling xmlns='{KITH}m5/2013-04-16'><ReseptId>{key(prescription)}</ReseptId>"
        f"<Arsak V='{reason}' S='2.16.578.1.12.4.1.1.7500' DN='x'/>"
        + (f"<NyReseptId>{key(new)}</NyReseptId>" if new else "")
        + "</Tilbakekalling>"
    )
    return envelope("ERM5", body, sender=OFFICE, serial=serial, made=made)


def info(name, dose="", atc="", strength="", form="", use="", status=""):
    """Legemiddelinfo of municipal care messages and extracts."""
    value, _, of = strength.partition(" ")
    inside = (
        (f"<DosVeiledEnkel>{escape(dose)}</DosVeiledEnkel>" if dose else "")
        + f"<Navn>{escape(name)}</Navn>"
        + (f"<Atc V='{atc}' DN='{atc}'/>" if atc else "")
        + (f"<Legemiddelform V='{FORMS[form]}' DN='{form}'/>" if form else "")
        + (f"<Styrke V='{value}' U='{of}'/>" if strength else "")
        + (f"<Bruk V='{use}' DN='x'/>" if use else "")
    )
    state = f"<StatusTilForskrivningen V='{status}' DN='x'/>" if status else ""
    return (
        f"<Legemiddelinfo xmlns='{EPJ}/epj3/2008-02-20' {META} m1:basiskomponenttype='EPJ dokument' "
        "m1:komponenttype='2.16.578.1.12.4.1.6.13.10301.0' komponentID='k1'><ForenkletForskrivning>"
        f"{state}<Forskrivningsinfo>{inside}</Forskrivningsinfo></ForenkletForskrivning></Legemiddelinfo>"
    )


CARE = {
    "MEDISINSKE_OPPLYSNINGER": ("OverforingMedisinskeOpplysninger", "MedisinskeOpplysninger"),
    "MEDISINSKE_OPPLYSNINGER 1.5": ("OverforingMedisinskeOpplysninger", "OverforingMedisinskeOpplysninger"),
    "UTSKRIVNINGSRAPPORT": ("TverrfagligEpikrise", "TverrfagligEpikrise"),
    "INNLEGGELSESRAPPORT": ("Innleggelsesrapport", "Innleggelsesrapport"),
    "HELSEOPPLYSNINGER_LEGE": ("Konsultasjon", "HelseopplysningerTilLege"),
}


def care(kind, *lines, status="N", made="2026-02-25T13:00:00", serial=9700, refer=""):
    root, name = CARE[kind]
    version = "2009-06-30" if kind.endswith("1.5") else "2012-04-01"
    body = (
        f"<p:{root} xmlns:p='http://www.kith.no/xmlstds/po/{name}/{version}' "
        f"xmlns='http://www.kith.no/xmlstds/po/poKomponent/{version}'><InformasjonOmForsendelsen>"
        f"<Forsendelsesstatus V='{status}' DN='x'/></InformasjonOmForsendelsen>{''.join(lines)}</p:{root}>"
    )
    return envelope(kind.split()[0], body, sender=OFFICE, serial=serial, made=made, refer=refer and key(refer))


def extract(*lines, made="2026-02-26T09:00:00"):
    body = (
        f"<Legemidler xmlns='{EPJ}/epj3/2008-02-20' {META} m1:basiskomponenttype='EPJ sak' "
        f"m1:komponenttype='2.16.578.1.12.4.1.6.14.50302.0' komponentID='k0'>{''.join(lines)}</Legemidler>"
    )
    return envelope("EPJ-EKSTRAKT", body, sender=OFFICE, serial=9150, made=made)


def summary(*drugs, made="2026-02-24T12:00:00"):
    """Discharge summary 1.2; a drug is (name, atc, dose text, status code, form)."""
    items = "".join(
        f"<InfItem><Medication><DrugId V='{atc}' DN='{name}' S='2.16.578.1.12.4.1.1.7180'/>"
        f"<Status V='{status}' DN='x'/><DosageText>{dose}</DosageText></Medication><Type V='MEDB' DN='x'/></InfItem>"
        for name, atc, dose, status in drugs
    )
    return (
        "<Message xmlns='http://www.kith.no/xmlstds/epikrise/2012-02-15'><Type V='EPIKRISE' DN='Epikrise'/>"
        f"<MIGversion>v1.2 2012-02-15</MIGversion><GenDate V='{made}'/><MsgId>{key(9400)}</MsgId><ServRprt>"
        f"<ServType V='N' DN='Ny'/><IssueDate V='{made}'/><Event><ServType V='N' DN='Ny'/>{items}</Event>"
        f"<Patient><Name>Øvre-Ås, Ragnhild</Name><OffId>{NUMBER}</OffId><TypeOffId V='FNR' DN='x'/></Patient>"
        "<ServProvider><HCP><Inst><Name>Fylkessykehuset</Name><Id>8010404</Id><TypeId V='HER' DN='x'/></Inst></HCP>"
        "</ServProvider></ServRprt></Message>"
    ).encode()


ATC = "http://www.whocc.no/atc"
CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"


def order(
    serial,
    name,
    text,
    atc="",
    category="community",
    intent="order",
    status="active",
    on="2026-02-24",
    coding=(),
    **more,
):
    coded = [{"system": ATC, "code": atc, "display": name}] if atc else []
    return {
        "resourceType": "MedicationRequest",
        "id": f"mr{serial}",
        "identifier": [{"system": "urn:oid:1.2.840.114350.1.13.777.1.7.2.798268", "value": f"88{serial}"}],
        "status": status,
        "intent": intent,
        "category": [{"coding": [{"system": CATEGORY, "code": category}]}],
        "medicationCodeableConcept": {"text": name, "coding": [*coded, *coding]},
        "subject": {"reference": "Patient/px", "display": "Øvre-Ås, Ragnhild"},
        "authoredOn": on,
        "dosageInstruction": [{"text": text, "patientInstruction": text}] if text else [],
    } | more


PATIENT = {
    "resourceType": "Patient",
    "id": "px",
    "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": NUMBER}],
    "name": [{"family": "Øvre-Ås", "given": ["Ragnhild"]}],
}


def journal(*orders, more=()):
    entries = [
        {"fullUrl": f"https://r4.example.no/{o['resourceType']}/{o['id']}", "resource": o, "search": {"mode": "match"}}
        for o in orders
    ]
    entries += [
        {"fullUrl": f"https://r4.example.no/x/{i}", "resource": m, "search": {"mode": "include"}}
        for i, m in enumerate([PATIENT, *more])
    ]
    link = [{"relation": "self", "url": "https://r4.example.no/MedicationRequest?patient=px&_count=50"}]
    told = {"resourceType": "Bundle", "type": "searchset", "total": len(orders), "link": link, "entry": entries}
    return json.dumps(told, ensure_ascii=False).encode()


def home(
    *lines, source="HP", kinds=("hjemmeliste", "lokalt"), as_of="2026-03-01T10:00:00+01:00", reach="whole", **more
):
    """The home list in the neutral form; a line is (name, atc, strength, dose text) and more by name."""
    statements = []
    for name, atc, strength, dose, *rest in lines:
        told = {"kind": "hjemmeliste", "name": name, "dose_text": dose, "status": "active", "recorded": "2026-01-05"}
        told |= {k: v for k, v in (("atc", atc), ("strength", strength)) if v} | (rest[0] if rest else {})
        statements.append(told)
    told = {
        "medrec": "1", "source": source, "source_system": "", "as_of": as_of, "reach": reach, "kinds": list(kinds),
        "person": {"identifier": NUMBER, "name": "Ragnhild Øvre-Ås"}, "statements": statements, **more,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False).encode()


def rolled(serial, what, prescription, first="2026-03-02", last="2026-03-15", given="2026-02-23"):
    """An entry of M25.3: packed by the pharmacy, with its last dispensing."""
    her = f"<HerId><Id xmlns='{FK1}'>8010303</Id><TypeId xmlns='{FK1}' V='HER' DN='HER'/></HerId>"
    handed = (
        f"<Utlevering xmlns='{KITH}utlevering/2013-10-08'><ReseptId>{key(prescription)}</ReseptId>"
        f"<Utleveringsdato>{given}</Utleveringsdato><Annullering>false</Annullering>{what}"
        f"<Utleverer>{her}<Navn>Torget apotek</Navn></Utleverer></Utlevering>"
    )
    packed = (
        f"<SisteUtlevering><DatoForsteDose>{first}</DatoForsteDose><DatoSisteDose>{last}</DatoSisteDose>"
        f"<UtleveringB64>{b64(handed)}</UtleveringB64></SisteUtlevering></EnkeltoppforingLIB>"
    )
    line = entry(serial, what, prescription=prescription)
    line = line.replace(role("R"), "<InngarMultidose V='1' DN='Ja'/>" + role("R"))
    return line.replace("</EnkeltoppforingLIB>", packed)
