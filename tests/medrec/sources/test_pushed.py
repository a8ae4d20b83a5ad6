"""Sources that send by themselves: when each was last heard is measured, and it grows when one falls silent."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from told import ANNA, BERIT, NOON, hp, medicine, message, rf

from medrec import clock, intake, metrics
from medrec.sources import pushed

MINUTE = timedelta(minutes=1)


def measured(database):
    with database.reading() as session:
        families = list(text_string_to_metric_families(metrics.text(session).decode()))
    return {
        (s.labels["channel"], s.labels["source"]): s.value
        for family in families
        for s in family.samples
        if s.name == "medrec_source_last_heard_seconds"
    }


def comes(database, moment, raw, channel="folder"):
    with clock.held(moment):
        return intake.receive(database, raw, channel=channel)


def looked(database, moment):
    with clock.held(moment):
        database.once(pushed.tick)
        return measured(database)


def test_each_source_by_channel_and_one_that_stops_grows_old(database):
    assert looked(database, NOON) == {}
    comes(database, NOON, message(ANNA, medicine()))
    comes(database, NOON, rf(ANNA, medicine(kind="resept")), channel="api")
    assert looked(database, NOON + MINUTE) == {("folder", "GP"): 60.0, ("api", "RF"): 60.0}
    comes(database, NOON + 5 * MINUTE, rf(BERIT, medicine(kind="resept")), channel="api")
    assert looked(database, NOON + 6 * MINUTE) == {("folder", "GP"): 360.0, ("api", "RF"): 60.0}
    assert looked(database, NOON + 600 * MINUTE)["folder", "GP"] == 36_000.0, "silence is not forgotten"


def test_what_is_fetched_has_a_freshness_of_its_own(database):
    comes(database, NOON, hp(ANNA, medicine(kind="hjemmeliste")), channel="fhir")
    assert looked(database, NOON + MINUTE) == {}


def test_what_can_not_be_read_says_nothing_of_its_source(database):
    comes(database, NOON, b"<torn")
    assert looked(database, NOON + MINUTE) == {}


@pytest.mark.parametrize("most", [1, 2, 100])
def test_a_heap_is_gone_through_in_several_looks(sqlite_database, monkeypatch, most):
    comes(sqlite_database, NOON, message(ANNA, medicine()))
    looked(sqlite_database, NOON)
    for n in range(4):
        comes(sqlite_database, NOON + n * MINUTE, message(ANNA, medicine(dose=f"{n} ml"), hours=n + 1))
    monkeypatch.setattr(pushed, "_MOST", most)
    for _ in range(4):
        told = looked(sqlite_database, NOON + 10 * MINUTE)
    assert told == {("folder", "GP"): 7 * 60.0}
    assert looked(sqlite_database, NOON + 10 * MINUTE) == told, "doubled, it changes nothing"
