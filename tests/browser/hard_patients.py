"""Patients whose lists are hard to show, as neutral messages: many medicines and flags, a long name, a long dose."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from medrec.clock import OSLO
from medrec.demo.people import OFFICES, identity_number
from medrec.roster import RosterRow

DISTRICT = "Nord"
LONG_NAME = "Åse-Bjørg Ærlighild Østerdølen Kjærringvågstrand-Øvreståstadhaugen"
LONG_DOSE = (
    "1 tablett kl. 8 og 1 tablett kl. 20 så lenge hun spiser; spiser hun ikke, skal tabletten vente til neste måltid, "
    "og er hun kvalm eller kaster opp, skal den ikke gis på nytt samme dag. Ved svimmelhet eller lavt blodtrykk måles "
    "blodtrykket sittende og stående, og tabletten gis bare når det øverste tallet er over hundre og ti begge gangene; "
    "ellers ringes fastlegen før neste besøk, som avtalt ved oppfølgingen."
)
_SUBSTANCES = (
    *(("Selo-Zok", "metoprolol", "C07AB02", "50 mg"), ("Norvasc", "amlodipin", "C08CA01", "5 mg")),
    *(("Albyl-E", "acetylsalisylsyre", "B01AC06", "75 mg"), ("Furix", "furosemid", "C03CA01", "40 mg")),
    *(("Spirix", "spironolakton", "C03DA01", "25 mg"), ("Triatec", "ramipril", "C09AA05", "5 mg")),
    *(("Lipitor", "atorvastatin", "C10AA05", "40 mg"), ("Metformin", "metformin", "A10BA02", "500 mg")),
    *(("Januvia", "sitagliptin", "A10BH01", "100 mg"), ("Jardiance", "empagliflozin", "A10BK03", "10 mg")),
    *(("Levaxin", "levotyroksin", "H03AA01", "50 mikrog"), ("Somac", "pantoprazol", "A02BC02", "40 mg")),
    *(("Paracet", "paracetamol", "N02BE01", "500 mg"), ("Folsyre", "folsyre", "B03BB01", "1 mg")),
    *(("Cipralex", "escitalopram", "N06AB10", "10 mg"), ("Remeron", "mirtazapin", "N06AX11", "15 mg")),
    *(("Imovane", "zopiklon", "N05CF01", "5 mg"), ("Aricept", "donepezil", "N06DA02", "10 mg")),
    *(("Ebixa", "memantin", "N06DX01", "20 mg"), ("Allopur", "allopurinol", "M04AA01", "100 mg")),
    *(("Vesicare", "solifenacin", "G04BD08", "5 mg"), ("Betmiga", "mirabegron", "G04BD12", "50 mg")),
    *(("Omnic", "tamsulosin", "G04CA02", "0,4 mg"), ("Proscar", "finasterid", "G04CB01", "5 mg")),
    *(("Keppra", "levetiracetam", "N03AX14", "500 mg"), ("Neurontin", "gabapentin", "N02BF01", "300 mg")),
    *(("Singulair", "montelukast", "R03DC03", "10 mg"), ("Zyrtec", "cetirizin", "R06AE07", "10 mg")),
    *(("Imdur", "isosorbidmononitrat", "C01DA14", "60 mg"), ("Lanoxin", "digoksin", "C01AA05", "62,5 mikrog")),
)
MEDICINES = len(_SUBSTANCES)
DIFFERING = 27
"""So many of them have another dose on the home list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hard:
    """One patient: what is hard about it, who it is, and the messages about it."""

    what: str
    name: str
    identifier: str
    messages: tuple[bytes, ...]


def hard_patients(now: datetime) -> tuple[Hard, ...]:
    """They all, as their sources would tell of them at `now`."""
    today = now.date()
    many = [_medicine(*told, dose="1 tablett morgen", on=today - timedelta(days=200)) for told in _SUBSTANCES]
    home = [
        {**m, "kind": "hjemmeliste"} | ({"dose_text": "2 tabletter morgen"} if i < DIFFERING else {})
        for i, m in enumerate(many)
    ]
    one = _medicine("Selo-Zok", "metoprolol", "C07AB02", "50 mg", dose="1 tablett morgen", on=today)
    told = (
        ("many", "Tålmodig Mangepiller", many, home),
        ("name", LONG_NAME, [one], []),
        ("dose", "Ordrik Langdose", [one | {"dose_text": LONG_DOSE}], []),
        ("changing", "Omskiftelig Endring", [one], []),
        ("twenty", "Enig Tjuepiller", many[:20], [{**m, "kind": "hjemmeliste"} for m in many[:20]]),
    )
    found = tuple(_hard(what, name, now, n, gp, at_home) for n, (what, name, gp, at_home) in enumerate(told))
    return (*found, _locked(_hard("locked", "Stengt Resepthyll", now, len(found), [one], []), now))


def _locked(hard: Hard, now: datetime) -> Hard:
    """The registry says too that it holds prescriptions which nobody may see."""
    told = _message(hard.identifier, hard.name, now, "RF", "resept", [], gaps=[{"source": "RF", "code": "locked"}])
    return replace(hard, messages=(*hard.messages[:-1], told))


def rows(found: tuple[Hard, ...], today: date) -> Iterator[RosterRow]:
    """Their lines of the roster."""
    gp = OFFICES[0]
    for hard in found:
        yield RosterRow(
            identifier=hard.identifier,
            name=hard.name,
            district=DISTRICT,
            starts=today - timedelta(days=90),
            next_visit=datetime.combine(today, time(9), OSLO),
            gp_hpr=gp.hpr,
            gp_name=f"{gp.given} {gp.family}",
            gp_office=gp.office,
            gp_her_id=gp.her_id,
            gp_phone=gp.phone,
        )


def later(hard: Hard, now: datetime, dose: str) -> bytes:
    """A newer list of the GP, on which the one medicine of `hard` has this dose."""
    on = now.date()
    return _message(hard.identifier, hard.name, now, "GP", "liste", [_medicine(*_SUBSTANCES[0], dose=dose, on=on)])


def _medicine(name: str, substance: str, atc: str, strength: str, *, dose: str, on: date) -> dict[str, object]:
    return {
        "kind": "liste",
        "name": f"{name} tab {strength}",
        "atc": atc,
        "substances": [substance],
        "strength": strength,
        "dose_text": dose,
        "status": "active",
        "decided": on.isoformat(),
        "indication": "mot høyt blodtrykk",
    }


def _hard(what: str, name: str, now: datetime, serial: int, gp: list, home: list) -> Hard:
    born = date(1941, 5, 17)
    numbers = (n for individual in range(10 + serial * 40, 499) if (n := identity_number(born, individual)))
    identifier = next(numbers)
    said = (("GP", "liste", gp), ("HP", "hjemmeliste", home), ("RF", "resept", []))
    return Hard(
        what=what,
        name=name,
        identifier=identifier,
        messages=tuple(_message(identifier, name, now, source, kind, found) for source, kind, found in said),
    )


def _message(
    identifier: str, name: str, now: datetime, source: str, kind: str, statements: list, gaps: list | None = None
) -> bytes:
    told = {
        "medrec": "1",
        "source": source,
        "as_of": now.isoformat(),
        "reach": "whole",
        "kinds": [kind],
        "person": {"identifier": identifier, "name": name, "birth_date": "1941-05-17"},
        "statements": statements,
        "gaps": gaps or [],
    }
    return json.dumps(told, ensure_ascii=False).encode()
