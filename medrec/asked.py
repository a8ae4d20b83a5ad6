"""What is asked of the owner of a flag, and what closes one, in nynorsk and English: data only.

Bokmål stands with each rule (`Rule.action`, `Rule.closes_when`); these are its translations, over the same values.
LIB is "legemidler i bruk", the GP's list.
"""

from collections.abc import Mapping

from rules.rule import DEFAULT_CLOSING

Words = Mapping[str, str]


def _both(nn: str, en: str) -> Words:
    return {"nn": nn, "en": en}


_ASK_HOW_OFTEN = _both(
    "Ikkje gi {drug} før lege har avklart kor ofte.",
    "Do not give {drug} until a doctor has clarified how often.",
)
_REVOKE = _both("Kall tilbake resepten frå {date_b}.", "Revoke the prescription of {date_b}.")
_FETCH = _both("Hent på nytt: {src_a}.", "Fetch again: {src_a}.")

ACTIONS: Mapping[str, Words] = {
    "A01": _both(
        "Oppdater legemiddellista (LIB) med {drug}, eller avslutt behandlinga.",
        "Update the medication list (LIB) with {drug}, or end the treatment.",
    ),
    "A02": _both(
        "Avklar om {drug} skal givast, og før det på heimelista.",
        "Clarify whether {drug} is to be given, and put it on the home-care list.",
    ),
    "A03": _both("Ny resept på {drug}, eller avslutt på lista.", "New prescription for {drug}, or end it on the list."),
    "A05": _both(
        "Stadfest at {drug} er i bruk, eller fjern det frå lista.",
        "Confirm that {drug} is in use, or remove it from the list.",
    ),
    "A06": _both(
        "Avklar om {drug} er i bruk; før det på lista eller {undo} {date_a}.",
        "Clarify whether {drug} is in use; put it on the list or {undo} {date_a}.",
    ),
    "B01": _REVOKE,
    "B02": _both(
        "Avklar om {drug} er seponert, og rett lista som er feil.",
        "Clarify whether {drug} has been stopped, and correct the list that is wrong.",
    ),
    "B03": _both(
        "Avgjer om {drug} skal startast igjen eller avsluttast.",
        "Decide whether {drug} is to be restarted or ended.",
    ),
    "B04": _both("Avslutt {drug} på lista.", "End {drug} on the list."),
    "B05": _both("Ny resept på {drug}.", "New prescription for {drug}."),
    "B06": _both("Forny resepten på {drug}.", "Renew the prescription for {drug}."),
    "B07": _both(
        "Oppdater legemiddellista (LIB): {ask} frå {date_a}.",
        "Update the medication list (LIB): {ask} from {date_a}.",
    ),
    "B10": _both(
        "Avklar kvifor resepten på {drug} er kalla tilbake, og oppdater lista.",
        "Clarify why the prescription for {drug} was revoked, and update the list.",
    ),
    "B11": _REVOKE,
    "C02": _both(
        "Avklar om begge er meinte, og avslutt den eine.",
        "Clarify whether both are intended, and end one of them.",
    ),
    "C03": _both(
        "Avklar om {substance} skal givast i begge preparata, og oppdater legemiddellista (LIB).",
        "Clarify whether {substance} is to be given in both products, and update the medication list (LIB).",
    ),
    "C04": _both(
        "Vurder om både {name_a} og {name_b} er meinte.", "Consider whether both {name_a} and {name_b} are intended."
    ),
    "C05": _both(
        "Kontroller styrken på øskja og talet som blir gitt.",
        "Check the strength on the box and the number that is given.",
    ),
    "C06": _both(
        "Avklar om {drug} skal vere depot eller vanleg, og oppdater legemiddellista (LIB).",
        "Clarify whether {drug} is to be prolonged release or plain, and update the medication list (LIB).",
    ),
    "C07": _both(
        "Vurder om {substance} skal givast på begge måtar.",
        "Consider whether {substance} is to be given in both ways.",
    ),
    "C08": _both(
        "Stadfest at «{name_a}» og «{name_b}» er same legemiddel, eller skil dei.",
        "Confirm that '{name_a}' and '{name_b}' are the same medicine, or separate them.",
    ),
    "C09": _both(
        "Finn ut kva «{text}» er, og før det med kode.", "Find out what '{text}' is, and record it with a code."
    ),
    "C10": _both(
        "Kontroller mot øskja at både {name_a} og {name_b} er rette.",
        "Check against the box that both {name_a} and {name_b} are right.",
    ),
    "C12": _both("Vurder byte av {name_a}.", "Consider a replacement for {name_a}."),
    "C14": _both(
        "Kontroller øskja, og ring apoteket om {name_a} utlevert {date_a}.",
        "Check the box, and call the pharmacy about {name_a} dispensed {date_a}.",
    ),
    "C15": _both(
        "Avklar om bytet frå {name_a} til {name_b} er meint.",
        "Clarify whether the change from {name_a} to {name_b} is intended.",
    ),
    "D01": _both(
        "Stadfest dosen av {drug}, og rett lista som er feil.",
        "Confirm the dose of {drug}, and correct the list that is wrong.",
    ),
    "D02": _ASK_HOW_OFTEN,
    "D03": _both("Stadfest dose: når {drug} skal givast.", "Confirm the dose: when {drug} is to be given."),
    "D04": _both(
        "Stadfest dose: om {drug} skal givast fast eller ved behov.",
        "Confirm the dose: whether {drug} is to be given regularly or as needed.",
    ),
    "D05": _both(
        "Oppgi dosen av {drug} slik at han kan lesast: kor mykje, kor ofte og når.",
        "State the dose of {drug} so that it can be read: how much, how often and when.",
    ),
    "D06": _both("Oppgi dosen av {drug}.", "State the dose of {drug}."),
    "D07": _both("Ny resept på {drug} med dosen {dose_a}.", "New prescription for {drug} with the dose {dose_a}."),
    "D08": _both(
        "Stadfest dose: maks per døgn og indikasjon for {drug} ved behov.",
        "Confirm the dose: maximum per day and indication for {drug} as needed.",
    ),
    "D09": _both(
        "Stadfest dose: steget i dag i planen for {drug}.", "Confirm the dose: today's step in the plan for {drug}."
    ),
    "D10": _both(
        "Stadfest dose: samla mengd {substance} er over grensa i regelsettet.",
        "Confirm the dose: the total amount of {substance} is above the limit in the rule set.",
    ),
    "D11": _both("Ikkje gi {drug} før dosen er avklart.", "Do not give {drug} until the dose has been clarified."),
    "D12": _both(
        "Stadfest dose: at alle styrkane i settet er med.",
        "Confirm the dose: that all the strengths of the set are included.",
    ),
    "D13": _ASK_HOW_OFTEN,
    "D14": _both(
        "Stadfest dose: kva som er meint med «{said_b}» for {drug}.",
        "Confirm the dose: what is meant by '{said_b}' for {drug}.",
    ),
    "D15": _both("Stadfest dose: {drug} kan ikkje delast.", "Confirm the dose: {drug} can't be divided."),
    "E01": _both(
        "Avklar om {drug} skal givast frå rull eller øskje; få rullen retta eller resepten kalla tilbake.",
        "Clarify whether {drug} is to be given from the roll or a box; have the roll corrected or the prescription "
        "revoked.",
    ),
    "E02": _both(
        "Rett rullen for {drug} manuelt til {next_roll}, og meld endringa til multidoseapoteket.",
        "Correct the roll for {drug} by hand until {next_roll}, and report the change to the multidose pharmacy.",
    ),
    "E03": _both(
        "Rett rullen: ta {drug} ut manuelt til {next_roll}, og meld frå til multidoseapoteket.",
        "Correct the roll: take {drug} out by hand until {next_roll}, and tell the multidose pharmacy.",
    ),
    "E04": _both("Vurder å ta {drug} ut av rullen.", "Consider taking {drug} out of the roll."),
    "E05": _both(
        "Avklar kven som er multidoseansvarleg lege, og meld det til apoteket.",
        "Clarify who is the doctor responsible for multidose, and tell the pharmacy.",
    ),
    "F01": _both("Avklar straks om {drug} kan givast.", "Clarify at once whether {drug} can be given."),
    "F02": _both("Oppdater CAVE der {cave} manglar.", "Update the allergy record where {cave} is missing."),
    "F03": _both(
        "Vurder interaksjonen mellom {name_a} og {name_b}.", "Consider the interaction between {name_a} and {name_b}."
    ),
    "F04": _both("Vurder ved neste legemiddelgjennomgang.", "Consider at the next medication review."),
    "F05": _both(
        "Avklar straks kva for eit av {name_a} og {name_b} som skal givast.",
        "Clarify at once which of {name_a} and {name_b} is to be given.",
    ),
    "F06": _both(
        "Vurder om {partner} manglar.",
        "Consider whether {partner} is missing.",
    ),
    "G01": _FETCH,
    "G02": _FETCH,
    "G03": _both("Finn ut kven som har ordinert {drug}.", "Find out who ordered {drug}."),
    "G04": _both(
        "Hent på nytt: {src_a}, eller meld feilen til den som fører lista.",
        "Fetch again: {src_a}, or report the error to whoever keeps the list.",
    ),
    "G05": _both("Hent på nytt: {src_a}, og meld frå til avsendaren.", "Fetch again: {src_a}, and tell the sender."),
    "G06": _both("Gå gjennom endringane og stadfest lista.", "Go through the changes and confirm the list."),
    "G07": _both(
        "Spør pasienten om legemiddel som ikkje står her.", "Ask the patient about medicines that are not listed here."
    ),
}
"""By the rule's code; rules without an action are not here."""

CLOSINGS: Mapping[str, Words] = {
    DEFAULT_CLOSING: _both(
        "Eit nyare utsegn viser at forholdet er retta, i ei liste der kjeldene flagget kviler på, er komplette.",
        "A newer statement shows that it has been put right, in a list where the sources that the flag rests on are "
        "complete.",
    ),
}
"""By the Bokmål words of the rule."""
