"""E-prescription messages of our own making, in the shapes the schemas give them. Persons and numbers are synthetic."""

import base64
from xml.sax.saxutils import escape, quoteattr

from stdnum.no import fodselsnummer

KITH = "http://www.kith.no/xmlstds/eresept/"
EHELSE = "http://www.ehelse.no/xmlstds/eresept/"
MSGHEAD = "http://www.kith.no/xmlstds/msghead/2006-05-24"
FK1 = "http://www.kith.no/xmlstds/felleskomponent1"


def number(day: int, month: int, year: int, individual: int) -> str:
    """A synthetic fødselsnummer: 80 added to the month, check digits right. Adds to `individual` until they exist."""
    while True:
        nine = f"{day:02d}{month + 80:02d}{year % 100:02d}{individual:03d}"
        first = fodselsnummer.calc_check_digit1(nine)
        second = fodselsnummer.calc_check_digit2(nine + first) if first != "-" else "-"
        if "-" not in first + second:
            return nine + first + second
        individual += 1


OLA, KARI = number(12, 4, 1941, 301), number(3, 11, 1938, 402)
RX = "11111111-0000-4000-8000-{:012d}"
LINE = "22222222-0000-4000-8000-{:012d}"


def tag(name: str, *inside: str | None, ns: str = "", **attributes: str) -> str:
    """One element; `None` children are left out."""
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    space = f' xmlns="{ns}"' if ns else ""
    return f"<{name}{space}{said}>{''.join(i for i in inside if i)}</{name}>"


def word(name: str, text: object | None) -> str | None:
    return None if text is None else f"<{name}>{escape(str(text))}</{name}>"


def code(name: str, value: str, text: str = "", system: str = "") -> str:
    more = {"S": system} if system else {}
    return tag(name, V=value, DN=text or value, **more)


def ident(value: str, kind: str) -> str:
    return tag("Ident", word("Id", value), code("TypeId", kind))


def organisation(name: str, her: str, hpr: str = "", doctor: str = "") -> str:
    family, _, given = doctor.partition(", ")
    worker = tag("HealthcareProfessional", word("FamilyName", family), word("GivenName", given), ident(hpr, "HPR"))
    return tag("Organisation", word("OrganisationName", name), ident(her, "HER"), worker if hpr else None)


RF = organisation("Reseptformidleren", "80624")
OFFICE = organisation("Lillevik legesenter", "8000101", "9000001", "Berg, Anne")


def patient(fnr: str = OLA, kind: str = "FNR") -> str:
    return tag(
        "Patient",
        word("FamilyName", "Prøve"),
        word("GivenName", "Ola"),
        tag("Sex", V="1", DN="Mann"),
        ident(fnr, kind),
    )


def document(body: str, compression: str = "") -> str:
    packed = tag("Compression", V=compression, DN=compression) if compression else None
    return tag("Document", tag("RefDoc", code("MsgType", "XML", "XML-instans"), packed, tag("Content", body)))


def container(raw: bytes) -> str:
    text = base64.b64encode(raw).decode()
    return tag("Base64Container", text, ns="http://www.kith.no/xmlstds/base64container")


def message(
    kind: str,
    *documents: str,
    msg_id: str = "99999999-0000-4000-8000-000000000001",
    made: str = "2026-03-02T09:15:00.1234567+01:00",
    sender: str = RF,
    about: str | None = None,
    conversation: str | None = None,
) -> bytes:
    """A whole MsgHead."""
    reference = conversation and tag(
        "ConversationRef", word("RefToParent", conversation), word("RefToConversation", conversation)
    )
    info = tag(
        "MsgInfo",
        code("Type", kind),
        word("MIGversion", "v1.2 2006-05-24"),
        word("GenDate", made),
        word("MsgId", msg_id),
        reference,
        tag("Sender", sender),
        tag("Receiver", RF),
        about,
    )
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + tag("MsgHead", info, *documents, ns=MSGHEAD)
    return text.encode()


def dosering(*given: str, starts: str = "", ends: str = "") -> str:
    return tag(
        "Dosering",
        tag("Starttidspunkt", V=starts) if starts else None,
        tag("Sluttidspunkt", V=ends) if ends else None,
        *given,
    )


