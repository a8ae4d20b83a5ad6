"""The words of Norwegian dosing texts and what they stand for: data only.

Each row is a kind, a value and phrases (separated by `;`;
`a|b` are alternatives for one word). Bokmål, nynorsk, the
common abbreviations and the Latin that still occurs. Dots of abbreviations are left out: the matcher passes them by.
"""

from enum import StrEnum
from itertools import product
from typing import NamedTuple

from formats.dosage.measures import MEAL_PARTS, NUMBERS, ORDINALS, PARTS, PERIODS, SPANS, UNITS, WEEKDAYS
from formats.dosage.surroundings import HANDLING, ILLNESSES, NOISE, REASONS, SYMPTOMS


class K(StrEnum):
    """Kinds of words and signs."""

    NUMBER = "number"
    UNIT = "unit"
    PART = "part"
    MEAL_PART = "meal-part"
    DINNER = "dinner"
    CLOCK = "clock"
    DAILY = "daily"
    PERIOD = "period"
    GANG = "gang"
    EVERY = "every"
    ORDINAL = "ordinal"
    ALTERNATE = "alternate"
    OTHER_DAYS = "other-days"
    SPAN = "span"
    WEEKDAY = "weekday"
    REST = "rest"
    EXCEPT = "except"
    VAGUE_DAYS = "vague-days"
    PRN = "prn"
    AT = "ved"
    SYMPTOM = "symptom"
    GRADE = "grade"
    MAX = "max"
    AT_MOST = "at-most"
    THEN = "then"
    STOP = "stop"
    PAUSE = "pause"
    REPEAT = "repeat"
    RAISED = "raised"
    INSTEAD = "instead"
    MORE = "more"
    OR = "or"
    SEE = "see"
    NOT = "not"
    REASON = "reason"
    BOTH = "both"
    SIDE = "side"
    SITE = "site"
    SITES = "sites"
    ONCE = "once"
    FIRST = "first"
    EXTRA = "extra"
    FIXED = "fixed"
    LEAD = "lead"
    IN = "in"
    TO = "to"
    FROM = "from"
    FOR = "for"
    AGAINST = "against"
    STRENGTH = "strength"
    PATCH = "patch"
    CHANGE = "change"
    PER_GIVING = "per-giving"
    MEAL = "meal"
    BETWEEN = "between"
    LIQUID = "liquid"
    DIVIDED = "divided"
    HANDLING = "handling"
    NOISE = "noise"
    ILLNESS = "illness"
    AND = "and"
    # signs and what is not in the lexicon
    NUM = "num"
    FRACTION = "fraction"
    UNSAFE = "unsafe"
    DATE = "date"
    WORD = "word"
    DOT = "."
    COMMA = ","
    PLUS = "+"
    DASH = "-"
    TIMES = "x"
    SLASH = "/"
    SIGN = "sign"
    END = "end"


class Meaning(NamedTuple):
    """What a phrase stands for; `extra` refines (a unit's sort, a weekday's abbreviation)."""

    kind: K
    value: str = ""
    extra: str = ""


