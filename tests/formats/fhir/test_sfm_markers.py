"""No leaf of SFM's answer is lost: each is changed, and what was put there must be found again.

As test_fhir_markers, for lines, dispensings, rolls, allergies, supplies and parameters. What is left out on purpose
stands in `NOT_TOLD` with its reason.
"""

import json

import pytest
from build_fhir import EHELSE, METOPROLOL, coded, concept, error, line, medication, period, sfm, slot, urn
from test_fhir_markers import everything, leaves, marked, put

from formats.read import read


def extension(url, *inside, **value):
    return {"url": url} | ({"extension": list(inside)} if inside else {}) | value


def quantity(url, value, unit):
    return extension(url, valueQuantity={"value": value, "unit": unit})


FULL = line(
    "metoprolol",
    pll="pll-1",
    resept="rx-1",
    rf="T",
    recall="2",
    stopped="2026-01-20T09:00:00+01:00",
    periods=(
        period("2026-01-12", "2026-02-12", slot(1, "tablett", "1")),
        quantity("amount", 98, "stk"),
        coded("itemgroup", "7402", "L", "Legemiddel"),
        coded("typeresept", "7491", "E", "Eresept"),
        coded("reimbursementcode", "7435", "I10", "Hypertensjon"),
        extension("note", valueString="Til apoteket"),
        extension("rfstatus2", extension("nameDispenser", valueString="Prøve apotek")),
    ),
    extensions=(
        extension(f"{EHELSE}sfm-generic-substitution", extension("genericSubstitutionAccepted", valueBoolean=False)),
        extension(f"{EHELSE}sfm-administration", extension("mddispensed", valueBoolean=True)),
        extension(
            f"{EHELSE}sfm-deliverysummary",
            extension("varenummer", valueString="012345"),
            extension("varenavn", valueString="Metoprolol Prøve"),
            extension("antallpkntotalt", valueDecimal=2),
            extension("sistutlevert", valueDate="2026-01-15"),
        ),
    ),
    identifier=[
        {"use": "usual", "type": {"text": "PLL"}, "value": "pll-1"},
        {"use": "usual", "type": {"text": "ReseptId"}, "value": "rx-1"},
        {"type": {"text": "Lokal"}, "system": "urn:lokal", "value": "L-1"},
    ],
    reasonCode=[concept("urn:oid:2.16.578.1.12.4.1.1.7170", "K86", "Hypertensjon")],
    derivedFrom=[{"display": "original"}],
    note=[{"text": "merknad"}],
)
FULL["dosage"][0] |= {
    "patientInstruction": "Svelges hele",
    "additionalInstruction": [concept("urn:oid:2.16.578.1.12.4.1.1.7479", "1", "Med mat")],
}
FULL["dosage"][0]["extension"] += [
    coded(f"{EHELSE}sfm-shortdosage", "7478", "216", "1+1+1"),
    extension(f"{EHELSE}sfm-application-area", extension("text", valueString="mot trykk"), coded("code", "9999", "4")),
]
LISTED = line("metoprolol", pll="pll-2", periods=(extension("numberofpackages", valueDecimal=3),))
LOOSE = line("metoprolol", resept="rx-3", rf="B", status="stopped", periods=(quantity("amount", 5, "stk"),))
UNCLEAR = line("metoprolol", pll="pll-4", periods=(period("2026-01-12", None, slot(1, "tablett", "1"),
               quantity("infusjon", 5, "ml/h")),))  # fmt: skip