def fixed(
    amount: str, unit: str = "tablett", *, part: str = "", clock: str = "", every: str = "", days: str = ""
) -> str:
    """One DoseFastTidspunkt; `every` like "2 Døgn", `days` digits of list 9082."""
    count, _, period = every.partition(" ")
    return tag(
        "DoseFastTidspunkt",
        tag("Mengde", V=amount, U=unit),
        tag("Intervall", V=count, U=period) if every else None,
        word("Klokkeslett", clock or None),
        code("Tidsomrade", part) if part else None,
        word("GisEksakt", "false"),
        tag("FastDose", *(code("FasteUkedager", d) for d in days)) if days else None,
    )


def needed(amount: str, most: str, unit: str = "tablett", span: str = "0") -> str:
    return tag(
        "DoseEtterBehov",
        tag("Mengde", V=amount, U=unit),
        tag("DoseDognMaks", V=most, U=unit),
        tag("DoseTidsromMaks", V=amount if span != "0" else "0", U=unit),
        tag("Tidsrom", V=span, U="Time"),
        tag("DoseIntervallMin", V="0", U="Time"),
    )


def package(name: str = "Eksempelol Tab 50 mg", atc: str = "C07AB02", varenr: str = "990001") -> str:
    return tag(
        "Legemiddelpakning",
        code("Atc", atc, "Eksempelstoff", "2.16.578.1.12.4.1.1.7180") if atc else None,
        word("NavnFormStyrke", name),
        code("Reseptgruppe", "C"),
        code("LegemiddelformKort", "53", "Tablett", "2.16.578.1.12.4.1.1.7448"),
        word("Varenr", varenr),
        tag(
            "PakningsinfoResept",
            word("Varenavn", name.partition(" ")[0]),
            word("Pakningsstr", "100"),
            code("EnhetPakning", "stk"),
        ),
    )


USES = {"1": "Fast", "2": "Kur", "3": "Ved behov", "4": "Vaksine", "5": "Næringsmiddel/vitaminer"}


def forskrivning(
    drug: str | None = None,
    text: str | None = "1 tablett morgen",
    *,
    use: str = "1",
    short: str = "",
    dosing: str = "",
    scheme: bool = False,
    version: str = "2013-10-08",
) -> str:
    how = tag("AdministreringForskrivning", code("AdmVed", "2"), code("AdmMate", "37"), word("AdmEtterSkjema", "true"))
    return tag(
        "Forskrivning",
        word("Bruksomrade", "MOT HØYT BLODTRYKK"),
        word("DosVeiledEnkel", text),
        code("Bruk", use, USES.get(use, "Fast")),
        short or None,
        how if scheme else None,
        dosing or None,
        drug or package(),
        ns=f"{KITH}forskrivning/{version}",
    )


def medicine(
    prescribed: str | None = None, *, repeats: str = "3", care: str = "", ns: str = "", remark: str = ""
) -> str:
    """ReseptDokLegemiddel."""
    return tag(
        "ReseptDokLegemiddel",
        code("Varegruppekode", "L"),
        word("Antall", "1"),
        word("Merknad", remark or None),
        word("KomLegemdlAdm", care or None),
        code("RefKode", "K86", "Hypertensjon", "2.16.578.1.12.4.1.1.7170"),
        word("Reiterasjon", repeats),
        code("BytteresRekvirent", "1", "Ja"),
        prescribed or forskrivning(),
        ns=ns,
    )


def supply(name: str = "Bandasje 10 x 10 cm") -> str:
    """ReseptDokHandelsvare with a product."""
    goods = tag("MedForbMatr", word("Nr", "800001"), word("Navn", name), ns=KITH + "forskrivning/2013-10-08")
    return tag("ReseptDokHandelsvare", code("Varegruppekode", "A"), word("Antall", "2"), goods)


def m1(
    n: int = 1,
    content: str | None = None,
    *,
    about: str | None = None,
    on: str = "2026-02-01",
    to: str = "2027-02-01",
    version: str = "2013-10-08",
) -> bytes:
    """Prescription number `n`: its id is `RX.format(n)`."""
    body = tag(
        "Resept",
        word("Forskrivningsdato", on),
        word("Utloper", to),
        content or medicine(),
        word("OppdatertFest", "2026-01-15T06:00:00"),
        ns=f"{KITH}m1/{version}",
    )
    return message("ERM1", document(body), msg_id=RX.format(n), sender=OFFICE, about=about or patient())


def element(
    n: int,
    status: str = "E",
    *inside: str,
) -> str:
    """A Listeelement of M9.6 for prescription `n`."""
    return tag("Listeelement", word("ReseptId", RX.format(n)), code("Status", status), *inside)


