"""What a letter says and asks of its reader, where the rule's own words are meant for the nurse; what closes it: data.

A rule's sentence may end in an order to whoever gives the medicine ("Gi IKKE"): the doctor is told that they have it. A
rule's action says what is to be done at the patient's ("ikke gi"); the one who can settle the matter is asked for
just that. Templates take the flag's values. Whatever is not here is asked in the rule's own words.
"""

from collections.abc import Mapping

from medrec.notices.whom import Role

_HOW_OFTEN = "Svar i dag hvor ofte {drug} skal gis, og rett listen eller resepten som er feil."
_DOSE = "Svar i dag hvilken dose {drug} skal gis i, og rett listen eller resepten som er feil."
_OF_DOCTOR: Mapping[str, str] = {
    "D02": _HOW_OFTEN,
    "D13": _HOW_OFTEN,
    "D11": _DOSE,
    "E01": "Avklar om {drug} skal gis fra rull eller eske, og tilbakekall resepten som ikke skal brukes.",
    "E02": "Bekreft endringen av {drug} på multidoselisten.",
    "E03": "Bekreft at {drug} er seponert, og før det på multidoselisten.",
    "E04": "Vurder å ta {drug} ut av multidosen.",
}
_OF_PHARMACY: Mapping[str, str] = {
    "C14": "Kontroller hva som ble utlevert {date_a}, og ring oss.",
    "D02": "Ikke pakk eller utlever mer av {drug} før lege har avklart hvor ofte det skal gis.",
    "D13": "Ikke pakk eller utlever mer av {drug} før lege har avklart hvor ofte det skal gis.",
    "D11": "Ikke pakk eller utlever mer av {drug} før lege har avklart dosen.",
    "E01": "Ta {drug} ut av rullen hvis det skal gis fra eske.",
    "E02": "Rett {drug} i neste rulle, fra {next_roll}.",
    "E03": "Ta {drug} ut av rullen fra {next_roll}.",
}
ASKED: Mapping[Role, Mapping[str, str]] = {
    Role.GP: _OF_DOCTOR,
    Role.MULTIDOSE: _OF_DOCTOR,
    Role.HOSPITAL: _OF_DOCTOR,
    Role.PHARMACY: _OF_PHARMACY,
}
_HELD = "Sykepleierne er bedt om å ikke gi det før lege har avklart."
WHY: Mapping[str, str] = {
    "D02": "{drug}: {interval_a} ifølge {src_a}, men {interval_b} ifølge {src_b}. " + _HELD,
    "D13": "{drug} skal normalt gis {expected}, men er ført som {interval_a} i {sources}. " + _HELD,
    "E02": "{drug} ble endret {date_a}, etter at gjeldende multidose ble pakket ({packed}). Sykepleierne er bedt om å "
    "rette rullen for hånd fram til {next_roll}.",
    "E03": "{drug} er seponert {date_a}, men ligger fortsatt i multidose. Sykepleierne er bedt om å ta det ut for hånd "
    "fram til {next_roll}.",
}
_REVOKED = "resepten er tilbakekalt i Reseptformidleren"
_ON_LIST = "legemiddellisten (LIB) viser endringen"
_PRESCRIBED = "ny resept ligger i Reseptformidleren"
_ROLL = "multidoselisten viser endringen"
_ONE_LEFT = "bare ett av dem står som i bruk"
_DOSE_RIGHT = "dosen er rettet i kildene"
_INTERVAL = "intervallet er rettet i kildene"
CLOSES: Mapping[str, str] = {
    "A01": _ON_LIST,
    "A03": _PRESCRIBED,
    "B01": _REVOKED,
    "B02": "alle kildene viser at det er avsluttet, eller at det er i bruk",
    "B03": "det er startet igjen eller avsluttet i kildene",
    "B05": _PRESCRIBED,
    "B07": _ON_LIST,
    "B10": _ON_LIST,
    "B11": _REVOKED,
    "C02": _ONE_LEFT,
    "C03": _ONE_LEFT,
    "D01": "kildene viser samme dose",
    "D02": _INTERVAL,
    "D05": "doseringen kan leses i kildene",
    "D06": "dosen står i kildene",
    "D07": _PRESCRIBED,
    "D10": _DOSE_RIGHT,
    "D11": _DOSE_RIGHT,
    "D13": _INTERVAL,
    "D14": _DOSE_RIGHT,
    "E01": _ROLL,
    "E02": _ROLL,
    "E03": _ROLL,
    "E04": _ROLL,
    "F01": "legemidlet er avsluttet, eller CAVE er rettet, i kildene",
    "F02": "CAVE står likt i kildene",
    "F05": _ONE_LEFT,
}
CLOSES_OTHERWISE = "kildene viser det samme"
