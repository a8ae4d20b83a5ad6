"""Our own municipal care messages and extract, each valid against its schema."""

EPJ = "http://www.kith.no/xmlstds/epj"
_M1 = 'xmlns:m1="http://www.kith.no/xmlstds/epj/meta/2008-02-20"'
_OID = "2.16.578.1.12.4.1.6"


def part(kind: str, number: str) -> str:
    """The attributes of an EPJ component: `kind` "sak" or "dokument", and its number."""
    return f'{_M1} m1:basiskomponenttype="EPJ {kind}" m1:komponenttype="{_OID}.{number}" komponentID="k-{number}"'


def envelope(*bodies: str, kind: str = "X", parent: str = "") -> bytes:
    """MsgHead around the bodies, each in a document of its own."""
    reference = (
        f"<ConversationRef><RefToParent>{parent}</RefToParent><RefToConversation>{parent}</RefToConversation>"
        "</ConversationRef>"
        if parent
        else ""
    )
    unit = (
        "<Organisation><OrganisationName>{0}</OrganisationName><Ident><Id>{1}</Id>"
        '<TypeId V="HER" S="2.16.578.1.12.4.1.1.9051" DN="HER-id"/></Ident></Organisation>'
    )
    documents = "".join(
        f'<Document><RefDoc><MsgType V="XML" DN="XML-instans"/><Content>{b}</Content></RefDoc></Document>'
        for b in bodies
    )
    return (
        '<MsgHead xmlns="http://www.kith.no/xmlstds/msghead/2006-05-24"><MsgInfo>'
        f'<Type V="{kind}" DN="x"/><MIGversion>v1.2 2006-05-24</MIGversion><GenDate>2026-02-03T10:00:00</GenDate>'
        f"<MsgId>m-1</MsgId>{reference}<Sender>{unit.format('Avsender', '80001')}</Sender>"
        f"<Receiver>{unit.format('Mottaker', '80002')}</Receiver><Patient><FamilyName>Pasient</FamilyName>"
        "<GivenName>Prøve</GivenName><Ident><Id>13894500233</Id>"
        '<TypeId V="FNR" S="2.16.578.1.12.4.1.1.8116" DN="Fødselsnummer"/></Ident></Patient></MsgInfo>'
        f"{documents}</MsgHead>"
    ).encode()


def care(root: str, space: str, *parts: str, status: str = "N") -> str:
    """A PLO body: `space` is the end of its namespace ("TverrfagligEpikrise/2012-04-01")."""
    version = space.rpartition("/")[2]
    return (
        f'<p:{root} xmlns:p="http://www.kith.no/xmlstds/po/{space}" '
        f'xmlns="http://www.kith.no/xmlstds/po/poKomponent/{version}">'
        f'<InformasjonOmForsendelsen><Forsendelsesstatus V="{status}" DN="x"/></InformasjonOmForsendelsen>'
        f"{''.join(parts)}</p:{root}>"
    )


def medicine(info: str = "<Navn>Burinex</Navn>", line: str = "") -> str:
    """A Legemiddelinfo."""
    return (
        f'<Legemiddelinfo xmlns="{EPJ}/epj3/2008-02-20" {part("dokument", "13.10301.0")}><ForenkletForskrivning>{line}'
        f"<Forskrivningsinfo>{info}</Forskrivningsinfo></ForenkletForskrivning></Legemiddelinfo>"
    )


