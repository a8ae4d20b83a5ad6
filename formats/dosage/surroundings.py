"""The words around a dose: what may be passed over, and what keeps a reading from being whole. Data only."""

HANDLING = (
    "knuses; tygges; deles; åpnes; knusast; tyggast; delast; opnast; knus; tygg; knust; knuse; tygge; åpne; knusing"
)

REASONS: tuple[tuple[str, str], ...] = (
    (
        "hold",
        """ikke|ikkje ta|tas|bruk|brukes|gi|gis|takast|brukast|gjev;
        skal|må|bør ikke|ikkje tas|brukes|gis|takast|brukast|ta; tas|gis|brukes ikke|ikkje; seponert; seponert fra;
        seponeres nå; stoppet; stoppes; avsluttet; avslutta;
        nullet; nulles; utgår; utgått; pauset; pausert; pauseres; midlertidig stoppet; midlertidig stans; stanset;
        stanses; settes på pause; på pause; på vent;
        opphørt; ikke i bruk; ikkje i bruk; brukes ikke lenger; tas ikke lenger; ikke lenger i bruk; avbrytes;
        avbrutt;
        ikke start|startes|begynn; skal ikke startes; utsettes; utsatt; avventes; avvent; settes ikke;
        stopp; stans; opphørt; pauses inntil videre; pauset inntil videre; inntil videre pause; ikke til bruk;
        må seponeres;
        skal seponeres; bruk ikke""",
    ),
    (
        "inr",
        """inr; inr verdi; warfarinkort; marevankort; marevanskjema; warfarinskjema; inr - verdi; inr verdien;
        warfarin kort; inr kontroll; inr - kontroll; inr måling; ny|neste|følgende inr;
        ny|neste inr kontroll|måling|prøve""",
    ),
    (
        "external_scheme",
        """blodsukker; blodsukkeret; blodsukkerskjema; blodsukkerverdi; blodsukkermåling; etter blodsukker;
        etter skjema; skjema; eget ark; eget skjema; eget kort; se ark; se skjema; liste; egen liste; se liste;
        doseringskort; kort;
        bruksanvisning; bruksanvisningen; vedlagte bruksanvisning; ifølge bruksanvisningen; pakningsvedlegg;
        pakningsvedlegget; skriftlig anvisning; anvisning; doseringsliste; doseringsskjema; doseringsplan; plan;
        kurplan; nedtrappingsplan; opptrappingsplan; trappeplan; nedtrappingsskjema;
        etter måling; etter vekt; sliding scale; etter karbohydrater; karbohydrater; karbohydrattelling; etter bs;
        bs; insulinskjema; blodprøve; blodprøver; blodprøvesvar; etter serumkonsentrasjon; kurskjema; kurve;
        etter kurve; kalender; dosekort; vedlegg; vedlagte; vedlagt; eige ark; eige skjema; brosjyre;
        informasjonsskriv; sykehus; sykehuset; sjukehus; sjukehuset; individuelt; individuell; individuell dosering;
        medisinkort; medisinliste;
        legemiddelliste; journal; journalen; epikrise; notat; kardeks;
        kardex; protokoll; crp; laboratoriesvar; blodsukkerliste; legens skjema; skriv; ark; behandlingsplan;
        instruks""",
    ),
    (
        "as_agreed",
        """som avtalt; som før; som tidligere; som forklart; etter avtale; avtalt; som avtalt med lege|legen;
        avtale; etter avtale med lege|legen; som anvist; anvist; slik anvist av lege; slik legen har bestemt;
        som bestemt; som vanlig; uendret; som sist; etter legens anvisning;
        etter legens råd; brukes som forklart; forklart; som forskrevet; i henhold til avtale; ifølge avtale;
        som instruert; som opplyst; etter beskjed; som tidlegare; som avtala; etter avtala;
        nøyaktig slik legen har bestemt; som foreskrevet; foreskrevet; etter ordinasjon; ordinasjon; som beskrevet;
        slik vi snakket om; slik vi avtalte; slik avtalt; som vist; som demonstrert; etter instruks; som vanleg;
        uendra; i samråd med lege|legen; etter samråd""",
    ),
    (
        "prn_repeat",
        """og eventuelt 1 etter; og evt 1 etter; eventuelt 1 etter; evt 1 etter; kan gjentas; kan gjentakast;
        ny dose; kan repeteres; gjentas etter; ny tablett|tabl|tbl|kapsel|spray|stikkpille|inhalasjon|sprøyte;
        kan gjenta; evt gjentas;
        eventuelt gjentas; gjentas hvis; en ny; én ny""",
    ),
    (
        "patch_off",
        """av om natten|natta; tas av; fjernes; av til natten|natta; av natt; av om kvelden; av kveld;
        fjernes om natten|kvelden; av ved sengetid; tas av om natten|kvelden|natta; tas av til natten; plasterfri;
        av i;
        tas av ved sengetid; fjernes ved sengetid;
        av til|om|ved|før kvelden|kveld|sengetid|leggetid|natten|natta; av kl;
        av om|til morgenen|morgonen; plasteret tas av; plasteret fjernes; av etter""",
    ),
    (
        "residual",
        """i våken tid; i våken tid av døgnet; våken tid; i våken tilstand; kan økes|økast|aukast|auke;
        kan økes|aukast til; økes;
        kan reduseres til; kan reduseres; kan dosen økes til;
        kan trappes; trappes; opptrapping; nedtrapping; trappes ned|opp; evt; eventuelt; ev; minst; minimum;
        kan ved behov økes til; cirka; ca; omtrent; noen;
        flere; til kuren er ferdig|slutt|over; kuren er ferdig|slutt|over; til bedring; etter effekt; juster;
        justeres; dosen justeres;
        til pakken er tom;
        halveres; dobles; doble; dobbel; dobbelt; dobbelt dose; startdato; start; første gang; siste; neste;
        i dag; i går; i morgen; i morgen tidlig; i kveld; i natt; i ettermiddag; i formiddag; i morgon;
        i morgon tidleg;
        i natta; gitt; fått; har fått; fikk; tok; tatt; skulle tatt; hadde; gjeve; fekk; straks; nå;
        annen hver gang; totalt; i alt; før avreise; opptil flere; til symptomfrihet; symptomfrihet; øke;
        økning; redusere; reduksjon; vurder; vurderes; prøv; prøve; forsøk; uke nr; dag nr; hvis; dersom; når;
        om det; samtidig; bare; kun; mer; meir; mindre; under; enn; dersom det; såfremt; med mindre; høyere; lavere;
        kilo; kg; / kg; per kilo; pr kg;
        per kg;
        etter vurdering; gradvis; sakte; langsomt; til effekt; varierende; variabel; hver gang ved; syklus;
        menstruasjon; mens; frem til; fram til; til og fra; inntil videre; bytt; byttes til; erstatter;
        i stedet for; istedenfor; isteden; skifte til; byttet til; omregnet; tilsvarer; tilsvarende; alternativt;
        helst; ofte; sjelden; av og til; innimellom; enkelte dager; noen ganger; flere ganger; par; et par;
        kontroll; ny kontroll; kontrolleres; time hos; så lenge; dagen etter; dagen før; maks dose;
        reservemedisin; reserve; kanskje; muligens; sannsynligvis; normalt; vanligvis; som regel; iblant; i blant;
        tidvis; stundom; intermitterende; intermittent; sporadisk""",
    ),
    (
        "change_note",
        """tidligere; tidlegare; forrige dose; gammel dose; før brukt; var tidligere; tidligere dose; ny dosering;
        endret fra; økt fra; redusert fra; dosen økt; dosen redusert; økt til; redusert til; dosen er økt;
        dosen er redusert; dose endret; doseendring; endret; endra; tidligere brukt; har brukt; økt; redusert;
        obs ny dose; nb ny dose; ny styrke; dosereduksjon; doseøkning; førre dose; var""",
    ),
)

