"""Norwegian identity numbers: fødselsnummer, D-number, help number (FH), HPR number and HER-id.

Sources: the check digits of fødselsnummer are python-stdnum's; synthetic populations add 40, 65 or 80 to the month
(Skatteetaten's Tenor 80, Dolly 40, NAV 65), which python-stdnum refuses, so the offset is taken off before the birth
date is read. The check digits are those of the number as written. Identifier types are code list 8116.
"""

from datetime import date

from stdnum.no import fodselsnummer

from formats.statement import Identifier

NATIONAL = frozenset({"FNR", "DNR", "FHN"})
"""Types that name one person in the whole country."""

_SYNTHETIC_OFFSETS = (80, 65, 40)
_LENGTH = 11
_D_NUMBER_DAY = 40
_LAST_MONTH = 12


def person_identifier(type_code: str, value: str, system: str = "") -> Identifier:
    """The identifier as said, with white space taken out of numbers. Type: as said, else by the number's own shape."""
    compact = "".join(value.split())
    kind = type_code or number_type(compact)
    return Identifier(kind, compact, "" if kind in NATIONAL else system)


def number_type(number: str) -> str:
    """FNR, DNR or FHN by the shape of an eleven digit number; "" for anything else.

    A help number starts with 8 or 9; a D-number has 40 added to its day.
    """
    if len(number) != _LENGTH or not (number.isascii() and number.isdigit()):
        return ""
    if number[0] in "89":
        return "FHN"
    return "DNR" if int(number[:2]) > _D_NUMBER_DAY else "FNR"


def is_valid(identifier: Identifier) -> bool:
    """False where a national number has wrong check digits or no birth date in it. Other types are not judged."""
    if identifier.type not in NATIONAL:
        return True
    number = identifier.value
    if not number_type(number) or not _checks(number):
        return False
    return number_type(number) == "FHN" or birth_date_of(identifier) is not None


def birth_date_of(identifier: Identifier) -> date | None:
    """The birth date a fødselsnummer or D-number carries, synthetic or not; `None` where it carries none."""
    number = identifier.value
    if number_type(number) not in {"FNR", "DNR"}:
        return None
    try:
        born = fodselsnummer.get_birth_date(without_offset(number))
    except Exception:  # noqa: BLE001 - stdnum has its own family of errors; all of them mean: no date here
        return None
    return born if isinstance(born, date) else None


def without_offset(number: str) -> str:
    """The number with the synthetic month offset taken off. The check digits are then no longer right."""
    month = int(number[2:4])
    offset = next((o for o in _SYNTHETIC_OFFSETS if 0 < month - o <= _LAST_MONTH), 0)
    return f"{number[:2]}{month - offset:02d}{number[4:]}"


def _checks(number: str) -> bool:
    first, second = fodselsnummer.calc_check_digit1(number), fodselsnummer.calc_check_digit2(number)
    return bool(number[-2] == first and number[-1] == second)