PHRASES: tuple[tuple[K, str, str], ...] = (
    (
        K.DAILY,
        "",
        """daglig; dagleg; dgl; dagl; dagligen; per|pr dag|døgn|dg|d; om dagen|dag|døgnet;
        hver|kvar|hvert|kvart dag|døgn|dg; i døgnet|døgn; / dag|døgn|d|dg;
        per|pr 24 timer|t|timar|h; / 24 timer|t|timar|h; i løpet av et|ett|1 døgn;
        i løpet av døgnet|dagen|24 timer; hver eneste dag; alle dager|dagar;
        hver og én|en dag; på 24 timer; i løpet av 1 døgn""",
    ),
    (K.GANG, "", "gang; ganger; gonger; gong; ggr; gg; gange; gangar; gngr"),
    (K.EVERY, "", "hver; kvar; hvert"),
    (
        K.ALTERNATE,
        "",
        """annenhver; annahver; annankvar; annakvar; annethvert; annenhvert; hver|kvar annen|andre|anna|annan;
        hvert|kvart annet|andre|anna; annakvart; annanhver; annet hvert; anna kvart; annet hver""",
    ),
    (
        K.OTHER_DAYS,
        "",
        """de andre dagene; dei andre dagane; den andre dagen; andre dagen; de øvrige dagene; de resterende dagene;
        annenhver dag ellers""",
    ),
    (
        K.REST,
        "",
        """øvrige dager|dagar; ellers; elles; resten av uken|uka|veka; andre dager|dagar; de resterende dager;
        resterende dager; alle andre dager|dagar; på andre|øvrige dager; ellers i uken|uka; dei andre vekedagane;
        de andre ukedagene""",
    ),
    (
        K.EXCEPT,
        "",
        "unntatt; untatt; unnateke; utenom; utanom; bortsett fra|frå; med unntak av; unntatt på; ikke på; unntaket",
    ),
    (
        K.VAGUE_DAYS,
        "work",
        """på|alle hverdager|kvardagar|virkedager|hverdagene|yrkedagar; hverdager; hverdag; kvardagar; virkedager;
        virkedag; hver virkedag|hverdag; yrkedagar; kvar kvardag|yrkedag""",
    ),
    (
        K.VAGUE_DAYS,
        "vague",
        """på|alle|i ukedager|vekedagar|ukedagene|arbeidsdager; ukedager; ukedagene; arbeidsdager; vekedagar;
        i|på helg|helgen|helga|helgene|helger; helg; helgen;
        helga; helgene; helger; i helgene; hver helg""",
    ),
    (
        K.PRN,
        "",
        """ved behov; v / b; vb; vbeh; v behov; etter behov; om|hvis|dersom|når nødvendig|nødvendeg|naudsynt;
        ved nødvendighet;
        ved trong; etter trong; v / behov; pn; p n;
        ved anfall; ved begynnende anfall; kan tas ved behov; når det trengs; om det trengs; kun|bare ved behov;
        vid behov; om du trenger det;
        hvis|om du trenger det; beh; ved beh; v b; prn; p r n; behovsmedisin; som behovsmedisin;
        eventueltmedisin; som eventueltmedisin""",
    ),
    (K.AT, "", "ved; v; mot ved"),
    (K.SYMPTOM, "", SYMPTOMS),
    (
        K.GRADE,
        "",
        """sterk; sterke; kraftig; kraftige; akutt; akutte; begynnende; mye; plagsom; plagsomme; moderate; milde;
        store; betydelig; økende; tegn til; tegn på; økt; lett; lette; vedvarende; andre; alvorlige; alvorlig;
        intens; intense; uttalt; uttalte; søvn; større; nye; plutselig; plutselige; litt""",
    ),
    (
        K.MAX,
        "",
        """maks; max; maksimalt; maksimal dose; maksimaldose; maxdose; maksdose; makx; høyst; høgst; maksimum;
        maximalt; dog maks; men maks""",
    ),
    (
        K.MAX,
        "day",
        """maksimal døgndose; maks døgndose; maksimal dagsdose; maks dagsdose; døgnmaks; døgndose maks;
        maksimal daglig dose; maks daglig dose; maks per|pr døgn|dag""",
    ),
    (K.AT_MOST, "", "inntil; opptil; opp til; oppmot; intil; inntill"),
    (
        K.THEN,
        "",
        """deretter; så; derefter; og så; etterpå; og deretter; deretter så; etter dette; og så videre med; videre;
        fulgt av; etterfulgt av; etterfylgd av; $; deretter videre; dernest; så deretter""",
    ),
    (K.STOP, "", "slutt; stopp; slutte; avslutt; avsluttes; så slutt; avslutte; seponer; seponeres"),
    (K.PAUSE, "", "pause; pauses; opphold; pauser; fri; uten tabletter|medisin|plaster|kapsler|behandling"),
    (
        K.REPEAT,
        "",
        """gjentas; gjenta; gjentakes; repeteres; og så ny kur; ny kur; så ny kur; og så videre; osv;
        gjentas kontinuerlig; syklusen gjentas; kuren gjentas; gjentatte sykluser; gjentas deretter;
        og deretter ny kur; deretter ny kur; deretter gjentas; gjentas så; og gjentas; så gjentas; og så på nytt;
        på nytt; så på nytt; gjentas fortløpende; gjentakast""",
    ),
    (
        K.RAISED,
        "",
        """økes til; øk til; øke til; aukast til; auk til; trappes opp|ned til; trapp opp|ned til; reduseres til;
        reduser til; reduserast til; så øke|øk til; øk|økes deretter til""",
    ),
    (K.INSTEAD, "", "da; då; da tas; hvor; hvor det tas; da i stedet"),
    (K.MORE, "", "mer enn; meir enn; over; flere enn; fleire enn; utover; overstige; overskride; overskrides"),
    (K.OR, "", "eller"),
    (K.SEE, "", "se; sjå; følg; følges; iflg; ifølge; i henhold til; ihht; jf; som angitt på|i"),
    (K.NOT, "", "ikke; ikkje; aldri; ikek; ikk; ingen; inga; unngå; ej; inte; uten; utan"),
    (
        K.BOTH,
        "øye",
        """i|på hvert|begge|hver|kvart|kvar øye|øyne|øynene|øyene|øyer|auge|auga|augo|øyet;
        hvert|begge|kvart øye|øyne|øynene|øyene|auge|auga; hver øye; beggeøyne; begge sider i øynene; ou; o u""",
    ),
    (
        K.BOTH,
        "øre",
        """i|på hvert|begge|hver|kvart|kvar øre|ører|ørene|øyre|øyra|øret; hvert|begge|kvart øre|ører|ørene|øyre;
        hver øre""",
    ),
    (
        K.BOTH,
        "nesebor",
        """i|på hvert|begge|hver|kvart|kvar nesebor|neseborene|nasebor|nesebora|neseboret;
        hvert|begge|kvart nesebor|nasebor; hver nesebor""",
    ),
    (
        K.SIDE,
        "venstre øye",
        "i|på venstre øye|auge|øyet; venstre øye|auge; i|på ve øye; ve øye; v øye; i v øye; i det venstre øyet",
    ),
    (
        K.SIDE,
        "høyre øye",
        "i|på høyre|høgre øye|auge|øyet; høyre|høgre øye|auge; i|på hø øye; hø øye; h øye; i h øye; i det høyre øyet",
    ),
    (K.SIDE, "venstre øre", "i|på venstre øre|øyre|øret; venstre øre|øyre"),
    (K.SIDE, "høyre øre", "i|på høyre|høgre øre|øyre|øret; høyre|høgre øre|øyre"),
    (K.SIDE, "venstre nesebor", "i venstre nesebor|nasebor|neseboret; venstre nesebor|nasebor"),
    (K.SIDE, "høyre nesebor", "i høyre|høgre nesebor|nasebor|neseboret; høyre|høgre nesebor|nasebor"),
    (
        K.SIDE,
        "venstre",
        """på|i venstre side|arm|kne|fot|hånd|skulder|lår|ben|legg|kinn|albue|hofte;
        venstre side|arm|kne|fot|hånd|skulder|lår|ben|legg|albue|hofte""",
    ),
    (
        K.SIDE,
        "høyre",
        """på|i høyre|høgre side|arm|kne|fot|hånd|skulder|lår|ben|legg|kinn|albue|hofte;
        høyre side|arm|kne|fot|hånd|skulder|lår|ben|legg|albue|hofte""",
    ),
    (
        K.SITES,
        "",
        """i øynene|øyene|ørene|øyne|ører|neseborene|nesebora|auga|øyra|augo; øynene; øyene; ørene; øyne; øyra; auga;
        i neseborene""",
    ),
    (
        K.SITE,
        "",
        """i øyet; i øret; i auget; i øyret; i ett|et|eit|1 nesebor; i ett|et|1 øye|øre; i nesen; i nasen;
        i det syke|aktuelle|affiserte øyet|øret; legges i nedre øyelokksrand; i nedre øyelokksrand;
        overarmen; låret; skulderen; armen; i munnen; i munnhulen; i munnhula; i halsen; i svelget; i kinnet;
        i skjeden; i endetarmen; innføres i skjeden|endetarmen; settes i skjeden|endetarmen; i vagina;
        i rectum; innføres i vagina; i endetarm; i tarmen; inn i endetarmen|skjeden""",
    ),
    (
        K.ONCE,
        "",
        """en|én|ei enkelt gang; kun|bare en|én|1 gang; som engangsdose; engangsdose; som en|én|1 engangsdose;
        som enkeltdose; enkeltdose; eingongsdose;
        som eingongsdose; kun én|en|1 gang; én|en enkelt dose; en|én eneste gang""",
    ),
    (
        K.FIRST,
        "",
        """første; de første; den første; dei første; dei fyrste; fyrste; i de første; i første; den fyrste;
        de fyrste; første gangs""",
    ),
    (K.EXTRA, "", "ekstra; i tillegg; tillegg; evt ekstra; eventuelt ekstra"),
    (K.FIXED, "", "fast; som fast medisin|medikasjon; faste; fast medisin; til varig bruk; varig bruk|behandling"),
    (K.LEAD, "", "før; etter; innen; føre"),
    (K.IN, "", "i; i løpet av; gjennom; i totalt"),
    (K.TO, "", "til"),
    (K.FROM, "", "fra; frå; fom; fra og med; tom; til og med; f o m; t o m; from"),
    (K.FOR, "", "for"),
    (
        K.AGAINST,
        "",
        """mot; imot; til behandling av|mot; som behandling mot|av; forebyggende mot; forebygger; forebygge;
        til forebygging av|mot; behandling av|mot; middel mot""",
    ),
    (K.STRENGTH, "", "à; a; á; styrke; av styrke"),
    (
        K.PATCH,
        "",
        "plasteret; plasteret skiftes|byttes|skal skiftes; nytt plaster; nytt plaster settes på",
    ),
    (
        K.CHANGE,
        "-",
        """trappes ned med; trappes ned; ned; reduseres med; trapp ned med; ned med; trappast ned med; reduser med;
        reduseres; trappe ned med; nedtrapping med; reduserast med""",
    ),
    (
        K.CHANGE,
        "+",
        """trappes opp med; opp; økes med; trapp opp med; opp med; øk med; aukast med; økning med; auk med;
        opptrapping med; trappes opp; trappe opp med""",
    ),
    (
        K.PER_GIVING,
        "",
        "hver|kvar gang|gong; per|pr gang|gong; per|pr dose; om gangen; om gongen; per dosering; hver dose",
    ),
    (
        K.MEAL,
        "",
        """til|før|føre|etter|med|mellom|ved måltida|hovudmåltid|hovudmåltida|hovedmåltid|hovedmåltider|hovedmåltidene;
        rett|like før|føre|etter|til hovedmåltid|hovedmåltider|hovedmåltidene|hovedmåltidet|hovudmåltid|hovudmåltida;
        til|før|føre|ved hvert|kvart hovedmåltid|hovudmåltid; føre mat|maten|måltid;
        samen med mat; til måltid|måltider|måltidene|måltidet|mat|maten|måltida;
        med måltid|måltider|mat|maten;
        til hvert|kvart måltid; før måltid|måltider|måltidene|mat|maten|måltida; før hvert|kvart måltid;
        etter måltid|måltider|måltidene|mat|maten;
        sammen|saman med mat|måltid|måltider|maten; i forbindelse med mat|måltid|måltider;
        ved måltid|måltider|måltidene; mellom måltid|måltidene|måltider; uavhengig av mat|måltid|måltider;
        rett før mat|måltid|måltider; til hovedmåltid|hovedmåltider|hovedmåltidene; like før mat|måltid;
        under måltid|måltidet|måltidene; etter hvert|kvart måltid; uavhengig av måltidene;
        i samband med mat|måltid; med eller uten mat; gjerne med mat; gjerne sammen med mat; til eller etter mat;
        uten hensyn til mat; spising; mat; måltid; inntak; matinntak; et måltid""",
    ),
    (
        K.BETWEEN,
        "",
        """mellomrom; mellom hver; mellom dosene; mellom; mellom hver dose|gang; i mellom; intervall; intervaller;
        opphold mellom""",
    ),
    (
        K.LIQUID,
        "",
        """litt vann|vatn|saft|juice|melk|mjølk|drikke;
        stort|helt|fullt|fult glass vann|vatn; glass vann; glass vatn; glass; vann; vatn; saft; juice; væske;
        saltvann; dl vann; dl; liter vann; liter; glas vatn; melk; mjølk; yoghurt; kopp vann; slurk vann;
        rikelig vann""",
    ),
    (
        K.DIVIDED,
        "",
        """fordelt på; fordelt; delt på; delt i; fordelt i; delt over; delt; fordelt over; fordelast på; delast i;
        delast på; deles på; deles i""",
    ),
    (K.AND, "", "og; samt; &; men; som"),
    (K.PLUS, "", "pluss"),
    (K.TIMES, "", "x; ×; *"),
    (K.CLOCK, "", "kl; klokka; klokken; klokkeslett"),
)


