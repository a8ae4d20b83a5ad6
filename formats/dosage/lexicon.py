"""The words of Norwegian dosing texts and what they stand for: data only.

Each row is a kind, a value and phrases (separated by `;`; `a|b` are alternatives for one word). Bokmål, nynorsk, the
common abbreviations and the Latin that still occurs. Dots of abbreviations are left out: the matcher passes them by.
"""

from enum import StrEnum
from itertools import product
from typing import NamedTuple


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


PIECE, MASS, VOLUME, SPOON = "piece", "mass", "volume", "spoon"

UNITS: tuple[tuple[str, str, str], ...] = (
    (
        "tablett",
        PIECE,
        """tablett; tabletter; tabletten; tablettar; tablettene; tablet; tabl; tbl; tab; tabs; tabletts; pille; piller; pillen; pillar;
        depottablett; depottabletter; depottabl; depottbl; depottab; enterotablett; enterotabletter; enterotabl; enterotbl;
        enterotab; brusetablett; brusetabletter; brusetabl; brusetbl; brusetab; tyggetablett; tyggetabletter; tyggetabl; tyggetbl;
        tyggetab; sugetablett; sugetabletter; sugetabl; sugetbl; smeltetablett; smeltetabletter; smeltetabl;
        resoriblett; resoribletter; depottablettar; tyggetablettar; brusetablettar""",
    ),
    (
        "kapsel",
        PIECE,
        """kapsel; kapsler; kapselen; kapslar; kaps; kps; depotkapsel; depotkapsler; depotkaps; enterokapsel; enterokapsler;
        enterokaps; depotkapslar""",
    ),
    ("ml", VOLUME, "ml; milliliter; mL"),
    ("mg", MASS, "mg; milligram"),
    ("g", MASS, "g; gram; gr"),
    ("mikrog", MASS, "mikrog; μg; mcg; ug; mikrogram; mkg"),
    ("E", MASS, "e; ie; iu; enhet; enheter; einingar; eining; internasjonale enheter; enh"),
    (
        "dråpe",
        PIECE,
        "dråpe; dråper; dråpar; drope; dropar; dråpen; dr; drp; øyedråpe; øyedråper; øyendråpe; øyendråper; augedråpe; augedråpar; øredråper; nesedråper",
    ),
    ("dose", PIECE, "dose; doser; dosar"),
    ("inhalasjon", PIECE, "inhalasjon; inhalasjoner; inhalasjonar; inhal; inh; puff; sug; drag"),
    ("spray", PIECE, "spray; sprayer; spraydose; spraydoser; sprayar; spraydosar; sprut; nesespray"),
    ("plaster", PIECE, "plaster; plastre; plastere; depotplaster; depotplastre; plst"),
    ("pose", PIECE, "pose; poser; posar; dosepose; doseposer; doseposar"),
    ("sprøyte", PIECE, "sprøyte; sprøyter"),
    ("injeksjon", PIECE, "injeksjon; injeksjoner; injeksjonar; inj"),
    ("penn", PIECE, "penn; penner; pennar; ferdigfylt penn"),
    ("stikkpille", PIECE, "stikkpille; stikkpiller; stikkpillar; supp; stikkp"),
    ("vagitorie", PIECE, "vagitorie; vagitorier; vagitoriar"),
    ("vaginaltablett", PIECE, "vaginaltablett; vaginaltabletter; vaginaltabl; vaginaltablettar"),
    ("klyster", PIECE, "klyster; klyx"),
    ("ampulle", PIECE, "ampulle; ampuller; amp; ampullar"),
    ("teskje", SPOON, "teskje; teskjeer; ts; teskeier; teskei"),
    ("barneskje", SPOON, "barneskje; barneskjeer; barneskei"),
    ("spiseskje", SPOON, "spiseskje; spiseskjeer; ss; spiseskei"),
    ("", PIECE, "stk; stykk; stykker; stykke; styk"),
)

NUMBERS = (
    ("0.25", "en|ein|et kvart; kvart; en|ein|et fjerdedel"),
    ("0.5", "halv; halve; halvt; en|ei|ein|et|én halv|halve|halvt; halvparten"),
    ("0.75", "tre kvart; trekvart; trekvarte; tre fjerdedels|fjerdedel"),
    ("1", "en; én; ei; ein; ett; et; éi; éin; en|én|ei|ein|ett|et hel|heil|helt|heilt; hel; heil"),
    (
        "1.5",
        "halvannen; halvanna; halvannet; halvtanna; en|ein|ei|et|én og en|ein|ei|et halv|halvt; 1 og en|ein|ei halv",
    ),
    ("2", "to"),
    ("2.5", "to og en|ein|ei halv; 2 og en|ein|ei halv"),
    ("3", "tre"),
    ("4", "fire"),
    ("5", "fem"),
    ("6", "seks"),
    ("7", "sju; syv"),
    ("8", "åtte"),
    ("9", "ni"),
    ("10", "ti"),
    ("11", "elleve"),
    ("12", "tolv"),
)

