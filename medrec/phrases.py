"""What rules put into sentences in Bokmål alone, in nynorsk and English: doses in our own short words, fixed phrases.

Only a text that is wholly of the closed vocabulary below is translated; anything else is a source's own words and
stays as it was said. Conditions of escalation, which rules name in English, have their words here too.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from formats.dosage.words import LANGUAGES
from formats.dosing import Weekday
from rules.tables import intervals
from rules.tables.intervals import Pace

Words = Mapping[str, str]


def _both(nn: str, en: str) -> Words:
    return {"nn": nn, "en": en}


FIXED: Mapping[str, Words] = {
    "endret": _both("endra", "changed"),
    "startet": _both("starta", "started"),
    "seponerte": _both("seponerte", "stopped"),
    "ingenting": _both("ingenting", "nothing"),
    "ukjent": _both("ukjend", "unknown"),
    "døgndose": _both("døgndose", "daily dose"),
    "ukedose": _both("vekedose", "weekly dose"),
    "ukjent forskriver": _both("ukjend forskrivar", "unknown prescriber"),
} | {p.nb: _both(p.nn, p.en) for p in vars(intervals).values() if isinstance(p, Pace)}
"""Whole phrases that a rule gives as a value."""

_DOSE: Mapping[str, Words] = {
    "x": _both("x", "x"),
    "daglig": _both("dagleg", "daily"),
    "ved behov": _both("ved behov", "as needed"),
    "inntil": _both("inntil", "up to"),
    "én gang": _both("éin gong", "once"),
    "1 gang i uken": _both("1 gong i veka", "once a week"),
    "1 gang i måneden": _both("1 gong i månaden", "once a month"),
    "1 gang i 14 dager": _both("1 gong på 14 dagar", "once in 14 days"),
    "ganger i uken": _both("gonger i veka", "times a week"),
    "ganger i måneden": _both("gonger i månaden", "times a month"),
    "ganger i 14 dager": _both("gonger på 14 dagar", "times in 14 days"),
    "hver": _both("kvar", "every"),
    ". dag": _both(". dag", " days"),
    ". uke": _both(". veke", " weeks"),
    ". måned": _both(". månad", " months"),
    "morgen": _both("morgon", "morning"),
    "formiddag": _both("formiddag", "late morning"),
    "middag": _both("middag", "midday"),
    "ettermiddag": _both("ettermiddag", "afternoon"),
    "kveld": _both("kveld", "evening"),
    "natt": _both("natt", "night"),
    "sengetid": _both("sengetid", "bedtime"),
    "enheter": _both("einingar", "units"),
    "mikrogram": _both("mikrogram", "micrograms"),
    "i hvert øye": _both("i kvart auge", "in each eye"),
    "i høyre øye": _both("i høgre auge", "in the right eye"),
    "i venstre øye": _both("i venstre auge", "in the left eye"),
    "i hvert øre": _both("i kvart øyre", "in each ear"),
    "i høyre øre": _both("i høgre øyre", "in the right ear"),
    "i venstre øre": _both("i venstre øyre", "in the left ear"),
    "i hvert nesebor": _both("i kvart nasebor", "in each nostril"),
    "i høyre nesebor": _both("i høgre nasebor", "in the right nostril"),
    "i venstre nesebor": _both("i venstre nasebor", "in the left nostril"),
}
_CRITERIA: Mapping[str, Words] = {
    "og": _both("og", "and"),
    "eller": _both("eller", "or"),
    "over": _both("over", "above"),
    "med": _both("med", "with"),
    "i døgnet": _both("i døgnet", "a day"),
    "tre eller flere": _both("tre eller fleire", "three or more"),
    "sentralt virkende legemidler": _both("sentralt verkande legemiddel", "centrally acting medicines"),
    "psykofarmaka": _both("psykofarmaka", "psychotropic medicines"),
    "fast bruk av sovemiddel": _both("fast bruk av sovemiddel", "regular use of hypnotics"),
    "førstegenerasjons antihistamin": _both("førstegenerasjons antihistamin", "first-generation antihistamine"),
    "trisyklisk antidepressiv": _both("trisyklisk antidepressiv", "tricyclic antidepressant"),
    "ACE-hemmer": _both("ACE-hemmar", "ACE inhibitor"),
    "angiotensinreseptorblokker": _both("angiotensinreseptorblokkar", "angiotensin receptor blocker"),
    "betablokker": _both("betablokkar", "beta blocker"),
    "kardioselektiv kalsiumantagonist": _both("kardioselektiv kalsiumantagonist", "cardioselective calcium antagonist"),
    "kaliumsparende diuretikum": _both("kaliumsparande diuretikum", "potassium-sparing diuretic"),
    "protonpumpehemmer": _both("protonpumpehemmar", "proton pump inhibitor"),
    "diuretikum": _both("diuretikum", "diuretic"),
    "glukokortikoid": _both("glukokortikoid", "glucocorticoid"),
    "bisfosfonat": _both("bisfosfonat", "bisphosphonate"),
    "statin": _both("statin", "statin"),
    "kalium": _both("kalium", "potassium"),
    "NSAID": _both("NSAID", "NSAID"),
    "SSRI": _both("SSRI", "SSRI"),
    "SNRI": _both("SNRI", "SNRI"),
}
_SUBSTANCES: Mapping[str, str] = {
    "alimemazin": "alimemazine", "amitriptylin": "amitriptyline", "bupropion": "bupropion",
    "ciprofloksacin": "ciprofloxacin", "deksklorfeniramin": "dexchlorpheniramine",
    "dekstropropoksyfen": "dextropropoxyphene", "diazepam": "diazepam", "diltiazem": "diltiazem",
    "doksepin": "doxepin", "erytromycin": "erythromycin", "flunitrazepam": "flunitrazepam",
    "fluoksetin": "fluoxetine", "fluvoksamin": "fluvoxamine", "hydroksyzin": "hydroxyzine",
    "karbamazepin": "carbamazepine", "karisoprodol": "carisoprodol", "klaritromycin": "clarithromycin",
    "klometiazol": "clomethiazole", "klomipramin": "clomipramine", "klorpromazin": "chlorpromazine",
    "klorprotiksen": "chlorprothixene", "kodein": "codeine", "levomepromazin": "levomepromazine",
    "lovastatin": "lovastatin", "metformin": "metformin", "metoprolol": "metoprolol", "nitrazepam": "nitrazepam",
    "ofloksacin": "ofloxacin", "oksazepam": "oxazepam", "paracetamol": "paracetamol", "paroksetin": "paroxetine",
    "proklorperazin": "prochlorperazine", "prometazin": "promethazine", "simvastatin": "simvastatin",
    "sotalol": "sotalol", "teofyllin": "theophylline", "tramadol": "tramadol", "trimipramin": "trimipramine",
    "warfarin": "warfarin", "zopiklon": "zopiclone",
}  # fmt: skip
"""Substances that NorGeP names; nynorsk writes them as Bokmål does."""

CONDITIONS: Mapping[str, Words] = {
    name: {"nb": nb, "nn": nn, "en": name}
    for name, nb, nn in (
        ("high-alert", "høyrisikolegemiddel", "høgrisikolegemiddel"),
        (
            "high-alert for omission",
            "høyrisikolegemiddel, eller farlig å utelate",
            "høgrisikolegemiddel, eller farleg å utelate",
        ),
        (
            "antithrombotic, insulin, antiepileptic or Parkinson drug",
            "blodfortynnende, insulin, epilepsi- eller parkinsonmiddel",
            "blodfortynnande, insulin, epilepsi- eller parkinsonmiddel",
        ),
        ("opioid", "opioid", "opioid"),
        ("opioid or benzodiazepine", "opioid eller benzodiazepin", "opioid eller benzodiazepin"),
        ("ratio at least 2", "minst dobbel dose", "minst dobbel dose"),
        ("supply runs out within 14 days", "tomt innen 14 dager", "tomt innan 14 dagar"),
        ("nothing left at home", "ingenting igjen hjemme", "ingenting igjen heime"),
        ("dispensed within 120 days", "utlevert siste 120 dager", "utlevert siste 120 dagar"),
        (
            "overlaps a prescribed ingredient",
            "samme virkestoff som noe forskrevet",
            "same verkestoff som noko forskrive",
        ),
        ("interaction", "interaksjon", "interaksjon"),
        ("dispensed after the stop", "utlevert etter seponering", "utlevert etter seponering"),
        ("resume date has passed", "dagen for ny start er passert", "dagen for ny start er passert"),
        (
            "a prescription can still be dispensed",
            "en resept kan fortsatt hentes ut",
            "ein resept kan framleis hentast ut",
        ),
        ("multidose still packs it", "pakkes fortsatt i multidose", "blir framleis pakka i multidose"),
        (
            "discharge more than 7 days old",
            "utskrivning for mer enn 7 dager siden",
            "utskriving for meir enn 7 dagar sidan",
        ),
        ("expires within 14 days", "går ut innen 14 dager", "går ut innan 14 dagar"),
        ("doses of the prescriptions differ", "reseptene har ulik dose", "reseptane har ulik dose"),
        ("both packages are at home", "begge pakningene er hjemme", "begge pakningane er heime"),
        (
            "text contains a high-alert name",
            "teksten nevner et høyrisikolegemiddel",
            "teksten nemner eit høgrisikolegemiddel",
        ),
        ("listed class", "gruppe i tabellen", "gruppe i tabellen"),
        ("two regular opioids", "to faste opioider", "to faste opioid"),
        ("systemic in both", "virker i hele kroppen på begge måter", "verkar i heile kroppen på begge måtar"),
        (
            "antiepileptic, lithium or theophylline",
            "epilepsimiddel, litium eller teofyllin",
            "epilepsimiddel, litium eller teofyllin",
        ),
        ("tablet count differs", "antall tabletter er ulikt", "talet på tablettar er ulikt"),
        ("valid prescription", "gyldig resept", "gyldig resept"),
        ("epilepsy drug", "epilepsimiddel", "epilepsimiddel"),
        ("difference below 5 per cent", "forskjell under 5 prosent", "skilnad under 5 prosent"),
        ("no source states a dose", "ingen kilde oppgir dose", "inga kjelde gir opp dose"),
        (
            "high-alert, and no source knows the dose or a scheme",
            "høyrisikolegemiddel, og ingen kilde har dose eller skjema",
            "høgrisikolegemiddel, og inga kjelde har dose eller skjema",
        ),
        ("folic acid beside methotrexate", "folsyre sammen med metotreksat", "folsyre saman med metotreksat"),
        ("folic acid without methotrexate", "folsyre uten metotreksat", "folsyre utan metotreksat"),
        ("Parkinson drug or insulin", "parkinsonmiddel eller insulin", "parkinsonmiddel eller insulin"),
        ("methotrexate", "metotreksat", "metotreksat"),
        ("opioid or antiepileptic", "opioid eller epilepsimiddel", "opioid eller epilepsimiddel"),
        (
            "opioid, benzodiazepine or insulin",
            "opioid, benzodiazepin eller insulin",
            "opioid, benzodiazepin eller insulin",
        ),
        (
            "steroid, opioid or benzodiazepine more than 7 days overdue",
            "steroid, opioid eller benzodiazepin mer enn 7 dager over tiden",
            "steroid, opioid eller benzodiazepin meir enn 7 dagar over tida",
        ),
        ("one part is missing somewhere", "én del mangler et sted", "éin del manglar ein stad"),
        (
            "weekly or titrated high-alert",
            "høyrisikolegemiddel som gis ukentlig eller trappes",
            "høgrisikolegemiddel som blir gitt kvar veke eller trappa",
        ),
        ("FEST: should be avoided, and new", "FEST: bør unngås, og er ny", "FEST: bør unngåast, og er ny"),
        ("FEST: precautions, and new", "FEST: forholdsregler, og er ny", "FEST: forholdsreglar, og er ny"),
        ("one prescriber's list has both", "én forskrivers liste har begge", "lista til éin forskrivar har begge"),
        ("3 criteria or more", "3 kriterier eller flere", "3 kriterium eller fleire"),
        ("older than the high limit", "eldre enn den øvre grensen", "eldre enn den øvre grensa"),
        (
            "a flag of high or critical has been open for more than 24 hours",
            "et avvik som haster eller skal tas i dag, har stått åpent i mer enn 24 timer",
            "eit avvik som hastar eller skal takast i dag, har stått ope i meir enn 24 timar",
        ),
        ("it decides a status", "det avgjør en status", "det avgjer ein status"),
    )
}
"""By the name rules use."""

VALUES: Mapping[str, Words] = {
    key: {"nb": nb, "nn": nn, "en": en}
    for key, nb, nn, en in (
        ("atc_name", "gruppe", "gruppe", "class"),
        ("atc_new", "ny kode", "ny kode", "new code"),
        ("atc_old", "gammel kode", "gammal kode", "old code"),
        ("cave", "CAVE", "CAVE", "allergy"),
        ("change", "endret", "endra", "changed"),
        ("criterion", "kriterium", "kriterium", "criterion"),
        ("date", "dato", "dato", "date"),
        ("detail", "hva som er galt", "kva som er gale", "what is wrong"),
        ("dose", "dose", "dose", "dose"),
        ("drug", "legemiddel", "legemiddel", "medicine"),
        ("end_date", "siste dag", "siste dag", "last day"),
        ("expected", "så ofte", "så ofte", "so often"),
        ("factor", "faktor", "faktor", "factor"),
        ("form", "form", "form", "form"),
        ("interval", "hvor ofte", "kor ofte", "how often"),
        ("known", "hvem som har begge", "kven som har begge", "who has both"),
        ("level", "grad", "grad", "level"),
        ("limit", "grense", "grense", "limit"),
        ("missing", "det som mangler", "det som manglar", "what is missing"),
        ("n", "antall", "tal", "number"),
        ("name", "navn", "namn", "name"),
        ("ask", "endring", "endring", "change"),
        ("names", "navn", "namn", "names"),
        ("next_roll", "neste rull", "neste rull", "next roll"),
        ("packed", "pakkedag", "pakkedag", "day of packing"),
        ("partner", "følgelegemiddel", "følgjelegemiddel", "companion medicine"),
        ("parts", "deler", "delar", "parts"),
        ("period", "i perioden", "i perioden", "in the period"),
        ("prescriber", "forskriver", "forskrivar", "prescriber"),
        ("ran_out", "utløp eller er brukt opp", "gjekk ut eller er brukt opp", "expired or is used up"),
        ("reason", "grunn", "grunn", "reason"),
        ("remark", "merknad", "merknad", "remark"),
        ("rung", "hvordan de er koblet", "korleis dei er kopla", "how they are linked"),
        ("same", "hva som er likt", "kva som er likt", "what is equal"),
        ("said", "kildens ord", "orda i kjelda", "the source's words"),
        ("sources", "kilder", "kjelder", "sources"),
        ("src", "kilde", "kjelde", "source"),
        ("start_date", "startdag", "startdag", "day of start"),
        (
            "stated",
            "er fritekst eller i en annen enhet",
            "er fritekst eller i ei anna eining",
            "is free text or in another unit",
        ),
        ("strength", "styrke", "styrke", "strength"),
        ("substance", "virkestoff", "verkestoff", "substance"),
        ("sum", "sum", "sum", "sum"),
        ("text", "tekst", "tekst", "text"),
        ("times", "tidspunkter", "tidspunkt", "times"),
        ("valid_to", "siste gyldige dag", "siste gyldige dag", "last valid day"),
    )
}
"""What the values of rules' sentences are, for a reader of the rulebook; "_a" and "_b" are told as A and B."""
_OURS = frozenset(
    {
        *("change", "criterion", "dose_a", "dose_b", "expected", "factor"),
        *("parts", "prescriber", "same", "sum", "times_a", "times_b"),
    }
)
"""Values that rules put into Bokmål themselves."""
_AS_SAID = frozenset({("B07", "dose_a"), ("B07", "dose_b"), ("C02", "dose_a"), ("C02", "dose_b"), ("D09", "dose_b")})
"""Those among them that are a source's own words, but for a fixed phrase in their place."""
NEXT_ROLL: Words = {"nb": "neste rull", "nn": "neste rull", "en": "the next roll"}
"""Until when a roll is wrong, where nobody has said on what day the next one begins."""
RUNGS: Mapping[str, Words] = {
    "R7": {"nb": "koblet bare ved ATC-koden", "nn": "kopla berre ved ATC-koden", "en": "linked by the ATC code alone"},
    "R10": {"nb": "koblet bare ved navnet", "nn": "kopla berre ved namnet", "en": "linked by the name alone"},
}
"""How a weak link was found, which C08 names by its rung."""
_QUOTED = {"nn": "«{}»", "en": "'{}'"}
_NUMBER = r"\d+(?:,\d+)?(?:–\d+(?:,\d+)?)?"
_MICROGRAM, _POINT = re.compile(r"(?<![^\W\d_])(?:ug|µg|μg|mcg|mikrog)(?!\w)"), re.compile(r"(\d)[.,](\d)")
_PUNCTUATION = r"\d\d:\d\d|[ ,;/()+]+"
_WEEKDAYS: Mapping[str, Words] = {
    LANGUAGES["nb"].say(key): _both(LANGUAGES["nn"].say(key), LANGUAGES["en"].say(key))
    for key in (f"day {day.value}" for day in Weekday)
}
_CLOSED: Mapping[str, Words] = {
    **_DOSE,
    **_WEEKDAYS,
    **_CRITERIA,
    **{nb: _both(nb, en) for nb, en in _SUBSTANCES.items()},
}
_ABBREVIATED = ("mg", "g", "ml", "E")


