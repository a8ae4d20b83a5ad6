"""What a nurse does with the pages, in a real Chromium: with and without JavaScript, on a bad day too."""

import re
from contextlib import contextmanager

import pytest
from at_browser import sideways
from hard_patients import DIFFERING, LONG_DOSE, LONG_NAME, MEDICINES, later

from medrec import clock, worklist
from medrec.access import blocks
from medrec.access.people import Role
from medrec.demo.users import USERS
from medrec.notices import outbox

WIDTHS = (320, 1280)
OF_ITSELF = re.compile(r"vist i dag \d\d:\d\d")


def acts(served, what):
    """What stands as done with a list, each act by its kind."""
    with served.database.reading() as session:
        return [n.kind for n in worklist.history(session, served.ids[what]) if n.undone_at is None]


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_nurses_morning(reader, served, scripts):
    nurse = reader(java_script_enabled=scripts)
    page = nurse.open("/")
    many = served.hard["many"]
    page.get_by_role("link", name=many.name).click()
    assert OF_ITSELF.search(page.locator("h1").inner_text())
    line = page.locator("article.line").first
    line.get_by_text("Hvorfor?").click()
    assert "sier" in line.locator("details.why").inner_text() or "«" in line.locator("details.why").inner_text()
    flag = page.locator(".flag:has(details.act)").first
    anchor = flag.get_attribute("id")
    flag.locator("summary").click()
    flag.get_by_label("Til fastlegen").fill("Hun tar én om morgenen.")
    flag.get_by_role("button", name="Spør fastlegen").click()
    assert page.url.endswith(f"#{anchor}")
    assert "Lagt i meldingen til fastlegen av Demo Sykepleier" in page.locator(f"#{anchor}").inner_text()
    page.get_by_role("button", name="Sett av meg").click()
    assert "Siden du sist så på" in page.locator(".since").inner_text()
    assert "Ingenting er endret." in page.locator(".since").inner_text()
    assert {"ask-gp", "confirm"} <= set(acts(served, "many"))
    assert nurse.complaints == []


def test_a_confirm_of_an_old_page_is_refused_with_the_difference(reader, served):
    page = reader().open(served.path("changing"))
    served.hears(later(served.hard["changing"], clock.now(), "3 tabletter kveld"))
    page.get_by_role("button", name="Sett av meg").click()
    words = page.locator("main").inner_text()
    assert "Ingenting er lagret." in words
    assert "3 tabletter kveld" in words
    assert "confirm" not in acts(served, "changing")
    page.get_by_role("link", name="Åpne listen på nytt").click()
    assert "3 tabletter om kvelden" in page.locator("main").inner_text()
    page.get_by_role("button", name="Sett av meg").click()
    assert acts(served, "changing").count("confirm") == 1


@contextmanager
def no_coverage(nurse):
    """The phone has no network: a stairwell."""
    nurse.context.set_offline(True)
    yield
    nurse.context.set_offline(False)


@contextmanager
def server_down(nurse):
    """The network is there, but medrec is not; it comes back as another process."""
    nurse.served.stop()
    try:
        yield
    finally:
        nurse.served.start()


@pytest.mark.parametrize(
    ("away", "box"), [(no_coverage, "Ibux"), pytest.param(server_down, "Pinex", marks=pytest.mark.full)]
)
def test_a_form_posted_into_a_lost_connection_is_sent_again_and_counts_once(reader, served, away, box):
    nurse = reader()
    page = nurse.open(served.path("name"))
    before = acts(served, "name").count("observation")
    page.get_by_text("Skriv en observasjon").click()
    page.get_by_label("Legemiddel, slik det står på esken").fill(f"{box} 200 mg")
    with away(nurse):
        assert OF_ITSELF.search(page.locator("h1").inner_text()), "an old page is seen to be old"
        page.locator("details.why summary").first.click()
        assert page.locator("details.why").first.locator("dl").is_visible(), "what was fetched can be read on"
        page.get_by_role("button", name="Lagre observasjonen").click()
        page.wait_for_url("chrome-error://**")
        assert acts(served, "name").count("observation") == before
    page.reload()
    page.wait_for_url("**/patients/**")
    assert f"{box} 200 mg" in page.locator("main").inner_text()
    assert acts(served, "name").count("observation") == before + 1