SYMPTOMS = """
    smerter; smerte; feber; kvalme; hodepine; hovudpine; migrene; angst; uro; søvnvansker; søvnløshet;
    søvnproblemer; tungpust; tung pust; pustebesvær; kløe;
    hoste; brystsmerter; brystsmerte; hjertekrampe; anfall; svimmelhet; obstipasjon; forstoppelse; diare;
    diaré; oppkast; luft i magen; magesmerter; ryggsmerter;
    smertegjennombrudd; gjennombruddssmerter; gjennombruddssmerte; allergi; allergiske plager; allergiplager;
    tetthet; tett nese; nesetetthet; halsbrann; sure oppstøt; kramper; krampe; krampeanfall; krise; astma;
    astmaanfall; migreneanfall; ubehag; plager; besvær; luftveisplager; verk; treg mage; hard mage; tørr hoste;
    rastløshet; muskelsmerter; leddsmerter; stivhet; slim; surkling; utslett;
    dyspné; dyspne; tørre øyne; tørrhet; panikkanfall; panikkangst; rier; mensensmerter; menssmerter; vondt;
    hevelse; vanskelig pust; pustevansker; piping; lavt blodsukker; føling; nervøsitet;
    agitasjon; delir; hallusinasjoner; insomni; hjertebank; ryggverk; tannverk; tannpine; symptomer; reisesyke;
    bilsyke; sjøsyke; svetting; hikke; utbrudd; forkjølelse; forkjølelsessår; blødning;
    luftplager; irritasjon; tørr hals; hevelser; nedstemthet; panikk; sår hals; øreverk; magekramper; skjelving;
    treg avføring; løs mage; vannlatingsplager
"""

