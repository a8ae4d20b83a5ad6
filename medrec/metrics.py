"""What is measured, read from the store when it is asked for: counts and ages, never anything of a person.

Names and labels are for those who watch; `medrec/deploy/alerts.md` says which of them are worth waking for.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from medrec import clock, radar
from medrec.records import (
    catalogue,
    discrepancy,
    fence,
    fetch,
    fetch_state,
    list_head,
    message,
    outbox,
    person,
)
from medrec.sources import pushed

_LAST_FETCHES = 1000
"""Outcomes are counted over the newest fetches, so that the question costs the same however long the log is."""
_WAITING = ("queued", "failed")
Rows = Iterable[tuple[tuple[str, ...], float]]


def text(session: Session) -> bytes:
    """All of it in the form that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Store(session))
    return generate_latest(registry)


class _Store(Collector):
    """Reads the store when it is collected."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: describing would read the store twice."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Everything that is measured."""
        session, now = self._session, clock.now()
        yield from _waiting(session, now)
        yield from _lists(session)
        yield from _sources(session, now)
        yield from _letters(session, now)
        yield from _clockwork(session, now)
        shifts = radar.shown(session)
        found = {(s.system, s.version, s.measure): 0.0 for s in shifts}
        for shift in shifts:
            found[shift.system, shift.version, shift.measure] += 1
        yield _gauge(
            "medrec_radar_shifts", "Substances of which a source system says something else than it used to",
            ("system", "version", "measure"), sorted(found.items()),
        )  # fmt: skip


def _gauge(name: str, words: str, labels: tuple[str, ...], rows: Rows) -> GaugeMetricFamily:
    made = GaugeMetricFamily(name, words, labels=labels)
    for told, value in rows:
        made.add_metric(told, value)
    return made


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _age(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0


def _waiting(session: Session, now: datetime) -> Iterator[Metric]:
    oldest, many, failing = session.execute(
        select(func.min(person.c.dirty_since), func.count(), func.count(case((person.c.dirty_tries > 0, 1)))).where(
            person.c.dirty_since.is_not(None)
        )
    ).one()
    yield _one(
        "medrec_oldest_dirty_seconds", "Age of the person who has waited longest for judgement", _age(oldest, now)
    )
    yield _one("medrec_dirty_persons", "Persons who wait for judgement", many)
    yield _one("medrec_failing_persons", "Persons whose judgement failed and is put off", failing)
    held = session.execute(
        select(message.c.problem_code, func.count())
        .where(message.c.outcome == "quarantined")
        .group_by(message.c.problem_code)
    ).all()
    yield _one("medrec_quarantined_messages", "Messages waiting in quarantine", sum(many for _, many in held))
    yield _gauge(
        "medrec_quarantined_by_problem", "Messages waiting in quarantine", ("problem",),
        sorted(((str(code),), float(many)) for code, many in held),
    )  # fmt: skip


def _lists(session: Session) -> Iterator[Metric]:
    own = discrepancy.c
    flags = session.execute(
        select(own.code, own.severity, func.count()).where(own.closed_at.is_(None)).group_by(own.code, own.severity)
    )
    yield _gauge(
        "medrec_open_discrepancies", "Discrepancies that are not closed", ("code", "severity"),
        sorted(((code, severity), float(many)) for code, severity, many in flags),
    )  # fmt: skip
    lists = session.execute(select(list_head.c.complete, func.count()).group_by(list_head.c.complete))
    yield _gauge(
        "medrec_lists", "Lists, complete and incomplete", ("complete",),
        sorted((("yes" if whole else "no",), float(many)) for whole, many in lists),
    )  # fmt: skip
    late = select(func.count()).select_from(list_head).where(list_head.c.judged_on < clock.today())
    yield _one(
        "medrec_lists_not_judged_today", "Lists that say of themselves that they are late", session.scalar(late) or 0
    )


def _sources(session: Session, now: datetime) -> Iterator[Metric]:
    own = fetch_state.c
    states = session.execute(
        select(own.channel, func.max(own.ok_at), func.min(own.ok_at), func.count(case((own.failures > 0, 1)))).group_by(
            own.channel
        )
    ).all()
    yield _gauge(
        "medrec_source_last_read_seconds", "Time since a fetched source last answered for anybody", ("channel",),
        [((channel,), _age(newest, now)) for channel, newest, _, _ in states if newest],
    )  # fmt: skip
    yield _gauge(
        "medrec_source_oldest_read_seconds", "Age of the oldest reading of anybody who was read", ("channel",),
        [((channel,), _age(oldest, now)) for channel, _, oldest, _ in states if oldest],
    )  # fmt: skip
    yield _gauge(
        "medrec_source_failing_persons", "Persons whose last fetch failed", ("channel",),
        [((channel,), float(failing)) for channel, _, _, failing in states],
    )  # fmt: skip
    yield _gauge(
        "medrec_source_last_heard_seconds", "Time since a source that sends by itself was last heard",
        ("channel", "source"),
        [((channel, source), _age(at, now)) for channel, source, at in pushed.heard(session)],
    )  # fmt: skip
    newest = select(fetch.c.channel, fetch.c.outcome).order_by(fetch.c.id.desc()).limit(_LAST_FETCHES).subquery()
    ends = session.execute(
        select(newest.c.channel, newest.c.outcome, func.count()).group_by(newest.c.channel, newest.c.outcome)
    )
    yield _gauge(
        "medrec_last_fetches", f"How the newest {_LAST_FETCHES} fetches ended", ("channel", "outcome"),
        sorted(((channel, outcome), float(many)) for channel, outcome, many in ends),
    )  # fmt: skip


def _letters(session: Session, now: datetime) -> Iterator[Metric]:
    states = session.execute(
        select(outbox.c.kind, outbox.c.state, func.count()).group_by(outbox.c.kind, outbox.c.state)
    )
    yield _gauge(
        "medrec_outbox", "Letters by kind and state", ("kind", "state"),
        sorted(((kind, state), float(many)) for kind, state, many in states),
    )  # fmt: skip
    oldest = session.scalar(
        select(func.min(outbox.c.created_at)).where(outbox.c.state.in_(_WAITING), outbox.c.due_at <= now)
    )
    yield _one("medrec_oldest_letter_seconds", "Age of the oldest letter that is due and not sent", _age(oldest, now))


def _clockwork(session: Session, now: datetime) -> Iterator[Metric]:
    newest = session.execute(select(fence.c.schedule, func.max(fence.c.taken_at)).group_by(fence.c.schedule))
    taken: dict[str, datetime] = {}
    for name, at in newest:
        whole = name.partition(".")[0]  # batches of a round are one schedule
        taken[whole] = max(at, taken.get(whole, at))
    yield _gauge(
        "medrec_schedule_seconds", "Time since a schedule last did what was due", ("schedule",),
        sorted(((name,), _age(at, now)) for name, at in taken.items()),
    )  # fmt: skip
    loaded = session.scalar(select(func.max(catalogue.c.loaded_at)).where(catalogue.c.state == "current"))
    if loaded:
        yield _one("medrec_catalogue_seconds", "Age of the drug catalogue in use", _age(loaded, now))