def test_a_form_posted_twice_counts_once(reader, served):
    page = reader().open(served.path("name"))
    page.get_by_text("Skriv en observasjon").click()
    page.get_by_label("Legemiddel, slik det står på esken").fill("Tran, en skje")
    answers = page.evaluate(
        """async () => {
            const form = document.querySelector('#observe form'), data = new URLSearchParams(new FormData(form));
            data.set('kind', 'observation');
            const send = () => fetch(form.action, {method: 'POST', body: data});
            return (await Promise.all([send(), send(), send()])).map(a => a.status);
        }"""
    )
    assert answers == [200, 200, 200]
    page.reload()
    assert page.locator("h3", has_text="Tran, en skje").count() == 1
    with served.database.reading() as session:
        told = [n.data.get("name") for n in worklist.history(session, served.ids["name"])]
    assert told.count("Tran, en skje") == 1


def test_thirty_medicines_and_their_flags_are_read_on_a_phone(reader, served):
    page = reader().open(served.path("many"), width=320)
    assert page.locator("article.line").count() == MEDICINES
    assert page.locator(".flag").count() >= min(DIFFERING, 25)
    for flag in page.locator(".flag:visible").all():
        assert re.match(r"(Haster|I dag):", flag.inner_text()), "only what can't wait stands open"
    assert sideways(page) <= 0


@pytest.mark.parametrize("rest", ["", "/sheet", "/text", "/history", "/same"])
def test_a_name_of_sixty_letters_stands_whole_on_every_page(reader, served, rest):
    assert sum(c.isalpha() for c in LONG_NAME) >= 60
    nurse = reader()
    page = nurse.open(served.path("name") + rest)
    assert LONG_NAME in page.locator("body").inner_text()
    for width in WIDTHS:
        nurse.look(width)
        assert sideways(page) <= 0, width


@pytest.mark.parametrize("rest", ["", "/sheet", "/history?on={today}"])
def test_a_dose_of_four_hundred_letters_stands_whole(reader, served, rest):
    assert sum(not c.isspace() for c in LONG_DOSE) >= 300
    assert len(LONG_DOSE) >= 400
    nurse = reader()
    page = nurse.open(served.path("dose") + rest.format(today=clock.today()))
    assert LONG_DOSE in " ".join(page.locator("body").text_content().split())
    for width in WIDTHS:
        nurse.look(width)
        assert sideways(page) <= 0, width


def test_a_page_of_twenty_lines_is_small_enough_for_a_stairwell(reader, served):
    nurse = reader()
    sizes = {}
    for what in ("twenty", "many"):
        answer = nurse.page.goto(served.path(what))
        sizes[what] = len(answer.body())
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert nurse.page.locator("article.line").count() == MEDICINES
    assert sizes["twenty"] <= 60_000
    assert sizes["many"] <= 150_000, "thirty lines and more than sixty flags"


def test_a_call_about_a_closed_record_is_counted_for_the_leader_and_told_to_nobody(reader, served):
    """The task stands on the patient's own page, which only who has a reason opens."""
    person, name = served.ids["dose"], served.hard["dose"].name
    by = next(user for user in USERS if user.role is Role.LEADER)
    with served.database.writing() as session:
        outbox.put_task(session, "blocked", about="browser", person_id=person, data={"name": "Fastlege", "phone": ""})
    page = reader("demo-teamleder").open("/notices")
    assert "Pasienten har sperret opplysningene, så ingenting er sendt: vurder om det må ringes." in words_of(page)
    assert name in words_of(page)
    with served.database.writing() as session:
        blocks.put(session, person, by)
    try:
        page.reload()
        assert "Oppgaver om pasienter som har sperret opplysningene: 1." in words_of(page)
        assert name not in words_of(page)
        nurse = reader().open("/notices")
        assert name not in words_of(nurse)
        assert "Oppgaver om pasienter som har sperret" not in words_of(nurse), "a number for the leader alone"
    finally:
        with served.database.writing() as session:
            blocks.lift(session, person, by)
            outbox.close_task(session, "blocked", "browser")


def words_of(page):
    return page.locator("main").inner_text()