@cache
def _token() -> re.Pattern[str]:
    """One piece of the closed vocabulary, the longest first; a counted unit goes with its number."""
    words = "|".join(re.escape(w) for w in sorted(_CLOSED, key=len, reverse=True))
    units = "|".join(re.escape(u) for u in sorted(LANGUAGES["nb"].units, key=len, reverse=True))
    return re.compile(
        rf"(?P<plain>{_PUNCTUATION})|(?P<words>{words})(?!\w)|(?P<n>{_NUMBER})(?: (?P<unit>{units})(?!\w))?"
    )


def phrase(text: str, language: str) -> str | None:
    """`text` in `language`; `None` where not all of it is of the closed vocabulary."""
    if language == "nb":
        return text
    if text in FIXED:
        return FIXED[text][language]
    said = list(_said(text, language))
    return None if None in said else "".join(p for p in said if p is not None)


def known(name: str, told: object) -> object:
    """The value, or what is said in its place where nobody has told it."""
    return NEXT_ROLL if told is None and name == "next_roll" else told


def value(code: str, name: str, text: str, language: str) -> str:
    """The value `name` of a flag of kind `code` in `language`; a dose in a source's own words stands in quotes."""
    if name.startswith("strength"):
        return _strength(text, language)
    if name == "rung" and text in RUNGS:
        return RUNGS[text][language]
    as_said = (code, name) in _AS_SAID and text not in FIXED
    if language == "nb" and name.startswith("dose_") and not as_said:
        return _counted(text)
    if name not in _OURS or language == "nb" or not text:
        return text
    found = None if as_said else phrase(text, language)
    if found is not None:
        return found
    return _QUOTED[language].format(text) if name.startswith("dose_") else text


