"""WCAG 2.1 AA as far as rules can tell: axe on every page, reflow, enlargement, keyboard alone, words beside colour."""

import pytest
from at_browser import Reader
from hard_patients import later

from medrec import clock

axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")

LANGUAGES = ("nb", "nn", "en")
PLAIN = [("nb", "light", 320), ("nb", "light", 1280)]
WHOLE = [
    (language, scheme, width)
    for language in LANGUAGES
    for scheme in ("light", "dark")
    for width in (320, 768, 1280)
    if (language, scheme, width) not in PLAIN
]
VARIANTS = [*PLAIN, *(pytest.param(*v, marks=pytest.mark.full) for v in WHOLE)]
CRITICAL = "weekly_written_daily"
FOCUSED = """() => {
    const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (e === document.body) return null;
    e.dataset.reached = 'yes';
    return {text: e.innerText || e.name || '', outline: style.outlineStyle === 'none' ? '0px' : style.outlineWidth,
            seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0};
}"""
PAINTED = "() => new Promise(seen => requestAnimationFrame(() => requestAnimationFrame(seen)))"
"""Nobody presses a key before the page is drawn: a busy machine loads it, and only then goes to its fragment."""
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
        "rulebook": "/rules?find=dose",
        "practice": "/practice",
        "guide": "/guide",
        "accessibility": "/accessibility",
        "sign-in": "/sign-in",
        "not there": "/nowhere",
        "stale": lambda page: stale(served, page),
        "ask": "/access/ask",
    }


NAMES = (
    *("worklist", "worklist, one severity", "patient", "patient of many", "flag", "same", "sheet", "text", "history"),
    *("history, a day", "history, a difference", "threads", "calls", "overview", "review", "rulebook", "practice"),
    *("guide", "accessibility", "sign-in", "not there", "stale", "ask"),
)


def flag_of(page, patient):
    page.goto(patient)
    return page.locator('a[href*="/flags/"]').first.get_attribute("href")


def stale(served, page):
    """Confirm a list that has got a newer version since."""
    page.goto(served.path("changing"))
    served.hears(later(served.hard["changing"], clock.now(), f"1 tablett kl. {clock.now():%H.%M.%S.%f}"))
    page.locator("button.main").click()


def stand_on(served, page, name):
    where = pages_of(served)[name]
    where(page) if callable(where) else page.goto(where)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")


@pytest.fixture(scope="module")
def at(chromium, served):
    """A reader for each variant, signed in once: the leader, who may see every page; the nurse for what is hers."""
    made = {}

    def find(user, language, scheme, width):
        key = (user, language, scheme, width)
        if key not in made:
            size = {"width": width, "height": 900}
            made[key] = Reader(chromium, served, user, viewport=size, color_scheme=scheme, locale=f"{language}-NO")
        return made[key].page

    yield find
    for one in made.values():
        one.close()


@pytest.mark.parametrize(("language", "scheme", "width"), VARIANTS)
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_and_nothing_is_cut_off(at, served, name, language, scheme, width):
    user = "demo-sykepleier" if name == "ask" else "demo-teamleder"
    page = at(user, language, scheme, width)
    stand_on(served, page, name)
    assert page.locator("html").get_attribute("lang") == language
    found = axe_playwright.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert sideways(page) <= 0, "reflows at this width"


def test_every_page_is_among_them(served):
    assert set(NAMES) == set(pages_of(served))


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("name", ["worklist", "patient of many", "flag", "sheet", "overview", "calls"])
def test_at_two_hundred_percent_nothing_is_cut_off(at, served, name):
    """Zoomed: half the width in CSS pixels. Letters alone enlarged: twice the root's size on a whole screen."""
    page = at("demo-teamleder", "nb", "light", 640)
    stand_on(served, page, name)
    assert sideways(page) <= 0
    page = at("demo-teamleder", "nb", "light", 1280)
    stand_on(served, page, name)
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
