"""What stands on a line, as marks: a rule's head names those it can't fire without, so that most are never asked.

A mark only ever says that a rule may have something to find. A rule without marks is always asked, and a line whose
marks can't be told has them all (S19). Asking only the rules whose marks are there took of a patient's twelve
lines from 540 questions to 80 and from 3.4 ms to 2.1, with the same flags (tests/rules/test_marks.py).
"""

from enum import IntFlag, auto
from functools import lru_cache

from formats.dosing import Dosage, ReadStatus
from formats.drug import Drug
from formats.statement import Kind, SaidStatus, Use
from rules.dosing import Relation
from rules.identifying import strengths_of
from rules.lengths import told_length
from rules.tables.high_alert import Group
from rules.tables.intervals import EXPECTED
from rules.tables.partners import partner_of
from rules.together import as_needed
from rules.view import CaseView, DoseSaid, LineView, Said, Telling


class Mark(IntFlag):
    """One thing that stands on a line. Those named NOT_ and ONLY_ hold until a statement takes them away."""

    NOT_AT_GP = auto()  # no entry in force of the GP's list that says active or paused
    NOT_AT_HOME = auto()  # no entry in force of the home list
    NOT_COVERED = auto()  # no valid prescription, of its own or of a roll
    NOT_LISTED = auto()  # no list says active
    ONLY_HOME = auto()  # nothing but the home list says active
    LISTED = auto()  # a list or a local addition says active
    PRESCRIBED = auto()  # a prescription is valid
    OLDER_VALID = auto()  # an older prescription is valid beside the newest
    ROLL = auto()  # packed in a roll
    ROLL_ANYWHERE = auto()  # this line or another of the patient's is packed in a roll
    LOCAL = auto()
    LETTER = auto()  # a discharge letter speaks of it
    REVOKED = auto()
    STOP = auto()  # a statement says stopped
    PAUSE = auto()
    ENDS = auto()  # the course has a last day, or a length in words
    BEGINS = auto()  # a statement says active from a day to come
    OLD = auto()  # nothing said for 24 months (P11)
    UNCODED = auto()
    WEAK = auto()  # joined by ATC or by name
    OLD_CODE = auto()  # an ATC code that has been changed
    WITHDRAWN = auto()
    LIMITED_EXCHANGE = auto()
    UNDIVIDED = auto()
    TWO_STRENGTHS = auto()  # two strengths in the hand, or a device
    SAME = auto()  # two voices say the same dose
    DIFFERS = auto()
    INTERVAL = auto()
    UNREAD = auto()  # a dose that can't be read, or two that can't be compared
    UNSAID = auto()  # no dose, or a pointer to a scheme
    SUSPECT = auto()  # a unit gone wrong stands between two doses
    SET = auto()  # the entries of a list are added
    PLAN = auto()
    NEEDED = auto()  # as needed
    TWO_WORDS = auto()  # text beside a structure or a mark of use, which it may contradict
    RARE = auto()  # a medicine of the table of intervals
    PARTNERED = auto()  # a medicine with a usual companion
    ALLERGY = auto()  # the patient has one
    ODD_DATE = auto()


NOT_DIVISIBLE = "1"
"""Code list 7472: can't be divided."""
ALWAYS = Mark(0)
"""What a rule needs that is always asked."""
EVERY = (1 << len(Mark)) - 1
"""All marks, for a line that can't be looked through."""

# plain numbers from here on: `|` of two IntFlag members takes 20 times as long as of two numbers
_STANDS = int(Mark.NOT_AT_GP | Mark.NOT_AT_HOME | Mark.NOT_COVERED | Mark.NOT_LISTED | Mark.ONLY_HOME)
_KINDS = {Kind.LOCAL: int(Mark.LOCAL), Kind.DISCHARGE: int(Mark.LETTER), Kind.REVOCATION: int(Mark.REVOKED)}
_TELLINGS = {Telling.STOPPED: int(Mark.STOP), Telling.PAUSED: int(Mark.PAUSE)}
_DOSES = {
    DoseSaid.UNREADABLE: int(Mark.UNREAD),
    DoseSaid.NONE: int(Mark.UNSAID),
    DoseSaid.SCHEME: int(Mark.UNSAID),
}
_RELATIONS = {
    Relation.EQUAL: int(Mark.SAME),
    Relation.DIFFERS: int(Mark.DIFFERS),
    Relation.INTERVAL: int(Mark.INTERVAL),
    Relation.APART: int(Mark.UNREAD),
    Relation.PRN: 0,
}
_RARE = tuple(prefix for row in EXPECTED for prefix in row.prefixes)
_DEVICE_ROUTES = frozenset({"inhaled", "injection"})
_NOT_AT_GP, _NOT_AT_HOME, _NOT_COVERED = int(Mark.NOT_AT_GP), int(Mark.NOT_AT_HOME), int(Mark.NOT_COVERED)
_NOT_LISTED, _ONLY_HOME, _LISTED = int(Mark.NOT_LISTED), int(Mark.ONLY_HOME), int(Mark.LISTED)
_PRESCRIBED, _OLDER_VALID, _ROLL = int(Mark.PRESCRIBED), int(Mark.OLDER_VALID), int(Mark.ROLL)
_ROLL_ANYWHERE, _REVOKED, _ENDS, _BEGINS = (int(m) for m in (Mark.ROLL_ANYWHERE, Mark.REVOKED, Mark.ENDS, Mark.BEGINS))
_OLD, _UNCODED, _WEAK, _OLD_CODE = (int(m) for m in (Mark.OLD, Mark.UNCODED, Mark.WEAK, Mark.OLD_CODE))
_WITHDRAWN, _LIMITED, _UNDIVIDED = (int(m) for m in (Mark.WITHDRAWN, Mark.LIMITED_EXCHANGE, Mark.UNDIVIDED))
_TWO_STRENGTHS, _SUSPECT, _SET, _PLAN = (int(m) for m in (Mark.TWO_STRENGTHS, Mark.SUSPECT, Mark.SET, Mark.PLAN))
_RARE_MARK = int(Mark.RARE)
_NEEDED, _TWO_WORDS, _ALLERGY, _ODD_DATE = (int(m) for m in (Mark.NEEDED, Mark.TWO_WORDS, Mark.ALLERGY, Mark.ODD_DATE))


