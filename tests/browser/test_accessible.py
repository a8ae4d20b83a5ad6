"""WCAG 2.1 AA as far as rules can tell: axe on every page, reflow, enlargement, keyboard alone, words beside colour."""

from datetime import timedelta
from itertools import product

import pytest
from at_browser import PAINTED, Reader, axe_finds_nothing, sideways
from hard_patients import later

from medrec import clock

pytest.importorskip("axe_playwright_python.sync_playwright")

LANGUAGES = ("nb", "nn", "en")
WIDTHS = (320, 768, 1280)
PLAIN = (("light", 320), ("light", 1280))
WHOLE = tuple(product(("light", "dark"), WIDTHS))
NURSES = frozenset({"ask", "not allowed"})
"""What a leader never sees."""
CRITICAL = "weekly_written_daily"
FOCUSED = """() => {
    const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (e === document.body) return null;
    e.dataset.reached = 'yes';
    return {text: e.innerText || e.name || '', outline: style.outlineStyle === 'none' ? '0px' : style.outlineWidth,
            seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0};
}"""
LEFT_OUT = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(e => e.type !== 'radio' || !document.querySelector(`[name="${e.name}"][data-reached]`))
    .filter(e => e.type !== 'hidden' && !e.disabled && e.checkVisibility() && !e.dataset.reached)
    .map(e => e.outerHTML.slice(0, 120))"""


def pages_of(served):
    """Every page: its name and its path, or what must be done to stand on it."""
    critical = served.faulty(CRITICAL)
    return {
        "worklist": "/",
        "worklist, one severity": "/?severity=critical",
        "patient": critical,
        "patient of many": served.path("many"),
        "flag": lambda page: page.goto(served.url + flag_of(page, critical)),
        "same": f"{critical}/same",
        "sheet": f"{critical}/sheet",
        "text": f"{critical}/text",
        "history": f"{critical}/history",
        "history, a day": f"{critical}/history?on={clock.today()}",
        "history, a difference": f"{critical}/history?from=1&to=1",
        "threads": f"{critical}/notices",
        "calls": "/notices",
        "overview": "/overview",
        "review": "/access/review",
        "rulebook": "/rules?find=multidose",
        "rulebook, whole": "/rules",
        "practice": "/practice",
        "guide": "/guide",
        "accessibility": "/accessibility",
        "sign-in": "/sign-in",
        "not there": "/nowhere",
        "stale": lambda page: stale(served, page),
        "conflict": lambda page: conflict(served, page),
        "not allowed": "/overview",
        "ask": "/access/ask",
    }


NAMES = (
    *("worklist", "worklist, one severity", "patient", "patient of many", "flag", "same", "sheet", "text", "history"),
    *("history, a day", "history, a difference", "threads", "calls", "overview", "review", "rulebook"),
    *("rulebook, whole", "practice", "guide", "accessibility", "sign-in", "not there", "stale", "conflict"),
    *("not allowed", "ask"),
)


def flag_of(page, patient):
    page.goto(patient)
    return page.locator('a[href*="/flags/"]').first.get_attribute("href")


def stale(served, page):
    """Confirm a list that has got a newer version since."""
    page.goto(served.path("changing"))
    served.hears(later(served.hard["changing"], clock.now(), f"1 tablett kl. {clock.now():%H.%M.%S.%f}"))
    page.locator("button.main").click()


def conflict(served, page):
    """Put off a flag for longer than anybody may, from a form that does not hold it back."""
    page.goto(served.path("many"))
    page.goto(page.locator('.flag.sev-high a[href*="/flags/"]').first.get_attribute("href"))
    page.evaluate("document.querySelector('input[type=date]').form.noValidate = true")
    page.locator("input[type=date]").fill(str(clock.today() + timedelta(days=30)))
    page.locator("button[value=snooze]").click()
    page.wait_for_load_state()


def stand_on(served, page, name):
    where = pages_of(served)[name]
    where(page) if callable(where) else page.goto(where)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")


@pytest.fixture(scope="module")
def at(chromium, served):
    """A reader for each language: the leader, who may see every page; the nurse for what is hers."""
    made = {}

    def find(name, language="nb"):
        key = (name in NURSES, language)
        if key not in made:
            user = "demo-sykepleier" if name in NURSES else "demo-teamleder"
            made[key] = Reader(chromium, served, user, color_scheme="light", locale=f"{language}-NO")
        return made[key]

    yield find
    for one in made.values():
        one.close()


def stands(at, served, name, language, looks):
    """Axe finds nothing and nothing is cut off, at each look of one loaded page."""
    reader = at(name, language)
    stand_on(served, reader.page, name)
    assert reader.page.locator("html").get_attribute("lang") == language
    for scheme, width in looks:
        reader.look(width, scheme)
        axe_finds_nothing(reader.page)
        assert sideways(reader.page) <= 0, f"reflows at {width} pixels"


@pytest.mark.parametrize("name", [n for n in NAMES if n != "rulebook, whole"])
def test_axe_finds_nothing_and_nothing_is_cut_off(at, served, name):
    stands(at, served, name, "nb", PLAIN)


@pytest.mark.full
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [n for n in NAMES if n != "rulebook, whole"])
def test_nor_in_any_language_in_the_dark_or_on_any_screen(at, served, name, language):
    stands(at, served, name, language, WHOLE)


@pytest.mark.full
def test_nor_on_the_whole_rulebook(at, served):
    """In one language: it is as long as all other pages together, and made of the same parts as the short one."""
    stands(at, served, "rulebook, whole", "nn", WHOLE)


def test_every_page_is_among_them(served):
    assert set(NAMES) == set(pages_of(served))


@pytest.mark.parametrize(
    ("name", "status"), [("not there", 404), ("stale", 412), ("conflict", 409), ("not allowed", 403)]
)
def test_a_refusal_says_what_was_not_done_and_the_way_on(at, served, name, status):
    reader = at(name)
    answers = []
    reader.page.on("response", lambda answer: answers.append(answer.status))
    stand_on(served, reader.page, name)
    assert status in answers
    assert reader.page.locator("main a").count() >= 1
    assert reader.page.locator("h1").inner_text() in {"Det gikk ikke", "Listen er endret siden du åpnet siden"}


@pytest.mark.parametrize("name", ["worklist", "patient of many", "flag", "sheet", "overview", "calls"])
def test_at_two_hundred_percent_nothing_is_cut_off(at, served, name):
    """Zoomed: half the width in CSS pixels. Letters alone enlarged: twice the root's size on a whole screen."""
    reader = at(name)
    page = reader.page
    stand_on(served, page, name)
    reader.look(640, "light")
    assert sideways(page) <= 0
    reader.look(1280)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert sideways(page) <= 0


