"""How templates tell values: days, moments, sources, states, differences, in the reader's language."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from flask import Flask

from formats.dosing import PartOfDay, Weekday
from formats.statement import Allergy, Kind, SaidStatus, Source, Statement
from medrec import clock, phrases, wording
from medrec.access.gate import database
from medrec.difference import Change, Difference
from medrec.notices.calls import spaced
from medrec.placing import about
from medrec.web.language import chosen
from medrec.web.language import say as _
from rules.conclusion import LineStatus, Owner, Severity

_DAYS_BY_NAME = 6


def install(app: Flask) -> None:
    """Add the filters and the few values every page has."""
    app.jinja_env.filters.update(
        on_day=on_day,
        day_or_today=day_or_today,
        clock=on_clock,
        source=lambda s: wording.SOURCE[Source(s)][chosen()],
        kind=lambda k: wording.KIND[Kind(k)][chosen()],
        severity_word=lambda s: wording.SEVERITY[Severity(s)][chosen()],
        owner_word=lambda o: wording.OWNER[Owner(o)][chosen()],
        said_status=said_status,
        statement_words=statement_words,
        flag_state=flag_state,
        part_of_day=lambda p: wording.PART[PartOfDay(p)][chosen()],
        difference=difference,
        full_clock=full_clock,
        iso_day=lambda m: clock.day_of(m).isoformat(),
        weekday_of=weekday_of,
        spaced=spaced,
        about=about,
        number=lambda n: wording.number(n, chosen()),
        sentence_case=lambda t: f"{t[:1].upper()}{t[1:].lower() if t.isupper() else t[1:]}",
        allergy=allergy,
        rule_name=lambda code: wording.name(code, chosen()),
        rule_sentence=lambda rule: rule.sentence[chosen()].format_map(phrases.Blanks(chosen())),
        rule_words=rule_words,
        condition=lambda name: phrases.condition(name, chosen()),
        fact_name=fact_name,
        act_word=act_word,
    )
    app.context_processor(_everywhere)


def _everywhere() -> dict[str, object]:
    return {
        "severities": [(s, words[chosen()]) for s, words in wording.SEVERITY.items()],
        "demo": is_demo(),
    }


def is_demo() -> bool:
    """The store is one that `medrec demo` built."""
    return (database().settings.data_dir / "demo.json").exists()


def on_day(value: date | datetime) -> str:
    """A day; a moment's day in Oslo."""
    day = clock.day_of(value) if isinstance(value, datetime) else value
    return wording.day(day, chosen())


def day_or_today(value: date | datetime) -> str:
    """A day, "i dag" where it is this one."""
    day = clock.day_of(value) if isinstance(value, datetime) else value
    return _("i dag") if day == clock.today() else wording.day(day, chosen())


def on_clock(value: datetime) -> str:
    """A moment: the clock alone today, else with its day."""
    here = value.astimezone(clock.OSLO)
    time = f"{here:%H:%M}"
    return f"{_('i dag')} {time}" if here.date() == clock.today() else f"{on_day(here.date())} {time}"


def full_clock(value: datetime) -> str:
    """A moment with its day, also today: for paper."""
    return f"{on_day(value)} {value.astimezone(clock.OSLO):%H:%M}"


def weekday_of(value: datetime) -> str:
    """The weekday of a moment in the last six days, else its day."""
    day = clock.day_of(value)
    if (clock.today() - day).days > _DAYS_BY_NAME:
        return on_day(day)
    if day == clock.today():
        return on_clock(value)
    return wording.weekday(tuple(Weekday)[day.weekday()], chosen())


def allergy(told: Allergy) -> str:
    """What a person can't take, in the source's words, with the substances where the words do not name them."""
    missing = [s for s in told.substances if s.casefold() not in told.text.casefold()]
    words = f"{told.text} ({', '.join(missing)})" if missing else told.text
    return f"{words}, {told.reaction}" if told.reaction and told.reaction not in words else words


_DOSE_RULE: Mapping[str, Callable[[], str]] = {
    "i": lambda: _("siste beslutning er stans eller pause"),
    "ii": lambda: _("ingen oppgir en dose som kan leses"),
    "iii": lambda: _("bare én oppgir dosen"),
    "iv": lambda: _("de som oppgir dosen, er enige"),
    "v": lambda: _("listene er enige, bare en eldre resept sier noe annet"),
    "vi": lambda: _("kildene er uenige"),
    "vii": lambda: _("siste beslutning er nyere enn det de andre sier"),
    "viii": lambda: _("kildene er uenige"),
}
"""What each case of clarification 15 says of a dose."""
_CASE = re.compile(r"clarification 15\.([iv]+)")


def rule_words(rule: str) -> str:
    """The rule behind a fact as the rulebook names it, in the reader's language; of a dose, what it says in words."""
    if "clarification" not in rule:
        return rule
    named = rule.replace("clarification", _("presisering"))
    case = _CASE.search(rule)
    return f"{_DOSE_RULE[case[1]]()} ({named})" if case and case[1] in _DOSE_RULE else named


_FACT: Mapping[str, Callable[[], str]] = {
    "name": lambda: _("navn"),
    "status": lambda: _("status"),
    "dose": lambda: _("dose"),
    "strength": lambda: _("styrke"),
    "indication": lambda: _("brukes mot"),
    "since": lambda: _("siden"),
    "use": lambda: _("bruk"),
    "multidose": lambda: _("multidose"),
}


