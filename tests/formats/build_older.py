"""Messages of our own in the shapes of older and rarer schemas: M1 of 2009, M9.2 of 2010, M8.1, M27 and M28."""

from build_eresept import (
    FK1,
    KARI,
    KITH,
    OFFICE,
    OLA,
    RF,
    RX,
    code,
    document,
    ident,
    m1,
    medicine,
    message,
    patient,
    tag,
    utlevering,
    word,
)

M274 = KITH + "m274/2012-06-11"
OLD = KITH + "forskrivning/2009-02-20"
PHARMACY = tag("Organisation", word("OrganisationName", "Lillevik apotek"), ident("8000202", "HER"))


def numbered(name: str, value: str, kind: str) -> str:
    """An fk1:Ident under the name `name`."""
    return tag(name, tag("Id", value, ns=FK1), tag("TypeId", ns=FK1, V=kind, DN=kind))


def phone(value: str) -> str:
    return tag("Telefon", tag("TeleAddress", ns=FK1, V=f"tel:{value}"))


def doctor(until: str = "", name: str = "Anne Berg", hpr: str = "9000001") -> str:
    return tag(
        "Multidoselege",
        word("HprNr", hpr),
        word("Navn", name),
        word("Org", "Lillevik legesenter"),
        numbered("HerId", "8000101", "HER"),
        word("AktivTil", until or None),
        phone("22222222"),
        ns=M274,
    )


def pharmacy(until: str = "") -> str:
    return tag(
        "Multidoseapotek",
        word("Navn", "Lillevik apotek"),
        numbered("Konsesjonsnr", "4321", "APO"),
        word("AktivTil", until or None),
        phone("33333333"),
        ns=M274,
    )


def old_package(name: str = "Eksempelol Tab 50 mg", varenr: str = "990001") -> str:
    return tag(
        "Legemiddelpakning",
        code("Atc", "C07AB02", "Eksempelstoff", "2.16.578.1.12.4.1.1.7180"),
        word("NavnStyrkeForm", name),
        code("Reseptgruppe", "C"),
        code("LegemiddelformKort", "53", "Tablett", "2.16.578.1.12.4.1.1.7448"),
        word("Varenr", varenr),
        tag(
            "PakningsinfoResept", word("Varenavn", "Eksempelol"), word("Pakningsstr", "100"), code("EnhetPakning", "s")
        ),
    )


def blend() -> str:
    part = tag("BestanddelLegemiddel", tag("Mengde", V="30", U="g"), old_package("Hydrosol krem 1 %", "990007"))
    other = tag("BestanddelAnnet", tag("Mengde", V="70", U="g"), word("Navn", "Hudkrem"))
    return tag("Legemiddelblanding", word("Navn", "Blandet krem"), word("TilbOppl", "Blandes godt"), part, other)


def old_prescribed(drug: str, text: str = "1 tablett morgen") -> str:
    how = tag("Administrering", code("AdmVed", "2", "Selv"), code("AdmMate", "37", "Oral"))
    return tag(
        "Forskrivning",
        word("Bruksomrade", "mot høyt blodtrykk"),
        word("DosVeiledEnkel", text),
        word("IngenKombinasjon", "true"),
        code("Bruk", "1", "Fast"),
        how,
        drug,
        ns=OLD,
    )


def old_medicine(drug: str, *, measured: bool = False) -> str:
    """ReseptDokLegemiddel of 2009; `measured`: an amount to hand out instead of a number of packs."""
    amount = tag("Mengde", V="50", U="stk") if measured else None
    exempt = tag(
        "LegemiddelUtenMt",
        word("Begrunnelse", "ingen annen virker"),
        word("Produsent", "Utenlandsk AS"),
        word("DirektesoknadSlv", "false"),
    )
    return tag(
        "ReseptDokLegemiddel",
        code("Varegruppekode", "L"),
        None if measured else word("Antall", "2"),
        word("Merknad", "ring ved levering"),
        word("KomLegemdlAdm", "9012"),
        code("RefKode", "K86", "Hypertensjon", "2.16.578.1.12.4.1.1.7170"),
        word("Reiterasjon", "3"),
        code("BytteresRekvirent", "1", "Ja"),
        amount,
        exempt,
        old_prescribed(drug),
    )


def measured() -> str:
    """A medicine of today with an amount to hand out beside its package."""
    reserved = code("BytteresRekvirent", "1", "Ja")
    return medicine().replace("<Antall>1</Antall>", "").replace(reserved, reserved + tag("Mengde", V="50", U="stk"))


def group(kind: str, version: str, *inside: str | None) -> bytes:
    body = tag(kind.upper(), *inside, ns=f"{KITH}{kind}/{version}")
    return message("ER" + kind.upper(), document(body), sender=RF if kind in {"m272", "m274"} else OFFICE)