ORDINALS = (
    ("2", "annen; andre; anna"),
    ("3", "tredje"),
    ("4", "fjerde"),
    ("5", "femte"),
    ("6", "sjette"),
    ("7", "sjuende; syvende"),
    ("8", "åttende"),
    ("10", "tiende"),
    ("12", "tolvte"),
    ("14", "fjortende"),
)

PARTS = (
    (
        "morgen",
        """morgen; morgenen; morgon; morgonen; om|på|hver|kvar|til morgenen|morgonen|morgen|morgon; mrg; morg; mane; morges; mo;
        om morran; tidlig|tidleg morgen|morgon; på morgenkvisten; morgenkvist; morran; hver|kvar morgen|morgon""",
    ),
    ("formiddag", "formiddag; formiddagen; om|på formiddagen; hver|kvar formiddag"),
    ("middag", "midt på dagen; midt dagen; midt på dag; midt på dagen; kl midt på dagen"),
    ("ettermiddag", "ettermiddag; ettermiddagen; om|på ettermiddagen; hver|kvar ettermiddag; em"),
    (
        "kveld",
        """kveld; kvelden; kveldar; kvelder; om|på|til kvelden|kveld; hver|kvar kveld; kv; aften; aftenen; til|om aften|aftenen; vesp; vespere; vesper; kveldstid;
        på kveldstid; kvelds""",
    ),
    ("natt", "natt; om natten|natta; natten; natta; i løpet av natten|natta; hver|kvar natt; på natten|natta"),
    (
        "sengetid",
        """til|for natten|natta|natt; nocte; noct; ved|før|til sengetid; sengetid; ved|før leggetid; leggetid; senget; ved|før senget;
        før du legger deg; når du legger deg; like før sengetid|leggetid; rett før sengetid|leggetid; om kvelden|kveld ved|før sengetid|leggetid|leggetida;
        kveld ved|før sengetid|leggetid; hver|kvar kveld ved|før sengetid|leggetid; ved|før leggjetid; om kvelden ved|før leggjetid|sengetid;
        kvelden ved|før leggetid|sengetid; ved|før sengetida; til kvelden ved|før sengetid|leggetid; før legging; ved legging; for natta""",
    ),
)

MEAL_PARTS = (
    (
        "morgen",
        "frokost; frokosten; frukost; frukosten; til|før|etter|med|ved|sammen|på frokost|frokosten|frukost; sammen med frokost; rett før|etter frokost",
    ),
    ("middag", "lunsj; lunsjen; lunch; til|før|etter|med|ved lunsj|lunsjen|lunch; sammen med lunsj"),
    (
        "kveld",
        "kveldsmat; kveldsmaten; til|før|etter|med|ved kveldsmat|kveldsmaten|aftens; sammen med kveldsmat; kveldsmåltid; til|før kveldsmåltidet",
    ),
)

SPANS = (
    ("h", "time; timer; timar; timers; timen; t; tim; timane"),
    ("d", "dag; dager; dagar; dagers; døgn; dg; dagen; dagene; dagane; døgnet; dags"),
    ("w", "uke; uker; veke; veker; vekers; ukes; ukers; uka; uken; veka; ukene; vekene"),
    ("mo", "måned; måneder; måneders; mnd; månad; månader; måneden; månedene; mndr"),
    ("min", "minutt; minutter; minutters; min; minuttar"),
    ("y", "år; året"),
)

WEEKDAYS = (
    ("ma", "mandag; mandager; mandagen; mandagar; måndag; måndagar", "man; ma; mån"),
    ("ti", "tirsdag; tirsdager; tirsdagen; tysdag; tysdagar; tirsdagar", "tirs; tir; tys"),
    ("on", "onsdag; onsdager; onsdagen; onsdagar", "ons; on"),
    ("to", "torsdag; torsdager; torsdagen; torsdagar", "tors; tor"),
    ("fr", "fredag; fredager; fredagen; fredagar", "fre; fr"),
    ("lø", "lørdag; lørdager; lørdagen; laurdag; laurdagar; lørdagar", "lør; lø; lau"),
    ("sø", "søndag; søndager; søndagen; sundag; sundagar; søndagar", "søn; sø; sun"),
)

