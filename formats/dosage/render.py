"""A dosage as one sentence: 24-hour times, decimal comma (point in English), whole words, nothing left out.

The Bokmål sentence is read back by `read_dose` to the same dosage. As needed, at most, days without a dose, sides and
an unsaid division are always in it (CONVENTIONS.md 37).
"""

from datetime import time
from decimal import Decimal

from formats.dosage.words import LANGUAGES, Words
from formats.dosing import (
    Amount,
    AsNeeded,
    Clock,
    Cycle,
    Dosage,
    DoseReading,
    Duration,
    Every,
    FixedPlusNeeded,
    Once,
    PartOfDay,
    PerDay,
    PeriodUnit,
    ReadStatus,
    Schedule,
    Simple,
    Slots,
    Step,
    StepKind,
    Steps,
    Weekdays,
    number_text,
)

_WEEK = 7
_MANY = 2


def render(dosage: Dosage, language: str = "nb", unit: str | None = None) -> str:
    """The sentence for `dosage` in `nb`, `nn` or `en`; `unit` stands in where the dosage names none of its own."""
    return _Speaker(LANGUAGES[language], dosage.unit or unit).sentence(dosage)


def render_reading(reading: DoseReading, language: str = "nb", unit: str | None = None) -> str:
    """The sentence for a reading; a partial one says that it is partial, an unparseable one is ""."""
    if reading.dosage is None or reading.status is ReadStatus.UNPARSEABLE:
        return ""
    said = render(reading.dosage, language, unit)
    return said if reading.status is ReadStatus.OK else LANGUAGES[language].say("partial", said=said or "–")


def _says_several(schedule: Schedule | None) -> bool:
    """Whether more than one amount stands in the sentence."""
    match schedule:
        case Slots(amounts=parts) | Clock(amounts=parts) | Weekdays(amounts=parts):
            return len({amount for _, amount in parts}) > 1
        case Every(turns=turns):
            return bool(turns)
        case _:
            return False


def _name(kind: str, site: str | None) -> str:
    return f"{kind} {site}" if site else kind