@pytest.mark.parametrize("name", ["worklist", "patient", "flag", "same", "history", "calls", "sign-in", "ask"])
def test_the_keyboard_alone_reaches_everything_and_is_always_seen(reader, served, name):
    page = reader("demo-sykepleier" if name == "ask" else "demo-teamleder").page
    stand_on(served, page, name)
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUSED)
    assert "Hopp til innholdet" in first["text"]
    assert first["seen"]
    steps = page.locator("a[href], button, input, select, textarea, summary").count() * 4
    for _ in range(steps):
        page.keyboard.press("Tab")
        stood = page.evaluate(FOCUSED)
        if stood is None:
            break
        assert stood["seen"], stood
        assert stood["outline"] != "0px", stood
    else:
        pytest.fail("the end of the page was never reached")
    assert page.evaluate(LEFT_OUT) == []


def test_the_first_stop_leads_past_the_menu(reader, served):
    page = reader().open(served.path("many"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_after_an_act_the_reader_stands_where_it_was_done(reader, served):
    page = reader().open(served.path("many"))
    flag = page.locator(".flag:has(details.act)").nth(1)
    anchor = flag.get_attribute("id")
    flag.locator("summary").focus()
    page.keyboard.press("Enter")
    flag.get_by_role("button", name="Jeg har sett den").press("Enter")
    page.wait_for_url(f"**#{anchor}")
    page.evaluate(PAINTED)
    page.keyboard.press("Tab")
    assert page.evaluate(f"document.getElementById('{anchor}').contains(document.activeElement)")


def test_severity_is_a_word_before_it_is_a_colour(reader, served):
    page = reader("demo-teamleder").open("/")
    words = {"Haster", "I dag", "Denne uken", "Ved neste gjennomgang", "Til orientering"}
    for count in page.locator(".count").all_inner_texts():
        assert count.split(":")[0] in words
    page.goto(served.path("many"))
    told = page.locator(".flag .word").all_text_contents()
    assert len(told) == page.locator(".flag").count()
    assert {word.rstrip(":") for word in told} <= words
    for line in page.locator(".line.stop").all():
        assert "Gi IKKE etter denne listen" in line.inner_text()
