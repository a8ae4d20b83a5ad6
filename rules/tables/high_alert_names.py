"""Substance and brand names of the high-alert groups, case folded, for text without a code (C09) and for ingredients.

Only names of groups that are high-alert by themselves: no benzodiazepines, no acetylsalicylic acid.
"""

from collections.abc import Mapping

_WORDS: Mapping[str, str] = {
    "antithrombotic": """
        warfarin, apiksaban, apixaban, rivaroksaban, rivaroxaban, dabigatran, dabigatraneteksilat, edoksaban,
        edoxaban, dalteparin, enoksaparin, tinzaparin, heparin, fondaparinuks, klopidogrel, clopidogrel,
        prasugrel, tikagrelor, ticagrelor, marevan, eliquis, xarelto, pradaxa, lixiana, fragmin, klexane,
        innohep, arixtra, plavix, efient, brilique
    """,
    "insulin": """
        insulin, insulin glargin, insulin detemir, insulin degludek, insulin aspart, insulin lispro, insulin
        glulisin, insulin humant, insulin isofan, lantus, abasaglar, toujeo, levemir, tresiba, insulatard,
        humulin, novorapid, fiasp, apidra, humalog, lyumjev, actrapid, novomix, semglee, xultophy, suliqua
    """,
    "sulfonylurea": "glimepirid, glipizid, glibenklamid, amaryl, mindiab",
    "opioid": """
        morfin, oksykodon, oxycodon, hydromorfon, ketobemidon, kodein, tramadol, tapentadol, fentanyl,
        buprenorfin, metadon, petidin, etylmorfin, dihydrokodein, levometadon, alfentanil, sufentanil,
        remifentanil, folkodin, dolcontin, oramorph, oxycontin, oxynorm, targiniq, reltebon, palladon,
        paralgin, paralgin forte, paralgin major, pinex forte, pinex major, aporex, nobligan, tramagetic,
        palexia, durogesic, matrifen, abstral, instanyl, effentora, pecfent, norspan, temgesic, transtec,
        subutex, suboxone, buvidal, metadon, ketogan, cosylan, solvipect comp
    """,
    "methotrexate": "metotreksat, methotrexat, methotrexate, metex, metojectpen, nordimet",
    "immunosuppressant": """
        azatioprin, ciklosporin, takrolimus, sirolimus, everolimus, mykofenolat, mykofenolatmofetil,
        mykofenolsyre, leflunomid, teriflunomid, fingolimod, tofacitinib, baricitinib, upadacitinib,
        filgotinib, adalimumab, etanercept, infliksimab, golimumab, certolizumab, ustekinumab, sekukinumab,
        tocilizumab, abatacept, vedolizumab, anakinra, lenalidomid, talidomid, imurel, sandimmun, prograf,
        advagraf, adoport, cellcept, myfortic, arava, xeljanz, olumiant, rinvoq, humira, hyrimoz, enbrel,
        benepali, erelzi
    """,
    "cancer": """
        kapecitabin, cyklofosfamid, klorambucil, melfalan, busulfan, hydroksykarbamid, merkaptopurin,
        tioguanin, etoposid, temozolomid, imatinib, dasatinib, nilotinib, ibrutinib, lapatinib, sunitinib,
        palbociklib, ribociklib, abemaciklib, olaparib, venetoklaks, ruksolitinib, xeloda, sendoxan, leukeran,
        alkeran, myleran, hydrea, puri-nethol, temodal, glivec, sprycel, tasigna, imbruvica, tyverb, ibrance,
        kisqali, verzenios, lynparza, venclyxto, jakavi
    """,
    "antiepileptic": """
        karbamazepin, lamotrigin, fenytoin, valproat, valproinsyre, tegretol, trimonil, lamictal, epinat,
        orfiril, deprakine
    """,
    "epinephrine": "adrenalin, epinefrin, epipen, emerade, jext, anapen",
    "cardiac-glycoside": "digoksin, digoxin, digitoksin, digitoxin, lanoxin",
    "lithium": "litium, lithium, litiumsulfat, litiumkarbonat, lithionit",
    "clozapine": "klozapin, clozapin, clozapine, leponex",
    "potassium": "kaliumklorid, kaliumsitrat, kaleorid, kajos",
    "amiodarone": "amiodaron, amiodarone, cordarone",
    "theophylline": "teofyllin, theophyllin, theo-dur, nuelin",
    "parkinson": """
        levodopa, karbidopa, benserazid, entakapon, opikapon, pramipeksol, ropinirol, rotigotin, apomorfin,
        rasagilin, selegilin, safinamid, amantadin, madopar, sinemet, stalevo, sifrol, requip, neupro,
        azilect, eldepryl, xadago, comtess, ongentys, duodopa, flexilev
    """,
}

NAME_ROWS: tuple[tuple[str, str], ...] = tuple(
    (" ".join(word.split()), group) for group, words in _WORDS.items() for word in words.split(",")
)
NAMES: Mapping[str, str] = dict(NAME_ROWS)
"""Case-folded name -> group."""