PERIODS = (
    (
        "1w",
        "ukentlig; ukentleg; vekentleg; ukl; i uken|uka|veka|uke; per|pr uke|veke; hver|kvar uke|veke; / uke|veke; i løpet av uken|uka; hver|kvar uke på samme|fast ukedag|dag; 1 gang ukl",
    ),
    (
        "1mo",
        "månedlig; månadleg; mndl; i måneden|måned|mnd|månaden; per|pr måned|mnd|månad; hver|kvar måned|mnd|månad; / måned|mnd",
    ),
    ("12mo", "årlig; årleg; i året; per|pr år; hvert|kvart år"),
)

PHRASES: tuple[tuple[K, str, str], ...] = (
    (
        K.DAILY,
        "",
        """daglig; dagleg; dgl; dagl; dagligen; per|pr dag|døgn|dg; om dagen|dag|døgnet; hver|kvar|hvert|kvart dag|døgn|dg; i døgnet|døgn; / dag|døgn|d|dg;
        per|pr 24 timer|t|timar|h; / 24 timer|t|timar|h; i løpet av et|ett|1 døgn; i løpet av døgnet|dagen|24 timer; hver eneste dag; på 24 timer; i løpet av 1 døgn""",
    ),
    (K.GANG, "", "gang; ganger; gonger; gong; ggr; gg; gange; gangar; gngr"),
    (K.EVERY, "", "hver; kvar; hvert"),
    (
        K.ALTERNATE,
        "",
        "annenhver; annahver; annankvar; annakvar; annethvert; annenhvert; hver|kvar annen|andre|anna; hvert|kvart annet|andre|anna; annakvart; annanhver",
    ),
    (
        K.OTHER_DAYS,
        "",
        "de andre dagene; dei andre dagane; den andre dagen; andre dagen; de øvrige dagene; de resterende dagene; annenhver dag ellers",
    ),
    (
        K.REST,
        "",
        "øvrige dager|dagar; ellers; elles; resten av uken|uka|veka; andre dager|dagar; de resterende dager; resterende dager; alle andre dager|dagar; på andre|øvrige dager; ellers i uken|uka; dei andre vekedagane; de andre ukedagene",
    ),
    (
        K.EXCEPT,
        "",
        "unntatt; untatt; unnateke; utenom; utanom; bortsett fra|frå; med unntak av; unntatt på; ikke på; unntaket",
    ),
    (
        K.VAGUE_DAYS,
        "work",
        "på|alle hverdager|kvardagar|virkedager|arbeidsdager; hverdager; hverdag; kvardagar; virkedager; virkedag; hver virkedag; arbeidsdager",
    ),
    (
        K.VAGUE_DAYS,
        "vague",
        "på|alle ukedager|vekedagar; ukedager; vekedagar; i|på helg|helgen|helga|helgene|helger; helg; helgen; helga; helgene; helger; i helgene; hver helg",
    ),
    (
        K.PRN,
        "",
        """ved behov; v / b; vb; vbeh; v behov; etter behov; om|hvis|dersom nødvendig|nødvendeg|naudsynt; ved trong; etter trong; v / behov; pn; p n;
        ved anfall; ved begynnende anfall; kan tas ved behov; når det trengs; om det trengs; kun|bare ved behov; vid behov; om du trenger det;
        hvis|om du trenger det; beh; ved beh; v b""",
    ),
    (K.AT, "", "ved; v; mot ved"),
    (
        K.SYMPTOM,
        "",
        """smerter; smerte; feber; kvalme; hodepine; hovudpine; migrene; angst; uro; søvnvansker; søvnløshet; søvnproblemer; tungpust; tung pust; pustebesvær; kløe;
        hoste; brystsmerter; brystsmerte; hjertekrampe; anfall; svimmelhet; obstipasjon; forstoppelse; diare; diaré; oppkast; luft i magen; magesmerter; ryggsmerter;
        smertegjennombrudd; gjennombruddssmerter; gjennombruddssmerte; allergi; allergiske plager; allergiplager; tetthet; tett nese; nesetetthet; halsbrann; sure oppstøt; kramper; krampe; krampeanfall; krise; astma;
        astmaanfall; migreneanfall; ubehag; plager; besvær; luftveisplager; verk; treg mage; hard mage; tørr hoste; rastløshet; muskelsmerter; leddsmerter; stivhet; slim; surkling; utslett;
        dyspné; dyspne; tørre øyne; tørrhet; panikkanfall; panikkangst; rier; mensensmerter; menssmerter; vondt; hevelse; vanskelig pust; pustevansker; piping; lavt blodsukker; føling; nervøsitet;
        agitasjon; delir; hallusinasjoner; insomni; hjertebank; ryggverk; tannverk; tannpine; symptomer; treg avføring; løs mage; vannlatingsplager""",
    ),
    (
        K.GRADE,
        "",
        "sterk; sterke; kraftig; kraftige; akutt; akutte; begynnende; mye; plagsom; plagsomme; moderate; milde; store; betydelig; økende; tegn til; tegn på; økt; lett; lette; vedvarende; andre; alvorlige; alvorlig; intens; intense; uttalt; uttalte; søvn; større; nye; plutselig; plutselige; litt",
    ),
    (
        K.MAX,
        "",
        "maks; max; maksimalt; maksimal dose; maksimaldose; maxdose; maksdose; makx; høyst; høgst; maksimum; maximalt; dog maks; men maks",
    ),
    (
        K.MAX,
        "day",
        "maksimal døgndose; maks døgndose; maksimal dagsdose; maks dagsdose; døgnmaks; døgndose maks; maksimal daglig dose; maks daglig dose; maks per|pr døgn|dag",
    ),
    (K.AT_MOST, "", "inntil; opptil; opp til; oppmot; intil; inntill"),
    (
        K.THEN,
        "",
        "deretter; så; derefter; og så; etterpå; og deretter; deretter så; etter dette; og så videre med; videre; fulgt av; $; deretter videre; dernest; så deretter",
    ),
    (K.STOP, "", "slutt; stopp; slutte; avslutt; avsluttes; så slutt; avslutte; seponer; seponeres"),
    (K.PAUSE, "", "pause; pauses; opphold; pauser; fri; uten tabletter; uten medisin"),
    (
        K.REPEAT,
        "",
        """gjentas; gjenta; gjentakes; repeteres; og så ny kur; ny kur; så ny kur; og så videre; osv; gjentas kontinuerlig; syklusen gjentas; kuren gjentas; gjentatte sykluser; gjentas deretter;
        og deretter ny kur; deretter ny kur; deretter gjentas; gjentas så; og gjentas; så gjentas; og så på nytt; på nytt; så på nytt; gjentas fortløpende; gjentakast""",
    ),
    (K.NOT, "", "ikke; ikkje; aldri; ikek; ikk; ingen; inga; unngå; ej; inte; uten; utan"),
    (
        K.BOTH,
        "øye",
        "i|på hvert|begge|hver|kvart|kvar øye|øyne|øynene|øyer|auge|auga|augo|øyet; hvert|begge|kvart øye|øyne|øynene|auge|auga; hver øye; beggeøyne; begge sider i øynene; ou",
    ),
    (
        K.BOTH,
        "øre",
        "i|på hvert|begge|hver|kvart|kvar øre|ører|ørene|øyre|øyra|øret; hvert|begge|kvart øre|ører|ørene|øyre; hver øre",
    ),
    (
        K.BOTH,
        "nesebor",
        "i|på hvert|begge|hver|kvart|kvar nesebor|neseborene|nasebor|nesebora|neseboret; hvert|begge|kvart nesebor|nasebor; hver nesebor",
    ),
    (K.SIDE, "venstre øye", "i|på venstre øye|auge|øyet; venstre øye|auge; i|på ve øye; v øye; i v øye"),
    (K.SIDE, "høyre øye", "i|på høyre|høgre øye|auge|øyet; høyre|høgre øye|auge; i|på hø øye; h øye; i h øye"),
    (K.SIDE, "venstre øre", "i|på venstre øre|øyre|øret; venstre øre|øyre"),
    (K.SIDE, "høyre øre", "i|på høyre|høgre øre|øyre|øret; høyre|høgre øre|øyre"),
    (K.SIDE, "venstre nesebor", "i venstre nesebor|nasebor|neseboret; venstre nesebor|nasebor"),
    (K.SIDE, "høyre nesebor", "i høyre|høgre nesebor|nasebor|neseboret; høyre|høgre nesebor|nasebor"),
    (
        K.SIDE,
        "venstre",
        "på|i venstre side|arm|kne|fot|hånd|skulder|lår|ben|legg|kinn|albue|hofte; venstre side|arm|kne|fot|hånd|skulder|lår|ben|legg|albue|hofte",
    ),
    (
        K.SIDE,
        "høyre",
        "på|i høyre|høgre side|arm|kne|fot|hånd|skulder|lår|ben|legg|kinn|albue|hofte; høyre side|arm|kne|fot|hånd|skulder|lår|ben|legg|albue|hofte",
    ),
    (
        K.SITES,
        "",
        "i øynene|ørene|øyne|ører|neseborene|nesebora|auga|øyra|augo; øynene; ørene; øyne; øyra; auga; i neseborene",
    ),
    (
        K.SITE,
        "",
        """i øyet; i øret; i auget; i øyret; i ett|et|eit|1 nesebor; i ett|et|1 øye|øre; i nesen; i nasen; i det syke|aktuelle|affiserte øyet|øret; legges i nedre øyelokksrand; i nedre øyelokksrand;
        i munnen; i skjeden; i endetarmen; innføres i skjeden|endetarmen; settes i skjeden|endetarmen; i vagina; i rectum; innføres i vagina; i endetarm; i tarmen; inn i endetarmen|skjeden""",
    ),
    (
        K.ONCE,
        "",
        "som engangsdose; engangsdose; som en|én|1 engangsdose; som enkeltdose; enkeltdose; eingongsdose; som eingongsdose; kun én|en|1 gang; én|en enkelt dose; en|én eneste gang",
    ),
    (
        K.FIRST,
        "",
        "første; de første; den første; dei første; dei fyrste; fyrste; i de første; i første; den fyrste; de fyrste; første gangs",
    ),
    (K.EXTRA, "", "ekstra; i tillegg; tillegg; evt ekstra; eventuelt ekstra"),
    (K.FIXED, "", "fast; som fast medisin|medikasjon; faste; fast medisin"),
    (K.LEAD, "", "før; etter; innen"),
    (K.IN, "", "i; i løpet av; gjennom; i totalt"),
    (K.TO, "", "til"),
    (K.FROM, "", "fra; frå; fom; fra og med; tom; til og med; f o m; t o m; from"),
    (K.FOR, "", "for"),
    (
        K.AGAINST,
        "",
        "mot; imot; til behandling av|mot; som behandling mot|av; forebyggende mot; forebygger; forebygge; til forebygging av|mot; behandling av|mot; middel mot",
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
        "trappes ned med; trappes ned; ned; reduseres med; trapp ned med; ned med; trappast ned med; reduser med; reduseres; trappe ned med; nedtrapping med; reduserast med",
    ),
    (
        K.CHANGE,
        "+",
        "trappes opp med; opp; økes med; trapp opp med; opp med; øk med; aukast med; økning med; auk med; opptrapping med; trappes opp; trappe opp med",
    ),
    (
        K.PER_GIVING,
        "",
        "hver|kvar gang|gong; per|pr gang|gong; per|pr dose; om gangen; om gongen; per dosering; hver dose",
    ),
    (
        K.MEAL,
        "",
        """til måltid|måltider|måltidene|måltidet|mat|maten|måltida; med måltid|måltider|mat|maten; til hvert|kvart måltid; før måltid|måltider|måltidene|mat|maten|måltida; før hvert|kvart måltid; etter måltid|måltider|måltidene|mat|maten;
        sammen|saman med mat|måltid|måltider|maten; i forbindelse med mat|måltid|måltider; ved måltid|måltider|måltidene; mellom måltid|måltidene|måltider; uavhengig av mat|måltid|måltider; rett før mat|måltid|måltider; til hovedmåltid|hovedmåltider|hovedmåltidene; like før mat|måltid;
        under måltid|måltidet|måltidene; etter hvert|kvart måltid; uavhengig av måltidene; i samband med mat|måltid; med eller uten mat; gjerne med mat; gjerne sammen med mat; til eller etter mat; uten hensyn til mat; spising; mat; måltid; inntak; matinntak; et måltid""",
    ),
    (
        K.BETWEEN,
        "",
        "mellomrom; mellom hver; mellom dosene; mellom; mellom hver dose|gang; i mellom; intervall; intervaller; opphold mellom",
    ),
    (
        K.LIQUID,
        "",
        "stort|helt|fullt|fult glass vann|vatn; glass vann; glass vatn; glass; vann; vatn; saft; juice; væske; saltvann; dl vann; dl; liter vann; liter; glas vatn; melk; mjølk; yoghurt; kopp vann; slurk vann; rikelig vann",
    ),
    (
        K.DIVIDED,
        "",
        "fordelt på; fordelt; delt på; delt i; fordelt i; delt over; delt; fordelt over; fordelast på; delast i; delast på; deles på; deles i",
    ),
    (K.AND, "", "og; samt; pluss; &; men; som"),
    (K.TIMES, "", "x; ×; *"),
    (K.CLOCK, "", "kl; klokka; klokken; klokkeslett"),
)

