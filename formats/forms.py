"""What a dosage form means for matching: form group, route group and release class of each code in list 7448.

The table `forms.tsv` names every code with its reason (rules.md, normalisation 6-7 and clarifications 7-8): enteric,
chewable, effervescent, orodispersible and mixtures are plain; depot and modified release are prolonged; a form made
for two routes has route `?`. What the table does not know is `?` in all three, never plain.
"""

import re
from functools import cache
from importlib.resources import files

from formats.drug import FormFacts

UNKNOWN = FormFacts("?", "?", "?")

ROUTES = frozenset(
    {
        "oral",
        "sublingual",
        "rectal",
        "vaginal",
        "inhaled",
        "nasal",
        "eye",
        "ear",
        "skin",
        "transdermal",
        "injection",
        "?",
    }
)
RELEASES = frozenset({"plain", "prolonged", "patch", "depot-injection", "?"})

# Words as catalogues and people write them, with their plurals (list 7448 has singulars; bokmål and nynorsk) -> the
# 7448 code they stand for. A closed list, no stemming. Longest phrase first wins a place.
_WORDS = {
    "53": "tab|tabl|tbl|tablett|tabletter|tablettar",
    "25": "depottab|depottabl|depottbl|depottablett|depottabletter|depottablettar|"
    "depot tab|depot tabl|depot tbl|depot tablett|depot tabletter|depot tablettar",
    "24": "depotkaps|depotkapsel|depotkapsler|depotkapslar|depot kaps|depot kapsel|depot kapsler|depot kapslar",
    "28": "enterotab|enterotabl|enterotbl|enterotablett|enterotabletter|enterotablettar",
    "27": "enterokaps|enterokapsel|enterokapsler|enterokapslar",
    "32": "kaps|kapsel|kapsler|kapslar",
    "448": "kaps modif frisetting|kapsel med modifisert frisetting",
    "449": "tab modif frisetting|tablett med modifisert frisetting",
    "57": "tyggetab|tyggetabl|tyggetbl|tyggetablett|tyggetabletter|tyggetablettar",
    "16": "brusetab|brusetabl|brusetbl|brusetablett|brusetabletter|brusetablettar",
    "48": "smeltetab|smeltetabl|smeltetbl|smeltetablett|smeltetabletter|smeltetablettar",
    "5": "disperg tab|dispergerbar tablett|dispergerbare tabletter",
    "50": "subling tab|sublingvaltab|sublingvaltablett|sublingvaltabletter|resoriblett|resoribletter|resoriblettar",
    "428": "resoriblett slimhinneklebende",
    "52": "sugetab|sugetabl|sugetbl|sugetablett|sugetabletter|sugetablettar",
    "9": "mikst|mikstur",
    "8": "gran til mikst|granulat til mikstur",
    "7": "gran|granulat",
    "58": "depotplast|depotplaster|depotplastre|plaster|plastre",
    "112": "stikkpille|stikkpiller|stikkpillar|supp",
    "101": "inj|inj oppl|inj væske|inj væske oppl|injeksjon|injeksjonsvæske|injeksjonsvæske oppløsning",
    "426": "inj susp|inj væske susp|injeksjonsvæske suspensjon",
    "481": "depotinj|depotinj susp|depotinjeksjonsvæske",
    "95": "inf|inf væske|infusjonsvæske",
    "99": "inh pulv|inhalasjonspulver",
    "96": "inh aerosol|inhalasjonsaerosol",
    "100": "inh væske til nebulisator|inhalasjonsvæske til nebulisator",
    "74": "nesespray",
    "68": "nesedr|nesedråper|nesedråpar",
    "90": "øyedr|øyedråper|øyedråpar|augedropar",
    "94": "øyesalve",
    "91": "øyegel",
    "80": "øredr|øredråper|øredråpar|øyredropar",
    "34": "krem",
    "46": "salve",
    "66": "lin|liniment",
    "29": "gel",
    "120": "vaginaltab|vaginaltabl|vaginaltablett|vaginaltabletter|vaginaltablettar",
    "117": "vaginalkrem",
    "123": "vagitorie|vagitorier|vagitoriar",
    "110": "rektalvæske|klyster",
}


@cache
def _table() -> dict[str, tuple[str, FormFacts]]:
    """Code -> (name, facts), read once from the table beside this module."""
    rows = (files("formats") / "forms.tsv").read_text(encoding="utf-8").splitlines()[1:]
    cells = (row.split("\t") for row in rows)
    return {code: (name, FormFacts(group, route, release)) for code, name, group, route, release, _ in cells}


def known_codes() -> frozenset[str]:
    """All codes of list 7448 that the table names."""
    return frozenset(_table())


def form_name(code: str) -> str:
    """The list's own name of a 7448 code, "" for one it does not have."""
    hit = _table().get(code.strip())
    return hit[0] if hit else ""


def form_facts(code: str) -> FormFacts:
    """The facts of a 7448 code; `?` in all three for a code that is not in the list."""
    hit = _table().get(code.strip())
    return hit[1] if hit else UNKNOWN


@cache
def written_out() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Short forms and plurals of forms, in words, case folded -> the words of the list's own name of that form."""
    return {
        tuple(phrase.split()): tuple(re.findall(_WORD, form_name(code).casefold()))
        for code, phrases in _WORDS.items()
        for phrase in phrases.split("|")
    }


def form_facts_by_name(text: str | None) -> FormFacts:
    """The facts of the form words in `text` (a form's own name, or a product name with form words in it).

    Whole words only. Two form words that mean different things ("tabletter og kapsler" do not, "krem og vagitorier"
    do) leave `?` where they differ. No form word: `?` throughout.
    """
    words = re.findall(_WORD, (text or "").casefold())
    phrases = _phrases()
    found: list[FormFacts] = []
    at = 0
    while at < len(words):
        size = next((n for n in range(_LONGEST, 0, -1) if tuple(words[at : at + n]) in phrases), 0)
        if size:
            found.append(phrases[tuple(words[at : at + size])])
        at += size or 1
    return _shared(found)


_LONGEST = 6
_WORD = r"[a-zæøåé0-9]+"


@cache
def _phrases() -> dict[tuple[str, ...], FormFacts]:
    """Word sequence -> facts. The list's own names of up to six words come first, our short forms after."""
    spoken: dict[tuple[str, ...], FormFacts] = {}
    for name, facts in _table().values():
        words = tuple(re.findall(_WORD, name.casefold()))
        if len(words) <= _LONGEST:
            spoken[words] = _shared([facts, spoken.get(words, facts)])
    for code, phrases in _WORDS.items():
        for phrase in phrases.split("|"):
            spoken[tuple(phrase.split())] = form_facts(code)
    return spoken


def _shared(found: list[FormFacts]) -> FormFacts:
    """What all of `found` agree on; `?` elsewhere."""
    if not found:
        return UNKNOWN
    first = found[0]
    return FormFacts(
        first.group if all(f.group == first.group for f in found) else "?",
        first.route if all(f.route == first.route for f in found) else "?",
        first.release if all(f.release == first.release for f in found) else "?",
    )