def _strength(text: str, language: str) -> str:
    """A strength with the language's decimal mark, micrograms written out (S16)."""
    written = _MICROGRAM.sub("mikrogram" if language != "en" else "micrograms", text)
    return _POINT.sub(r"\1.\2" if language == "en" else r"\1,\2", written)


def _counted(text: str) -> str:
    """A dose in our own Bokmål words, counted units in the plural where there are more; any other text as it was."""
    said = list(_said(text, "nb"))
    return text if None in said else "".join(p for p in said if p is not None)


def _said(text: str, language: str) -> Iterator[str | None]:
    """The pieces in `language`; `None` where something is not known."""
    at = 0
    while at < len(text):
        found = _token().match(text, at)
        if found is None:
            yield None
            return
        yield _piece(found, language)
        at = found.end()


def _piece(found: re.Match[str], language: str) -> str:
    if found["words"]:
        return str(found["words"]) if language == "nb" else _CLOSED[found["words"]][language]
    if found["plain"]:
        return str(found["plain"])
    number = found["n"].replace(",", ".") if language == "en" else found["n"]
    unit = found["unit"]
    if not unit:
        return number
    one, many = (unit, unit) if unit in _ABBREVIATED else LANGUAGES[language].units[unit]
    return f"{number} {one if _at_most_one(found['n'], language) else many}"


def _at_most_one(number: str, language: str) -> bool:
    """Half a tablet is one in Norwegian ("0,5 tablett"), and more than one in English ("0.5 tablets")."""
    return number == "1" or (language != "en" and number.startswith("0,") and "–" not in number)


class Blanks(dict[str, str]):
    """What stands in a rule's sentence in the rulebook, where no finding fills it in: "[dose A]"."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, key: str) -> str:
        name, _, which = key.rpartition("_")
        one_of_two = which in {"a", "b"}
        words = VALUES.get(name if one_of_two else key, {}).get(self._language, key)
        return f"[{words} {which.upper()}]" if one_of_two else f"[{words}]"


def condition(name: str, language: str) -> str:
    """A condition of escalation in words."""
    return CONDITIONS[name][language] if name in CONDITIONS else name