HANDLING = (
    "knuses; tygges; deles; åpnes; knusast; tyggast; delast; opnast; knus; tygg; knust; knuse; tygge; åpne; knusing"
)

REASONS: tuple[tuple[str, str], ...] = (
    (
        "hold",
        """ikke|ikkje ta|tas|bruk|brukes|gi|gis|takast|brukast|gjev; skal|må|bør ikke|ikkje tas|brukes|gis|takast|brukast|ta; tas|gis|brukes ikke|ikkje; seponert; seponert fra; seponeres nå; stoppet; stoppes; avsluttet; avslutta;
        nullet; nulles; utgår; utgått; pauset; pausert; pauseres; midlertidig stoppet; midlertidig stans; stanset; stanses; settes på pause; på pause; på vent;
        opphørt; pauses inntil videre; pauset inntil videre; inntil videre pause; ikke til bruk; må seponeres; skal seponeres; bruk ikke""",
    ),
    (
        "inr",
        "inr; inr verdi; warfarinkort; marevankort; marevanskjema; warfarinskjema; inr - verdi; inr verdien; warfarin kort; inr kontroll; inr - kontroll; inr måling",
    ),
    (
        "external_scheme",
        """blodsukker; blodsukkeret; blodsukkerskjema; blodsukkerverdi; blodsukkermåling; etter blodsukker; etter skjema; skjema; eget ark; eget skjema; eget kort; se ark; se skjema; liste; egen liste; se liste; doseringskort; kort;
        bruksanvisning; bruksanvisningen; vedlagte bruksanvisning; ifølge bruksanvisningen; pakningsvedlegg; pakningsvedlegget; skriftlig anvisning; anvisning; doseringsliste; doseringsskjema; doseringsplan; plan; kurplan; nedtrappingsplan; opptrappingsplan; trappeplan; nedtrappingsskjema;
        etter måling; etter vekt; sliding scale; etter karbohydrater; karbohydrater; karbohydrattelling; etter bs; bs; insulinskjema; blodprøve; blodprøver; blodprøvesvar; etter serumkonsentrasjon; kurskjema; kurve; etter kurve; kalender; dosekort; vedlegg; vedlagte; vedlagt; eige ark; eige skjema; brosjyre; informasjonsskriv; blodsukkerliste; legens skjema; skriv; ark; behandlingsplan; instruks""",
    ),
    (
        "as_agreed",
        """som avtalt; som før; som tidligere; som forklart; etter avtale; avtalt; som avtalt med lege|legen; avtale; etter avtale med lege|legen; som anvist; anvist; slik anvist av lege; slik legen har bestemt; som bestemt; som vanlig; uendret; som sist; etter legens anvisning;
        etter legens råd; brukes som forklart; forklart; som forskrevet; i henhold til avtale; ifølge avtale; som instruert; som opplyst; etter beskjed; som tidlegare; som avtala; etter avtala; nøyaktig slik legen har bestemt; som foreskrevet; foreskrevet; etter ordinasjon; ordinasjon; som beskrevet; som vanleg; uendra; i samråd med lege|legen; etter samråd""",
    ),
    (
        "prn_repeat",
        "og eventuelt 1 etter; og evt 1 etter; eventuelt 1 etter; evt 1 etter; kan gjentas; kan gjentakast; ny dose; gjentas ved behov; kan repeteres; gjentas etter; ny tablett; kan gjenta; evt gjentas; eventuelt gjentas; gjentas hvis; en ny; én ny",
    ),
    (
        "patch_off",
        "av om natten|natta; tas av; fjernes; av til natten|natta; av natt; av om kvelden; av kveld; fjernes om natten|kvelden; av ved sengetid; tas av om natten|kvelden|natta; tas av til natten; plasterfri; tas av ved sengetid; fjernes ved sengetid; plasteret tas av; plasteret fjernes; av etter",
    ),
    (
        "residual",
        """i våken tid; i våken tid av døgnet; våken tid; kan økes; kan aukast; økes; økes til; kan reduseres; kan trappes; trappes; opptrapping; nedtrapping; evt; eventuelt; ev; eller; minst; cirka; ca; omtrent; noen; flere; til kuren er ferdig; kuren er ferdig; til bedring; etter effekt; juster; justeres; dosen justeres; til pakken er tom;
        halveres; dobles; doble; dobbel; dobbelt; dobbelt dose; startdato; start; første gang; siste; neste; annen hver gang; totalt; i alt; før avreise; fra dag; opptil flere; til symptomfrihet; symptomfrihet; øke; økning; redusere; reduksjon; vurder; vurderes; prøv; prøve; forsøk; uke nr; dag nr; hvis; dersom; når; om det; samtidig; bare; kun; mer; mindre; under; enn; høyere; lavere; kilo; kg; / kg; per kilo; pr kg; per kg;
        etter vurdering; gradvis; sakte; langsomt; til effekt; varierende; variabel; hver gang ved; syklus; menstruasjon; mens; frem til; fram til; til og fra; inntil videre; bytt; byttes til; erstatter; i stedet for; istedenfor; isteden; skifte til; byttet til; omregnet; tilsvarer; tilsvarende; alternativt; helst; ofte; sjelden; av og til; innimellom; enkelte dager; noen ganger; flere ganger; par; et par; dagen etter; dagen før; maks dose""",
    ),
    (
        "change_note",
        "tidligere; tidlegare; forrige dose; gammel dose; før brukt; var tidligere; tidligere dose; ny dosering; endret fra; økt fra; redusert fra; dosen økt; dosen redusert; økt til; redusert til; dosen er økt; dosen er redusert; dose endret; doseendring; endret; endra; tidligere brukt; har brukt; økt; redusert; obs ny dose; nb ny dose; ny styrke; dosereduksjon; doseøkning; førre dose; var",
    ),
)