FULL = medicine(
    "<BruksomradeTekst>mot høyt blodtrykk</BruksomradeTekst><DosVeiledEnkel>2 tabl  kl 08 </DosVeiledEnkel>"
    "<Nr>012345</Nr><Navn>Selo-Zok</Navn><GeneriskNavn>Metoprolol</GeneriskNavn>"
    '<Atc V="C07AB02" DN="Metoprolol"/><Legemiddelform V="25" DN="Depottablett"/><Styrke V="2.5" U="mg"/>'
    '<Bruk V="1" DN="Fast"/><DoseringStarttidspunkt V="2026-01-15"/><DoseringSluttidspunkt V="2026-03-01"/>'
    "<SkalIkkeTasSammenMedAnnetLegemiddel>true</SkalIkkeTasSammenMedAnnetLegemiddel>",
    '<StatusTilForskrivningen V="1" DN="Originalforskrivning"/><InngaarIMultidose V="2" DN="Ja"/>'
    "<ReseptId>r-1</ReseptId><Merknad>Svelges hel</Merknad>"
    '<Forskriver xmlns:f="http://www.kith.no/xmlstds/felleskomponent1"><f:FamilyName>Lege</f:FamilyName>'
    "<f:GivenName>Lin</f:GivenName><f:Ident><f:Id>9999901</f:Id>"
    '<f:TypeId V="HPR" S="2.16.578.1.12.4.1.1.8116" DN="x"/></f:Ident>'
    "</Forskriver>",
)
STOPPED = medicine("<Navn>Marevan</Navn>", '<StatusTilForskrivningen V="2" DN="Seponering"/>')
COURSE = medicine(
    "<DosVeiledEnkel>1 tabl kl 08, 1 tabl kl 13, 2 tabl kl 18</DosVeiledEnkel><Navn>Apocillin</Navn>"
    '<Legemiddelform V="53" DN="Tablett"/><Styrke V="660" U="mg"/><Bruk V="2" DN="Kur"/>'
    '<DoseringStarttidspunkt V="2026-02-03"/><DoseringSluttidspunkt V="2026-02-09"/>',
    '<InngaarIMultidose V="1" DN="Nei"/>',
)
NEEDED = medicine(
    "<DosVeiledEnkel>1-2 tabl ved smerter. Maks 8 pr døgn</DosVeiledEnkel><Navn>Paracetamol</Navn>"
    '<Legemiddelform V="70" DN="tablett"/><Styrke V="500" U="mg"/><Bruk V="3" DN="Ved behov"/>'
)
CAVE = (
    f'<Cave xmlns="{EPJ}/epj1/2008-02-20" {part("sak", "14.50001.0")}>'
    f"<SakshodeCave {part('dokument', '13.10028.0')}><StikkordCave><CaveStikkord>Morfin</CaveStikkord>"
    f"</StikkordCave></SakshodeCave><Allerginotat {part('dokument', '13.11036.1')}><Allergi>"
    "<HensynVedForskrivning>true</HensynVedForskrivning>"
    '<AllergiskMot>Penicillin</AllergiskMot><VirkestoffLegemiddel V="J01C" S="2.16.578.1.12.4.1.1.7180" DN="x"/>'
    '<AnafylaktiskeReaksjoner V="1" DN="Ja"/></Allergi></Allerginotat></Cave>'
)
CAVE_PART = f"<MedisinskfagligeOpplysninger>{CAVE}</MedisinskfagligeOpplysninger>"
CONTENT = '<TypeInnholdIMelding><TypeInnhold V="{0}" S="2.16.578.1.12.4.1.1.{1}" DN="x"/></TypeInnholdIMelding>'
GIVEN = (
    "<Sykepleierdokumentasjon><InfoFraSykepleier/>"
    f'<LegemidlerAdministrertVedOverforing xmlns="{EPJ}/epj3/2008-02-20" {part("dokument", "13.10302.0")}>'
    '<AdmAvHelsepersonell><AdmStart V="2026-02-03T08:00:00"/><Forskrivningsinfo>'
    "<DosVeiledEnkel>2 tabl gitt kl 08</DosVeiledEnkel><Navn>Burinex</Navn></Forskrivningsinfo>"
    "</AdmAvHelsepersonell></LegemidlerAdministrertVedOverforing></Sykepleierdokumentasjon>"
)
AGREED = (
    "<Sykepleierdokumentasjon><InfoFraSykepleier/><InfoAvtaleOmLegemiddeladm><AvtaleOmAdmLegemidler>"
    "<AvtaleAdmLegemidler>true</AvtaleAdmLegemidler><AvtaleAdmMultidose>false</AvtaleAdmMultidose>"
    "</AvtaleOmAdmLegemidler></InfoAvtaleOmLegemiddeladm></Sykepleierdokumentasjon>"
)
NOTE = (
    f'<Notater xmlns="{EPJ}/epj2/2008-02-20" {part("sak", "14.50301.0")}>'
    f"<GenereltJournalnotat {part('dokument', '13.11009.0')}><Journaltekst><Notat>Oppdatert liste</Notat>"
    "</Journaltekst></GenereltJournalnotat></Notater>"
)
NODE = f'<Node xmlns="{EPJ}/EPJEkstrakt/2008-02-20" {part("sak", "14.901.0")} m1:informasjonskategori="Legemidler"/>'


def drug_list(*lines: str) -> str:
    """The Legemidler document of an extract."""
    return f'<Legemidler xmlns="{EPJ}/epj3/2008-02-20" {part("sak", "14.50302.0")}>{"".join(lines)}</Legemidler>'


def everything() -> dict[str, bytes]:
    """One message of each kind, by name."""
    medical = ("OverforingMedisinskeOpplysninger", "MedisinskeOpplysninger/2012-04-01")
    elder = ("OverforingMedisinskeOpplysninger", "OverforingMedisinskeOpplysninger/2009-06-30")
    gp = CONTENT.format("5", "9138")
    report = CONTENT.format("11", "9139")
    return {
        "medical_1.6": envelope(care(*medical, gp, CAVE_PART, FULL, STOPPED), kind="MEDISINSKE_OPPLYSNINGER"),
        "medical_1.6_cancelled": envelope(care(*medical, gp, status="C"), kind="MEDISINSKE_OPPLYSNINGER", parent="m-0"),
        "medical_1.5_changed": envelope(
            care(*elder, gp, CAVE_PART, NEEDED, status="M"), kind="MEDISINSKE_OPPLYSNINGER", parent="m-0"
        ),
        "discharge_1.6": envelope(
            care(
                "TverrfagligEpikrise",
                "TverrfagligEpikrise/2012-04-01",
                report,
                CAVE_PART,
                COURSE,
                NEEDED,
                STOPPED,
                GIVEN,
            ),
            kind="UTSKRIVNINGSRAPPORT",
        ),
        "admission_1.6": envelope(
            care("Innleggelsesrapport", "Innleggelsesrapport/2012-04-01", CAVE_PART, FULL, AGREED),
            kind="INNLEGGELSESRAPPORT",
        ),
        "to_doctor_1.6": envelope(
            care("Konsultasjon", "HelseopplysningerTilLege/2012-04-01", CAVE_PART, COURSE, AGREED),
            kind="HELSEOPPLYSNINGER_LEGE",
        ),
        "extract": envelope(NODE, CAVE, NOTE, drug_list(FULL, NEEDED, STOPPED), kind="EPJ-EKSTRAKT"),
    }