def fact_name(name: str) -> str:
    """What a fact is about."""
    return _FACT[name]() if name in _FACT else name


_ACT: Mapping[str, Callable[[], str]] = {
    "acknowledge": lambda: _("sett et avvik"),
    "snooze": lambda: _("utsatt et avvik"),
    "intended": lambda: _("merket som ment slik"),
    "link-same": lambda: _("sagt at to er samme legemiddel"),
    "link-different": lambda: _("sagt at to ikke er samme legemiddel"),
    "observation": lambda: _("observasjon:"),
    "confirm": lambda: _("sett hele listen"),
    "ask-gp": lambda: _("spurt fastlegen"),
}


def act_word(kind: str) -> str:
    """What somebody did."""
    return _ACT[kind]() if kind in _ACT else kind


_SAID: Mapping[SaidStatus, Callable[[], str]] = {
    SaidStatus.ACTIVE: lambda: _("i bruk"),
    SaidStatus.STOPPED: lambda: _("seponert"),
    SaidStatus.PAUSED: lambda: _("pause"),
    SaidStatus.REVOKED: lambda: _("tilbakekalt"),
    SaidStatus.EXPIRED: lambda: _("utløpt"),
    SaidStatus.FINISHED: lambda: _("ferdig ekspedert"),
    SaidStatus.REPLACED: lambda: _("erstattet"),
    SaidStatus.UNKNOWN: lambda: _("ukjent status"),
}


def said_status(status: SaidStatus) -> str:
    """The status a source gives."""
    return _SAID[SaidStatus(status)]()


_NO_DOSE = frozenset({Kind.DISPENSING, Kind.REVOCATION})
"""What tells that something was handed over or called back, on that day; the dose stands on the prescription."""


class StatementWords(NamedTuple):
    """One statement under "why": its kind and day, its words, and what stands before and after them.

    `doses`: it is of a kind that states a dose, so that a missing one is told. `status`, `whose` (who wrote it, until
    when it was said) begin with what parts them from the rest, "" where none.
    """

    id: str
    what: str
    name: str
    dose: str | None
    doses: bool
    status: str
    note: str | None
    whose: str


def statement_words(said: Statement) -> StatementWords:
    """A statement in words; told here, for a page has fifty and a template makes a call of each look and filter."""
    language, author = chosen(), said.author
    what = wording.KIND[said.kind][language]
    if said.decided:
        what += ", " + _("besluttet") + f" {wording.day(said.decided, language)}"
    elif said.recorded:
        written = "" if said.kind in _NO_DOSE else ", " + _("skrevet")
        what += f"{written} {wording.day(said.recorded, language)}"
    whose = f" – {author.name or author.organisation}" if author else ""
    if said.said_until:
        whose += " – " + _("sist sagt") + f" {wording.day(said.said_until, language)}"
    strength = said.strength if said.strength and said.strength not in said.name else ""
    return StatementWords(
        id=said.id,
        what=what,
        name=f"{said.name} {strength}" if strength else said.name,
        dose=said.dose_text,
        doses=said.kind not in _NO_DOSE and said.status not in wording.ENDS,
        status=f" ({said_status(said.status)})" if said.status else "",
        note=said.note,
        whose=whose,
    )


_STATE: Mapping[str, Callable[[], str]] = {
    "acknowledged": lambda: _("Sett av"),
    "snoozed": lambda: _("Utsatt av"),
    "intended": lambda: _("Ment slik av forskriveren, skrevet av"),
    "sent": lambda: _("Lagt i meldingen til fastlegen av"),
    "closed": lambda: _("Lukket."),
}


def flag_state(state: str) -> str:
    """What has been done with a flag."""
    return _STATE[state]() if state in _STATE else state


def difference(told: Difference) -> str:
    """One change in words."""
    return _DIFFERENCE[told.change](told)


def _status_changed(told: Difference) -> str:
    words, language = wording.STATUS, chosen()
    before, after = (words[LineStatus(s)][language] for s in (told.before, told.after))
    return _("%(name)s: %(before)s → %(after)s", name=told.name, before=before, after=after)


def _packed(told: Difference) -> str:
    if told.after:
        return _("%(name)s er lagt i multidose", name=told.name)
    return _("%(name)s er tatt ut av multidose", name=told.name)


def _flag_of(told: Difference) -> str:
    return f"{wording.name(told.code, chosen())}, {about(told.about)}"


_DIFFERENCE: Mapping[Change, Callable[[Difference], str]] = {
    Change.LINE_CAME: lambda d: _("+ %(name)s er ny på listen", name=d.name),
    Change.LINE_WENT: lambda d: _("– %(name)s står ikke lenger på listen", name=d.name),
    Change.STATUS: _status_changed,
    Change.DOSE: lambda d: _("%(name)s: «%(before)s» → «%(after)s»", name=d.name, before=d.before, after=d.after),
    Change.PACKED: _packed,
    Change.FLAG_OPENED: lambda d: _("Nytt avvik: %(what)s", what=_flag_of(d)),
    Change.FLAG_CLOSED: lambda d: _("Avklart: %(what)s", what=_flag_of(d)),
    Change.COMPLETE: lambda d: (
        _("Listen er ufullstendig") if d.after == "incomplete" else _("Listen er komplett igjen")
    ),
}