NOISE = """
    tas; ta; takes; tek; takast; tar; gis; gi; brukes; bruk; bruke; brukast; settes; sett; sette; injiseres; svelges; svelgast; svelg; drikkes; inntas; inntak; kan tas; kan ta; kan; skal; du; deg; bør; skal tas; bør tas; det; den; de; dette;
    hel; hele; heil; heile; svelges hel|hele|heil|heile; svelges hel med; tas hel; tas hele; skal svelges hel|hele; skal svelgast heile; må svelges hel|hele; oppløses; løses opp; løst i; oppløst i; løses i; røres ut; røres ut i; utrørt i; røres; fortynnes med; fortynnes; og inhaleres; inhaleres; utblandet i; blandes med; blandes i; blandes; og svelges; og drikkes; oppløst;
    på tom mage; fastende; tom mage; på fastende mage; på fastande mage; under tungen; under tunga; legges under tungen; smelter på tungen; på tungen; mot kinnet; i kinnet;
    i m; im; s c; sc; i v; iv; p o; po; per os; peroralt; subkutant; intramuskulært; intravenøst; rektalt; vaginalt; oralt; i huden; under huden; i magen; i låret; inn; inhalert; topikalt; transdermalt; intranasalt; buccalt; bukkalt; sublingualt; subcutant;
    på huden; påføres; påsmøres; smøres; smøres på; smøres tynt på; påføres tynt; påføres huden i tynt lag; påsmøres i tynt lag; påføres i tynt lag; påsmøres tynt; i tynt lag; tynt lag; tynt; tykt lag; angrepet område; angrepne områder; på angrepet område; påføres angrepet område; påsmøres angrepet område; tynt angrepet område; tynt angrepet; utslettet; på utslettet; affisert område; affiserte områder; pensles på; pensles; gnis inn; gnis inn i hodebunnen|huden; gnis inn dråpevis; masseres inn; masseres inn i betent hudområde; masseres inn i smertefullt hudområde; hodebunnen; på berørt område; berørt område; smertefullt område; på neglene; på ansiktet; i ansiktet; på kroppen; i hodebunnen; på rygg; i lysken; på magen; på låret; på overarmen; på brystet; festes på huden; legges; legges på huden; skiftes; byttes; på ren og tørr hud; tørr hud; settes på; klistres på; dryppes; drypp; sprayes; spray i nesen;
    må; tygges godt;
    med rikelig drikke; med rikelig vann; rikelig drikke; med mye vann; med litt vann; med vann; med drikke; med vatn; med; sammen; saman; rikelig; godt; forsiktig; dypt; skyll munnen; skyll munnen etterpå; skyll munnen etter bruk; munnen skylles; rist før bruk; ristes; omrystes; rist flasken; ristes før bruk; omristes; ristes godt; omrystes før bruk; vask hendene; husk; husk å; obs; nb; viktig;
    samme ukedag; på samme ukedag; på fast ukedag; fast ukedag; en fast dag; samme dag; til samme tid; på samme tid; til faste tider; faste tider; fast tid; på samme tidspunkt; samme tidspunkt; samme tid hver dag; til samme tid hver dag; på samme dato; samme dato; en bestemt ukedag; på fast dag; faste dager; på faste dager; alltid; jevnt fordelt over døgnet; jevnt fordelt; fordelt over døgnet; jamt fordelt; fast ukedag hver uke; samme ukedag hver uke; på samme ukedag hver uke; fast dag;
    om; på; medisin; legemiddel; legemidlet; dosering; dose :; doseres; startdose; start :; dosering :; behandling; kur; kuren; som kur; forebyggende; førebyggjande; per; pr; tilførsel; mikstur; oppløsning; krem; salve; gel; liniment; pulver; granulat; sirup; skum; sjampo; brus; inhalator; inhalasjonspulver; aerosol; depot; væske til injeksjon; inhaleres dypt; dosert; nesen; nasen; huden; øyesalve; øyedråper :; svelgast heil; pr os; vanlig; vanleg dosering; vanlig dosering; vanleg
"""