def recalled(reason: str, at: str = "2026-02-20T10:00:00+01:00") -> str:
    return tag("Tilbakekalling", word("Tidspunkt", at), code("Arsak", reason, REASONS.get(reason, "?")))


REASONS = {"1": "Fornying", "2": "Seponering", "3": "Fornying med endring", "4": "Annen", "5": "Administrativ sletting"}


def stopped(at: str, reason: str = "L") -> str:
    return tag(
        "Seponering", word("Tidspunkt", at), code("Arsak", reason, "Legemiddelreaksjon"), word("Merknad", "svimmel")
    )


def given_out(
    name: str = "Eksempelol Tab 50 mg", varenr: str = "990001", total: str = "1", on: str = "2026-02-03"
) -> str:
    return tag(
        "Utlevering",
        word("Varenr", varenr),
        word("NavnFormStyrke", name),
        tag("Pakningsstr", V="100", U="stk"),
        word("AntallPakningerUtlevertTotalt", total),
        word("AntallPakningerUtlevertSiste", "1"),
        word("TidspunktSisteUtlevering", f"{on}T00:00:00.000+01:00"),
    )


def m96(
    *content: str, attached: tuple[bytes, ...] = (), version: str = "2021-02-01", fnr: str = OLA, more: str = ""
) -> bytes:
    space = (EHELSE if version >= "2018" else KITH) + f"m96/{version}"
    info = tag("PasientInfo", word("Fnr", fnr), *[w for f in more.split() if (w := word("AndreFnr", f))])
    body = tag("M96", info if version == "2021-02-01" else None, *content, ns=space)
    return message("ERM96", document(body), *(document(container(a)) for a in attached))


def role(kind: str, hpr: str = "9000001") -> str:
    who = tag("HprId", tag("Id", hpr, ns=FK1), tag("TypeId", ns=FK1, V="HPR"))
    return tag(
        "Rolle", code("Rolle", kind), tag("Helseperson", who, word("Fornavn", "Anne"), word("Etternavn", "Berg"))
    )


def line(
    n: int = 1,
    content: str | None = None,
    *after: str,
    prescription: int | None = 1,
    changed: str = "2026-02-20T12:00:00",
    kind: str = "E",
    mid: str = "",
) -> str:
    """An EnkeltoppforingLIB; `mid` stands before its roles, `after` after its medicine."""
    raw = content or medicine(ns=KITH + "m1/2013-10-08")
    return tag(
        "EnkeltoppforingLIB",
        word("Id", LINE.format(n)),
        code("Type", kind),
        word("ReseptId", RX.format(prescription) if prescription else None),
        word("UtlopsdatoResept", "2027-02-01+01:00"),
        word("SistEndret", changed),
        word("DatoOppstart", "2026-02-01"),
        mid or None,
        role("R"),
        tag("ReseptDokLegemiddelB64", base64.b64encode(raw.encode()).decode()),
        *after,
    )


def allergy(atc: str = "J01C", substance: str = "Fenoksymetylpenicillin", *, refuted: bool | None = None) -> str:
    drug = tag("Legemiddelreaksjon", code("Atc", atc, "Penicilliner"), word("Virkestoff", substance))
    return tag(
        "Allergi",
        code("Reaksjon", "1", "Anafylaktisk reaksjon"),
        word("Oppdatert", "2026-01-05T12:00:00+01:00"),
        code("Kilde", "2", "Observert av behandlende lege"),
        drug,
        word("Avkreftet", None if refuted is None else str(refuted).lower()),
        ns=KITH + "ki/2013-04-25",
    )


def m25(
    *content: str, kind: str = "m251", about: str | None = None, sender: str = OFFICE, extra: tuple[str, ...] = ()
) -> bytes:
    body = tag("LegemidlerIBruk", role("L"), role("F"), *content, ns=f"{KITH}{kind}/2013-10-08")
    number_of = {"m251": "1", "m252": "2", "m253": "3"}[kind]
    return message(
        f"ERM25{number_of}",
        document(body),
        *map(document, extra),
        msg_id=f"33333333-0000-4000-8000-00000000000{number_of}",
        sender=sender,
        about=about or patient(),
    )


