"""NorGeP (36 criteria) and NorGeP-NH as data: which medicines, alone or together, ask for a second look in the elderly.

NorGeP-NH 27-34 (review at each visit) are no criteria on a list of medicines and are not here. The numbers are those
of rules.md; what was written from memory is marked in `origin`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import product

from rules.tables.class_pairs import NOT_NSAID
from rules.tables.origin import Origin

AGE = 70
"""From this age (inclusive), in whole years, NorGeP counts."""

READ = Origin("NorGeP, Legemiddelhåndboka G24.1.3, rev. 22.02.2024")
READ_NH = Origin("NorGeP-NH, PMC4834501, tabell I")
READ_PAIR = Origin("NorGeP, samme par lest i NorGeP-NH (PMC4834501) eller PMC3406653")
MEMORY = Origin("NorGeP etter hukommelse, ikke etterprøvd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A medicine in use: today's ATC, whether it is given regularly, and the highest mg a day where known."""

    key: str
    atc: str
    regular: bool = True
    mg_per_day: Decimal | None = None


@lru_cache(maxsize=128)
def _flat(legs: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(prefix for leg in legs for prefix in leg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion: a medicine of each leg (ATC prefixes) in use at once, or `at_least` ones of the only leg.

    Two forms of one substance, such as an opioid at fixed times and as needed, are one medicine.

    `above_mg`: only where the day's dose is known to be strictly more. `regular`: as-needed use does not count.
    """

    number: int
    nursing_home: bool
    nb: str
    legs: tuple[tuple[str, ...], ...]
    above_mg: Decimal | None = None
    at_least: int = 1
    regular: bool = False
    exempt: tuple[str, ...] = ()
    origin: Origin = READ

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The ATC prefixes of all legs: what begins with none of them takes no part."""
        return _flat(self.legs)

    def met_by(self, taken: Iterable[Taken]) -> tuple[tuple[str, ...], ...]:
        """Each set of medicines that meets it, as sorted keys; empty where it is not met."""
        everything = [t for t in taken if t.atc.startswith(self.prefixes)]
        if not everything:
            return ()
        known = {t.key: t.atc for t in everything}
        legs = [[t.key for t in everything if self._counts(t, leg)] for leg in self.legs]
        if self.at_least > 1:
            together = tuple(sorted(set(legs[0])))
            return (together,) if len({known[key] for key in together}) >= self.at_least else ()
        sets = {tuple(sorted(set(one))) for one in product(*legs)}
        return tuple(sorted(keys for keys in sets if len(keys) == len(legs)))

    def _counts(self, taken: Taken, leg: tuple[str, ...]) -> bool:
        if not taken.atc.startswith(leg) or (self.exempt and taken.atc.startswith(self.exempt)):
            return False
        if self.regular and not taken.regular:
            return False
        return self.above_mg is None or (taken.mg_per_day is not None and taken.mg_per_day > self.above_mg)


_NSAID = ("M01A",)
_RENIN = ("C09A", "C09B", "C09C", "C09D")
_MACROLIDE = ("J01FA01", "J01FA09")
_PSYCHOTROPIC = ("N02A", "N05A", "N06A", "N05B", "N05C")


def _one(number: int, nb: str, *prefixes: str, above: str = "") -> Criterion:
    limit = Decimal(above) if above else None
    return Criterion(number=number, nursing_home=False, nb=nb, legs=(prefixes,), above_mg=limit)


def _pair(number: int, nb: str, a: tuple[str, ...], b: tuple[str, ...], origin: Origin = READ_PAIR) -> Criterion:
    return Criterion(number=number, nursing_home=False, nb=nb, legs=(a, b), exempt=NOT_NSAID, origin=origin)


def _home(number: int, nb: str, *legs: tuple[str, ...], above: str = "", origin: Origin = READ_NH) -> Criterion:
    limit = Decimal(above) if above else None
    return Criterion(
        number=number, nursing_home=True, nb=nb, legs=legs, above_mg=limit, exempt=NOT_NSAID, origin=origin
    )


NORGEP: tuple[Criterion, ...] = (
    _one(1, "amitriptylin", "N06AA09"),
    _one(2, "doksepin", "N06AA12"),
    _one(3, "klomipramin", "N06AA04"),
    _one(4, "trimipramin", "N06AA06"),
    _one(5, "klorpromazin", "N05AA01"),
    _one(6, "klorprotiksen", "N05AF03"),
    _one(7, "levomepromazin", "N05AA02"),
    _one(8, "proklorperazin", "N05AB04"),
    _one(9, "diazepam", "N05BA01"),
    _one(10, "nitrazepam", "N05CD02"),
    _one(11, "flunitrazepam", "N05CD03"),
    _one(12, "oksazepam over 30 mg i døgnet", "N05BA04", above="30"),
    _one(13, "zopiklon over 7,5 mg i døgnet", "N05CF01", above="7.5"),
    _one(14, "karisoprodol", "M03BA02"),
    _one(15, "dekstropropoksyfen", "N02AC04"),
    _one(16, "teofyllin", "R03DA04"),
    _one(17, "sotalol", "C07AA07"),
    _one(18, "deksklorfeniramin", "R06AB02"),
    _one(19, "prometazin", "R06AD02"),
    _one(20, "hydroksyzin", "N05BB01"),
    _one(21, "alimemazin", "R06AD01"),
    _pair(22, "warfarin og NSAID", ("B01AA03",), _NSAID),
    _pair(23, "warfarin og ciprofloksacin eller ofloksacin", ("B01AA03",), ("J01MA02", "J01MA01")),
    _pair(24, "warfarin og erytromycin eller klaritromycin", ("B01AA03",), _MACROLIDE),
    _pair(25, "warfarin og SSRI", ("B01AA03",), ("N06AB",)),
    _pair(26, "NSAID og ACE-hemmer eller angiotensinreseptorblokker", _NSAID, _RENIN),
    _pair(27, "NSAID og diuretikum", _NSAID, ("C03", "C09BA", "C09DA")),
    _pair(28, "NSAID og glukokortikoid", _NSAID, ("H02AB",)),
    _pair(29, "NSAID og SSRI", _NSAID, ("N06AB",)),
    _pair(
        30,
        "ACE-hemmer eller angiotensinreseptorblokker og kalium eller kaliumsparende diuretikum",
        _RENIN,
        ("A12BA", "C03D", "C03E"),
    ),
    _pair(31, "betablokker og kardioselektiv kalsiumantagonist", ("C07",), ("C08D",)),
    _pair(32, "diltiazem og lovastatin eller simvastatin", ("C08DB01",), ("C10AA02", "C10AA01"), MEMORY),
    _pair(33, "erytromycin eller klaritromycin og statin", _MACROLIDE, ("C10AA",)),
    _pair(34, "erytromycin eller klaritromycin og karbamazepin", _MACROLIDE, ("N03AF01",), MEMORY),
    _pair(
        35,
        "fluoksetin eller fluvoksamin og trisyklisk antidepressiv",
        ("N06AB03", "N06AB08"),
        ("N06AA",),
        MEMORY,
    ),
    Criterion(
        number=36,
        nursing_home=False,
        nb="tre eller flere sentralt virkende legemidler",
        legs=(_PSYCHOTROPIC,),
        at_least=3,
        origin=READ_PAIR,
    ),
)

NORGEP_NH: tuple[Criterion, ...] = (
    _home(1, "kodein med paracetamol", ("N02AJ06",)),
    _home(2, "trisyklisk antidepressiv", ("N06AA",)),
    _home(3, "NSAID", _NSAID),
    _home(4, "førstegenerasjons antihistamin", ("R06AB02", "R06AD02", "N05BB01", "R06AD01")),
    _home(5, "diazepam", ("N05BA01",)),
    _home(6, "oksazepam over 30 mg i døgnet", ("N05BA04",), above="30"),
    _home(7, "zopiklon over 5 mg i døgnet", ("N05CF01",), above="5"),
    _home(8, "nitrazepam", ("N05CD02",)),
    _home(9, "flunitrazepam", ("N05CD03",)),
    _home(10, "klometiazol", ("N05CM02",)),
    Criterion(
        number=11, nursing_home=True, nb="fast bruk av sovemiddel", legs=(("N05C",),), regular=True, origin=READ_NH
    ),
    _home(12, "warfarin og NSAID", ("B01AA03",), _NSAID),
    _home(13, "warfarin og SSRI eller SNRI", ("B01AA03",), ("N06AB", "N06AX16", "N06AX21")),
    _home(
        14,
        "warfarin og ciprofloksacin, ofloksacin, erytromycin eller klaritromycin",
        ("B01AA03",),
        ("J01MA02", "J01MA01", *_MACROLIDE),
    ),
    _home(15, "NSAID og ACE-hemmer eller angiotensinreseptorblokker", _NSAID, _RENIN),
    _home(16, "NSAID og diuretikum", _NSAID, ("C03", "C09BA", "C09DA")),
    _home(17, "NSAID og glukokortikoid", _NSAID, ("H02AB",)),
    _home(18, "NSAID og SSRI eller SNRI", _NSAID, ("N06AB", "N06AX16", "N06AX21")),
    _home(
        19,
        "ACE-hemmer eller angiotensinreseptorblokker og kalium eller kaliumsparende diuretikum",
        _RENIN,
        ("A12BA", "C03D", "C03E"),
    ),
    _home(20, "betablokker og kardioselektiv kalsiumantagonist", ("C07",), ("C08D",)),
    _home(21, "erytromycin eller klaritromycin og statin", _MACROLIDE, ("C10AA",)),
    _home(22, "bisfosfonat og protonpumpehemmer", ("M05BA", "M05BB"), ("A02BC",)),
    Criterion(
        number=23,
        nursing_home=True,
        nb="tre eller flere psykofarmaka",
        legs=(_PSYCHOTROPIC,),
        at_least=3,
        origin=READ_NH,
    ),
    _home(24, "tramadol og SSRI", ("N02AX02", "N02AJ13"), ("N06AB",), origin=MEMORY),
    _home(
        25,
        "metoprolol og paroksetin, fluoksetin eller bupropion",
        ("C07AB02",),
        ("N06AB05", "N06AB03", "N06AX12"),
        origin=MEMORY,
    ),
    _home(
        26,
        "metformin, ACE-hemmer eller angiotensinreseptorblokker og diuretikum",
        ("A10BA02",),
        _RENIN,
        ("C03",),
        origin=MEMORY,
    ),
)


@lru_cache(maxsize=8192)
def takes_part_in(atc: str, *, nursing_home: bool) -> frozenset[int]:
    """Numbers of the criteria the code may have a part in."""
    return frozenset(c.number for c in (NORGEP_NH if nursing_home else NORGEP) if atc.startswith(c.prefixes))


def criteria(*, age: int | None, nursing_home: bool) -> tuple[Criterion, ...]:
    """The criteria that count for this person: none under 70 or where the age is not known, NorGeP-NH in a home."""
    if age is None or age < AGE:
        return ()
    return NORGEP_NH if nursing_home else NORGEP
