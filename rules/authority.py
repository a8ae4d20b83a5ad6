"""Which word counts: decision or copy, its day, still in force or not (rules.md section b, clarifications 1-4).

No source is the master. A copy never beats a decision, and only decisions make anything newer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType

from formats.dosing import Dosage, Steps
from formats.drug import Drug, Quantity, folded
from formats.statement import Kind, SaidStatus, Statement, StatementType, Use
from rules.daily import dose_today
from rules.dosing import Dose, upper_bound
from rules.identifying import strengths_of
from rules.lastly import last_said, last_told, repeated_plans, same_dose, states_the_same, still_decided
from rules.legible import readable
from rules.matching import Member
from rules.rolls import Begun, given_out, in_turn, packed_on
from rules.view import LISTS, DoseSaid, Said, Telling

AUTHORITY: dict[str, tuple[Kind, ...]] = {
    "K2": (Kind.DISPENSING, Kind.MULTIDOSE, Kind.PRESCRIPTION, Kind.PLL, Kind.GP_LIST, Kind.DISCHARGE, Kind.ORDER),
    "K3": (Kind.PLL, Kind.GP_LIST, Kind.DISCHARGE, Kind.ORDER),
    "K5": (Kind.PLL, Kind.GP_LIST, Kind.DISCHARGE, Kind.ORDER, Kind.PRESCRIPTION, Kind.REVOCATION),
    "K9": (Kind.PRESCRIPTION, Kind.GP_LIST, Kind.PLL, Kind.DISCHARGE, Kind.ORDER),
}
"""Fact of section (b) -> the kinds that speak with authority on it; K2 and K9 in this order, K3 and K5 by decision."""

NEVER_DECISIONS = {
    Kind.HOME_LIST: "P14",
    Kind.LOCAL: "K10",
    Kind.OBSERVATION: "K12",
    Kind.DISPENSING: "K2",
    Kind.MULTIDOSE: "P7",
}
UNCHANGED = ("uendret", "uendra", "videreført", "vidareført", "ingen endring", "unchanged")
UNMARKED = "P1, not marked"
"""A discharge letter's word that may be a copy or not."""
STOPPING = ("seponer", "avslutt", "stans", "stopp")
DECIDED_CHANGE = (
    *("ny", "nytt", "økt", "auka", "redus", "endr", "doseendr", "dose", "start", "gjenopp", "pause"),
    *STOPPING,
)
CHANGED = (
    *("doseendring", "dose endr", "endret dose", "endra dose", "ny dose", "ny styrke", "erstatt", "duplikat"),
    *("byttet til", "bytta til", "bytte til", "generisk bytte"),
    *("dose change", "dose adjust", "reorder", "replaced", "duplicate"),
)
"""A list's own words that an entry ended because another took its place (B02)."""
NOT_A_NAME = frozenset({"sykepleier", "sjukepleiar", "hjemmesykepleier", "vikar", "hjemmetjenesten", "nurse"})
SCHEME_WORDS = ("skjema", "inr", "kort", "liste", "journal")
PLAN_WORDS = ("etter plan", "etter skjema", "etter nedtrapping", "etter opptrapping", "ifølge plan")


def said(
    members: Iterable[Member],
    today: date,
    earlier: Iterable[Member] = (),
    rolls: frozenset[Begun] = frozenset(),
    told: Mapping[str, datetime] = MappingProxyType({}),
) -> tuple[Said, ...]:
    """The statements of one treatment with all that recency and authority settle, by id.

    `earlier`: versions that others of them have replaced. They say nothing any more; a copy may still repeat them.
    `rolls`: those of all the person's medicines that have begun. `told`: as `Case.last_told`.
    """
    heard = last_told(last_said(in_turn([_alone(m, today) for m in members], today, rolls)), told)
    raw = _changed(_revoked(heard))
    overruled = [_alone(m, today) for m in earlier if m.statement.type is not StatementType.COPY]
    replaced = [w for w in overruled if w.kind not in NEVER_DECISIONS]
    settled = still_decided(_set_back(_decided(repeated_plans(raw, replaced)), replaced), replaced)
    return tuple(sorted(_chain(settled), key=lambda s: s.id))


# --- one statement ----------------------------------------------------------------------------------------------


def _alone(member: Member, today: date) -> Said:
    s = member.statement
    how, dose = _dose(member, today)
    decided = s.decided if s.decided is None or s.decided <= today else None  # a day to come is no evidence (G04)
    own = decided or s.recorded or s.packed  # a roll is a copy of the list of its packing day (P7)
    return Said(
        statement=s,
        id=s.id,
        source=s.source,
        kind=s.kind,
        identity=member.identity,
        telling=_telling(s, today),
        dose_said=how,
        dose=dose,
        day=own,
        own_day=own,
        weak=decided is None,
    )