def marks_of(case: CaseView) -> list[int]:
    """The marks of each line of the case, in order."""
    marks = [_told(line, case) for line in case.lines]
    packed = _ROLL_ANYWHERE if any(m & _ROLL for m in marks) else 0
    return [m | packed for m in marks]


def _told(line: LineView, case: CaseView) -> int:
    try:
        found = _of_line(line) | _of_doses(line) | (_ALLERGY if case.case.allergies else 0)
        stands = _STANDS
        for s in line.said:
            found |= _of_statement(s, case)
            stands &= ~_taken_away(s)
    except Exception:  # noqa: BLE001 - S19: every rule is asked, and the one that can't answer marks the line
        return EVERY
    return found | stands


def _of_line(line: LineView) -> int:
    found = 0
    for atc in line.atcs:
        found |= _of_atc(atc)
    if line.key.startswith("text:"):
        found |= _UNCODED | (_RARE_MARK if line.in_group(Group.METHOTREXATE) else 0)
    if line.course_end is not None:
        found |= _ENDS
    if line.status_rule == "P11":
        found |= _OLD
    return found | _TWO_STRENGTHS if _two_strengths(line) else found


@lru_cache(maxsize=8192)
def _of_atc(atc: str) -> int:
    rare = int(Mark.RARE) if atc.startswith(_RARE) else 0
    return rare | (int(Mark.PARTNERED) if partner_of(atc) else 0)


def _two_strengths(line: LineView) -> bool:
    told = [strengths_of(s.statement, s.identity.drug) for s in line.active if s.dose is not None]
    return any(t != told[0] for t in told[1:]) or (len(told) > 1 and line.route in _DEVICE_ROUTES)


def _of_doses(line: LineView) -> int:
    found = _SUSPECT if line.suspects else 0
    for _, _, relation in line.compared:
        found |= _RELATIONS[relation]
    for value in line.values:
        if value.others:
            found |= _SET
    return found


def _of_statement(s: Said, case: CaseView) -> int:
    told, identity = s.statement, s.identity
    found = _KINDS.get(s.kind, 0) | _TELLINGS.get(s.telling, 0)
    if identity.weak:
        found |= _WEAK
    if identity.atc_said != identity.atc:
        found |= _OLD_CODE
    if identity.drug is not None:
        found |= _of_drug(identity.drug)
    if told.status is SaidStatus.REVOKED:
        found |= _REVOKED
    if (told.decided is not None and told.decided > case.today) or (told.start and told.end and told.end < told.start):
        found |= _ODD_DATE
    if s.valid:
        found |= _PRESCRIBED if s.in_force else _PRESCRIBED | _OLDER_VALID
    return found | _of_active(s, case) if s.active else found


def _of_drug(drug: Drug) -> int:
    found = _WITHDRAWN if drug.withdrawn else 0
    if drug.exchange_limited:
        found |= _LIMITED
    return found | _UNDIVIDED if drug.divisible == NOT_DIVISIBLE else found


def _of_active(s: Said, case: CaseView) -> int:
    told, dose = s.statement, s.dose
    found = _DOSES.get(s.dose_said, 0)
    if s.is_list or s.kind is Kind.LOCAL:
        found |= _LISTED
    if s.kind is Kind.MULTIDOSE:
        found |= _ROLL
    if told.start is not None and told.start > case.today:
        found |= _BEGINS
    if told_length(told) is not None:
        found |= _ENDS
    if dose is not None and dose.plan:
        found |= _PLAN
    if as_needed(s) or (dose is not None and dose.prn is not None):
        found |= _NEEDED
    reading = told.read_dose
    if reading is not None and reading.status is ReadStatus.OK:
        apart = told.dosage is not None and _apart(told.dosage, reading.dosage)
        found |= _TWO_WORDS if apart or told.use is Use.PRN else 0
    return found


def _apart(a: Dosage, b: Dosage | None) -> bool:
    """They may come to two doses: something differs that `daily.simple_dose` reads."""
    return b is None or (
        a.schedule != b.schedule
        or a.dose != b.dose
        or a.unit != b.unit
        or a.prn is not b.prn
        or a.ceiling != b.ceiling
        or a.per_side is not b.per_side
        or a.side != b.side
    )


def _taken_away(s: Said) -> int:
    """Marks that do not hold where this is said."""
    gone = _NOT_COVERED if s.valid or s.own_of_roll else 0
    if not s.in_force:
        return gone
    if (s.telling is Telling.ACTIVE or s.telling is Telling.PAUSED) and not s.unsure:
        open_ended = s.telling is Telling.ACTIVE and s.statement.end is None  # others may be over
        if s.kind is Kind.HOME_LIST and open_ended:
            gone |= _NOT_AT_HOME
        elif s.kind is Kind.GP_LIST and (open_ended or s.telling is Telling.PAUSED):
            gone |= _NOT_AT_GP
    if s.telling is Telling.ACTIVE:
        gone |= 0 if s.kind is Kind.HOME_LIST else _ONLY_HOME
        gone |= _NOT_LISTED if s.is_list else 0
    return gone
