"""What municipal care, a GP's journal and a discharge summary say of medicines is told: the audit of test_told.

A code's value and its words are changed one at a time: either alone must change the reading.
"""

import pytest
from leaf_walk import TREES, code_and_words, filled, silent, tree
from lxml import etree

BRANCHES = 2

CASES = [
    *(
        (f"plo_v{version}_{name}-v{version}.txt", kind)
        for version in ("1.5", "1.6")
        for name, kind in (
            ("MedisinskeOpplysninger", "MEDISINSKE_OPPLYSNINGER"),
            ("HelseopplysningerTilLege", "HELSEOPPLYSNINGER_LEGE"),
            ("Innleggelsesrapport", "INNLEGGELSESRAPPORT"),
            ("TverrfagligEpikrise", "UTSKRIVNINGSRAPPORT"),
        )
    ),
    ("felleskomponenter_EPJ-legemiddel-mv.txt", "EPJ-EKSTRAKT"),
    ("felleskomponenter_EPJ-cave-mv.txt", "EPJ-EKSTRAKT"),
    ("felleskomponenter_EPJ-journalnotat-mv.txt", "EPJ-EKSTRAKT"),
]


@pytest.mark.parametrize("everywhere", [False, pytest.param(True, marks=pytest.mark.full)], ids=["", "every-branch"])
@pytest.mark.parametrize(("file", "kind"), CASES, ids=[file[:-4] for file, _ in CASES])
@pytest.mark.skipif(not TREES.is_dir(), reason="no element trees at hand: 11 message types not checked")
def test_every_value_of_a_message_changes_its_reading(file, kind, everywhere):
    """In a further branch of the choices: the leaves of elements that are others there; with `everywhere` all again."""
    part, known = tree(file), set()
    for branch in range(BRANCHES):
        root = filled(part, branch)
        here = set(elements(root))
        tried = {path for path, said in here & known if not everywhere}
        known |= here

        def left_out(change, tried=tried):
            return change.rpartition("/")[0] in tried or on_purpose(change)

        assert silent(kind, part, branch, root, left_out, code_and_words) == set()


def elements(element, path=""):
    """(path, the element as text) of everything that holds elements."""
    for child in element:
        here = f"{path}/{etree.QName(child).localname}".removeprefix("/")
        if len(child):
            yield here, etree.tostring(child)
            yield from elements(child, here)


NO_MEDICINES = {
    "AnsvarForRapport/GodkjentDato": "a report is dated by its message (formats.md 11)",
    "AnsvarForRapport/Merknad": "who answers for the report is told by name and number",
    "AnsvarForRapport/TypeRelasjon": "likewise",
    "EksisterendeTjeneste": "municipal services",
    "InfoAssistertKommunikasjon": "interpreters",
    "InfoIPLOSrelevantInformasjon": "care statistics",
    "InfoInformasjonGitt": "what relatives have been told",
    "InfoKartleggingFunksjonsniva": "function",
    "InfoKontrolltime": "appointments",
    "InfoMedisinskDiagnose": "diagnoses",
    "InfoReservasjon": "reservations on care and contact",
    "InformasjonOmForsendelsen/ForbeholdOmVideresending": "the sender's correspondence",
    "InformasjonOmForsendelsen/Foresporsel": "likewise",
    "InformasjonOmForsendelsen/SvarPaaForesporsel": "likewise",
    "InnholdKonsultasjon/TypeInnholdKonsultasjon": "why the letter is sent; its remark is told",
    "KontaktpersonHelsepersonell": "contacts",
    "MedisinskfagligeOpplysninger/RegistrertBlodtype": "blood group",
    "OpplysningOpphold": "the stay",
    "OpplysningerOmHjelpemidler": "aids",
    "OpplysningerTilSoknad": "an application for services",
    "ParorendeForesatt": "relatives",
    "SendtDokument": "what else has been sent, to whom",
    "Sykepleierdokumentasjon/Ansvarlig": "who assessed function",
    "TilknyttetEnhet": "contacts",
    "TilleggsopplysningPasient": "marital status, language",
    "TjenesteBehov": "services",
    "TypeInnholdIMelding/TypeInnhold": "why the letter is sent; its remark is told",
}
"""How a path begins."""
NOT_TOLD_HERE = {
    "Address": "where a health worker is",
    "AndreFagrapporter": "progress of other professions; its notes are told",
    "DateOfBirth": "a health worker is told by name, number, role and phone",
    "Ident": "of these the HPR and HER numbers are told",
    "InnholdMaaldokument": "goals; their notes are told",
    "InnholdVurdering": "assessments of function; their notes are told",
    "Nationality": "as DateOfBirth",
    "Sex": "as DateOfBirth",
    "TeleCom": "a phone number begins with tel:, which is told",
    "TidligereSykdomFragment": "earlier illnesses; their notes are told",
    "TypeHealthcareProfessional": "as DateOfBirth",
}
"""Names anywhere in a path; what of them is told all the same does not come here."""
SPELLED = {
    "FasteUkedager",
    "IntervensjonTiltakKode",
    "KategoriHelsepersonell",
    "Overskriftskode",
    "SarskilteTiltak",
    "Utleveringsform",
}
"""Codes that stand in a sentence: their words are told, or their value where they have none."""

CODE_ALONE = {"RoleToPatient"}
"""A health worker's role is told by its code."""


def on_purpose(path):
    where, _, way = path.partition("@")
    steps = where.split("/")
    begins = any(f"{where}/".startswith(f"{part}/") for part in NO_MEDICINES)
    code_or_words = steps[-1] in (SPELLED if way == "V" else CODE_ALONE)
    return begins or bool({*steps} & NOT_TOLD_HERE.keys()) or code_or_words