def _telling(s: Statement, today: date) -> Telling:
    if s.kind in {Kind.DISPENSING, Kind.OBSERVATION} or s.status in _OVER:
        return Telling.OVER
    if s.kind is Kind.REVOCATION or s.status is SaidStatus.REVOKED:
        return Telling.STOPPED if _worded_stop(s) else Telling.OVER
    to_come = s.decided is not None and s.decided > today  # a stop or pause of a day to come has not begun
    if s.status is SaidStatus.STOPPED or (s.status is None and folded(s.change or "").startswith(STOPPING)):
        return Telling.ACTIVE if to_come else Telling.STOPPED
    if s.status is SaidStatus.PAUSED:
        return Telling.ACTIVE if to_come else Telling.PAUSED
    if used_up(s, today) if s.kind is Kind.PRESCRIPTION else given_out(s, today):
        return Telling.OVER
    return Telling.ACTIVE


_OVER = frozenset({SaidStatus.EXPIRED, SaidStatus.FINISHED, SaidStatus.REPLACED})


def _worded_stop(s: Statement) -> bool:
    """P5: the reason of a revocation says that the treatment was stopped; the remark on a mere copy decides nothing."""
    coded = any(c.value == "2" and c.system.endswith(".7500") for c in s.codes)  # what its text says beside is its own
    return s.type is not StatementType.COPY and (coded or any(word in folded(s.reason or "") for word in STOPPING))


def used_up(s: Statement, today: date) -> bool:
    """Over the day after `valid_to`, or nothing left to hand out."""
    return (s.valid_to is not None and s.valid_to < today) or (s.refills_left == 0 and s.last_dispensed is not None)


def _dose(member: Member, today: date) -> tuple[DoseSaid, Dose | None]:
    s = member.statement
    dosage = readable(s, member.identity)
    if dosage is not None:
        dated = (today, s.start or s.decided) if isinstance(dosage.schedule, Steps) else None
        drug = member.identity.drug
        dose = _told(dosage, strengths_of(s, drug), dated, _basis(drug) if drug else (), needed=s.use is Use.PRN)
        return (DoseSaid.READ if dose else DoseSaid.UNREADABLE), dose
    text = folded(s.dose_text or "")
    if not text:
        return (DoseSaid.SCHEME if s.scheme else DoseSaid.NONE), None
    if any(word in text for word in PLAN_WORDS):
        return DoseSaid.SCHEME, None
    flags = s.read_dose.flags if s.read_dose else ()
    if s.scheme or "external_scheme" in flags or "inr" in flags:
        return DoseSaid.SCHEME, None
    return DoseSaid.UNREADABLE, None


@lru_cache(maxsize=8192)
def _told(
    dosage: Dosage,
    strengths: tuple[Quantity, ...],
    dated: tuple[date, date | None] | None,
    basis: tuple[str, ...],
    *,
    needed: bool,
) -> Dose | None:
    """The dose of a day. `dated`: today and the first day of a plan. One object for all who say the same: `compare`."""
    today, start = dated or (date.min, None)
    dose = dose_today(dosage, strengths, today=today, plan_start=start)
    return _as_told(dose, basis, needed=needed) if dose else None


@lru_cache(maxsize=8192)
def _as_told(dose: Dose, basis: tuple[str, ...], *, needed: bool) -> Dose:
    dose = _needed_up_to(dose) if needed else dose
    return replace(dose, basis=basis) if basis and dose.by_mass else dose


def _basis(drug: Drug) -> tuple[str, ...]:
    """Milligrams are of the salt the register tells the strength of; one substitution group holds them together."""
    if not drug.salts or not drug.strengths:
        return ()
    own = "+".join(salt or parent for parent, salt in zip(drug.substances, drug.salts, strict=False))
    return (own, drug.substitution_group) if drug.substitution_group else (own,)


def _needed_up_to(dose: Dose) -> Dose:
    """Marked as needed, with a text that only tells the most: the text is the ceiling of an as-needed dose."""
    if dose.prn or dose.fixed is None or not upper_bound(dose.fixed):
        return dose
    return replace(dose, fixed=None, prn=replace(dose.fixed, interval=None))


# --- revocations and chains -------------------------------------------------------------------------------------