NOISE = """
    tas; ta; takes; tek; takast; tar; gis; gi; brukes; bruk; bruke; brukast; settes; sett; sette; injiseres;
    svelges; svelgast; svelg; drikkes; inntas; inntak; kan tas; kan ta; kan; skal; du; deg; bør; skal tas; bør tas;
    det; den; de; dette;
    hel; hele; heil; heile; svelges hel|hele|heil|heile; svelges hel med; tas hel; tas hele; skal svelges hel|hele;
    skal svelgast heile; må svelges hel|hele; oppløses; løses opp; løst i; oppløst i; løses i; røres ut;
    røres ut i; utrørt i; røres; fortynnes med; fortynnes; og inhaleres; inhaleres; utblandet i; blandes med;
    blandes i; blandes; og svelges; og drikkes; oppløst;
    på tom mage; fastende; tom mage; fastande; på fastende mage; på fastande mage; under tungen; under tunga;
    legges under tungen; smelter på tungen; på tungen; mot kinnet; i kinnet;
    i m; im; s c; sc; i v; iv; p o; po; per os; peroralt; subkutant; intramuskulært; intravenøst; rektalt;
    vaginalt; oralt; i huden; under huden; i magen; i låret; inn; inhalert; topikalt; transdermalt; intranasalt;
    buccalt; bukkalt; sublingualt; subcutant;
    i|på|via forstøver|forstøveren|forstøverapparat|forstøverapparatet; via|med|på kolbe|spacer|inhalasjonskammer;
    på huden; påføres; påsmøres; smøres; smøres på; smøres tynt på; påføres tynt; påføres huden i tynt lag;
    påsmøres i tynt lag; påføres i tynt lag; påsmøres tynt; i tynt lag; et tynt lag; tynt lag; tynt; tykt lag;
    angrepet område;
    angrepne områder; på angrepet område; påføres angrepet område; påsmøres angrepet område; tynt angrepet område;
    tynt angrepet; utslettet; på utslettet; affisert område; affiserte områder; pensles på; pensles; gnis inn;
    gnis inn i hodebunnen|huden; gnis inn dråpevis; masseres inn; masseres inn i betent hudområde;
    masseres inn i smertefullt hudområde; hodebunnen; på berørt område; berørt område; smertefullt område;
    på neglene; på negl; på neglen; negl; negler; angrepet negl; på angrepet negl; angrepet; angrepne; glans penis;
    på glans penis; på ansiktet; i ansiktet; på kroppen; i hodebunnen; på rygg; i lysken; på magen; på låret;
    på overarmen; på brystet; festes på huden; legges; legges på huden; skiftes; byttes; på ren og tørr hud;
    tørr hud; settes på; klistres på; dryppes; drypp; sprayes;
    må; tygges godt;
    med rikelig drikke; med rikelig vann; rikelig drikke; med mye vann; med litt vann; med vann; med drikke;
    med vatn; med; sammen; saman; rikelig; godt; forsiktig; dypt; skyll munnen; skyll munnen etterpå;
    skyll munn; skyll munn etter bruk; skyll munn etterpå;
    skyll munnen etter bruk; munnen skylles; rist før bruk; ristes; omrystes; rist flasken; ristes før bruk;
    omristes; ristes godt; omrystes før bruk; vask hendene; husk; husk å; obs; nb; viktig;
    samme ukedag; på samme ukedag; på fast ukedag; fast ukedag; en fast dag; samme dag; til samme tid;
    på samme tid; til faste tider; faste tider; fast tid; på samme tidspunkt; samme tidspunkt; samme tid;
    på samme dato; samme dato; en bestemt ukedag; på fast dag; faste dager; på faste dager;
    drikk; drikk rikelig; drikk rikelig vann; mye drikke; mykje drikke; med mykje drikke; med mye drikke; samlet;
    tatt samlet; alltid;
    jevnt fordelt over døgnet; jevnt fordelt; fordelt over døgnet; jamt fordelt; fast ukedag hver uke;
    samme ukedag hver uke; på samme ukedag hver uke; fast dag;
    om; på; medisin; legemiddel; legemidlet; dosering; dose :; doseres; startdose; start :; dosering :; behandling;
    kur; kuren; som kur; forebyggende; førebyggjande; per; pr; tilførsel; mikstur; oppløsning; krem; salve; gel;
    liniment; pulver; granulat; sirup; skum; sjampo; brus; inhalator; inhalasjonspulver; aerosol; depot;
    væske til injeksjon; inhaleres dypt; dosert; nesen; nasen; huden; øyesalve; øyedråper :; svelgast heil; pr os;
    annen|anna medisin|drikke; andre medisiner|legemidler|medisinar|legemiddel;
    vanlig; vanleg dosering; vanlig dosering; vanleg
"""

