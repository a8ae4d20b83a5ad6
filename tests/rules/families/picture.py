"""An example on a page, as a case: what its table, its facts and its verdict stand for."""

import re
from datetime import UTC, date, datetime

from formats.drug import AtcCode, Catalogue, Drug, DrugLevel, Interaction, Varenr, catalogue_of, read_strength
from formats.neutral import statements_from_case
from formats.statement import Allergy, Gap, GapCode, Source
from rules.conclusion import Case, Heard, Outcome
from rules.page import COLUMNS, Example
from rules.reconcile import reconcile

FIELDS = COLUMNS
COPIES = {"multidose", "hjemmeliste", "lokalt", "utlevering"}


def statement_of(row: dict[str, str], number: int) -> dict[str, object]:
    told: dict[str, object] = {FIELDS[column]: cell for column, cell in row.items() if column != "stoff"}
    unknown = set(row) - set(FIELDS)
    assert not unknown, f"no such column on a page: {unknown}"
    if row.get("stoff"):
        told["sub"] = [name.strip() for name in row["stoff"].split(",")]
        told |= {"route": told.get("route", "oral"), "rel": told.get("rel", "plain")}
    copy = row["art"] in COPIES or row.get("endring") == "uendret"
    return {"id": f"s{number}", "st": "active", "t": "copy" if copy else "decision"} | told


def heard_of(facts: dict[str, list[str]], today: date) -> dict[Source, Heard]:
    at = datetime(today.year, today.month, today.day, 6, tzinfo=UTC)
    heard = {source: Heard(outcome=Outcome.READ, as_of=at) for source in Source}
    for fact in facts.get("Kilder", ()):
        for told in fact.split(","):
            source, state, *rest = told.split()
            heard[Source(source)] = state_of(Source(source), state, rest)
    return heard


def state_of(source: Source, state: str, rest: list[str]) -> Heard:
    if state == "feilet":
        return Heard(outcome=Outcome.FAILED, gaps=(Gap(source, GapCode.FAILED),))
    if state == "gammel":
        day = date.fromisoformat(rest[0])
        return Heard(outcome=Outcome.STALE, as_of=datetime(day.year, day.month, day.day, 6, tzinfo=UTC))
    if state == "sperret":
        return Heard(outcome=Outcome.READ, gaps=(Gap(source, GapCode.LOCKED),))
    assert (state, rest) == ("annen", ["person"]), state
    return Heard(outcome=Outcome.READ, wrong_patient=True)


def allergy_of(fact: str) -> Allergy:
    hit = re.fullmatch(r"(RF|GP|HP) (.*?)(?: \(([A-Z0-9]+)\))?", fact)
    assert hit, fact
    return Allergy(source=Source(hit[1]), text=hit[2], atc=AtcCode.read(hit[3]), id=f"cave-{hit[1]}-{hit[2]}")


def drug_of(fact: str, rows: tuple[dict[str, str], ...]) -> Drug:
    """What the page says of a product, and the rest as the statement of that product says it."""
    number, *told = (part.strip() for part in fact.split(";"))
    row = next(row for row in rows if row.get("vare") == number)
    words = dict(part.split(" ", 1) for part in told if " " in part)
    return Drug(
        level=DrugLevel.PACKAGE,
        varenr=Varenr.read(number),
        name=words.get("navn", row["navn"]),
        brand=words.get("merke", ""),
        atc=AtcCode.read(row["atc"]),
        substances=tuple(name.strip() for name in row["stoff"].split(",")),
        strengths=read_strength(row.get("styrke")),
        route=row.get("vei", "oral"),
        release=row.get("frisetting", "plain"),
        substitution_group=words.get("gruppe", ""),
        exchange_limited="begrenset" in told,
        divisible="1" if "ikke delbar" in told else "0",
        withdrawn=date.fromisoformat(words["utgått"]) if "utgått" in words else None,
    )


def interaction_of(fact: str) -> Interaction:
    pair, grade = fact.split(";")
    a, b = (side.strip() for side in pair.split(" - "))
    return Interaction(id=f"{a}-{b}", relevance=int(grade), group_a=(a,), group_b=(b,))


def picture(example: Example) -> tuple[Case, Catalogue, date]:
    facts: dict[str, list[str]] = {}
    for name, told in example.facts:
        facts.setdefault(name, []).append(told)
    today = date.fromisoformat(facts["I dag"][0])
    rows = [statement_of(row, n) for n, row in enumerate(example.rows, 1)]
    doctors = [name.strip() for told in facts.get("Multidoseansvarlig", ()) for name in told.split(",")]
    confirmed = facts.get("Bekreftet", [""])[0]
    case = Case(
        statements=tuple(statements_from_case(rows, case=example.title)),
        heard=heard_of(facts, today),
        allergies=tuple(allergy_of(told) for told in facts.get("CAVE", ())),
        birth_year=int(facts["Født"][0]) if "Født" in facts else None,
        nursing_home="Sykehjem" in facts,
        multidose_doctors=tuple(doctors),
        confirmed_by=confirmed.split(" ")[0] or None,
        confirmed_on=date.fromisoformat(hit[0]) if (hit := re.search(r"\d{4}-\d\d-\d\d", confirmed)) else None,
        changed_since_confirmed=confirmed.endswith("endret siden"),
        serious_since=date.fromisoformat(facts["Haster siden"][0]) if "Haster siden" in facts else None,
    )
    catalogue = catalogue_of(
        [drug_of(told, example.rows) for told in facts.get("FEST vare", ())],
        "page",
        [interaction_of(told) for told in facts.get("FEST interaksjon", ())],
    )
    return case, catalogue, today


def judged_as_told(code: str, example: Example) -> None:
    case, catalogue, today = picture(example)
    judged = reconcile(case, catalogue, today)
    raised = [f for f in judged.discrepancies if f.code == code]
    spoken_for = [f for f in judged.suppressed if f.code == code]
    if not example.fires:
        assert not raised
    elif example.suppressed_by:
        assert [f.suppressed_by for f in spoken_for] == [example.suppressed_by]
    else:
        assert raised, [f"{f.code} {f.about}" for f in judged.discrepancies]
        assert {(f.severity, f.owner) for f in raised} == {example.expects}