def _revoked(words: list[Said]) -> list[Said]:
    """A prescription that the registry shows as revoked is over; one recalled while it is dispensed not yet."""
    recalls = {(w.statement.prescription_id, w.statement.place) for w in words if w.kind is Kind.REVOCATION}
    recalled = {number for number, _ in recalls} - {None}
    for w in words:
        s = w.statement
        in_one_element = s.place is not None and (s.prescription_id, s.place) in recalls
        if w.kind is Kind.PRESCRIPTION and s.prescription_id in recalled and not in_one_element:
            w.telling = Telling.OVER
    return words


def _changed(words: list[Said]) -> list[Said]:
    """A stop that says itself that it is a change, beside a going-on its own list decided that day, ends an entry only.

    As "erstattes" only links (clarification 26). Without such words the stop stands: the same day is a tie.
    """
    for w in words:
        if w.telling is Telling.STOPPED and w.is_list and _worded_change(w.statement):
            w.in_force = not any(_goes_on(o, w) for o in words)
    return words


def _worded_change(s: Statement) -> bool:
    said = folded(f"{s.reason or ''} {s.change or ''}")
    return any(word in said for word in CHANGED)


def _goes_on(other: Said, stop: Said) -> bool:
    """The same list says that it is used, by a decision of the stop's own day."""
    return (
        other.telling is Telling.ACTIVE
        and other.in_force
        and not (other.weak or stop.weak)
        and other.day == stop.day
        and other.place == stop.place
        and other.statement.source_system == stop.statement.source_system
    )


def _chain(words: list[Said]) -> list[Said]:
    """Of the prescriptions of one treatment the newest in force speaks for the registry (clarification 11)."""
    rolls = packed_on(words)
    valid = []
    for w in words:
        if w.kind is Kind.PRESCRIPTION and w.in_force and w.telling is Telling.ACTIVE:
            w.own_of_roll = w.statement.in_multidose is True or w.statement.prescription_id in rolls
            w.valid = not w.own_of_roll and w.statement.status is SaidStatus.ACTIVE  # K6: only the registry knows
            valid.append(w)
    valid.sort(key=lambda w: (w.statement.status is SaidStatus.ACTIVE, w.own_day or date.min, w.id), reverse=True)
    if len(valid) > 1:
        speaking = _set_of_strengths(valid, words) or valid[:1]
        for w in valid:
            w.in_force = w in speaking
    _newest_discharge(words)
    return words


def _set_of_strengths(valid: list[Said], words: list[Said]) -> list[Said]:
    """Prescriptions meant together, of several strengths or fixed and as needed.

    "i tillegg til" says so, or a list that shows the set.
    """
    newest: dict[str, Said] = {}
    for w in valid:
        newest.setdefault(_share(w), w)
    if len(newest) < 2:  # noqa: PLR2004 - a set has at least two entries
        return []
    told = any("i tillegg til" in folded(w.statement.dose_text or "") for w in newest.values())
    shown: dict[str, set[str]] = {}
    for w in words:
        if w.kind in LISTS and w.in_force and w.telling is Telling.ACTIVE:
            shown.setdefault(w.place, set()).add(_share(w))
    return list(newest.values()) if told or any(set(newest) <= s for s in shown.values()) else []


def _share(w: Said) -> str:
    """What tells one entry of a set from another: its strength, and whether it is as needed."""
    needed = w.dose is not None and w.dose.prn is not None and w.dose.fixed is None
    return f"{_strength(w)} prn" if needed else _strength(w)


def _strength(w: Said) -> str:
    quantities = strengths_of(w.statement, w.identity.drug)
    return "/".join(f"{q.value.normalize():f} {q.unit}" for q in quantities) or folded(w.statement.strength or "")


def _newest_discharge(words: list[Said]) -> None:
    """A later discharge letter speaks for the earlier ones on the same medicine; a copy for no decision (P1).

    Unless it repeats a newer one. What only repeats a letter in force is no second letter.
    """
    letters = [w for w in words if w.kind is Kind.DISCHARGE and w.in_force and w.own_day]
    for earlier in letters:
        earlier.in_force = not any(_follows(later, earlier) and _overrules(later, earlier) for later in letters)
    for w in letters if len(letters) > 1 else ():
        repeated = (e for e in letters if e.decision and e.in_force and _follows(w, e) and states_the_same(e, w))
        if not w.decision and any(repeated):
            w.in_force = False


def _follows(later: Said, earlier: Said) -> bool:
    return bool(later.own_day and earlier.own_day and later.own_day > earlier.own_day)


def _overrules(later: Said, earlier: Said) -> bool:
    if later.decision or not earlier.decision or not (later.day and later.own_day and earlier.day):
        return True
    return earlier.day < later.day < later.own_day  # set back to a decision since (clarification 3)


