"""What people do with a list: who may not snooze what, what needs whose word, and undo."""

from datetime import timedelta

import pytest
from told import ANNA, NOON, TODAY, hp, medicine, message

from medrec import clock, hearing, intake, listing, work, worklist
from medrec.actions import ActionKind, By, MissingMatch, NotAllowed, Stale, Unknown, record_action, undo_action
from medrec.ledger import FlagStatus
from rules.conclusion import LinkKind, Severity

NURSE = By(id="n1", name="Nina Nilsen", role="nurse")


@pytest.fixture(autouse=True)
def _noon():
    with clock.held(NOON):
        yield


@pytest.fixture
def flagged(database):
    """A person with one high and one critical flag about two medicines whose doses differ."""
    doses = {
        "Metoprolol 50 mg": ("1 tablett daglig", "3 tabletter daglig"),
        "Warfarin 2,5 mg": ("1 daglig", "1 ukentlig"),
    }
    for position, make in enumerate((message, hp)):
        kind = ("liste", "hjemmeliste")[position]
        told = [medicine(name, texts[position], kind=kind) for name, texts in doses.items()]
        person_id = intake.receive(database, make(ANNA, *told), channel="test").patient
    work.drain(database, today=TODAY)
    return person_id


def flags(database, person_id):
    with database.reading() as session:
        return worklist.open_discrepancies(session, person_id=person_id).rows


def one(database, person_id, *, critical):
    return next(f for f in flags(database, person_id) if (f.severity is Severity.CRITICAL) is critical)


def act(database, person_id, kind, **more):
    with database.writing() as session:
        return record_action(session, person_id=person_id, kind=kind, by=NURSE, today=TODAY, **more)


def test_acknowledging_raises_the_revision_and_closes_nothing(database, flagged):
    flag = one(database, flagged, critical=False)
    done = act(
        database, flagged, ActionKind.ACKNOWLEDGE, discrepancy=flag.id, if_match=f"{flag.version}.{flag.revision}"
    )
    assert (done.version, done.revision) == (flag.version, flag.revision + 1)
    after = next(f for f in flags(database, flagged) if f.id == flag.id)
    assert after.state is FlagStatus.ACKNOWLEDGED
    assert after.closed_at is None


def test_an_act_upon_an_old_list_is_refused(database, flagged):
    flag = one(database, flagged, critical=False)
    tag = f"{flag.version}.{flag.revision}"
    act(database, flagged, ActionKind.ACKNOWLEDGE, discrepancy=flag.id, if_match=tag)
    with pytest.raises(Stale):
        act(database, flagged, ActionKind.ACKNOWLEDGE, discrepancy=flag.id, if_match=tag)


@pytest.mark.parametrize("days", [0, 8, -1])
def test_a_snooze_ends_within_seven_days(database, flagged, days):
    flag = one(database, flagged, critical=False)
    with pytest.raises(NotAllowed):
        act(database, flagged, ActionKind.SNOOZE, discrepancy=flag.id, until=TODAY + timedelta(days=days))


def test_a_critical_flag_is_never_snoozed(database, flagged):
    flag = one(database, flagged, critical=True)
    with pytest.raises(NotAllowed):
        act(database, flagged, ActionKind.SNOOZE, discrepancy=flag.id, until=TODAY + timedelta(days=1))


def test_a_snooze_runs_out(database, flagged):
    flag = one(database, flagged, critical=False)
    until = TODAY + timedelta(days=3)
    act(database, flagged, ActionKind.SNOOZE, discrepancy=flag.id, until=until)
    for day, state in ((until - timedelta(days=1), FlagStatus.SNOOZED), (until, FlagStatus.OPEN)):
        with database.writing() as session:
            listing.refresh(session, flagged, day)
        assert next(f for f in flags(database, flagged) if f.id == flag.id).state is state


