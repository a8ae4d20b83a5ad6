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
    "D05": "Svar hvilken dose {drug} skal gis i (hvor mye, hvor ofte og når), og før den på listen (LIB).",
    "D09": "Svar hvilken dose av {drug} som gjelder i dag.",
    "D10": "Svar om det er ment at {substance} skal gis i denne mengden, og rett listen hvis ikke.",
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
_AGREED = "kildene er enige om det"
_ON_HOME_LIST = "det står på hjemmelisten, eller er avsluttet i kildene"
_CODED = "kilden fører det med kode"
_BOX = "styrken er rettet i kildene"
_READ = "kilden er lest i sin helhet"
_ITSELF = "dagen er kommet, eller kildene er endret"
_ONE_WAY = "bare ett av dem står som i bruk, eller forskriveren har svart at begge er ment"
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
    "D09": "kildene viser dagens trinn i planen",
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
CLOSES_OTHERWISE = "kildene viser det samme"