ILLNESSES = """
    beskytter|beskyttar|vernar magen|magesekken;
    senker|senkar kolesterol|kolesterolet|blodtrykk|blodtrykket|blodsukkeret;
    demper|dempar angst|uro|smerter|smerte|kvalme|hoste|kløe|betennelse;
    lindrer|lindrar smerter|smerte|kvalme|kløe|hoste;
    styrker|styrkar skjelettet|hjertet|hjartet|beinbygningen; regulerer hjerterytmen|stoffskiftet;
    hemmer|hemmar magesyre|magesyren;
    vitamin d|b|c|k|a|e; d|b|c|k|a|e - vitamin|vitaminer|vitamintilskudd; type 1|2 diabetes; diabetes type 1|2;
    diabetes mellitus; diabetes mellitus type 1|2;
    b 12 - mangel; b 12 mangel; vitamin b 12; vitamin b 12 - mangel; mangel; blodtrykk; høyt blodtrykk;
    høgt blodtrykk; hypertensjon; hjerte; hjertet; hjerterytme;
    hjertesvikt; hjerteflimmer; atrieflimmer; diabetes; sukkersyke; kolesterol; høyt kolesterol; depresjon;
    stoffskifte; lavt stoffskifte; astma; kols; epilepsi; allergi; migrene;
    infeksjon; urinveisinfeksjon; lungebetennelse; betennelse; osteoporose; beinskjørhet; benskjørhet; parkinson;
    demens; alzheimer; blodpropp; blodfortynnende; slag; hjerneslag; hjerteinfarkt; infarkt; angina; søvn; psykose;
    schizofreni; bipolar; gikt; urinsyregikt; revmatisme; leddgikt; psoriasis; eksem; magesår; refluks;
    syrenøytraliserende; vanndrivende; ødemer; væskeansamling; jernmangel; folatmangel; anemi; blodmangel;
    kvitamin; vitaminmangel; kalkmangel; kalktilskudd; glaukom; grønn stær; prostata; inkontinens; overaktiv blære;
    lavt; rusmiddelavhengighet; nerver; nervesmerter; rytmeforstyrrelse; immundempende; hormontilskudd;
    overgangsplager; prevensjon; tilskudd; kalium; magnesium; smertestillende; sovemedisin; beroligende;
    kvalmestillende; avføringsmiddel; kløestillende; slimløsende; febernedsettende; hostedempende; hjertemedisin;
    antibiotika; kortison; blodtrykksenkende; kolesterolsenkende; betennelsesdempende; muskelavslappende;
    krampestillende; syrehemmende; mage; magen; nyrer; lever; ledd; muskler; soppinfeksjon; sopp; herpes;
    bihulebetennelse; halsbetennelse; ørebetennelse; øyebetennelse; vannkopper; ms; adhd; tørre øyne; tørr hud
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

# Words of their own that are one letter from a word of dosing texts: no misspelling of it (convention 12).
OWN_WORDS = frozenset(
    """
    fridag fridager fridagen fridagene fridagar feriedag feriedager feriedagar ukedagen hverdags arbeidsdag
    infeksjoner infeksjonen infeksjonar intensjon inspeksjon induksjon pollen planter planten planer plasser platen
    klister tallet talet pinner panner pelle poster porer
    damer drager veier vekker verker vener vever veger dagens ukens vekas månedens døgnets times
    først inne passer passe liten liker later leter gass veske vaske grass helper heller helsen hela
    deres delen dele deler åpner åpnet antall avfall anfalt smarte fiber vonde vendt kvise
    hunden delte taket samler blader naken karen kursen kuler kulen neger rister stammen skammen
    sengen senger margen note vester mandat mandal manager frukt frukten fruktose erter eter linser linsen dusjen
    hylster hylsen toalett sukker planke oppdager forslag morsdag maidag siden høye ansikter
    kveldsvakt kveldsvakta kveldsvakten draper dråpestørrelse vekter vekten kveles kvele frosten spisested formelt
    fordel fordele nettet nekter nytter nøtter nytten nytte moren mora morten morton senket sunget sendetid stengetid
    akten after launch kveler kveldstur vesentlig årig halvåret natts slettes sletting samles selges tapes dels fase
    fatte faster fasten summen sete setet drakk trygge hvile bekreft stikker stakk plassere stykket invitasjon
    toaletter plasten pallen piler dytte helle svette detta hakke host høste drop drops drepe dreper kriser krige
    føring krymper krympe setting dalen månen veiene vektene etater ester inner helene helten heltene helter heler
    oppholder oppholdet passes inntok dets dett dosett
    """.split()  # noqa: SIM905 - read as a table
)

# Beginnings of words that may stop, change or limit a dose: never passed over as a name or an indication.
DANGEROUS = (
    "seponer",
    "paus",
    "avslutt",
    "stopp",
    "slutt",
    "trapp",
    "øk",
    "reduser",
    "halver",
    "dobl",
    "juster",
    "ikke",
    "ikkj",
    "aldri",
    "unngå",
    "utgå",
    "nedtrapp",
    "opptrapp",
    "kontraindi",
    "allerg",
    "forrige",
    "tidligere",
    "maks",
    "minst",
    "inntil",
    "halvpart",
    "utsett",
    "vente",
    "stans",
    "avbry",
    "bytt",
    "endre",
    "hopp",
    "dropp",
    "fjern",
    "dobbel",
    "dagen",
    "annen",
    "hver",
    "uke",
    "måned",
    "natt",
    "time",
    "gang",
    "anfallsvis",
    "behov",
    "sommer",
    "vinter",
    "sesong",
    # told of the medicine, and no name of it
    "slett",
    "sløyf",
    "kutt",
    "glem",
    "nekt",
    "avslå",
    "vegr",
    "stryk",
    "strøk",
    "utelat",
    "midlertidig",
    "mellombels",
    "foreløpig",
    "førebels",
    "kortvarig",
    "neppe",
    "trolig",
    "antagelig",
    "antakelig",
    "usikker",
    "uklar",
    "ukjent",
    "ukjend",
    "feil",
    "gammel",
    "gamal",
    "minus",
    "stigende",
    "stigande",
    "synkende",
    "synkande",
    "avtagende",
    "fallende",
    "etterhvert",
    "hovedsakelig",
    "vesentlig",
    "unntaksvis",
    "dagtid",
    "dagstid",
)