def _rows() -> list[tuple[Meaning, str]]:
    rows = [(Meaning(K.UNIT, unit, sort), words) for unit, sort, words in UNITS]
    for kind, table in (
        (K.NUMBER, NUMBERS),
        (K.ORDINAL, ORDINALS),
        (K.PART, PARTS),
        (K.MEAL_PART, MEAL_PARTS),
        (K.SPAN, SPANS),
        (K.PERIOD, PERIODS),
    ):
        rows += [(Meaning(kind, value), words) for value, words in table]
    rows += [(Meaning(kind, value), words) for kind, value, words in PHRASES]
    rows.append((Meaning(K.HANDLING), HANDLING))
    rows += [(Meaning(K.REASON, flag), words) for flag, words in REASONS]
    for day, long, short in WEEKDAYS:
        rows += [(Meaning(K.WEEKDAY, day), long), (Meaning(K.WEEKDAY, day, "short"), short)]
    rows += [(Meaning(K.NOISE), NOISE), (Meaning(K.ILLNESS), ILLNESSES)]
    rows += [
        (Meaning(K.DINNER, "bare"), "middag"),
        (Meaning(K.DINNER, "bound"), "til|før|etter|med middag|middagen|middagsmat"),
    ]
    return rows


def phrases() -> list[tuple[tuple[str, ...], Meaning]]:
    """Every phrase as a tuple of words with its meaning; the first row that names a phrase wins."""
    found: dict[tuple[str, ...], Meaning] = {}
    for meaning, words in _rows():
        for phrase in words.split(";"):
            for option in product(*(word.split("|") for word in phrase.replace(",", " ,").split())):
                if option:
                    found.setdefault(tuple(word.lower() for word in option), meaning)
    return list(found.items())
