"""A patient's page is served from what was rendered before, and never shows what no longer holds.

After whatever may happen to a patient, a reader or the clock, a process that has served the page all along answers
byte for byte what a process that never did answers.
"""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from told import ANNA, BERIT, NOON, TODAY, hp, medicine, message

from medrec import clock, intake, joining, listing, persons, roster, work, worklist
from medrec.access import blocks, gate, sessions
from medrec.access.people import Role, User
from medrec.actions import ActionKind, By, record_action, undo_action
from medrec.app import create_app
from medrec.db import open_database
from medrec.records import audit, web_session
from medrec.rendered import Rendered
from medrec.web import kept, patient

OPERATOR = User(id="operator:o", name="O", role=Role.ADMIN)
NINA = User(id="n1", name="Nina Nilsen", role=Role.NURSE, district="Nord")
READERS = (
    NINA,
    User(id="n2", name="Mons <b>Moe</b>", role=Role.NURSE, district="Nord"),
    User(id="g1", name="Lege Lie", role=Role.GP, hpr="1234567"),
)
DOSES = {"Metoprolol 50 mg": ("1 tablett daglig", "3 tabletter daglig"), "Warfarin 2,5 mg": ("1 daglig", "1 ukentlig")}


class House:
    """One store, a process that has been up all along, and its readers' browsers."""

    def __init__(self, database):
        self.database = database
        self.say()
        self.row = roster.RosterRow(
            identifier=ANNA, district="Nord", starts=TODAY, gp_hpr="1234567", gp_office="Torget", gp_phone="73000011"
        )
        self.load(self.row)
        self.app = create_app(database)
        self.sign_in()

    def sign_in(self):
        with self.database.writing() as session:
            self.cookies = {user.id: sessions.start(session, user) for user in READERS}

    def say(self, doses=DOSES, hours=0):
        for n, make in enumerate((message, hp)):
            told = [medicine(name, said[n], kind=("liste", "hjemmeliste")[n]) for name, said in doses.items()]
            self.anna = intake.receive(self.database, make(ANNA, *told, hours=hours), channel="test").patient
        work.drain(self.database, today=clock.today())

    def load(self, *rows):
        with self.database.writing() as session:
            roster.load(session, rows, clock.today())
        work.drain(self.database, today=clock.today())

    def act(self, kind=ActionKind.ACKNOWLEDGE, by="n1", **data):
        with self.database.writing() as session:
            if kind is ActionKind.ACKNOWLEDGE:
                flags = worklist.open_discrepancies(session, person_id=self.anna).rows
                data["discrepancy"] = next(f.id for f in flags if f.state == "open")
            who = By(id=by, name="Nina Nilsen", role="nurse")
            told = {"person_id": self.anna, "kind": kind, "by": who, "today": clock.today()}
            return record_action(session, **told, **data).action_id

    def undo(self, act, by="n1"):
        who = By(id=by, name="Nina Nilsen", role="nurse")
        with self.database.writing() as session:
            undo_action(session, person_id=self.anna, action_id=act, by=who, today=clock.today())

    def pages(self, language="nb"):
        """Status and page of every reader."""
        told = {}
        for user, cookie in self.cookies.items():
            browser = self.app.test_client()
            browser.set_cookie(gate.COOKIE_ON_LOOPBACK, cookie)
            browser.set_cookie("medrec-language", language)
            answer = browser.get(f"/patients/{self.anna}")
            told[user] = answer.status_code, answer.get_data(as_text=True)
        return told

    def cold(self, **more):
        """The same of a process that has just begun and has kept nothing."""
        warm = self.app.extensions["medrec-rendered"]
        self.app.extensions["medrec-rendered"] = Rendered()
        try:
            return self.pages(**more)
        finally:
            self.app.extensions["medrec-rendered"] = warm


@pytest.fixture
def house(sqlite_database):
    with clock.held(NOON):
        yield House(sqlite_database)


def acknowledged(house):
    house.act()


def confirmed(house):
    with house.database.reading() as session:
        version = listing.current_list(session, house.anna).version
    house.act(ActionKind.CONFIRM, if_match=str(version))


def undone(house):
    act = house.act()
    assert all("Sett av Nina Nilsen" in page for _, page in house.pages().values())
    house.undo(act)


def observed(house):
    house.act(ActionKind.OBSERVATION, name="Ibux")


def another_dose(house):
    house.say({**DOSES, "Metoprolol 50 mg": ("2 tabletter daglig", "3 tabletter daglig")}, hours=1)


def flag_closed(house):
    house.say({"Metoprolol 50 mg": ("1 tablett daglig", "1 tablett daglig")}, hours=1)


def said_and_not_judged(house):
    told = medicine("Furix 40 mg", "1 tablett morgen", kind="hjemmeliste")
    intake.receive(house.database, hp(ANNA, told, hours=2), channel="test")


def renamed(house):
    house.load(roster.RosterRow(**{**fields(house.row), "name": "Anna Nyttnavn"}))


def another_office(house):
    house.load(roster.RosterRow(**{**fields(house.row), "gp_phone": "73000099"}))


def another_district(house):
    house.load(roster.RosterRow(**{**fields(house.row), "district": "Sør"}))


def blocked(house):
    with house.database.writing() as session:
        blocks.put(session, house.anna, OPERATOR)


