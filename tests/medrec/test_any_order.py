"""House invariants 1, 2 and 5 over the store: any order and any repetition give the same case and the same list."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from told import ANNA, NOON, TODAY, medicine, message

from formats.statement import AsideReason, Kind, Reach, Reading, Source, identified
from medrec import casefile, clock, hearing, intake, keeping, listing, persons, store, values, work
from medrec.records import metadata

NAMES = ("Metoprolol 50 mg", "Furix 40 mg", "Warfarin 2,5 mg")
DOSES = ("1 tablett daglig", "2 tabletter daglig", "1 tablett ukentlig")

medicines = st.builds(medicine, st.sampled_from(NAMES), st.sampled_from(DOSES))
KIND_OF = {"RF": "resept", "GP": "liste", "HP": "hjemmeliste"}


@st.composite
def messages(draw):
    source = draw(st.sampled_from(sorted(KIND_OF)))
    told = [{**m, "kind": KIND_OF[source]} for m in draw(st.lists(medicines, max_size=3))]
    reach = draw(st.sampled_from(["whole", "whole", "event"]))
    return message(
        ANNA,
        *told,
        source=source,
        kinds=(KIND_OF[source],) if reach == "whole" else (),
        reach=reach,
        hours=draw(st.integers(-60, 0)) * 24,
        system=draw(st.sampled_from(["", "a"])),
        message_id=draw(st.sampled_from(["m1", "m2", "m3"])),
    )


def emptied(database):
    with database.writing() as session:
        for table in reversed(metadata.sorted_tables):
            if table.name != "feed":
                session.execute(table.delete())


def told_by(database, raws):
    """Case and list after taking in these messages in this order into an empty store, without its own random ids."""
    emptied(database)
    with clock.held(NOON):
        for raw in raws:
            intake.receive(database, raw, channel="test")
        work.drain(database, today=TODAY)
        with database.reading() as session:
            person_id = persons.find(session, ANNA)
            case = hearing.case_of(session, person_id, TODAY)
            kept = listing.current_list(session, person_id)
    return values.dump(case), values.dump(kept.reconciliation), case, kept


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(messages(), min_size=1, max_size=5), st.data())
def test_order_and_repetition_change_nothing(sqlite_database, raws, data):
    again = data.draw(st.permutations(raws + data.draw(st.lists(st.sampled_from(raws), max_size=3))))
    case, told, *_ = told_by(sqlite_database, raws)
    assert told_by(sqlite_database, again)[:2] == (case, told)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(messages(), min_size=2, max_size=5))
def test_every_statement_stands_on_a_line_or_aside_and_none_vanishes(sqlite_database, raws):
    fewer = told_by(sqlite_database, raws[:-1])[2]
    _, _, case, kept = told_by(sqlite_database, raws)
    cited = [i for line in kept.reconciliation.lines for i in line.statements]
    aside = [a.statement for a in kept.reconciliation.aside]
    assert sorted(cited + aside) == sorted(s.id for s in case.statements)
    assert {s.id for s in fewer.statements} <= {s.id for s in case.statements}


def test_text_as_said_survives_verbatim(sqlite_database):
    odd = "  1 tbl  á 50mg × 2 – «morgen» & kveld\n(se ark)  "
    *_, kept = told_by(sqlite_database, [message(ANNA, medicine(dose=odd))])
    (said,) = kept.statements.values()
    assert said.dose_text == odd


def reading(statement, **more):
    told = {"message": "M10/test", "source": Source.RF, "statements": (statement,), "reach": Reach.EVENT}
    return Reading(**{**told, **more})


def test_a_cancelled_message_is_set_aside_whenever_the_cancelling_one_came(sqlite_database):
    first = intake.read(message(ANNA, medicine(kind="utlevering"), source="RF", reach="event", message_id="M-1"))
    later = reading(first.statements[0], statements=(), as_of=NOON, message_id="M-2", cancels=("M-1",))
    for order in ((first, later), (later, first)):
        emptied(sqlite_database)
        with clock.held(NOON), sqlite_database.writing() as session:
            person_id = persons.resolve(session, first.person, asked_for=None, origin="test")
            for part in order:
                row = keeping.keep(session, part.message_id.encode(), channel="test")
                session.execute(
                    intake.update(intake.message)
                    .where(intake.message.c.id == row.id)
                    .values(outcome="accepted", business_id=part.message_id)
                )
                dated = replace(part, as_of=NOON - timedelta(hours=1)) if part is first else part
                store.say(session, row.id, person_id, first.person.key, [dated])
            (said,) = casefile.statements(casefile.word(session, person_id))
        assert said.aside is AsideReason.CANCELLED


EXTRACT = Path(__file__).resolve().parents[1] / "formats" / "plo" / "golden" / "extract.xml"


def sent_on(day: str) -> bytes:
    """The same extract of the GP's journal, which dates no line, in an envelope of this day."""
    raw = EXTRACT.read_text(encoding="utf-8")
    return raw.replace("2026-02-03T10:00:00", f"{day}T10:00:00").replace("<MsgId>m-1<", f"<MsgId>{day}<").encode()


def test_the_same_extract_in_a_new_envelope_is_the_same_word_of_the_first_day(sqlite_database):
    first, later = sent_on("2026-02-03"), sent_on("2026-02-20")
    seen = []
    for raws in ([first], [first, later], [later, first]):
        emptied(sqlite_database)
        with clock.held(NOON), sqlite_database.writing() as session:
            persons.resolve(session, intake.read(first).person, asked_for=None, origin="test")
        with clock.held(NOON):
            receipts = [intake.receive(sqlite_database, raw, channel="test") for raw in raws]
            work.drain(sqlite_database, today=TODAY)
            with sqlite_database.reading() as session:
                case = hearing.case_of(session, receipts[0].patient, TODAY)
        assert case.statements
        assert {s.recorded for s in case.statements if s.dated_by_envelope} == {date(2026, 2, 3)}
        seen.append({(s.id, s.recorded) for s in case.statements})
    assert seen[0] == seen[1] == seen[2]


def test_stored_values_come_back_equal():
    (said,) = identified(
        "k", intake.read(message(ANNA, medicine(dose="1/2 tbl morgen og 1 tbl kveld i 7 dager"))).statements
    )
    assert values.load(type(said), values.dump(said)) == said
    told = {"day": date(2026, 1, 2), "many": (1, "to", None), "kind": Kind.PLL}
    assert values.revive(dict[str, object], values.tree(told)) == told
