"""Nynorsk and English: nothing marked is left untranslated, and no page in them speaks Bokmål but in sources' words."""

import re
from importlib.resources import files

import lxml.html
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from medrec.web import language
from medrec.web.emergency import write_set
from rules.rulebook import RULES

HERE = {"Origin": "http://localhost"}
OTHERS = ("nn", "en")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
BOKMAL = {
    "nn": {
        *(
            "ikke",
            "noe",
            "hva",
            "hvem",
            "hvor",
            "hvorfor",
            "fra",
            "jeg",
            "uken",
            "listen",
            "kilde",
            "kilden",
            "kildene",
        ),
        *("hjemme", "fortsatt", "pasienter", "legemidler", "ble", "sykehuset", "siden", "gjelder", "mangler"),
    },
    "en": {
        *("ikke", "og", "eller", "som", "ikkje", "hvem", "hva", "listen", "kilde", "kildene", "siden", "dag", "uken"),
        *(
            "legemiddel",
            "legemidler",
            "pasient",
            "pasienter",
            "fastlegen",
            "resept",
            "gjelder",
            "avklar",
            "dosen",
            "ved",
        ),
    },
}
"""Words that stand on no page in these languages but in what a source or a person has said."""


def marked():
    """Each marked text of code and templates: its plural too where it has one."""
    folder = files("medrec")
    with folder.joinpath("translations/extract.cfg").open(encoding="utf-8") as cfg:
        methods, options = parse_mapping_cfg(cfg, "extract.cfg")
    return {text for _file, _line, text, _notes, _context in extract_from_dir(str(folder), methods, options)}


def written(code):
    return {m.id: m for m in language.messages(code) if m.id}


def ids_of(code):
    return {m if isinstance(m, str) else tuple(m) for m in written(code)}


@pytest.mark.parametrize("code", OTHERS)
def test_each_marked_text_is_translated_and_none_is_left_over(code):
    texts = {t if isinstance(t, str) else tuple(t)[:2] for t in marked()}
    assert len(texts) > 300
    assert texts - ids_of(code) == set(), "see medrec/README.md, Languages"
    assert ids_of(code) - texts == set(), "no longer on any page"


@pytest.mark.parametrize("code", OTHERS)
def test_every_translation_is_said_keeps_its_placeholders_and_is_no_guess(code):
    for id_, message in written(code).items():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.fuzzy, id_
        assert all(texts), id_
        asked = sorted(PLACEHOLDER.findall(id_ if isinstance(id_, str) else id_[0]))
        assert all(sorted(PLACEHOLDER.findall(text)) == asked for text in texts), id_


def test_a_language_that_lacks_a_word_or_guesses_one_is_not_offered():
    assert list(language.NAMES) == ["nb", "nn", "en"]
    catalogue = Catalog(locale="nn")
    catalogue.add("Navn", "Namn")
    assert language.is_whole(catalogue)
    catalogue.add("Dag", "Dag", flags=["fuzzy"])
    assert not language.is_whole(catalogue)
    catalogue.delete("Dag")
    catalogue.add(("%(num)s dag", "%(num)s dager"), ("%(num)s dag", ""))
    assert not language.is_whole(catalogue)
    assert not language.is_whole(None)


class Reading:
    """A reader whose browser asks for one language, and what their pages say outside sources' own words."""

    def __init__(self, app, user, code):
        self.client = app.test_client()
        self.code = code
        if user:
            self.client.post(f"/demo/{user}", headers=HERE)

    def spoken(self, path, status=200, **form):
        headers = HERE | {"Accept-Language": self.code}
        answer = self.client.post(path, data=form, headers=headers) if form else self.client.get(path, headers=headers)
        assert answer.status_code == status, path
        page = lxml.html.fromstring(answer.get_data(as_text=True))
        assert page.get("lang") == self.code
        for quoted in page.xpath(
            "//body//*[@lang='nb' or @lang='nn' or @lang='en']|//optgroup|//option|//q|//textarea"
        ):
            quoted.getparent().remove(quoted) if not quoted.tail else _emptied(quoted)
        attributes = page.xpath("//@aria-label|//@title|//@placeholder|//@value")
        return [" ".join(t.split()) for t in (*page.itertext(), *attributes) if t.strip()]


def _emptied(element):
    tail = element.tail
    element.clear()
    element.tail = tail