def joined(house):
    with house.database.writing() as session:
        other = persons.create(session, persons.person_identifier("", BERIT), "Berit", "test")
        joining.join(session, house.anna, other, by=OPERATOR, reason="the same person")


def now_a_leader(house):
    change_role(house, "n1", Role.LEADER)


def now_an_auditor(house):
    change_role(house, "n1", Role.AUDITOR)


def change_role(house, user_id, role):
    with house.database.writing() as session:
        stored = User(id=user_id, name="Nina Nilsen", role=role, district="Nord").stored()
        mine = web_session.c.user.contains(f'"{user_id}"')
        assert session.execute(update(web_session).where(mine).values(user=stored)).rowcount == 1


def fields(row):
    return {name: getattr(row, name) for name in row.__slots__}


HAPPENINGS = (
    acknowledged, another_office, renamed, confirmed, undone, observed, another_dose, flag_closed,
    said_and_not_judged, now_a_leader, now_an_auditor, another_district, blocked, joined,
)  # fmt: skip


def holds(house, happens):
    before = house.pages()
    assert before == house.pages() == house.cold()
    happens(house)
    after = house.pages()
    assert after == house.cold() == house.pages()
    assert after != before


def test_what_has_changed_is_on_the_page_at_once(house):
    assert {status for status, _ in house.pages().values()} == {200}
    for happens in HAPPENINGS[:-1]:
        holds(house, happens)


def test_nobody_reads_of_a_person_who_is_known_to_be_another(house):
    holds(house, joined)
    assert {status for status, _ in house.pages().values()} == {404}


@pytest.mark.full
@pytest.mark.parametrize("happens", HAPPENINGS)
def test_each_change_alone_is_on_the_page_at_once(database, happens):
    with clock.held(NOON):
        holds(House(database), happens)


def test_an_act_that_is_taken_back_is_off_the_flag_and_in_the_history(house):
    undone(house)
    for _, page in house.pages().values():
        assert "Sett av Nina Nilsen" not in page
        assert "angret" in page


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (timedelta(hours=6), "Ring legevakten nå:"),
        (timedelta(days=1), "Listen er ikke vurdert i dag."),
        (timedelta(hours=1), "vist i dag 13:00"),
    ],
)
def test_the_clock_goes_on(house, after, words):
    assert all(words not in page for _, page in house.pages().values())
    with clock.held(NOON + after):
        house.sign_in()
        warm = house.pages()
        assert warm == house.cold()
    assert all(words in page for _, page in warm.values())


def test_a_kept_page_carries_the_moment_at_which_it_was_asked_for(house):
    house.pages()
    with clock.held(NOON + timedelta(minutes=5)):
        page = house.pages()["n1"][1]
    moments = set(re.findall(r'name="at" value="([^"]+)"', page))
    assert moments == {(NOON + timedelta(minutes=5)).isoformat()}
    assert "medrec-hole" not in page


def test_each_language_and_each_reader_has_a_page_of_their_own(house):
    house.act()
    pages = {language: house.pages(language=language) for language in ("nb", "nn", "en", "nb", "en")}
    assert pages == {language: house.cold(language=language) for language in ("nb", "nn", "en")}
    undo = {user: "Angre" in page for user, (_, page) in pages["nb"].items()}
    assert undo == {"n1": True, "n2": False, "g1": False}
    assert "Gjør noe med denne" not in pages["nb"]["g1"][1]
    assert "Lege Lie" not in pages["nb"]["n1"][1]


def test_the_readers_own_name_stands_in_the_menu_as_text(house):
    names = {"n1": "Nina Nilsen", "n2": "Mons &lt;b&gt;Moe&lt;/b&gt;", "g1": "Lege Lie"}
    for pages in (house.pages(), house.pages()):
        for user, (_, page) in pages.items():
            assert f'<span class="more">{names[user]}</span>' in page


def test_a_page_that_was_asked_for_by_its_headers_alone_is_kept_for_nobody_else(house):
    """What the language links go back to depends on the method."""
    browser = house.app.test_client()
    browser.set_cookie(gate.COOKIE_ON_LOOPBACK, house.cookies["n1"])
    assert browser.head(f"/patients/{house.anna}").status_code == 200
    assert house.pages() == house.cold()


def test_every_page_that_is_served_again_leaves_its_row(house):
    for _ in range(3):
        house.pages()
    with house.database.reading() as session:
        rows = session.execute(select(audit.c.actor).where(audit.c.what == "read-list")).scalars().all()
    assert sorted(rows) == sorted([user.id for user in READERS] * 3)


def test_a_page_is_rendered_once_for_readers_who_may_the_same(house, monkeypatch):
    made = []
    monkeypatch.setattr(kept, "page", lambda told, real=kept.page: made.append(told["me"].id) or real(told))
    house.pages()
    house.pages()
    assert made == ["n1", "g1"]


@pytest.mark.postgres
def test_what_changes_while_a_page_is_read_is_not_kept(postgres_settings, monkeypatch):
    """Another process acts between the reading of the key and of the list (on SQLite it has to wait)."""
    database = open_database(postgres_settings)
    with clock.held(NOON):
        house, real = House(database), patient.told

        def told(session, person_id):
            monkeypatch.setattr(patient, "told", real)
            house.act()
            return real(session, person_id)

        monkeypatch.setattr(patient, "told", told)
        assert "Sett av Nina Nilsen" in house.pages()["n1"][1]
        assert house.pages() == house.cold()
    database.close()