ILLNESSES = """
    vitamin d|b|c|k|a|e; blodtrykk; høyt blodtrykk; høgt blodtrykk; hypertensjon; hjerte; hjertet; hjerterytme; hjertesvikt; hjerteflimmer; atrieflimmer; diabetes; sukkersyke; kolesterol; høyt kolesterol; depresjon; stoffskifte; lavt stoffskifte; astma; kols; epilepsi; allergi; migrene;
    infeksjon; urinveisinfeksjon; lungebetennelse; betennelse; osteoporose; beinskjørhet; benskjørhet; parkinson; demens; alzheimer; blodpropp; blodfortynnende; slag; hjerneslag; hjerteinfarkt; infarkt; angina; søvn; psykose; schizofreni; bipolar; gikt; urinsyregikt; revmatisme; leddgikt; psoriasis; eksem; magesår; refluks; syrenøytraliserende; vanndrivende; ødemer; væskeansamling; jernmangel; folatmangel; anemi; blodmangel; kvitamin; vitaminmangel; kalkmangel; kalktilskudd; glaukom; grønn stær; prostata; inkontinens; overaktiv blære; lavt; rusmiddelavhengighet; nerver; nervesmerter; rytmeforstyrrelse; immundempende; hormontilskudd; overgangsplager; prevensjon; tilskudd; kalium; magnesium; smertestillende; sovemedisin; beroligende; kvalmestillende; avføringsmiddel; kløestillende; slimløsende; febernedsettende; hostedempende; hjertemedisin; antibiotika; kortison; blodtrykksenkende; kolesterolsenkende; betennelsesdempende; muskelavslappende; krampestillende; syrehemmende; mage; magen; nyrer; lever; ledd; muskler; soppinfeksjon; sopp; herpes; bihulebetennelse; halsbetennelse; ørebetennelse; øyebetennelse; vannkopper; ms; adhd; tørre øyne; tørr hud
"""

ILLNESS_ENDINGS = (
    "medisin",
    "smerter",
    "sykdom",
    "sjukdom",
    "betennelse",
    "infeksjon",
    "plager",
    "mangel",
    "blodtrykk",
    "svikt",
    "middel",
    "behandling",
    "dempende",
    "stillende",
    "hindrende",
    "forebygging",
    "profylakse",
    "senkende",
    "drivende",
    "løsende",
    "kreft",
    "trykk",
    "lidelse",
    "lidelser",
    "besvær",
    "vansker",
    "problemer",
    "tilskudd",
    "vitamin",
)

# Beginnings of words that may stop, change or limit a dose: never passed over as a name or an indication.
DANGEROUS = ("seponer", "paus", "avslutt", "stopp", "slutt", "trapp", "øk", "reduser", "halver", "dobl", "juster", "ikke", "ikkj", "aldri", "unngå", "utgå", "nedtrapp", "opptrapp", "kontraindi", "allerg", "forrige", "tidligere", "maks", "minst", "inntil", "halvpart", "utsett", "vent", "stans", "avbry", "bytt", "endre", "hopp", "dropp", "fjern", "dobbel", "dagen", "annen", "hver", "uke", "måned", "natt", "time", "gang")  # fmt: skip


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