def m912(*lists: bytes, version: str = "2021-10-01", fnr: str = OLA, inside: str = "") -> bytes:
    space = (EHELSE if version >= "2018" else KITH) + f"m912/{version}"
    packed = (tag("VarerIBrukB64", base64.b64encode(raw).decode()) for raw in lists)
    name = "Multidosepasient" if version < "2018" else "Pasient"
    body = tag("M912", tag(name, word("Fnr", fnr), inside or None, *packed), ns=space)
    return message("ERM912", document(body))


def utlevering(n: int = 1, on: str = "2026-02-03", annuls: str = "", ns: str = KITH + "utlevering/2013-10-08") -> str:
    her = tag("HerId", tag("Id", "8000202", ns=FK1), tag("TypeId", ns=FK1, V="HER"))
    return tag(
        "Utlevering",
        word("ReseptId", RX.format(n)),
        word("Utleveringsdato", on),
        word("Annullering", "true" if annuls else "false"),
        word("AnnulleringsId", annuls or None),
        medicine(forskrivning(package("Eksempelol Byttemerke Tab 50 mg", varenr="990002")), ns=KITH + "m1/2013-10-08"),
        tag("Utleverer", her, word("Navn", "Lillevik apotek")),
        tag("Intervensjon", code("Kode", "212", "Generisk bytte"), code("EndringsType", "V", "Valgt annen vare")),
        ns=ns,
    )


def m10(n: int = 1, annuls: str = "", kind: str = "m10", root: str = "Utleveringsrapport", msg_id: str = "") -> bytes:
    m10_id = word("ReferanseM10", "44444444-0000-4000-8000-000000000001")
    about_report = (
        (word("ReservasjonRapportFastlege", "false"), word("AnsattId", "9876543")) if kind == "m10" else (m10_id,)
    )
    body = tag(root, utlevering(n, annuls=annuls), *about_report, ns=f"{KITH}{kind}/2013-10-08")
    key = msg_id or "44444444-0000-4000-8000-000000000001"
    return message(f"ER{kind.upper()}", document(body), msg_id=key, about=patient())


def m98(*reports: bytes, count: int | None = None) -> bytes:
    body = tag(
        "M98", word("AntallUtleveringer", len(reports) if count is None else count), ns=EHELSE + "m98/2018-07-01"
    )
    return message("ERM98", document(body), *(document(container(r)) for r in reports))


def m5(n: int = 1, reason: str = "2", renewed_by: int | None = None) -> bytes:
    body = tag(
        "Tilbakekalling",
        word("ReseptId", RX.format(n)),
        word("Merknad", "avtalt med pasienten"),
        code("Arsak", reason, REASONS.get(reason, "?")),
        word("NyReseptId", RX.format(renewed_by) if renewed_by else None),
        ns=KITH + "m5/2013-04-16",
    )
    return message(
        "ERM5", document(body), sender=OFFICE, about=patient(), msg_id="55555555-0000-4000-8000-000000000001"
    )


def m52(n: int = 1, status: str = "1") -> bytes:
    body = tag(
        "KvitteringTilbakekalling", word("ReseptId", RX.format(n)), code("Status", status), ns=KITH + "m52/2013-12-01"
    )
    return message("ERM52", document(body), about=patient())


def m7(attached: bytes | None = None) -> bytes:
    body = tag("SlettetReseptRF", word("Tidspunkt", "2026-03-02T08:56:39.512+01:00"), ns=KITH + "m7/2008-05-01")
    return message("ERM7", document(body), document(container(attached or m5())), about=patient())


def m92(rows: int = 2) -> bytes:
    def row(n: int) -> str:
        who = tag("Ident", tag("Id", OLA, ns=FK1), tag("TypeId", ns=FK1, V="FNR"))
        return tag(
            "Reseptinfo",
            word("Forskrivningsdato", "2026-02-01+01:00"),
            word("Fornavn", "Ola"),
            word("Etternavn", "Prøve"),
            word("RekvirentId", "9000001"),
            word("NavnRekvirent", "Anne Berg"),
            word("Nr", f"99000{n}"),
            word("NavnFormStyrke", f"Eksempelol Tab {n}0 mg"),
            code("EndretFarmasoyt", "2"),
            word("ReseptId", RX.format(n)),
            code("Status", "E", "Ekspederbar"),
            who,
            word("Vergeinnsynsreservasjon", "false"),
            word("Antall", "1"),
            word("Pakningsstr", "100"),
            code("EnhetPakning", "stk"),
        )

    body = tag("Reseptliste", *(row(n) for n in range(1, rows + 1)), ns=KITH + "m92/2013-10-08")
    return message("ERM92", document(body))


