"""When a letter goes, to whom, and what it counts for afterwards: the table of the policy, played."""

from datetime import timedelta

from house import GP_HER, MONDAY, files, flag, furnish, judged, ticked
from sqlalchemy import select

from formats.dialog import read_dialog
from medrec import clock
from medrec.actions import ActionKind, record_action
from medrec.notices import calls, threads
from medrec.records import discrepancy, notice_item
from rules.conclusion import Owner, Severity


def test_where_it_is_wanted_a_short_letter_tells_that_all_is_solved(database):
    anna = furnish(database, {GP_HER: {"closing": True}})
    one, two, low = flag(1, Severity.CRITICAL), flag(2, Severity.HIGH), flag(3, Severity.LOW, code="C04")
    judged(database, anna, MONDAY, one, two, low)
    assert ticked(database, MONDAY + timedelta(hours=2)) == 1
    judged(database, anna, MONDAY + timedelta(hours=3), two, low)
    assert ticked(database, MONDAY + timedelta(hours=7)) == 0, "one of them is open yet"
    judged(database, anna, MONDAY + timedelta(days=1), low)
    assert ticked(database, MONDAY + timedelta(days=1, hours=3)) == 0, "with the last round"
    evening = MONDAY + timedelta(days=1, hours=7)
    assert [ticked(database, evening), ticked(database, evening)] == [1, 0]
    told = max((read_dialog(f.read_bytes()) for f in files(database)), key=lambda t: t.sent)
    assert told.subject == "Legemiddelavvik er løst"
    assert told.text.count("Seponert, resepten gyldig") == 2


def test_what_came_back_within_a_day_is_the_same_matter_and_later_a_new_one(database):
    anna = furnish(database)
    high = flag(severity=Severity.HIGH)
    judged(database, anna, MONDAY, high)
    assert ticked(database, MONDAY + timedelta(hours=2)) == 1
    judged(database, anna, MONDAY + timedelta(hours=4))
    judged(database, anna, MONDAY + timedelta(hours=20), high)
    assert ticked(database, MONDAY + timedelta(hours=24)) == 0
    judged(database, anna, MONDAY + timedelta(days=3))
    judged(database, anna, MONDAY + timedelta(days=5), high)
    assert ticked(database, MONDAY + timedelta(days=5, hours=2)) == 1


def test_what_comes_and_goes_within_the_hour_is_not_written(database):
    anna = furnish(database)
    judged(database, anna, MONDAY, flag(severity=Severity.HIGH))
    judged(database, anna, MONDAY + timedelta(minutes=50))
    assert ticked(database, MONDAY + timedelta(hours=2)) == 0


def test_what_turns_critical_is_written_again_and_phoned(database):
    """B07 rises one step when the discharge is more than 7 days old."""
    anna = furnish(database)
    judged(database, anna, MONDAY, flag(severity=Severity.HIGH, code="B07"))
    assert ticked(database, MONDAY + timedelta(hours=2)) == 1
    night = MONDAY + timedelta(hours=11)
    judged(database, anna, night, flag(severity=Severity.CRITICAL, code="B07"))
    with database.reading() as session:
        assert [t.why for t in threads.tasks(session)] == ["call"]
    assert ticked(database, night) == 0, "written with the judgement"
    assert len(files(database)) == 2


def test_a_high_one_follows_an_urgent_letter_the_same_day_and_another_does_not(database):
    anna = furnish(database)
    critical, high, more = flag(1, Severity.CRITICAL), flag(2, Severity.HIGH), flag(3, Severity.HIGH)
    morning = MONDAY.replace(hour=7)
    judged(database, anna, morning, critical)
    judged(database, anna, morning + timedelta(hours=1), critical, high)
    assert ticked(database, morning + timedelta(hours=2)) == 1
    judged(database, anna, morning + timedelta(hours=3), critical, high, more)
    assert ticked(database, morning + timedelta(hours=11)) == 0
    assert ticked(database, morning + timedelta(hours=26)) == 1


def ask(database, person_id, moment, words="Haster det?"):
    with clock.held(moment), database.writing() as session:
        flag_id = session.scalars(select(discrepancy.c.id)).one()
        by = calls.By(id="n", name="Nora", role="nurse")
        told = {"discrepancy": flag_id, "text": words}
        record_action(session, person_id=person_id, kind=ActionKind.ASK_GP, by=by, today=clock.today(), **told)


def test_a_question_goes_whoever_owns_the_flag_and_again_when_asked_again(database):
    anna = furnish(database)
    judged(database, anna, MONDAY, flag(severity=Severity.LOW, code="G03", owner=Owner.NURSE))
    assert ticked(database, MONDAY + timedelta(hours=1)) == 0, "a nurse's own"
    ask(database, anna, MONDAY + timedelta(hours=1))
    assert ticked(database, MONDAY + timedelta(hours=1, minutes=1)) == 1
    assert ticked(database, MONDAY + timedelta(days=1)) == 0
    ask(database, anna, MONDAY + timedelta(days=1), "Vi har ikke hørt noe.")
    assert ticked(database, MONDAY + timedelta(days=1, minutes=1)) == 1
    texts = [read_dialog(f.read_bytes()).text for f in files(database)]
    assert [sum(words in text for text in texts) for words in ("Haster det?", "Vi har ikke hørt noe.")] == [1, 1]


def test_nobody_writes_about_those_whose_care_has_ended(database):
    anna = furnish(database, ends=MONDAY.date() + timedelta(days=1))
    judged(database, anna, MONDAY + timedelta(days=3), flag(severity=Severity.CRITICAL))
    assert ticked(database, MONDAY + timedelta(days=3)) == 0
    with database.reading() as session:
        assert threads.tasks(session) == ()


def test_every_flag_of_an_unknown_gp_is_a_task(database):
    anna = furnish(database, gp_her_id="", gp_phone="73000012")
    judged(database, anna, MONDAY, *(flag(n, Severity.HIGH) for n in range(9)))
    ticked(database, MONDAY + timedelta(hours=2))
    ticked(database, MONDAY + timedelta(hours=3))
    with database.reading() as session:
        tasks = threads.tasks(session)
    assert len(tasks) == 9, "more than one letter would hold"
    assert {(t.why, t.data["phone"]) for t in tasks} == {("no-address", "73000012")}
    judged(database, anna, MONDAY + timedelta(hours=4), flag(0, Severity.HIGH))
    with database.reading() as session:
        assert len(threads.tasks(session)) == 1


def test_what_was_told_as_solved_and_raised_again_in_one_instant_is_told_once(database):
    """The order in which a receiver was told is the order of the letters, also where the clock stood still."""
    anna = furnish(database)
    one, two = flag(1, Severity.CRITICAL), flag(2, Severity.CRITICAL)
    for true in ([one], [], [two], [one, two]):
        judged(database, anna, MONDAY, *true)
    ticked(database, MONDAY)
    written = len(files(database))
    for _ in range(2):
        judged(database, anna, MONDAY, one, two)
        ticked(database, MONDAY)
    assert written == len(files(database)) == 3
    with database.reading() as session:
        found = session.execute(select(notice_item.c.outbox_id, notice_item.c.at)).all()
    assert len({row.at for row in found}) == len({row.outbox_id for row in found}) == 3, "each letter its own instant"