def m27(kind: str, version: str, *inside: str | None) -> bytes:
    """One person's: M27.1 from who takes it on, M27.2 from the registry, M28 to the pharmacy."""
    body = tag(kind.upper(), *inside, ns=f"{KITH}{kind}/{version}")
    sender = {"m271": PHARMACY}.get(kind, RF)
    return message("ER" + kind.upper(), document(body), sender=sender, about=patient())


def m92_2010() -> bytes:
    row = tag(
        "Reseptinfo",
        word("Forskrivningsdato", "2026-02-01+01:00"),
        word("Fornavn", "Ola"),
        word("Etternavn", "Prøve"),
        word("RekvirentId", "9000001"),
        word("NavnRekvirent", "Anne Berg"),
        word("Nr", "990001"),
        word("NavnStyrkeForm", "Eksempelol Tab 50 mg"),
        code("EndretFarmasoyt", "1", "Ja"),
        code("RefHjemmel", "200", "§2"),
        word("ReseptId", RX.format(1)),
        code("Status", "E", "Ekspederbar"),
        word("MerknadTilbakekalling", "skal ikke brukes"),
        word("NavnUtleverer", "Lillevik apotek"),
        word("RefNr", "A12"),
        code("ProdGruppe", "4", "Tabletter"),
        numbered("Ident", OLA, "FNR"),
        code("StatusSoknadSlv", "3", "Innvilget"),
        word("LegemiddelblandingNavn", "Blandet krem"),
        code("MetodeEkspedering", "1", "Hentes"),
    )
    return message("ERM92", document(tag("Reseptliste", row, ns=KITH + "m92/2010-05-01")))


def m92_users() -> bytes:
    """M9.2 of 2013 without prescriptions, with two multidose users: one is the person's own row, one is not."""
    own = tag("Multidosebruker", word("Fnr", OLA), pharmacy("2026-12-31"), doctor("2026-11-30"))
    other = tag("Multidosebruker", word("Fnr", KARI), doctor(name="Kari Ås", hpr="9000002"))
    body = tag("Reseptliste", code("Status", "4", "Ingen resepter"), own, other, ns=KITH + "m92/2013-10-08")
    return message("ERM92", document(body), about=patient())


def m81(version: str = "2013-10-08") -> bytes:
    """M8.1: a dispensing told to kjernejournal, on a paper prescription."""
    said = (
        word("ReferanseM10", "44444444-0000-4000-8000-000000000001"),
        word("Papirresept", "true"),
        word("RefNr", "B77"),
        word("ReservasjonRapportFastlege", "true"),
    )
    given = utlevering()
    if version != "2013-10-08":
        for new, old in (
            ("utlevering/2013-10-08", "utlevering/2010-05-01"),
            ("m1/2013-10-08", "m1/2010-05-01"),
            ("forskrivning/2013-10-08", "forskrivning/2010-04-01"),
        ):
            given = given.replace(new, old)
    body = tag("UtleveringsrapportKjernejournal", given, *said, ns=f"{KITH}m81/{version}")
    return message("ERM81", document(body), about=patient())


def older() -> dict[str, bytes]:
    """One message of each older or rarer kind, and those whose details matter."""
    one, two = (tag("Pasient", word("Fnr", fnr)) for fnr in (OLA, KARI))
    return {
        "m1_2009": m1(1, old_medicine(old_package()), version="2009-02-20"),
        "m1_2009_blend": m1(2, old_medicine(blend(), measured=True), version="2009-02-20"),
        "m1_measured_pack": m1(3, measured()),
        "m81": m81(),
        "m81_2013_01": m81("2012-10-10"),
        "m92_2010": m92_2010(),
        "m92_users": m92_users(),
        "m271": m27("m271", "2013-04-16", code("Status", "R", "Registrering"), word("GjelderFra", "2026-03-16")),
        "m272": m27("m272", "2013-04-16", word("RegistrertEndring", "true"), doctor(), pharmacy("2026-12-31")),
        "m273": group(
            "m273", "2012-06-11", code("Status", "A", "Avregistrering"), word("GjelderFra", "2026-03-16"),
            word("GruppeId", "G-7"), one,
        ),
        "m273_several": group(
            "m273", "2012-06-11", code("Status", "R", "Registrering"), word("GjelderFra", "2026-03-16"),
            word("GruppeId", "G-8"), one, two,
        ),
        "m274": group(
            "m274", "2012-06-11", word("RegistrertEndring", "true"), word("GruppeId", "G-7"),
            tag("Pasient", word("Fnr", OLA), doctor("2026-12-31")), pharmacy(),
        ),
        "m274_several": group(
            "m274", "2012-06-11", word("RegistrertEndring", "false"), word("GruppeId", "G-8"),
            tag("Pasient", word("Fnr", OLA), doctor("2026-12-31")),
            tag("Pasient", word("Fnr", KARI), doctor(name="Kari Ås", hpr="9000002")), pharmacy(),
        ),
        "m28": m27("m28", "2012-06-11", word("AktivFra", "2026-03-16"), doctor("2026-12-31")),
    }  # fmt: skip
