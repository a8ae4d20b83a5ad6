"""Names of groups that an allergy is written down by in words, without a code ("CAVE penicillin", rules.md F01).

In the languages of users, and of journals that write English: SNOMED CT and most vendors say "Penicillins". A group
is its own ATC codes and those under which its members stand beside others or on the skin, in the eye or ear; a code
that others share (B01AC30, D07C) is there only where nearly all of it is the group.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rules.tables.origin import PROPOSAL, Origin

WHO = Origin("WHO ATC-indeks 2026 (gruppen og kombinasjonene med den)")
WHO_OWN = Origin("WHO ATC-indeks 2026; hvilke av kodene som regnes med, er medrec sitt forslag")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupName:
    """Whole words, case folded, and the ATC groups they name."""

    words: tuple[str, ...]
    prefixes: tuple[str, ...]
    origin: Origin = PROPOSAL


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ACETYLSALICYLIC_ACID = (
    *("B01AC06", "B01AC08", "B01AC30", "B01AC56", "N02AJ02", "N02AJ07", "N02AJ18", "A01AD05", "M01BA03"),
    *("C07FX02", "C07FX03", "C07FX04"),
    *("C10BX01", "C10BX02", "C10BX04", "C10BX05", "C10BX06", "C10BX08", "C10BX12"),
)
"""Outside the analgesics (N02BA), where some are of other salicylates."""

GROUP_NAMES: tuple[GroupName, ...] = (
    GroupName(
        words=_words("penicillin penicilliner penicillinar penicillins penicilliners penicillinum"),
        prefixes=(
            *("J01C", "J01RA01", "S01AA14", "S01AA15", "S01AA19"),
            # Packages against Helicobacter that hold amoxicillin.
            *("A02BD01", "A02BD03", "A02BD04", "A02BD05", "A02BD06", "A02BD07"),
            *("A02BD10", "A02BD11", "A02BD12", "A02BD13", "A02BD14", "A02BD15", "A02BD16"),
        ),
        origin=WHO,
    ),
    GroupName(
        words=_words(
            "cefalosporin cefalosporiner cefalosporinar sefalosporin sefalosporiner sefalosporinar"
            " cephalosporin cephalosporins"
        ),
        prefixes=(
            *("J01DB", "J01DC", "J01DD", "J01DE", "J01DI01", "J01DI02", "J01DI04", "J01DI54"),
            *("J01RA03", "J01RA06", "J01RA15", "J01RA16", "S01AA27", "S01AA31"),
        ),
        origin=WHO,
    ),
    GroupName(words=_words("karbapenem karbapenemer carbapenem carbapenems"), prefixes=("J01DH",), origin=WHO),
    GroupName(
        words=_words("betalaktam betalaktamer betalaktamantibiotika laktam laktamantibiotika lactam lactams"),
        prefixes=("J01C", "J01D", "J01RA01"),
        origin=WHO,
    ),
    GroupName(
        # Not J01EA: trimethoprim alone is none. Sulfasalazine splits into one (its summary of product characteristics,
        # 4.3, names them). Diuretics, gliclazide and celecoxib are sulfonamides only as chemists use the word.
        words=_words(
            "sulfa sulpha sulfonamid sulfonamider sulfonamidar sulfapreparater sulfapreparat sulfonamide sulfonamides"
            " sulphonamide sulphonamides"
        ),
        prefixes=(
            *("J01EB", "J01EC", "J01ED", "J01EE", "J01RA02", "A07AB", "A07EC01"),
            *("D06BA", "G01AE", "P01BD51", "S01AB"),
        ),
        origin=WHO_OWN,
    ),
    GroupName(words=("trimetoprim", "trimethoprim"), prefixes=("J01EA", "J01EE"), origin=WHO),
    GroupName(
        words=_words("makrolid makrolider makrolidar makrolidantibiotika macrolide macrolides"),
        prefixes=(
            *("J01FA", "J01RA04", "J01RA07", "J01RA16", "S01AA17", "S01AA26", "D10AF02", "D10AF52"),
            # Packages against Helicobacter that hold clarithromycin.
            *("A02BD04", "A02BD05", "A02BD06", "A02BD07", "A02BD09", "A02BD11", "A02BD12", "A02BD14"),
        ),
        origin=WHO,
    ),
    GroupName(
        words=_words(
            "tetracyklin tetracykliner tetracyklinar tetrasyklin tetrasykliner tetrasyklinar tetracycline tetracyclines"
        ),
        prefixes=(
            *("J01AA", "J01RA08", "A02BD02", "A02BD08", "A01AB13", "A01AB21", "A01AB22", "A01AB23"),
            *("D06AA", "S01AA02", "S01AA04", "S01AA09", "S02AA08", "S03AA02"),
        ),
        origin=WHO,
    ),
    GroupName(
        words=_words(
            "kinolon kinoloner kinolonar fluorokinolon fluorokinoloner fluorokinolonar"
            " quinolone quinolones fluoroquinolone fluoroquinolones"
        ),
        prefixes=(
            *("J01M", "J01RA05", "J01RA09", "J01RA10", "J01RA11", "J01RA12", "J01RA13", "J01RA14", "J01RA15"),
            *("J01RA17", "J01RA18", "A02BD10", "S01AE", "S02AA15", "S02AA16", "S03AA07"),
        ),
        origin=WHO,
    ),
    GroupName(
        words=_words("aminoglykosid aminoglykosider aminoglykosidar aminoglycoside aminoglycosides"),
        prefixes=(
            *("J01G", "J01RA06", "A01AB08", "A07AA01", "D06AX04", "D06AX07", "D06AX12"),
            *("S01AA03", "S01AA07", "S01AA11", "S01AA12", "S01AA21", "S01AA22", "S01AA23", "S01AA24", "S01AA29"),
            *("S02AA07", "S02AA14", "S03AA01", "S03AA06"),
        ),
        origin=WHO,
    ),
    GroupName(
        # Of the others (M01AX) those that are anti-inflammatory: glucosamine and chondroitin are not. Acetylsalicylic
        # acid has its own words.
        words=_words("nsaid nsaids nsaider nsaidene nsaidpreparater"),
        prefixes=(
            *("M01AA", "M01AB", "M01AC", "M01AE", "M01AG", "M01AH", "M01AX01", "M01AX02", "M01AX17", "M01B"),
            *("M02AA", "S01BC", "R02AX01", "R02AX02", "D11AX18", "G02CC01", "G02CC02", "C08CA51"),
            *("N02AJ08", "N02AJ14", "N02AJ19"),
        ),
        origin=WHO_OWN,
    ),
    GroupName(
        # B01AC30 (combinations) is acetylsalicylic acid with clopidogrel or dipyridamole; safer to ask.
        words=_words("asa acetylsalisyl acetylsalisylsyre acetylsalisylsyra acetylsalicylsyre aspirin acetylsalicylic"),
        prefixes=(
            *_ACETYLSALICYLIC_ACID,
            *("N02BA01", "N02BA15", "N02BA51", "N02BA65", "N02BA71"),
        ),
        origin=WHO_OWN,
    ),
    GroupName(
        # Mesalazine and sulfasalazine: their summaries of product characteristics, 4.3, name salicylates.
        words=_words("salisylat salisylater salisylatar salicylate salicylates"),
        prefixes=(
            *_ACETYLSALICYLIC_ACID,
            *("N02BA", "M02AC", "A07EC"),
        ),
        origin=WHO_OWN,
    ),
    GroupName(
        # Cough medicines of opium alkaloids, substitution treatment, anaesthesia, and opium against diarrhoea; not
        # loperamide, which no allergy to opioids is taken to cover.
        words=_words("opioid opioider opioidar opiat opiater opiatar opioids opiate opiates morfinpreparater"),
        prefixes=(
            *("N02A", "N01AH", "N07BC01", "N07BC02", "N07BC03", "N07BC05", "N07BC06", "N07BC51"),
            *("R05DA", "R05FA", "A07DA01", "A07DA02", "A07DA04"),
        ),
        origin=WHO_OWN,
    ),
    GroupName(
        # All of C10BA but C10BA10, which is bempedoic acid with ezetimibe.
        words=_words("statin statiner statinar statins statinene"),
        prefixes=("C10AA", "C10BA0", "C10BA11", "C10BA12", "C10BX", "A10BH51", "A10BH52"),
        origin=WHO,
    ),
    GroupName(
        words=_words("ace acehemmer acehemmere acehemmarar acehemmar"),
        prefixes=(
            *("C09A", "C09B", "C10BX04", "C10BX06", "C10BX07", "C10BX11", "C10BX12", "C10BX13", "C10BX14"),
            *("C10BX15", "C10BX17", "C10BX18", "C10BX21", "C10BX23"),
        ),
        origin=WHO,
    ),
    GroupName(
        words=_words("arb sartan sartaner sartanar angiotensinreseptorblokker angiotensinreseptorblokkere"),
        prefixes=("C09C", "C09D", "C10BX10", "C10BX16", "C10BX19", "C10BX20", "C10BX24"),
        origin=WHO,
    ),
    GroupName(
        words=_words("betablokker betablokkere betablokkar betablokkarar betablocker betablockers"),
        prefixes=("C07", "C09BX02", "C09BX04", "C09BX05", "C09BX07", "C09DX05", "C10BX22", "S01ED"),
        origin=WHO,
    ),
    GroupName(
        words=_words("benzodiazepin benzodiazepiner benzodiazepinar benzodiazepine benzodiazepines"),
        prefixes=("N05BA", "N05CD", "N03AE"),
        origin=WHO,
    ),
    GroupName(words=_words("ssri"), prefixes=("N06AB", "N06CA03"), origin=WHO),
    GroupName(
        words=_words("bisfosfonat bisfosfonater bisfosfonatar bisphosphonate bisphosphonates"),
        prefixes=("M05BA", "M05BB"),
        origin=WHO,
    ),
    GroupName(
        words=_words("kontrast kontrastmiddel kontrastmidler kontrastmidlar kontrastvæske røntgenkontrast jodkontrast"),
        prefixes=("V08",),
        origin=WHO_OWN,
    ),
    GroupName(
        words=_words("lokalbedøvelse lokalbedøving lokalanestesi lokalanestetika lokalanestetikum"),
        prefixes=("N01B", "D04AB", "S01HA", "S02DA01", "C05AD", "R02AD"),
        origin=WHO_OWN,
    ),
    GroupName(
        words=_words("heparin hepariner heparinar heparins"), prefixes=("B01AB", "C05BA03", "S01XA14"), origin=WHO
    ),
)

_GROUPS: Mapping[str, tuple[str, ...]] = {word: row.prefixes for row in GROUP_NAMES for word in row.words}


def is_group(word: str) -> bool:
    """Whether a case-folded word is a group's name."""
    return word in _GROUPS


def groups_in(words: Iterable[str]) -> frozenset[str]:
    """The ATC groups that these words name, whatever else is said."""
    return frozenset(p for word in words for p in _GROUPS.get(word, ()))