def bokmal_in(pieces, code):
    """What of the Bokmål texts and words stands on a page: whole pieces that have another translation, and words."""
    other = {id_ for id_, m in written(code).items() if isinstance(id_, str) and m.string != id_}
    whole = {p for p in pieces if p in other or p.rstrip(" :.,") in other}
    text = re.sub(r"«[^»]*»|(?<!\w)'[^']+'(?!\w)", " ", " ".join(pieces))
    return whole | (set(re.findall(r"\w+", text)) & BOKMAL[code])


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize(
    "path",
    ["/", "/?severity=critical", "/rules", "/overview", "/practice", "/guide", "/accessibility", "/access/review"],
)
def test_each_page_speaks_the_language_alone(app, code, path):
    assert bokmal_in(Reading(app, "demo-teamleder", code).spoken(path), code) == set()


@pytest.mark.parametrize("code", OTHERS)
def test_each_page_of_each_patient_speaks_the_language_alone(app, demo, code):
    reader = Reading(app, "demo-teamleder", code)
    for told in demo.told["patients"]:
        for rest in ("", "/sheet", "/same", "/history", "/history?from=1&to=1"):
            found = bokmal_in(reader.spoken(f"/patients/{told['id']}{rest}"), code) - set(told["name"].split())
            assert found == set(), (rest, told["faults"])


@pytest.mark.parametrize("code", OTHERS)
def test_each_flag_tells_in_the_language_what_is_asked_and_what_closes_it(app, demo, code):
    reader = Reading(app, "demo-teamleder", code)
    seen = set()
    for told in demo.told["patients"]:
        page = reader.client.get(f"/patients/{told['id']}").get_data(as_text=True)
        for path in sorted(set(re.findall(rf"/patients/{told['id']}/flags/\w+", page)))[:4]:
            pieces = reader.spoken(path)
            assert bokmal_in(pieces, code) == set(), path
            seen.add(pieces[0])
    assert len(seen) > 3


@pytest.mark.parametrize("code", OTHERS)
def test_refusals_and_doors_speak_the_language_alone(app, patient, code):
    nurse = Reading(app, "demo-sykepleier", code)
    pieces = [
        *Reading(app, "", code).spoken("/sign-in"),
        *nurse.spoken("/access/ask"),
        *nurse.spoken("/access/ask", status=422, identifier="1", reason="cover", words="x"),
        *nurse.spoken("/nowhere", status=404),
        *nurse.spoken("/overview", status=403),
    ]
    leader = Reading(app, "demo-teamleder", code)
    act = f"/patients/{patient['id']}/actions"
    pieces += leader.spoken(act, status=412, kind="confirm", match="999", at="")
    pieces += leader.spoken("/find", status=404, identifier="123")
    assert bokmal_in(pieces, code) == set()


def test_days_and_decimals_are_written_as_the_language_does(app, patient):
    path = f"/patients/{patient['id']}"
    numbers = re.compile(r"\b\d\d\.\d\d\.\d{4}\b")
    english = " ".join(Reading(app, "demo-teamleder", "en").spoken(path))
    assert numbers.search(" ".join(Reading(app, "demo-teamleder", "nn").spoken(path)))
    assert re.search(r"\b\d{1,2} [A-Z][a-z]{2,8} \d{4}\b", english)
    assert not numbers.search(english)


def test_the_choice_is_kept_and_never_leads_off_the_site(app):
    client = app.test_client()
    answer = client.post("/language/nn", data={"back": "/guide"}, headers=HERE)
    assert answer.headers["Location"] == "/guide"
    assert 'lang="nn"' in client.get("/guide", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert client.post("/language/en", data={"back": "//elsewhere"}, headers=HERE).headers["Location"] == "/"


@pytest.mark.parametrize("code", OTHERS)
def test_the_emergency_set_is_written_in_the_language_asked_for(app, tmp_path, code):
    sheets = write_set(app.extensions["medrec"], "Nord", tmp_path, code)
    assert sheets
    heading = {"nn": "Naudark", "en": "Emergency sheets"}[code]
    assert heading in (tmp_path / "index.html").read_text(encoding="utf-8")
    for page in tmp_path.iterdir():
        text = page.read_text(encoding="utf-8")
        assert f'<html lang="{code}">' in text
        assert "Gi IKKE etter" not in text


@pytest.mark.parametrize("code", OTHERS)
def test_each_explanation_of_the_rulebook_is_translated_and_none_is_left_over(code):
    found = {m.id: m.string for m in language.messages(code, "rules.") if m.id}
    texts = {t for r in RULES for t in (r.page.meaning, r.page.why, r.page.exceptions) if t}
    assert texts - set(found) == set()
    assert set(found) - texts == set()
    assert all(found.values())


def test_an_explanation_that_nobody_has_translated_is_shown_in_bokmal_and_marked(app):
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert language.of_rules("Kildene oppgir ulik døgndose for samme legemiddel.")
        assert language.of_rules("En ny forklaring.") is None