def m94() -> bytes:
    body = tag("ReseptNedlasting", code("Status", "U", "Under ekspedering"), ns=KITH + "m94/2010-07-01")
    return message("ERM94", document(body), document(container(m1())))


def everything() -> dict[str, bytes]:
    """One message of each kind, and those whose details matter."""
    renewal = tag("Fornying", word("NyReseptId", RX.format(3)))
    renewed = tag("Fornying", word("ForrigeReseptId", RX.format(2)))
    packed = tag(
        "SisteUtlevering",
        word("DatoForsteDose", "2026-03-02"),
        word("DatoSisteDose", "2026-03-15"),
        tag("UtleveringB64", base64.b64encode(utlevering().encode()).decode()),
    )
    roll = line(1, None, packed, mid=code("InngarMultidose", "1", "Ja"))
    prn = forskrivning(text="1 tablett ved behov", use="3", dosing=dosering(needed("1", "4", span="4")))
    changed = m1(3, medicine(forskrivning(text="2 tabletter morgen")))
    doctor = tag(
        "Multidoselege",
        word("HprNr", "9000001"),
        word("Fornavn", "Anne"),
        word("Etternavn", "Berg"),
        word("OrgNavn", "Lillevik legesenter"),
        word("HerId", "8000101"),
        word("Telefon", "22222222"),
    )
    return {
        "m1": m1(1, medicine(forskrivning(dosing=dosering(fixed("1", part="1"), starts="2026-02-01")), care="90123")),
        "m1_prn": m1(2, medicine(prn)),
        "m1_supply": m1(3, supply()),
        "m1_legacy": m1(4, medicine(forskrivning(version="2010-04-01")), version="2010-05-01"),
        "m96_2021": m96(
            word("LastResept", "true"),
            word("Pasientreservasjon", "false"),
            element(1, "U", given_out(total="2")),
            element(2, "T", recalled("1"), renewal),
            element(3, "E", renewed),
            element(4, "T", recalled("2")),
            element(5, "E", stopped("2026-02-25T00:00:00+01:00")),
            element(6, "R", given_out("Uvedlagtol Tab 10 mg", varenr="990009")),
            attached=(m1(1), m1(2), changed, m1(4), m1(5)),
        ),
        "m96_2015": m96(
            element(1, "T", tag("Arsak", V="4", DN="Annen", S="2.16.578.1.12.4.1.1.7500"), given_out()),
            element(2, "F"),
            attached=(m1(1), m1(2)),
            version="2015-05-01",
        ),
        "m96_none": m96(code("StatusSok", "4", "Ingen resept på dette søk")),
        "m96_failed": m96(code("StatusSok", "2", "Ugyldig fødselsnummer")),
        "m251": m25(
            line(1),
            line(2, None, stopped("2026-02-20T00:00:00"), changed="2026-02-19T10:00:00"),
            line(3, None, stopped("2026-04-01T00:00:00"), prescription=None, kind="U"),
            line(4, medicine(forskrivning(scheme=True), ns=KITH + "m1/2013-10-08"), mid=word("MedEndring", "true")),
            allergy(),
            allergy("N02A", "Kodein", refuted=True),
            code("Vikar", "2", "Nei"),
        ),
        "m252": m25(line(1), kind="m252", sender=RF),
        "m253": m25(
            roll,
            tag(
                "Pakkeinfo", word("Bestillingsfrist", "2026-03-10T12:00:00"), word("ForsteDoseringsdato", "2026-03-16")
            ),
            kind="m253",
            sender=RF,
        ),
        "m912_2021": m912(m25(line(1), allergy()), m25(roll, kind="m253", sender=RF), inside=doctor),
        "m912_2014": m912(m25(line(1)), version="2014-01-21"),
        "m912_empty": m912(version="2018-07-01"),
        "m10": m10(),
        "m10_annulment": m10(
            annuls="44444444-0000-4000-8000-000000000001", msg_id="44444444-0000-4000-8000-000000000002"
        ),
        "m8": m10(kind="m8", root="UtleveringsrapportFastlege"),
        "m98": m98(m10(kind="m6", root="UtleveringsrapportRekvirent"), count=2),
        "m5_stop": m5(),
        "m5_renewal": m5(reason="1", renewed_by=2),
        "m52": m52(),
        "m7": m7(),
        "m92": m92(),
        "m94": m94(),
    }
