"""Øv, in the demo municipality only: ten patients with a task each, and an answer that explains."""

import json
from dataclasses import dataclass

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from medrec import clock, roster
from medrec.access.gate import database, needs, user
from medrec.access.people import Need
from medrec.access.relation import sees
from medrec.web.lessons import lesson

pages = Blueprint("practice", __name__, url_prefix="/practice")
TASKS = 10


@dataclass(frozen=True, slots=True)
class Task:
    """One patient to practise on."""

    person_id: str
    name: str
    question: str
    answer: str


@pages.get("")
@needs(Need.WORKLIST)
def page() -> ResponseReturnValue:
    """Ten tasks on patients whom this reader may see, each kind of fault at most once while there are others."""
    file = database().settings.data_dir / "demo.json"
    if not file.exists():
        abort(404)
    patients = json.loads(file.read_text(encoding="utf-8"))["patients"]
    with database().reading() as session:
        seen = [p for p in patients if p["id"] and sees(session, user(), p["id"], clock.today())]
        zones = roster.cares(session, [p["id"] for p in seen], clock.today())
    tasks: list[Task] = []
    used: set[str] = set()
    for again in (False, True):
        for p in seen:
            known = [f for f in p["faults"] if lesson(f) and (again or f not in used)]
            if known and len(tasks) < TASKS and p["id"] not in {t.person_id for t in tasks}:
                used.add(known[0])
                tasks.append(Task(p["id"], p["name"], *(lesson(known[0]) or ("", ""))))
    return render_template("practice.html", tasks=tasks, zones=zones)
