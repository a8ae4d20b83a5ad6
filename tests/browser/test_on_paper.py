"""Paper: the sheet of one patient, and the night's emergency set that stands alone when everything is down."""

import re
import shutil
import subprocess

import pytest
from at_browser import axe_finds_nothing, sideways
from hard_patients import LONG_DOSE

from medrec import clock, listing, wording
from medrec.cli import main
from medrec.web.emergency import write_set

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
    assert main(["print", "--district", "Nord", "--out", str(out), "--data-dir", str(served.folder)]) == 0
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


@pytest.mark.parametrize(
    "language", ["nb", pytest.param("nn", marks=pytest.mark.full), pytest.param("en", marks=pytest.mark.full)]
)
def test_axe_finds_nothing_on_the_emergency_set(chromium, served, tmp_path, language):
    """On a phone, on a wide screen and as printed: the sheet's white is 182 mm wide."""
    pytest.importorskip("axe_playwright_python.sync_playwright")
    write_set(served.database, "Nord", tmp_path, language)
    context = chromium.new_context()
    page = context.new_page()
    for name in ("index.html", f"{served.ids['name']}.html"):
        page.goto((tmp_path / name).as_uri())
        assert page.locator("html").get_attribute("lang") == language
        for media, width in (("screen", 320), ("screen", 1280), ("print", 688)):
            page.emulate_media(media=media)
            page.set_viewport_size({"width": width, "height": 800})
            axe_finds_nothing(page)
            assert sideways(page) <= 0, (media, width)
    context.close()


SHORTENED = re.compile(r"\b(?:tabl?|stk|dgl|inntil x|pn|vb|mcg|µg|IE|f\.eks|bl\.a|ca)\b\.?", re.IGNORECASE)
"""What nobody is to guess at on a kitchen table; a name on a box is as the box has it."""


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext (poppler-utils) on this machine")
@pytest.mark.parametrize("what", ["many", "dose"])
def test_the_printed_page_says_all_that_the_list_says(reader, served, tmp_path, what):
    page = reader().open(served.path(what) + "/sheet")
    names = [h.strip() for h in page.locator("article.line h3").all_inner_texts()]
    doses = page.locator("article.line .dose, article.line .beside q").all_inner_texts()
    page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    told = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "sheet.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = [p for p in told.split("\f") if p.strip()]
    for one in pages:
        assert served.hard[what].name in one
        assert re.search(r"liste \d+ · skrevet ut \d\d\.\d\d\.\d{4}", one), "version and time on each page"
    letters = re.sub(
        r"\s+",
        "",
        subprocess.run(
            ["pdftotext", "-raw", tmp_path / "sheet.pdf", "-"], capture_output=True, text=True, check=True
        ).stdout,
    )
    with served.database.reading() as session:
        stored = listing.current_list(session, served.ids[what])
    assert len(names) == len(doses if what == "dose" else names) == len(stored.reconciliation.lines)
    if what == "dose":
        assert re.sub(r"\s+", "", LONG_DOSE) in letters
    for words in (*names, *doses):
        assert re.sub(r"\s+", "", words) in letters, words
    assert not SHORTENED.search(" ".join(doses)), "a dose in whole words"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext (poppler-utils) on this machine")
def test_the_printed_page_names_the_source_that_is_incomplete(reader, served, tmp_path):
    with served.database.reading() as session:
        gaps = _gaps(session, served.ids["locked"])
    assert gaps
    page = reader().open(served.path("locked") + "/sheet")
    page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    told = subprocess.run(
        ["pdftotext", "-raw", tmp_path / "sheet.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "Listen er ufullstendig" in told
    letters = re.sub(r"\s+", "", told)
    for gap in gaps:
        assert re.sub(r"\s+", "", gap) in letters


def _gaps(session, person_id):
    stored = listing.current_list(session, person_id)
    return [wording.gap(g, "nb") for g in stored.reconciliation.gaps if g.limits]
