"""Build the demo: an empty store, the catalogue, the roster, then every message through the one intake.

The GPs' lists, and the registry's for two districts, are sent; the journal and, for the pilot district, SFM are fetched
from the demo's own servers, as they go on being while it is served.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

from medrec import catalogue, intake, persons, roster, work
from medrec.access import sessions
from medrec.access.people import Need
from medrec.config import Settings, settings
from medrec.db import NEWEST, Database, open_database, upgrade
from medrec.demo import offices
from medrec.demo.catalogue import demo_catalogue, demo_fest_xml
from medrec.demo.municipality import municipality, posts
from medrec.demo.municipality import roster as roster_csv
from medrec.demo.people import HOME_CARE_HER
from medrec.demo.said import Sources
from medrec.demo.sign import Signer
from medrec.demo.sources import PILOT, DemoSources, demo_sources
from medrec.demo.users import MUNICIPALITY, USERS
from medrec.notices import addresses, outbox, registering, rounds, tidy

SEED = 20260302
VERSION = "11"
"""Raised whenever the same day would give another municipality."""
SYSTEM_SCOPES = frozenset({Need.SEE_LIST, Need.ACT, Need.WORKLIST, Need.SEND, Need.ROSTER})
SENDER = {
    "name": "Demo hjemmetjeneste",
    "her_id": HOME_CARE_HER,
    "organisation": "Demo kommune",
    "org_number": MUNICIPALITY,
    "responsible": "Demo Sykepleier",
    "phone": "73000061",
}
"""Who the demo's notices come from."""
BOOK = {"sender": SENDER, "receivers": {offices.TAKES: {"closing": True}}}
_OWN_FILES = ("medrec.db", "medrec.db-wal", "medrec.db-shm", "demo.json")


@dataclass(frozen=True, slots=True)
class Demo:
    """A built demo: its settings, the content of `demo.json`, and the servers it fetches from (not yet started)."""

    settings: Settings
    told: dict[str, Any]
    sources: DemoSources


Progress = Callable[[str, int, int], None]
"""Called with what is done, how many are done, of how many."""


def open_or_build(folder: Path, today: date, *, patients: int, port: int, progress: Progress) -> Demo:
    """The demo in `folder`: reused when made by this version on this day, else made anew."""
    file = folder / "demo.json"
    wanted = {"version": f"{VERSION}/{NEWEST}", "day": today.isoformat(), "count": patients}
    url = f"http://127.0.0.1:{port}"
    everyone = municipality(SEED, patients, today, demo_catalogue())
    folder.mkdir(parents=True, exist_ok=True)
    sources = demo_sources(folder, everyone)
    offices.register(everyone)
    chosen = settings(folder, {**os.environ, **sources.environ}, demo=True)
    if file.exists():
        told = json.loads(file.read_text(encoding="utf-8"))
        if {k: told.get(k) for k in wanted} == wanted:
            return _told(chosen, told | {"url": url}, sources)
    for name in _OWN_FILES:
        (folder / name).unlink(missing_ok=True)
    for letter in (folder / "outbox").glob("*.xml"):
        letter.unlink()
    told = _build(chosen, today, everyone, sources, progress)
    return _told(chosen, wanted | {"url": url} | told, sources)


def _build(
    chosen: Settings, today: date, everyone: list[Sources], sources: DemoSources, progress: Progress
) -> dict[str, Any]:
    upgrade(chosen)
    (chosen.data_dir / addresses.FILE).write_text(json.dumps(BOOK, ensure_ascii=False), encoding="utf-8")
    registering.register()
    database = open_database(chosen)
    try:
        catalogue.load(database, BytesIO(demo_fest_xml()), name=demo_catalogue().version)
        with database.writing() as session:
            roster.load(session, roster.read_csv(roster_csv(everyone, today).encode()), today)
        _send(database, everyone, today, progress)
        progress("henter fra SFM og journalen", 0, 1)
        sources.fetch_once(database)
        progress("samstemmer", 0, 1)
        while work.drain(database).judged:
            pass
        progress("samstemmer", 1, 1)
        chosen.outbox.mkdir(parents=True, exist_ok=True)
        rounds.tick(database)
        offices.answer(database)
        tidy.tick(database)
        outbox.deliver(database)
        with database.writing() as session:
            token = sessions.new_token(
                session, name="demo-system", organisation=MUNICIPALITY, scopes=SYSTEM_SCOPES, days=30
            )
            people = [(persons.find(session, s.patient.identifier), s) for s in everyone]
    finally:
        database.close()
    return {
        "database_url": chosen.database_url,
        "users": [{"id": u.id, "name": u.name, "role": u.role.value} for u in USERS],
        "tokens": {"system": token},
        "patients": [
            {"id": id_, "name": s.patient.name, "identifier": s.patient.identifier, "faults": s.faults}
            for id_, s in people
        ],
    }


def _send(database: Database, everyone: list[Sources], today: date, progress: Progress) -> None:
    signer = Signer()
    for done, said in enumerate(everyone, start=1):
        for post in posts(said, today, signer, registry=said.patient.district != PILOT, own_journal=False):
            intake.receive(database, post.raw, channel="demo")
        progress("tar imot meldinger", done, len(everyone))


def _told(chosen: Settings, told: dict[str, Any], sources: DemoSources) -> Demo:
    """Sign-in addresses follow the port of this run, and so do the sources' own."""
    told["sources"] = sources.addresses
    for user in told["users"]:
        user["sign_in"] = f"{told['url']}/demo/{user['id']}"
    file = chosen.data_dir / "demo.json"
    file.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    file.chmod(0o600)
    for folder in (chosen.inbox, chosen.outbox):
        folder.mkdir(parents=True, exist_ok=True)
    return Demo(chosen, told, sources)
