"""What the demo's FEST file says beyond its products: interactions, short doses, a warning. In our own words.

Made to show what the reader and the rules do with such entries; no clinical source (a real installation loads FEST).
"""

from dataclasses import dataclass
from decimal import Decimal

Group = tuple[tuple[str, str], ...]
"""Names with ATC codes of any level; "" where the substance has no code."""

_NSAID: Group = (("NSAID", "M01A"),)
_SSRI: Group = (("SSRI", "N06AB"),)
_WARFARIN: Group = (("Warfarin", "B01AA03"),)
_DOAC: Group = (("Faktor Xa-hemmere", "B01AF"), ("Dabigatraneteksilat", "B01AE07"))
_IRON: Group = (("Jern", "B03A"),)
_METHOTREXATE: Group = (("Metotreksat", "L04AX03"), ("Metotreksat", "L01BA01"))


@dataclass(frozen=True, slots=True)
class Known:
    """One interaction. `relevance` 1 avoid, 2 take care, 3 nothing needed (list 7483)."""

    relevance: int
    group_a: Group
    group_b: Group
    consequence: str
    handling: str
    situation: str = ""


INTERACTIONS = (
    Known(1, _WARFARIN, _NSAID, "Økt blødningsfare.", "Velg paracetamol der det er nok."),
    Known(1, _WARFARIN, (("Johannesurt (perikum)", ""),), "Svekket virkning av warfarin.", "Bør ikke brukes sammen."),
    Known(
        1,
        (("Simvastatin", "C10AA01"),),
        (("Erytromycin", "J01FA01"),),
        "Høy konsentrasjon av statinet, fare for muskelskade.",
        "Stans statinet mens kuren varer.",
    ),
    Known(1, _METHOTREXATE, (("Trimetoprim", "J01EA01"),), "Fare for beinmargssvikt.", "Velg et annet antibiotikum."),
    Known(
        1,
        (("Karbamazepin", "N03AF01"),),
        _DOAC,
        "Svekket virkning av blodfortynnende.",
        "Bør ikke brukes sammen uten spesialist.",
    ),
    Known(
        1,
        (("Levodopa", "N04BA"),),
        (("Metoklopramid", "A03FA01"),),
        "Metoklopramid motvirker levodopa.",
        "Velg et annet middel mot kvalme.",
    ),
    Known(2, _DOAC, _NSAID, "Økt blødningsfare.", "Kort tid og laveste dose; vurder beskyttelse av magen."),
    Known(
        2,
        (("Tramadol", "N02AX02"),),
        _SSRI,
        "Fare for serotonergt syndrom og krampe.",
        "Følg med på uro, skjelving og svette.",
        "Størst fare ved oppstart og doseøkning.",
    ),
    Known(2, _SSRI, _NSAID, "Økt fare for blødning fra magen.", "Vurder syrehemmende."),
    Known(2, (("Litium", "N05AN01"),), _NSAID, "Høyere litiumkonsentrasjon.", "Mål litium etter en uke."),
    Known(
        2,
        (("Litium", "N05AN01"),),
        (("Tiazider", "C03A"), ("Tiazider i kombinasjon", "C09DA")),
        "Høyere litiumkonsentrasjon.",
        "Mål litium etter en uke.",
    ),
    Known(
        2,
        (("ACE-hemmere", "C09A"), ("Angiotensin II-hemmere", "C09C")),
        (("Aldosteronhemmere", "C03DA"),),
        "Fare for høyt kalium.",
        "Mål kalium og nyrefunksjon.",
        "Gjelder særlig ved nedsatt nyrefunksjon.",
    ),
    Known(2, (("Digoksin", "C01AA05"),), (("Amiodaron", "C01BD01"),), "Høyere digoksin.", "Halver digoksin, og mål."),
    Known(2, (("Digoksin", "C01AA05"),), (("Verapamil", "C08DA01"),), "Høyere digoksin.", "Mål digoksin."),
    Known(2, (("Levotyroksin", "H03AA01"),), _IRON, "Mindre opptak av levotyroksin.", "Minst fire timer mellom."),
    Known(
        2,
        (("Opioider", "N02A"),),
        (("Benzodiazepiner", "N05BA"), ("Sovemidler", "N05CF")),
        "Sløvhet og hemmet pust.",
        "Laveste dose, følg med.",
    ),
    Known(
        3,
        (("Metformin", "A10BA02"),),
        (("Ramipril", "C09AA05"),),
        "Litt lavere blodsukker er sett.",
        "Ingen tiltak nødvendig.",
    ),
)

NOT_ASSESSED = (("S01XA20", "Kunstig tårevæske"), ("A06AD11", "Laktulose"))

SHORT_DOSES = {
    "2": ("1 ved sengetid", "1 <dose> ved sengetid"),
    "13": ("0,5x1", "0,5 <dose> 1 gang daglig"),
    "14": ("0,5x2", "0,5 <dose> 2 ganger daglig"),
    "62": ("1 hver uke", "1 <dose> hver uke"),
    "93": ("1 daglig", "1 <dose> daglig"),
    "98": ("1x1 i hvert øye", "1 <dose> 1 gang daglig i hvert øye"),
    "130": ("1x2", "1 <dose> 2 ganger daglig"),
    "160": ("1x3", "1 <dose> 3 ganger daglig"),
    "174": ("1x4", "1 <dose> 4 ganger daglig"),
    "201": ("1+0+1", "1 <dose> morgen og 1 <dose> kveld"),
    "216": ("1+1+1", "1 <dose> morgen, 1 <dose> midt på dagen og 1 <dose> kveld"),
    "234": ("1-2 inntil x4", "1-2 <doser> inntil 4 ganger daglig"),
    "240": ("1-2x3", "1-2 <doser> 3 ganger daglig"),
    "266": ("2 daglig", "2 <doser> daglig"),
    "275": ("2x2", "2 <doser> 2 ganger daglig"),
    "276": ("2x1x2$1x1", "2 <doser> 1 gang daglig i 2 dager, deretter 1 <dose> daglig"),
    "379": ("2x1", "2 <doser> 1 gang daglig"),
    "5493": ("1-2 ved behov", "1-2 <doser> ved behov"),
}
"""Codes of list 7478 with their short form and the sentence `<dose>` is filled into."""

STRUCTURED: dict[str, tuple[tuple[Decimal, str, int | None], ...]] = {
    "130": ((Decimal(2), "P1D", None),),
    "62": ((Decimal(1), "P7D", None),),
    "276": ((Decimal(2), "P1D", 2), (Decimal(1), "P1D", None)),
}
"""Short dose -> steps of (amount in all, period, how many periods; `None`: for ever)."""
