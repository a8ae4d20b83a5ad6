"""How templates tell values: days, moments, sources, states, differences, in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from flask import Flask

from formats.statement import Kind, SaidStatus, Source
from medrec import clock, wording
from medrec.access.gate import database
from medrec.difference import Change, Difference
from medrec.web.language import chosen
from medrec.web.language import say as _
from rules.conclusion import LineStatus, Owner, Severity


def install(app: Flask) -> None:
    """Add the filters and the few values every page has."""
    app.jinja_env.filters.update(
        on_day=on_day,
        clock=on_clock,
        source=lambda s: wording.SOURCE[Source(s)][chosen()],
        kind=lambda k: wording.KIND[Kind(k)][chosen()],
        severity_word=lambda s: wording.SEVERITY[Severity(s)][chosen()],
        owner_word=lambda o: wording.OWNER[Owner(o)][chosen()],
        said_status=said_status,
        flag_state=flag_state,
        part_of_day=part_of_day,
        difference=difference,
    )
    app.context_processor(_everywhere)


def _everywhere() -> dict[str, object]:
    return {
        "severities": [(s, words[chosen()]) for s, words in wording.SEVERITY.items()],
        "demo": (database().settings.data_dir / "demo.json").exists(),
    }


def on_day(value: date | datetime) -> str:
    """A day; a moment's day in Oslo."""
    day = clock.day_of(value) if isinstance(value, datetime) else value
    return wording.day(day, chosen())


def on_clock(value: datetime) -> str:
    """A moment: the clock alone today, else with its day."""
    here = value.astimezone(clock.OSLO)
    time = f"{here:%H:%M}"
    return f"{_('i dag')} {time}" if here.date() == clock.today() else f"{on_day(here.date())} {time}"


def said_status(status: SaidStatus) -> str:
    """The status a source gives."""
    return {
        SaidStatus.ACTIVE: _("i bruk"),
        SaidStatus.STOPPED: _("seponert"),
        SaidStatus.PAUSED: _("pause"),
        SaidStatus.REVOKED: _("tilbakekalt"),
        SaidStatus.EXPIRED: _("utløpt"),
        SaidStatus.FINISHED: _("ferdig ekspedert"),
        SaidStatus.REPLACED: _("erstattet"),
    }[SaidStatus(status)]


def flag_state(state: str) -> str:
    """What has been done with a flag."""
    return {
        "acknowledged": _("Sett."),
        "snoozed": _("Utsatt."),
        "intended": _("Ment slik, etter forskriverens ord."),
        "sent": _("Sendt til fastlegen."),
        "closed": _("Lukket."),
    }.get(state, state)


def part_of_day(part: str) -> str:
    """The heading of a column of the grid."""
    return {
        "morgen": _("morgen"),
        "formiddag": _("formidd."),
        "middag": _("middag"),
        "ettermiddag": _("etterm."),
        "kveld": _("kveld"),
        "natt": _("natt"),
        "sengetid": _("til natten"),
    }[part]


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
    return f"{wording.name(told.code, chosen())}, {told.about.split('|')[0]}"


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
