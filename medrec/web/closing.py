"""When a flag closes, in words a nurse can look for: "Lukkes når ...". Data, and one look-up.

Letters say the same of their points: the words in Bokmål stand in `notices.asks.CLOSES`, their translations here.
"""

from collections.abc import Mapping

from medrec.notices.asks import CLOSES, CLOSES_OTHERWISE
from rules.conclusion import Discrepancy
from rules.rule import DEFAULT_CLOSING

_OTHERS: Mapping[str, tuple[str, str]] = {
    "resepten er tilbakekalt i Reseptformidleren": (
        "resepten er kalla tilbake i Reseptformidlaren",
        "the prescription has been revoked in the registry",
    ),
    "legemiddellisten (LIB) viser endringen": (
        "legemiddellista (LIB) viser endringa",
        "the medication list (LIB) shows the change",
    ),
    "ny resept ligger i Reseptformidleren": (
        "ny resept ligg i Reseptformidlaren",
        "a new prescription is in the registry",
    ),
    "multidoselisten viser endringen": ("multidoselista viser endringa", "the multidose list shows the change"),
    "bare ett av dem står som i bruk": ("berre eitt av dei står som i bruk", "only one of them stands as in use"),
    "dosen er rettet i kildene": ("dosen er retta i kjeldene", "the dose has been corrected in the sources"),
    "intervallet er rettet i kildene": (
        "intervallet er retta i kjeldene",
        "the interval has been corrected in the sources",
    ),
    "alle kildene viser at det er avsluttet, eller at det er i bruk": (
        "alle kjeldene viser at det er avslutta, eller at det er i bruk",
        "all sources show it as ended, or all as in use",
    ),
    "det er startet igjen eller avsluttet i kildene": (
        "det er starta igjen eller avslutta i kjeldene",
        "it has been restarted or ended in the sources",
    ),
    "kildene viser samme dose": ("kjeldene viser same dose", "the sources show the same dose"),
    "doseringen kan leses i kildene": ("doseringa kan lesast i kjeldene", "the dose can be read in the sources"),
    "dosen står i kildene": ("dosen står i kjeldene", "the dose stands in the sources"),
    "legemidlet er avsluttet, eller CAVE er rettet, i kildene": (
        "legemidlet er avslutta, eller CAVE er retta, i kjeldene",
        "the medicine has been ended, or the allergy corrected, in the sources",
    ),
    "CAVE står likt i kildene": ("CAVE står likt i kjeldene", "the allergy stands alike in the sources"),
    CLOSES_OTHERWISE: ("kjeldene viser det same", "the sources show the same"),
    CLOSES["C01"]: ("kjeldene er samde om det", "the sources agree on it"),
    CLOSES["A02"]: (
        "det står på heimelista, eller er avslutta i kjeldene",
        "it stands on the home-care list, or has been ended in the sources",
    ),
    CLOSES["A04"]: (
        "fastlegen har ført det på lista si, eller det er avslutta",
        "the GP has put it on their list, or it has been ended",
    ),
    CLOSES["A05"]: (
        "ei nyare kjelde seier at det er i bruk, eller det er fjerna frå lista",
        "a newer source says that it is in use, or it has been removed from the list",
    ),
    CLOSES["A06"]: (
        "det står på ei liste, eller resepten er kalla tilbake",
        "it stands on a list, or the prescription has been revoked",
    ),
    CLOSES["B04"]: ("det er avslutta på lista", "it has been ended on the list"),
    CLOSES["B09"]: ("alle kjeldene viser at det er i bruk", "all sources show it as in use"),
    CLOSES["B08"]: ("dagen er komen, eller kjeldene er endra", "the day has come, or the sources have changed"),
    CLOSES["C04"]: (
        "berre eitt av dei står som i bruk, eller forskrivaren har svart at begge er meinte",
        "only one of them stands as in use, or the prescriber has answered that both are intended",
    ),
    CLOSES["C05"]: ("styrken er retta i kjeldene", "the strength has been corrected in the sources"),
    CLOSES["C06"]: (
        "kjeldene viser same form: depot eller vanleg",
        "the sources show the same form: prolonged release or plain",
    ),
    CLOSES["C08"]: (
        "nokon har sagt om dei er same legemiddel",
        "somebody has said whether they are the same medicine",
    ),
    CLOSES["C09"]: ("kjelda fører det med kode", "the source records it with a code"),
    CLOSES["C12"]: (
        "eit anna legemiddel er sett inn, eller det er avslutta",
        "another medicine has replaced it, or it has been ended",
    ),
    CLOSES["C13"]: ("innhaldet står likt i kjeldene", "what it contains stands alike in the sources"),
    CLOSES["C14"]: (
        "det som er utlevert, er det som står på lista",
        "what was dispensed is what stands on the list",
    ),
    CLOSES["C15"]: ("kjeldene viser same legemiddel", "the sources show the same medicine"),
    CLOSES["D03"]: ("kjeldene viser same tidspunkt", "the sources show the same times"),
    CLOSES["D04"]: (
        "kjeldene viser det same: fast eller ved behov",
        "the sources show the same: regular or as needed",
    ),
    CLOSES["D08"]: (
        "største døgndose og kva det er mot, står i kjeldene",
        "the largest daily dose and what it is for stand in the sources",
    ),
    CLOSES["D09"]: (
        "kjeldene viser steget i planen for i dag",
        "the sources show today's step of the plan",
    ),
    CLOSES["D12"]: ("alle styrkane står i kjeldene", "all the strengths stand in the sources"),
    CLOSES["E05"]: (
        "éin lege står som ansvarleg for multidosen",
        "one doctor stands as responsible for the multidose",
    ),
    CLOSES["F06"]: (
        "det andre legemidlet står på lista, eller forskrivaren har svart",
        "the other medicine stands on the list, or the prescriber has answered",
    ),
    CLOSES["G01"]: ("kjelda er lesen i sin heilskap", "the source has been read in full"),
    CLOSES["G03"]: ("kjelda seier kven som har ordinert det", "the source says who ordered it"),
    CLOSES["G04"]: ("datoane er retta i kjelda", "the dates have been corrected in the source"),
    CLOSES["G05"]: (
        "avsendaren har retta kven meldinga gjeld",
        "the sender has corrected whom the message is about",
    ),
    CLOSES["G06"]: (
        "nokon har gått gjennom lista og trykt «Sett av meg»",
        "somebody has gone through the list and pressed 'Seen by me'",
    ),
    CLOSES["G07"]: (
        "kjelda viser alt, eller pasienten har svart",
        "the source shows everything, or the patient has answered",
    ),
}
"""In nynorsk and English, by the Bokmål words."""


def closes(flag: Discrepancy, language: str) -> str:
    """What follows "Lukkes når:" about a flag; a rule's own words, where it has given any for this flag."""
    if flag.closes_when and flag.closes_when != DEFAULT_CLOSING:
        return flag.closes_when
    words = CLOSES.get(flag.code, CLOSES_OTHERWISE)
    if language == "nb" or words not in _OTHERS:
        return words
    return _OTHERS[words][0 if language == "nn" else 1]
