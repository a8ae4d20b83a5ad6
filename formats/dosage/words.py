"""The words of the canonical dosing sentence in Bokmål, Nynorsk and English: data only."""

from typing import NamedTuple


class Words(NamedTuple):
    """One language. Templates take `n`, `amount` and so on by name."""

    units: dict[str, tuple[str, str]]
    parts: dict[str, str]
    days: dict[str, str]
    both: dict[str, str]
    sides: dict[str, str]
    once_daily: str
    times_daily: str
    up_to_times_daily: str
    daily: str
    daily_unsaid: str
    each_time: str
    clock: str
    each_day_named: str
    join: str
    hours: str
    every: dict[str, str]
    weekly: str
    monthly: str
    alternate: str
    other_days: str
    times_in: str
    up_to_times_in: str
    week: str
    month: str
    per: dict[str, str]
    single: str
    needed: str
    besides: str
    ceiling: str
    length: dict[str, tuple[str, str]]
    during: str
    during_up_to: str
    then: str
    stop: str
    pause: str
    repeated: str
    change: dict[bool, str]
    unknown_amount: str
    partial: str


_NB_UNITS = {
    "tablett": ("tablett", "tabletter"),
    "kapsel": ("kapsel", "kapsler"),
    "ml": ("ml", "ml"),
    "mg": ("mg", "mg"),
    "g": ("gram", "gram"),
    "mikrog": ("mikrogram", "mikrogram"),
    "E": ("enhet", "enheter"),
    "dråpe": ("dråpe", "dråper"),
    "dose": ("dose", "doser"),
    "inhalasjon": ("inhalasjon", "inhalasjoner"),
    "spray": ("spray", "sprayer"),
    "plaster": ("plaster", "plastre"),
    "pose": ("pose", "poser"),
    "sprøyte": ("sprøyte", "sprøyter"),
    "injeksjon": ("injeksjon", "injeksjoner"),
    "penn": ("penn", "penner"),
    "stikkpille": ("stikkpille", "stikkpiller"),
    "vagitorie": ("vagitorie", "vagitorier"),
    "vaginaltablett": ("vaginaltablett", "vaginaltabletter"),
    "klyster": ("klyster", "klyster"),
    "ampulle": ("ampulle", "ampuller"),
    "teskje": ("teskje", "teskjeer"),
    "barneskje": ("barneskje", "barneskjeer"),
    "spiseskje": ("spiseskje", "spiseskjeer"),
}
_NN_UNITS = {
    **_NB_UNITS,
    "tablett": ("tablett", "tablettar"),
    "kapsel": ("kapsel", "kapslar"),
    "E": ("eining", "einingar"),
    "dråpe": ("drope", "dropar"),
    "dose": ("dose", "dosar"),
    "inhalasjon": ("inhalasjon", "inhalasjonar"),
    "pose": ("pose", "posar"),
    "injeksjon": ("injeksjon", "injeksjonar"),
    "penn": ("penn", "pennar"),
    "teskje": ("teskei", "teskeier"),
    "barneskje": ("barneskei", "barneskeier"),
    "spiseskje": ("spiseskei", "spiseskeier"),
}
_EN_UNITS = {
    "tablett": ("tablet", "tablets"),
    "kapsel": ("capsule", "capsules"),
    "ml": ("ml", "ml"),
    "mg": ("mg", "mg"),
    "g": ("gram", "grams"),
    "mikrog": ("microgram", "micrograms"),
    "E": ("unit", "units"),
    "dråpe": ("drop", "drops"),
    "dose": ("dose", "doses"),
    "inhalasjon": ("inhalation", "inhalations"),
    "spray": ("spray", "sprays"),
    "plaster": ("patch", "patches"),
    "pose": ("sachet", "sachets"),
    "sprøyte": ("syringe", "syringes"),
    "injeksjon": ("injection", "injections"),
    "penn": ("pen", "pens"),
    "stikkpille": ("suppository", "suppositories"),
    "vagitorie": ("vaginal suppository", "vaginal suppositories"),
    "vaginaltablett": ("vaginal tablet", "vaginal tablets"),
    "klyster": ("enema", "enemas"),
    "ampulle": ("ampoule", "ampoules"),
    "teskje": ("teaspoon", "teaspoons"),
    "barneskje": ("dessertspoon", "dessertspoons"),
    "spiseskje": ("tablespoon", "tablespoons"),
}

