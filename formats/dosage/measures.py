"""Units, numbers, times of the day, spans, weekdays and periods, with their spellings. Data only."""

PIECE, MASS, VOLUME, SPOON = "piece", "mass", "volume", "spoon"

UNITS: tuple[tuple[str, str, str], ...] = (
    (
        "tablett",
        PIECE,
        """tablett; tabletter; tabletten; tablettar; tablettene; tablet; tabl; tbl; tab; tabs; tabletts; pille;
        piller; pillen; pillar;
        depottablett; depottabletter; depottabl; depottbl; depottab; enterotablett; enterotabletter; enterotabl;
        enterotbl;
        enterotab; brusetablett; brusetabletter; brusetabl; brusetbl; brusetab; tyggetablett; tyggetabletter;
        tyggetabl; tyggetbl;
        tyggetab; sugetablett; sugetabletter; sugetabl; sugetbl; smeltetablett; smeltetabletter; smeltetabl;
        resoriblett; resoribletter; depottablettar; tyggetablettar; brusetablettar;
        depot - tbl|tabl|tablett|tabletter; entero - tbl|tabl|tablett|tabletter; entr tbl|tabl""",
    ),
    (
        "kapsel",
        PIECE,
        """kapsel; kapsler; kapselen; kapslar; kaps; kps; depotkapsel; depotkapsler; depotkaps; enterokapsel;
        enterokapsler;
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
        """dråpe; dråper; dråpar; drope; dropar; dråpen; dr; drp; øyedråpe; øyedråper; øyendråpe; øyendråper;
        augedråpe; augedråpar; øredråper; nesedråper""",
    ),
    ("dose", PIECE, "dose; doser; dosar; applikatordose; applikatordoser; applikatordosar"),
    ("inhalasjon", PIECE, "inhalasjon; inhalasjoner; inhalasjonar; inhal; inh; puff; sug; drag"),
    ("spray", PIECE, "spray; sprayer; spraydose; spraydoser; sprayar; spraydosar; sprut; nesespray"),
    ("plaster", PIECE, "plaster; plastre; plastere; depotplaster; depotplastre; plst"),
    ("pose", PIECE, "pose; poser; posar; dosepose; doseposer; doseposar"),
    ("sprøyte", PIECE, "sprøyte; sprøyter; ferdigfylt sprøyte; ferdigfylte sprøyter"),
    ("injeksjon", PIECE, "injeksjon; injeksjoner; injeksjonar; inj; depotinjeksjon; depotinj"),
    ("penn", PIECE, "penn; penner; pennar; ferdigfylt penn"),
    ("stikkpille", PIECE, "stikkpille; stikkpiller; stikkpillar; supp; stikkp"),
    ("vagitorie", PIECE, "vagitorie; vagitorier; vagitoriar"),
    ("vaginaltablett", PIECE, "vaginaltablett; vaginaltabletter; vaginaltabl; vaginaltablettar"),
    ("klyster", PIECE, "klyster; klyx; klystere; mikroklyster; mikroklyx"),
    ("ampulle", PIECE, "ampulle; ampuller; amp; ampullar"),
    ("teskje", SPOON, "teskje; teskjeer; ts; teskeier; teskei"),
    ("barneskje", SPOON, "barneskje; barneskjeer; barneskei"),
    ("spiseskje", SPOON, "spiseskje; spiseskjeer; ss; spiseskei"),
    ("", PIECE, "stk; stykk; stykker; stykke; styk"),
)

NUMBERS = (
    ("0.25", "en|ein|et kvart; kvart; en|ein|et fjerdedel"),
    ("0.5", "halv; halve; halvt; en|ei|ein|et|én halv|halve|halvt"),
    ("0.75", "tre kvart; trekvart; trekvarte; tre fjerdedels|fjerdedel"),
    ("1", "en; én; eitt; ei; ein; ett; et; éi; éin; en|én|ei|ein|ett|et hel|heil|helt|heilt; hel; heil"),
    (
        "1.5",
        """halvannen; halvanna; halvannet; halvannan; halvtanna; halvtannan;
        en|ein|ei|et|én og en|ein|ei|et halv|halvt;
        1 og en|ein|ei halv""",
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
    ("13", "tretten"),
    ("14", "fjorten"),
    ("15", "femten"),
    ("16", "seksten"),
    ("17", "sytten"),
    ("18", "atten"),
    ("19", "nitten"),
    ("20", "tjue; tyve"),
    ("30", "tretti; tredve"),
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
        """morgen; morgenen; morgon; morgonen; om|på|hver|kvar|til morgenen|morgonen|morgen|morgon; mrg; morg;
        mane; morges; mo;
        om morran; tidlig|tidleg morgen|morgon; på morgenkvisten; morgenkvist; morran; hver|kvar morgen|morgon""",
    ),
    ("formiddag", "formiddag; formiddagen; om|på formiddagen; hver|kvar formiddag"),
    ("middag", "midt på dagen; midt dagen; midt på dag; midt på dagen; kl midt på dagen"),
    ("ettermiddag", "ettermiddag; ettermiddagen; om|på ettermiddagen; hver|kvar ettermiddag; em"),
    (
        "kveld",
        """kveld; kvelden; kveldar; kvelder; om|på|til kvelden|kveld; hver|kvar kveld; kv; aften; aftenen;
        til|om aften|aftenen; vesp; vespere; vesper; kveldstid;
        på kveldstid; kvelds""",
    ),
    ("natt", "natt; netter; om natten|natta; natten; natta; i løpet av natten|natta; hver|kvar natt; på natten|natta"),
    (
        "sengetid",
        """til|for natten|natta|natt; nocte; noct; ved|før|føre|til sengetid; sengetid; ved|før|føre leggetid;
        leggetid;
        senget; ved|før senget;
        før du legger deg; når du legger deg; like før sengetid|leggetid; rett før sengetid|leggetid;
        om kvelden|kveld ved|før sengetid|leggetid|leggetida;
        kveld ved|før sengetid|leggetid; hver|kvar kveld ved|før sengetid|leggetid; ved|før leggjetid;
        om kvelden ved|før leggjetid|sengetid;
        kvelden ved|før leggetid|sengetid; ved|før|føre sengetida|leggetida|leggjetida;
        til kvelden ved|før sengetid|leggetid; før legging;
        ved legging; for natta""",
    ),
)

MEAL_PARTS = (
    (
        "morgen",
        """frokost; frokosten; frukost; frukosten;
        til|før|føre|etter|med|ved|sammen|på frokost|frokosten|frukost|frukosten;
        sammen med frokost; rett før|etter frokost""",
    ),
    ("middag", "lunsj; lunsjen; lunch; til|før|etter|med|ved lunsj|lunsjen|lunch; sammen med lunsj"),
    (
        "kveld",
        """kveldsmat; kveldsmaten; til|før|etter|med|ved kveldsmat|kveldsmaten|aftens; sammen med kveldsmat;
        kveldsmåltid; til|før kveldsmåltidet""",
    ),
)

SPANS = (
    ("h", "time; timer; timar; timers; timen; t; tim; timane"),
    ("d", "dag; dager; dagar; dagers; døgn; dg; dagen; dagene; dagane; døgnet; dags; dgr"),
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
        """ukentlig; ukentleg; vekentleg; ukl; i uken|uka|veka|uke; per|pr uke|veke; hver|kvar uke|veke; / uke|veke;
        i løpet av uken|uka; hver|kvar uke på samme|fast ukedag|dag; 1 gang ukl""",
    ),
    (
        "1mo",
        """månedlig; månadleg; mndl; i måneden|måned|mnd|månaden; per|pr måned|mnd|månad; hver|kvar måned|mnd|månad;
        / måned|mnd""",
    ),
    ("3mo", "hvert|kvart kvartal"),
    ("6mo", "hvert|kvart halvår; halvårlig; halvårleg"),
    ("12mo", "årlig; årleg; i året; per|pr år; hvert|kvart år"),
)