class _Speaker:
    """One sentence in one language, with the dosage's unit."""

    def __init__(self, words: Words, unit: str | None) -> None:
        self.w = words
        self.unit = unit

    def sentence(self, dosage: Dosage) -> str:
        body = self.schedule(dosage.dose, dosage.schedule)
        parts = [body]
        if dosage.per_side:
            parts.append(self.w.say(_name("both", dosage.site)))
        if dosage.side:
            parts.append(self.w.say(_name("at", dosage.site), side=self.w.say(f"side {dosage.side}")))
        several = _says_several(dosage.schedule)
        if dosage.prn and not several:
            parts.append(self.w.say("needed"))
        if dosage.duration and not isinstance(dosage.schedule, Steps):
            parts.append(self.during(dosage.duration))
        said = " ".join(part for part in parts if part)
        if dosage.ceiling:
            most = Amount(dosage.ceiling.amount, dosage.ceiling.amount)
            said += ", " + self.w.say("ceiling", amount=self.amount(most, dosage.ceiling.unit or self.unit))
        said = said.lstrip(", ")
        # behind several amounts it would seem to be said of the last alone
        return f"{self.w.say('needed').capitalize()}: {said}" if dosage.prn and several else said

    # Amounts

    def number(self, value: Decimal) -> str:
        return number_text(value).replace(".", self.w.mark)

    def span(self, low: Decimal, high: Decimal) -> str:
        return self.number(low) if low == high else f"{self.number(low)}–{self.number(high)}"

    def counts(self, low: int, high: int) -> str:
        return self.span(Decimal(low), Decimal(high))

    def amount(self, amount: Amount | None, unit: str | None) -> str:
        if amount is None:
            return self.w.say("unknown amount")
        count = self.span(amount.low, amount.high)
        if unit is None:
            return count
        singular, plural = self.w.units.get(unit, (unit, unit))
        return f"{count} {singular if amount.high <= 1 else plural}"

    def dose(self, dose: Amount | None) -> str:
        return "" if dose is None else self.amount(dose, self.unit)

    def dose_counted(self, dose: Amount | None) -> str:
        """The dose in front of another number: a bare one is said to be for each time, so that numbers never meet."""
        if dose is None or self.unit is not None:
            return self.dose(dose)
        return self.w.say("each time", amount=self.dose(dose))

    # Schedules

    def schedule(self, dose: Amount | None, schedule: Schedule | None) -> str:
        match schedule:
            case None:
                return self.dose(dose)
            case Steps(steps):
                return f", {self.w.say('then')} ".join(self.step(step) for step in steps)
            case FixedPlusNeeded(fixed, needed, needed_dose):
                extra = (
                    f"{self.simple(needed_dose, needed)} {self.w.say('needed')}"
                    if not isinstance(needed, AsNeeded)
                    else None
                )
                extra = extra or f"{self.dose(needed_dose)} {self.w.say('needed')}"
                return f"{self.simple(dose, fixed)} {self.w.say('besides', needed=extra)}"
            case _:
                return self.simple(dose, schedule)

    def simple(self, dose: Amount | None, schedule: Simple) -> str:  # noqa: PLR0911 - one line a kind
        match schedule:
            case PerDay():
                return self.per_day(dose, schedule)
            case Slots(parts):
                return self.listed([(self.w.say(f"part {part}"), amount) for part, amount in parts])
            case Clock(times):
                return self.listed([(self.clock(at), amount) for at, amount in times])
            case Weekdays():
                return self.weekdays(schedule)
            case Every():
                return self.every(dose, schedule)
            case Cycle(on, off, inner):
                length, pause = self.length(Duration(on, on)), self.length(Duration(off, off))
                given = f"{self.per_day(dose, inner)} {self.w.say('during', length=length)}"
                return f"{given}, {self.w.say('then')} {self.w.say('pause', length=pause)}, {self.w.say('repeated')}"
            case Once():
                return f"{self.dose(dose)} {self.w.say('single')}".strip()
            case AsNeeded():
                return self.dose(dose)

    def per_day(self, dose: Amount | None, schedule: PerDay) -> str:
        if schedule.low is None or schedule.high is None:
            return f"{self.dose(dose)} ({self.w.say('daily unsaid')})".strip()
        if (schedule.low, schedule.high) == (1, 1):
            if schedule.split_unsaid:
                return f"{self.dose(dose)} {self.w.say('daily')}".strip()
            return f"{self.dose_counted(dose)} {self.w.say('once daily')}".strip()
        times = self.w.say(
            "times daily" if schedule.low else "up to times daily",
            n=self.counts(schedule.low or schedule.high, schedule.high),
        )
        return f"{self.dose_counted(dose)} {self.fitting(times, schedule.high)}".strip()

    def fitting(self, text: str, count: int) -> str:
        """One time, where the template says many."""
        if count >= _MANY:
            return text
        for many, one in (("1 ganger", "1 gang"), ("1 gonger", "1 gong"), ("1 times", "1 time")):
            text = text.replace(many, one)
        return text

    def listed(self, said: list[tuple[str, Amount | None]]) -> str:
        """Amounts with their moments; the same amount is said once."""
        if len({amount for _, amount in said}) == 1:
            moments = f" {self.w.say('and')} ".join(moment for moment, _ in said)
            return f"{self.amount(said[0][1], self.unit)} {moments}"
        return f" {self.w.say('and')} ".join(f"{self.amount(amount, self.unit)} {moment}" for moment, amount in said)

    def clock(self, at: time) -> str:
        return self.w.say("clock", clock=f"{at:%H.%M}")

    def moment(self, at: PartOfDay | time | None) -> str:
        if at is None:
            return ""
        return " " + (self.clock(at) if isinstance(at, time) else self.w.say(f"part {at}"))

    def weekdays(self, schedule: Weekdays) -> str:
        groups: dict[Amount | None, list[str]] = {}
        for day, amount in schedule.amounts:
            groups.setdefault(amount, []).append(self.w.say(f"day {day}"))
        said = [
            self.amount(amount, self.unit)
            + f" {self.w.say('on days', days=self.joined(days))}{self.moment(schedule.at)}"
            for amount, days in groups.items()
        ]
        return f" {self.w.say('and')} ".join(said)

    def joined(self, names: list[str]) -> str:
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {self.w.say('and')} {names[-1]}"

    def every(self, dose: Amount | None, every: Every) -> str:
        if every.turns:
            first, second = (self.amount(turn, self.unit) for turn in every.turns)
            return f"{first} {self.w.say('alternate')}, {second} {self.w.say('other days')}"
        if every.times:
            return f"{self.dose_counted(dose)} {self.times_in(every)}{self.moment(every.at)}".strip()
        return f"{self.dose(dose)} {self.interval(every.low, every.high, every.unit)}{self.moment(every.at)}".strip()

    def interval(self, low: int, high: int, unit: PeriodUnit) -> str:
        if (low, high, unit) == (_WEEK, _WEEK, PeriodUnit.DAY):
            return self.w.say("weekly")
        if (low, high, unit) == (1, 1, PeriodUnit.MONTH):
            return self.w.say("monthly")
        if (low, high, unit) == (_MANY, _MANY, PeriodUnit.DAY):
            return self.w.say("alternate")
        if (low, high, unit) == (1, 1, PeriodUnit.DAY):
            return self.w.say("daily")
        return self.w.say(f"every {unit}", n=self.ordinals(low, high))

    def ordinals(self, low: int, high: int) -> str:
        if low == high:
            return str(low)
        return f"{low}–{high}" if self.w.mark == "." else f"{low}.–{high}"

    def times_in(self, every: Every) -> str:
        low, high = every.times or (1, 1)
        period = self.w.say(f"per {every.unit}", n=str(every.low))
        if (every.low, every.unit) == (_WEEK, PeriodUnit.DAY):
            period = self.w.say("week")
        elif (every.low, every.unit) == (1, PeriodUnit.MONTH):
            period = self.w.say("month")
        return self.fitting(
            self.w.say("times in" if low else "up to times in", n=self.counts(low or high, high), period=period), high
        )

    # Lengths and steps

    def length(self, length: Duration) -> str:
        one, many = self.w.units[f"length {length.unit}"]
        return f"{self.counts(length.low or length.high, length.high)} {one if length.high == 1 else many}"

    def during(self, length: Duration) -> str:
        return self.w.say("during" if length.low else "during up to", length=self.length(length))

    def step(self, step: Step) -> str:
        if step.kind is StepKind.STOP:
            return self.w.say("stop")
        if step.kind is StepKind.HOLD:
            return self.w.say("pause", length=self.length(step.length) if step.length else "").strip()
        if step.kind is StepKind.CHANGE:
            change = step.change or Decimal(0)
            each = self.interval(step.length.low, step.length.high, step.length.unit) if step.length else ""
            size = self.amount(Amount(abs(change), abs(change)), self.unit)
            return self.w.say("up" if change > 0 else "down", amount=size, interval=each).strip()
        given = self.schedule(step.dose, step.schedule)
        return f"{given} {self.during(step.length)}" if step.length else given