HANDED = {
    "resourceType": "MedicationDispense",
    "identifier": [{"type": {"text": "M10id"}, "value": "m10-1"}, {"type": {"text": "Annet"}, "value": "a-1"}],
    "extension": [
        extension(
            f"{EHELSE}sfm-dispenseinfo",
            extension("cancellation", valueBoolean=False),
            extension("prescriptionid", valueString="rx-1"),
            extension("batch", valueString="B-7"),
        ),
        extension(
            f"{EHELSE}SFM-Intervention",
            coded("code", "7412", "206", "Utsolgt"),
            coded("changeType", "7413", "V", "Valgt annen vare"),
            extension("reason", valueString="ikke på lager"),
            extension("other", valueString="mer"),
        ),
    ],
    "status": "completed",
    "medicationReference": {"reference": urn("metoprolol"), "display": "Metoprolol depottab 50 mg"},
    "subject": {"reference": urn("patient")},
    "performer": [{"actor": {"display": "Prøve apotek"}}],
    "authorizingPrescription": [{"reference": urn("line-full"), "display": "resepten"}],
    "quantity": {"value": 2, "unit": "pakninger"},
    "daysSupply": {"value": 90, "unit": "d"},
    "whenHandedOver": "2026-01-15",
    "note": [{"text": "hentet av datter"}],
    "dosageInstruction": [{"text": "1 daglig", "patientInstruction": "med vann"}],
    "substitution": {"wasSubstituted": True, "reason": [concept("urn:s", "G", "Generisk")]},
}
ROLLS = {
    "resourceType": "Basic",
    "code": concept("http://ehelse.no/fhir/CodeSystem/sfm-message-type", "M25.3", "Utlevering"),
    "extension": [
        extension(
            f"{EHELSE}sfm-pllInformation",
            extension("PLLdate", valueDateTime="2026-01-10T10:00:00+01:00"),
            extension("warning", valueString="ompakket"),
            extension("remark", valueString="haster"),
            extension(
                "deliveryinformation",
                extension("prescriptionId", valueReference={"reference": urn("line-full")}),
                extension("deliverydoc", valueReference={"reference": urn("dispensing-0")}),
                extension("datefirstdose", valueDate="2026-01-16"),
                extension("datelastdose", valueDate="2026-01-29"),
                extension("refM10", valueString="m10-1"),
                extension("comment", valueString="kveldsdosen for seg"),
            ),
        )
    ],
}
BANDAGE = {
    "resourceType": "Basic",
    "code": concept("http://ehelse.no/fhir/CodeSystem/sfm-basic", "banda", "Handelsvare"),
    "identifier": [{"type": {"text": "ReseptId"}, "value": "rx-b"}],
    "extension": [extension(f"{EHELSE}sfm-bandaprescription", extension("productname", valueString="Teststrimler"),
                  extension("usage", valueString="måle sukker"), quantity("amount", 50, "stk"))],
}  # fmt: skip


def drug():
    found = medication("Metoprolol depottab 50 mg", METOPROLOL, "C07AB02")
    return found | {
        "extension": [extension("http://hl7.no/fhir/StructureDefinition/no-basis-prescriptiongroup",
                      valueCodeableConcept=concept("urn:oid:2.16.578.1.12.4.1.1.7421", "C", "Gruppe C"))],
        "ingredient": [{"itemCodeableConcept": concept("urn:x", "1", "Metoprolol"),
                        "strength": {"numerator": {"value": 50, "unit": "mg"}, "denominator": {"value": 1}}}],
    }  # fmt: skip


def answer(**lines):
    return sfm(
        lines,
        {"metoprolol": drug()},
        dispensings=(HANDED,),
        infos=(ROLLS,),
        others=(BANDAGE,),
        parameters=(
            {"name": "KJHentetTidspunkt", "valueDateTime": "2026-02-02T08:00:00+01:00"},
            {"name": "RFHentetTidspunkt", "valueDateTime": "2026-02-02T08:00:00+01:00"},
            error("KJFeilkode", "5", "Ingen rettighet"),
            error("RFM96Feilkode", "7", "Tidsavbrudd"),
            {"name": "RFHarLaste", "valueBoolean": True},
        ),
    )


ANSWERS = {
    "whole": answer(full=FULL),
    "on the list only": answer(full=FULL, listed=LISTED),
    "loose": answer(full=FULL, loose=LOOSE),
    "unclear dose": answer(full=FULL, unclear=UNCLEAR),
}
NOT_TOLD = {
    "Composition": "how the answer is divided; its lookup id is told",
    "Patient": "who it is about is tested elsewhere",
    "Practitioner": "a health worker is told by name and number",
    "sequence": "the order of dosages, kept by their order",
    "timestamp": "of the bundle; the registry's own time counts (fhir.md 1.2)",
    "total": "of entries",
    "KJHentetTidspunkt": "of kjernejournal, which is not asked for",
    "RFHentetTidspunkt": "the time of the reading",
    "system": "of codes whose value has a field",
    "use": "of an identifier",
}
WORDS_OF_A_FIELD = {"itemgroup", "parameter code", "kind"}
"""Of these one of code and words is told: a medicine or none, why a lookup failed, which list a roll is from."""