# --- decision or copy -------------------------------------------------------------------------------------------


def _decided(words: list[Said]) -> list[Said]:
    in_time = sorted(words, key=lambda w: (w.own_day or date.min, w.id))
    first_of_day = 0
    for n, w in enumerate(in_time):
        if w.own_day != in_time[first_of_day].own_day:
            first_of_day = n
        w.decision, w.settled_by = _settle(w, in_time[:first_of_day])  # the same day is a tie, not older
    return words


def _settle(w: Said, older: list[Said]) -> tuple[bool, str]:  # noqa: PLR0911 - one line a rule
    s = w.statement
    if w.unsure:
        return False, "K5"
    if w.kind in NEVER_DECISIONS and not (w.kind is Kind.HOME_LIST and s.type is StatementType.DECISION and _named(s)):
        return False, NEVER_DECISIONS[w.kind]
    if w.kind is Kind.REVOCATION or (w.kind is Kind.PRESCRIPTION and w.telling is Telling.STOPPED and s.type is None):
        return w.telling is Telling.STOPPED, "P5"
    if s.change and folded(s.change).startswith(UNCHANGED):
        return False, "P1"
    if w.kind is Kind.PRESCRIPTION and _renews(w, older):
        return False, "P4"
    if s.type is not None:
        return s.type is StatementType.DECISION, "clarification 4"
    if w.kind is Kind.DISCHARGE and s.change and folded(s.change).startswith(DECIDED_CHANGE):
        return True, "P1"
    if w.kind is Kind.PRESCRIPTION:
        return _new_prescription(w, older)
    return _another_than_before(w, older)


def _another_than_before(w: Said, older: list[Said]) -> tuple[bool, str]:
    """Clarification 4: what a list's entry differs in from the word before it was decided.

    The hospital's own order is not how it was before its letter: it comes home with it.
    """
    told = [o for o in older if (o.is_list and not o.unsure) or o.kind is Kind.PRESCRIPTION]
    letter = w.kind is Kind.DISCHARGE
    if letter:
        told = [o for o in told if o.kind is not Kind.ORDER or o.source is not w.source] or told
    before = told[-1] if told else None
    if letter and before is not None and _back_to_the_gps_list(w, before, older):
        return False, UNMARKED
    return before is None or before.telling is not w.telling or not same_dose(before, w), "clarification 4"


def _back_to_the_gps_list(w: Said, letter: Said, older: Iterable[Said]) -> bool:
    """After a letter that decided, one that marks nothing and says what the GP's list has had since before it.

    It may be a copy of that list: it undoes no decision, and is asked about.
    """
    lists = (o for o in older if o.kind in {Kind.GP_LIST, Kind.PLL} and o.in_force and _follows(letter, o))
    decided = letter.kind is Kind.DISCHARGE and letter.decision and not states_the_same(letter, w)
    return decided and any(states_the_same(o, w) for o in lists)


def _named(s: Statement) -> bool:
    return bool(s.author and s.author.name and folded(s.author.name) not in NOT_A_NAME)


def _prescription_before(older: list[Said]) -> Said | None:
    return next((o for o in reversed(older) if o.kind is Kind.PRESCRIPTION), None)


def _renews(w: Said, older: list[Said]) -> bool:
    """P4: the dose of the previous prescription again, with no stop or pause since: a copy, whatever it is called."""
    before = _prescription_before(older)
    if before is None or not same_dose(before, w):
        return False
    since = before.own_day or date.min
    return not any(o.telling in {Telling.STOPPED, Telling.PAUSED} and (o.own_day or date.max) >= since for o in older)


def _new_prescription(w: Said, older: list[Said]) -> tuple[bool, str]:
    """P4: a start, or another dose than the previous prescription; else a copy."""
    before = _prescription_before(older)
    if before is not None:
        return not same_dose(before, w), "P4"
    return not any(o.is_list for o in older), "P6" if not older else "P4"


def _set_back(words: list[Said], overruled: Iterable[Said]) -> list[Said]:
    """Clarification 3: a copy takes the day of the newest decision that states the same, on or before its own day."""
    decisions = [w for w in words if w.decision and w.own_day and not w.weak]
    decisions += [w for w in overruled if w.own_day and not w.weak]
    for w in words:
        if w.decision or w.own_day is None or w.settled_by == UNMARKED:
            continue
        same = [d.own_day for d in decisions if d.own_day and d.own_day <= w.own_day and states_the_same(d, w)]
        if same:
            w.day, w.weak = max(same), False
    return words
