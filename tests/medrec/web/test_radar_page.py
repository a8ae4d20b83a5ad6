"""A shift of the radar on the leader's page, in words."""

import json
from datetime import date

from medrec import clock, radar
from medrec.radar_shifts import DOSE, INTERVAL, Shift
from medrec.records import source_note
from medrec.store import put


def shift(**more):
    told = {
        "system": "RF", "version": "M9.6/2021-02-01", "week": date(2026, 3, 2), "substance": radar.NOT_DAILY,
        "measure": INTERVAL, "to": 0, "share": 0.91, "before": 0.02, "said": 23,
    }  # fmt: skip
    return Shift(**(told | more))


def test_a_shift_stands_first_on_the_overview(leader, monkeypatch):
    monkeypatch.setattr(radar, "shown", lambda _session: (shift(), shift(substance="C03CA01", measure=DOSE, to=1)))
    text = leader.page("/overview")
    assert "Noe har endret seg i det en kilde sier" in text
    assert "virkestoff som ikke gis daglig" in text
    assert "91 %" in text
    assert "daglig" in text
    assert "minst fire ganger større dose" in text


def test_without_a_shift_nothing_is_said_of_it(leader, monkeypatch):
    monkeypatch.setattr(radar, "shown", lambda _session: ())
    assert "Noe har endret seg" not in leader.page("/overview")


def test_what_was_found_comes_back_as_it_was(sqlite_database):
    found = (shift(), shift(to=2, share=1.0))
    row = {"name": radar.NOTE, "value": json.dumps([radar._plain(s) for s in found]), "at": clock.now()}
    sqlite_database.once(lambda session: put(session, source_note, [row]))
    with sqlite_database.reading() as session:
        assert radar.shown(session) == found