NB = Words(
    units=_NB_UNITS,
    parts={
        "morgen": "om morgenen",
        "formiddag": "om formiddagen",
        "middag": "midt på dagen",
        "ettermiddag": "om ettermiddagen",
        "kveld": "om kvelden",
        "natt": "om natten",
        "sengetid": "ved sengetid",
    },
    days={
        "ma": "mandag",
        "ti": "tirsdag",
        "on": "onsdag",
        "to": "torsdag",
        "fr": "fredag",
        "lø": "lørdag",
        "sø": "søndag",
    },
    both={"øye": "i hvert øye", "øre": "i hvert øre", "nesebor": "i hvert nesebor", "": "på hver side"},
    sides={
        "venstre": "venstre",
        "høyre": "høyre",
        "øye": "i {side} øye",
        "øre": "i {side} øre",
        "nesebor": "i {side} nesebor",
        "": "på {side} side",
    },
    once_daily="1 gang daglig",
    times_daily="{n} ganger daglig",
    up_to_times_daily="inntil {n} ganger daglig",
    daily="daglig",
    daily_unsaid="hver dag, antall ganger ikke sagt",
    each_time="{amount} hver gang,",
    clock="klokken {clock}",
    each_day_named="hver {days}",
    join="og",
    hours="hver {n}. time",
    every={"d": "hver {n}. dag", "mo": "hver {n}. måned"},
    weekly="hver uke",
    monthly="hver måned",
    alternate="annenhver dag",
    other_days="de andre dagene",
    times_in="{n} ganger {period}",
    up_to_times_in="inntil {n} ganger {period}",
    week="i uken",
    month="i måneden",
    per={"d": "per {n} dager", "mo": "per {n} måneder"},
    single="som engangsdose",
    needed="ved behov",
    besides="fast, i tillegg {needed}",
    ceiling="høyst {amount} per døgn",
    length={"d": ("dag", "dager"), "mo": ("måned", "måneder")},
    during="i {length}",
    during_up_to="i inntil {length}",
    then="deretter",
    stop="slutt",
    pause="{length} pause",
    repeated="gjentas",
    change={False: "ned med {amount} {interval}", True: "opp med {amount} {interval}"},
    unknown_amount="ukjent mengde",
    partial="Bare delvis lest: {said}. Se teksten.",
)

NN = NB._replace(
    units=_NN_UNITS,
    parts={
        "morgen": "om morgonen",
        "formiddag": "om formiddagen",
        "middag": "midt på dagen",
        "ettermiddag": "om ettermiddagen",
        "kveld": "om kvelden",
        "natt": "om natta",
        "sengetid": "ved sengetid",
    },
    days={
        "ma": "måndag",
        "ti": "tysdag",
        "on": "onsdag",
        "to": "torsdag",
        "fr": "fredag",
        "lø": "laurdag",
        "sø": "sundag",
    },
    both={"øye": "i kvart auge", "øre": "i kvart øyre", "nesebor": "i kvart nasebor", "": "på kvar side"},
    sides={
        "venstre": "venstre",
        "høyre": "høgre",
        "øye": "i {side} auge",
        "øre": "i {side} øyre",
        "nesebor": "i {side} nasebor",
        "": "på {side} side",
    },
    once_daily="1 gong dagleg",
    times_daily="{n} gonger dagleg",
    up_to_times_daily="inntil {n} gonger dagleg",
    daily="dagleg",
    daily_unsaid="kvar dag, talet på gonger ikkje sagt",
    each_time="{amount} kvar gong,",
    clock="klokka {clock}",
    each_day_named="kvar {days}",
    hours="kvar {n}. time",
    every={"d": "kvar {n}. dag", "mo": "kvar {n}. månad"},
    weekly="kvar veke",
    monthly="kvar månad",
    alternate="annankvar dag",
    other_days="dei andre dagane",
    times_in="{n} gonger {period}",
    up_to_times_in="inntil {n} gonger {period}",
    week="i veka",
    month="i månaden",
    per={"d": "per {n} dagar", "mo": "per {n} månader"},
    single="som eingongsdose",
    ceiling="høgst {amount} per døgn",
    length={"d": ("dag", "dagar"), "mo": ("månad", "månader")},
    repeated="gjentakast",
    unknown_amount="ukjend mengd",
    partial="Berre delvis lese: {said}. Sjå teksten.",
)

EN = Words(
    units=_EN_UNITS,
    parts={
        "morgen": "in the morning",
        "formiddag": "in the late morning",
        "middag": "at midday",
        "ettermiddag": "in the afternoon",
        "kveld": "in the evening",
        "natt": "at night",
        "sengetid": "at bedtime",
    },
    days={
        "ma": "Monday",
        "ti": "Tuesday",
        "on": "Wednesday",
        "to": "Thursday",
        "fr": "Friday",
        "lø": "Saturday",
        "sø": "Sunday",
    },
    both={"øye": "in each eye", "øre": "in each ear", "nesebor": "in each nostril", "": "on each side"},
    sides={
        "venstre": "left",
        "høyre": "right",
        "øye": "in the {side} eye",
        "øre": "in the {side} ear",
        "nesebor": "in the {side} nostril",
        "": "on the {side} side",
    },
    once_daily="once daily",
    times_daily="{n} times daily",
    up_to_times_daily="up to {n} times daily",
    daily="daily",
    daily_unsaid="each day, how often not said",
    each_time="{amount} each time,",
    clock="at {clock}",
    each_day_named="every {days}",
    join="and",
    hours="every {n} hours",
    every={"d": "every {n} days", "mo": "every {n} months"},
    weekly="every week",
    monthly="every month",
    alternate="every other day",
    other_days="on the other days",
    times_in="{n} times {period}",
    up_to_times_in="up to {n} times {period}",
    week="a week",
    month="a month",
    per={"d": "per {n} days", "mo": "per {n} months"},
    single="as a single dose",
    needed="as needed",
    besides="regularly, in addition {needed}",
    ceiling="at most {amount} in 24 hours",
    length={"d": ("day", "days"), "mo": ("month", "months")},
    during="for {length}",
    during_up_to="for up to {length}",
    then="then",
    stop="stop",
    pause="{length} pause",
    repeated="repeated",
    change={False: "down by {amount} {interval}", True: "up by {amount} {interval}"},
    unknown_amount="amount unknown",
    partial="Only partly read: {said}. See the text.",
)

LANGUAGES = {"nb": NB, "nn": NN, "en": EN}
