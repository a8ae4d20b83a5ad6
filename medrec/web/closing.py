"""When a flag closes, in words a nurse can look for: "Lukkes når ...". Data, and one look-up.

Letters say the same of their points (`notices.asks.CLOSES`); what is never in a letter has its words here.
"""

from collections.abc import Mapping

from medrec.notices.asks import CLOSES, CLOSES_OTHERWISE
from rules.conclusion import Discrepancy
from rules.rule import DEFAULT_CLOSING

_AGREED = "kildene er enige om det"
_ON_HOME_LIST = "det står på hjemmelisten, eller er avsluttet i kildene"
_CODED = "kilden fører det med kode"
_BOX = "styrken er rettet i kildene"
_READ = "kilden er lest i sin helhet"
_ITSELF = "dagen er kommet, eller kildene er endret"
_ONE_WAY = "bare ett av dem står som i bruk, eller forskriveren har svart at begge er ment"
_OWN: Mapping[str, str] = {
    "A02": _ON_HOME_LIST,
    "A04": "fastlegen har ført det på listen sin, eller det er avsluttet",
    "A05": "en nyere kilde sier at det er i bruk, eller det er fjernet fra listen",
    "A06": "det står på en liste, eller resepten er tilbakekalt",
    "B04": "det er avsluttet på listen",
    "B06": "ny resept ligger i Reseptformidleren",
    "B08": _ITSELF,
    "B09": "alle kildene viser at det er i bruk",
    "C01": _AGREED,
    "C04": _ONE_WAY,
    "C05": _BOX,
    "C06": "kildene viser samme form: depot eller vanlig",
    "C07": _ONE_WAY,
    "C08": "noen har sagt om de er samme legemiddel",
    "C09": _CODED,
    "C10": _ONE_WAY,
    "C11": _CODED,
    "C12": "et annet legemiddel er satt inn, eller det er avsluttet",
    "C13": "innholdet står likt i kildene",
    "C14": "det som er utlevert, er det som står på listen",
    "C15": "kildene viser samme legemiddel",
    "D03": "kildene viser samme tidspunkter",
    "D04": "kildene viser det samme: fast eller ved behov",
    "D08": "største døgndose og hva det er mot, står i kildene",
    "D09": _ITSELF,
    "D12": "alle styrkene står i kildene",
    "D15": "dosen er rettet i kildene",
    "E05": "én lege står som ansvarlig for multidosen",
    "F03": _ONE_WAY,
    "F04": _ONE_WAY,
    "F06": "det andre legemidlet står på listen, eller forskriveren har svart",
    "G01": _READ,
    "G02": _READ,
    "G03": "kilden sier hvem som har ordinert det",
    "G04": "datoene er rettet i kilden",
    "G05": "avsenderen har rettet hvem meldingen gjelder",
    "G06": "noen har gått gjennom listen og trykket «Sett av meg»",
    "G07": "kilden viser alt, eller pasienten har svart",
}
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
    _AGREED: ("kjeldene er samde om det", "the sources agree on it"),
    _ON_HOME_LIST: (
        "det står på heimelista, eller er avslutta i kjeldene",
        "it stands on the home-care list, or has been ended in the sources",
    ),
    _OWN["A04"]: (
        "fastlegen har ført det på lista si, eller det er avslutta",
        "the GP has put it on their list, or it has been ended",
    ),
    _OWN["A05"]: (
        "ei nyare kjelde seier at det er i bruk, eller det er fjerna frå lista",
        "a newer source says that it is in use, or it has been removed from the list",
    ),
    _OWN["A06"]: (
        "det står på ei liste, eller resepten er kalla tilbake",
        "it stands on a list, or the prescription has been revoked",
    ),
    _OWN["B04"]: ("det er avslutta på lista", "it has been ended on the list"),
    _OWN["B09"]: ("alle kjeldene viser at det er i bruk", "all sources show it as in use"),
    _ITSELF: ("dagen er komen, eller kjeldene er endra", "the day has come, or the sources have changed"),
    _ONE_WAY: (
        "berre eitt av dei står som i bruk, eller forskrivaren har svart at begge er meinte",
        "only one of them stands as in use, or the prescriber has answered that both are intended",
    ),
    _BOX: ("styrken er retta i kjeldene", "the strength has been corrected in the sources"),
    _OWN["C06"]: (
        "kjeldene viser same form: depot eller vanleg",
        "the sources show the same form: prolonged release or plain",
    ),
    _OWN["C08"]: (
        "nokon har sagt om dei er same legemiddel",
        "somebody has said whether they are the same medicine",
    ),
    _CODED: ("kjelda fører det med kode", "the source records it with a code"),
    _OWN["C12"]: (
        "eit anna legemiddel er sett inn, eller det er avslutta",
        "another medicine has replaced it, or it has been ended",
    ),
    _OWN["C13"]: ("innhaldet står likt i kjeldene", "what it contains stands alike in the sources"),
    _OWN["C14"]: (
        "det som er utlevert, er det som står på lista",
        "what was dispensed is what stands on the list",
    ),
    _OWN["C15"]: ("kjeldene viser same legemiddel", "the sources show the same medicine"),
    _OWN["D03"]: ("kjeldene viser same tidspunkt", "the sources show the same times"),
    _OWN["D04"]: (
        "kjeldene viser det same: fast eller ved behov",
        "the sources show the same: regular or as needed",
    ),
    _OWN["D08"]: (
        "største døgndose og kva det er mot, står i kjeldene",
        "the largest daily dose and what it is for stand in the sources",
    ),
    _OWN["D12"]: ("alle styrkane står i kjeldene", "all the strengths stand in the sources"),
    _OWN["E05"]: (
        "éin lege står som ansvarleg for multidosen",
        "one doctor stands as responsible for the multidose",
    ),
    _OWN["F06"]: (
        "det andre legemidlet står på lista, eller forskrivaren har svart",
        "the other medicine stands on the list, or the prescriber has answered",
    ),
    _READ: ("kjelda er lesen i sin heilskap", "the source has been read in full"),
    _OWN["G03"]: ("kjelda seier kven som har ordinert det", "the source says who ordered it"),
    _OWN["G04"]: ("datoane er retta i kjelda", "the dates have been corrected in the source"),
    _OWN["G05"]: (
        "avsendaren har retta kven meldinga gjeld",
        "the sender has corrected whom the message is about",
    ),
    _OWN["G06"]: (
        "nokon har gått gjennom lista og trykt «Sett av meg»",
        "somebody has gone through the list and pressed 'Seen by me'",
    ),
    _OWN["G07"]: (
        "kjelda viser alt, eller pasienten har svart",
        "the source shows everything, or the patient has answered",
    ),
}
"""In nynorsk and English, by the Bokmål words."""


def closes(flag: Discrepancy, language: str) -> str:
    """What follows "Lukkes når:" about a flag; a rule's own words, where it has given any for this flag."""
    if flag.closes_when and flag.closes_when != DEFAULT_CLOSING:
        return flag.closes_when
    words = CLOSES.get(flag.code) or _OWN.get(flag.code, CLOSES_OTHERWISE)
    if language == "nb" or words not in _OTHERS:
        return words
    return _OTHERS[words][0 if language == "nn" else 1]
