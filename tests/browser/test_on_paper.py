"""Paper: the sheet of one patient, and the night's emergency set that stands alone when everything is down."""

import re
import subprocess
import sys

import pytest

from medrec import clock

A4 = (595, 842)
"""Points, rounded."""


def sizes(pdf):
    """Width and height of each page."""
    found = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    return [(round(float(w)), round(float(h))) for w, h in found]


@pytest.mark.parametrize(("what", "fewest"), [("name", 1), ("many", 3)])
def test_the_sheet_prints_on_a4_with_who_when_and_which_version(reader, served, what, fewest):
    page = reader().open(served.path(what) + "/sheet")
    page.emulate_media(media="print")
    running = page.locator(".running").inner_text()
    assert served.hard[what].name in running
    assert "født 17.05.1941" in running
    assert re.search(r"liste \d+", running)
    assert f"skrevet ut {clock.today():%d.%m.%Y}" in running
    assert page.locator("thead .running").evaluate("e => getComputedStyle(e.closest('thead')).display") == (
        "table-header-group"
    ), "stands on every page"
    assert not page.locator(".screen").is_visible()
    found = sizes(page.pdf(prefer_css_page_size=True))
    assert len(found) >= fewest
    assert set(found) <= {A4, (A4[0], A4[1] - 1), (A4[0] + 1, A4[1])}


def test_the_page_itself_prints_black_on_white_for_a_reader_in_the_dark(reader, served):
    page = reader(color_scheme="dark").open(served.path("many"))
    flag = "getComputedStyle(document.querySelector('.flag.sev-critical'))"
    assert page.evaluate(f"{flag}.backgroundColor") == "rgb(58, 22, 24)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(f"{flag}.backgroundColor") == "rgb(253, 236, 236)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert not page.locator("header.top").is_visible()


@pytest.fixture(scope="module")
def emergency_set(served, tmp_path_factory):
    """As the night's job writes it."""
    out = tmp_path_factory.mktemp("nodark")
    command = [sys.executable, "-c", "import sys; from medrec.cli import main; sys.exit(main())"]
    words = ["print", "--district", "Nord", "--out", str(out), "--data-dir", str(served.folder)]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return out


def test_a_page_of_the_emergency_set_fetches_nothing(chromium, served, emergency_set):
    pages = sorted(emergency_set.glob("*.html"))
    assert len(pages) >= 4
    context = chromium.new_context(offline=True)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for file in pages:
        page.goto(file.as_uri())
        assert page.locator("h1").count() == 1
    assert asked == [file.as_uri() for file in pages]
    page.goto((emergency_set / "index.html").as_uri())
    page.get_by_role("link", name=served.hard["many"].name).click()
    assert "Kildene" in page.locator("main").inner_text()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(sizes(page.pdf(prefer_css_page_size=True))) >= 3
    context.close()


def test_axe_finds_nothing_on_the_emergency_set(chromium, served, emergency_set):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    context = chromium.new_context(viewport={"width": 320, "height": 800})
    page = context.new_page()
    for name in ("index.html", f"{served.ids['many']}.html", f"{served.ids['name']}.html"):
        page.goto((emergency_set / name).as_uri())
        found = axe.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()