def test_an_intended_critical_flag_needs_the_written_reply(database, flagged):
    flag = one(database, flagged, critical=True)
    told = {"discrepancy": flag.id, "prescriber": "Lege Lie", "known_by": "telefon"}
    with pytest.raises(NotAllowed):
        act(database, flagged, ActionKind.INTENDED, **told)
    act(database, flagged, ActionKind.INTENDED, written_reply=True, **told)
    with database.reading() as session:
        (intent,) = hearing.case_of(session, flagged, TODAY).intents
    assert (intent.code, intent.about, intent.prescriber) == (flag.code, flag.about, "Lege Lie")
    assert intent.evidence == frozenset(flag.flag.evidence)


def test_a_link_is_heard_by_judgement_and_can_be_taken_back(database, flagged):
    with database.reading() as session:
        a, b, *_ = listing.current_list(session, flagged).statements
    done = act(database, flagged, ActionKind.LINK_SAME, a=a, b=b)
    with database.reading() as session:
        (link,) = hearing.case_of(session, flagged, TODAY).links
    assert (link.kind, link.a, link.b, link.by) == (LinkKind.SAME, a, b, "Nina Nilsen")
    other = By(id="n2", name="Nora Nes", role="nurse")
    for person_id, by in ((flagged, other), ("0" * 24, NURSE)):
        with pytest.raises(Unknown), database.writing() as session:
            undo_action(session, person_id=person_id, action_id=done.action_id, by=by, today=TODAY)
    with database.writing() as session:
        undo_action(session, person_id=flagged, action_id=done.action_id, by=NURSE, today=TODAY)
    with database.reading() as session:
        assert hearing.case_of(session, flagged, TODAY).links == ()
        (note,) = worklist.history(session, flagged)
    assert note.undone_by == "n1"


def test_an_observation_becomes_a_statement_with_its_place(database, flagged):
    act(database, flagged, ActionKind.OBSERVATION, name="Ibux 400 mg", dose_text="av og til", local=True)
    with database.reading() as session:
        told = listing.current_list(session, flagged).statements.values()
    (seen,) = [s for s in told if s.name == "Ibux 400 mg"]
    assert (seen.source, seen.kind, seen.dose_text) == ("HP", "lokalt", "av og til")
    assert seen.place.path.startswith("action/")


def test_a_confirmation_stands_until_a_statement_changes(database, flagged):
    with pytest.raises(MissingMatch):
        act(database, flagged, ActionKind.CONFIRM)
    version = flags(database, flagged)[0].version
    act(database, flagged, ActionKind.CONFIRM, if_match=str(version))

    def confirmed():
        with database.reading() as session:
            case = hearing.case_of(session, flagged, TODAY)
        return case.confirmed_by, case.confirmed_on, case.changed_since_confirmed

    assert confirmed() == ("Nina Nilsen", TODAY, False)
    intake.receive(database, message(ANNA, medicine("Furix 40 mg"), hours=1), channel="test")
    assert confirmed() == ("Nina Nilsen", TODAY, True)


def test_acts_on_what_is_not_there_or_not_enough_keep_nothing(database, flagged):
    flag = one(database, flagged, critical=False)
    for kind, data, refusal in [
        (ActionKind.ACKNOWLEDGE, {"discrepancy": "none"}, Unknown),
        (ActionKind.INTENDED, {"discrepancy": flag.id, "prescriber": ""}, NotAllowed),
        (ActionKind.LINK_SAME, {"a": "x", "b": "y"}, Unknown),
        (ActionKind.LINK_SAME, {"a": "x", "b": "x"}, NotAllowed),
        (ActionKind.ACKNOWLEDGE, {"discrepancy": flag.id, "colour": "red"}, NotAllowed),
    ]:
        with pytest.raises(refusal):
            act(database, flagged, kind, **data)
    with pytest.raises(Unknown), database.writing() as session:
        record_action(session, person_id="nobody", kind=ActionKind.CONFIRM, by=NURSE, today=TODAY, if_match="1")
    with database.reading() as session:
        assert worklist.history(session, flagged) == ()