def kind_of(message, path):
    """The name of the resource or parameter a path lies in."""
    found, value = "", message
    for step in path:
        if isinstance(value, dict):
            found = value.get("resourceType", found) if value.get("resourceType") != "Bundle" else found
            found = value["name"] if str(value.get("name", "")).endswith("Tidspunkt") else found
        value = value[step]
    return found


def within(message, path):
    """Urls of the extensions a path lies in, by their last part."""
    value, found = message, []
    for step in path:
        if isinstance(value, dict) and "url" in value:
            found.append(value["url"].rpartition("/")[2].lower())
        value = value[step]
    return found


def sort_of(message, path):
    """What sort of coded value, where only one of its code and its words is told."""
    if path[0] == "parameter" and path[2:4] == ("valueCodeableConcept", "coding"):
        return "parameter code" if path[-1] == "code" else ""
    if path[-4:-1] == ("code", "coding", 0) and kind_of(message, path) == "Basic" and path[-1] == "display":
        return "kind"
    inside = within(message, path)
    return "itemgroup" if inside[-1:] == ["itemgroup"] and path[-1] == "display" else ""


EXCLUSIVE = {"endtime": "2019, 3, 6", "datelastdose": "2019, 3, 8"}
"""A period is told by its last day, which is the one before; a roll by the first day of the next one."""


def asked(message):
    technical = {"resourceType", "id", "fullUrl", "url", "reference", "name"}
    for path, value in leaves(message):
        outside = path[-1] in technical or isinstance(value, bool) or "subject" in path
        if outside or path[-2:] == ("resource", "type") or NOT_TOLD.keys() & {path[-1], kind_of(message, path)}:
            continue
        if sort_of(message, path) in WORDS_OF_A_FIELD:
            continue
        yield path, value


@pytest.mark.parametrize("name", ANSWERS)
def test_no_leaf_is_lost(name):
    lost = []
    for path, was in asked(ANSWERS[name]):
        value, forms = marked(was)
        reading = read(json.dumps(put(ANSWERS[name], path, value)).encode())
        told = everything(reading) + repr(reading.roles)
        shifted = [EXCLUSIVE[url] for url in within(ANSWERS[name], path)[-1:] if url in EXCLUSIVE]
        if not any(form in told for form in (*forms, *shifted)):
            lost.append((".".join(map(str, path)), within(ANSWERS[name], path)))
    assert lost == []


def test_there_is_something_to_lose():
    assert len([path for message in ANSWERS.values() for path, _ in asked(message)]) > 400


def test_a_part_of_the_day_with_anothers_word_is_no_structure():
    contradicting = slot(1, "tablett", "1")
    contradicting["extension"][-1]["valueCodeableConcept"]["coding"][0]["display"] = "Kveld"
    one = line("metoprolol", pll="pll-5", periods=(period("2026-01-12", None, contradicting),))
    (entry,) = [s for s in read(json.dumps(answer(one=one)).encode()).statements if s.treatment_id == "pll-5"]
    assert entry.dosage is None
    assert "Kveld" in repr(entry.codes)


def test_a_status_of_the_registry_without_a_meaning_here_is_kept():
    (found,) = [s for s in read(json.dumps(answer(loose=LOOSE)).encode()).statements if s.prescription_id == "rx-3"]
    assert (found.status, "7408|B" in repr(found.codes)) == (None, True)


def test_an_entry_is_the_same_when_only_its_prescription_changes():
    first, second = (
        read(json.dumps(answer(one=line("metoprolol", pll="p", resept="r", rf=rf))).encode()) for rf in ("E", "U")
    )
    assert first.statements[0].id == second.statements[0].id
    assert first.statements[1].id != second.statements[1].id
