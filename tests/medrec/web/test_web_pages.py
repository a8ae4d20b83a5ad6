"""The pages as a reader fetches them: form, safety words, acts counted once, sheets."""

import re
import stat

import pytest

from medrec import worklist
from medrec.web.emergency import write_set

MOST_BYTES = 60_000


def acts(app, patient):
    with app.extensions["medrec"].reading() as session:
        return [n.kind for n in worklist.history(session, patient["id"]) if n.undone_at is None]


def field(text, name):
    return re.search(rf'name="{name}" value="([^"]+)"', text)[1]


@pytest.mark.parametrize("path", ["/", "/rules", "/overview", "/practice", "/guide", "/accessibility", "/sign-in"])
def test_each_page_is_whole(leader, path):
    leader.page(path)


@pytest.mark.parametrize("rest", ["", "/sheet", "/text", "/same", "/history", "/history?from=1&to=1"])
def test_each_page_of_a_patient_is_whole(leader, patient, rest):
    assert patient["name"] in leader.page(f"/patients/{patient['id']}{rest}")


def test_every_patient_page_is_small_enough_for_a_stairwell(leader, demo):
    sizes = [len(leader.page(f"/patients/{p['id']}").encode()) for p in demo.told["patients"]]
    assert max(sizes) <= MOST_BYTES


def test_a_critical_line_says_not_to_give_shows_both_doses_and_has_no_grid(leader, patient):
    text = leader.page(f"/patients/{patient['id']}")
    line = next(a for a in re.findall(r"<article.*?</article>", text, re.DOTALL) if "Metotreksat" in a)
    assert "Gi IKKE etter denne listen før lege har avklart." in line
    assert "6 tabletter daglig" in line
    assert "6 tabletter hver torsdag" in line
    assert 'class="grid"' not in line
    assert re.search(r'href="tel:\d+"', line)
    assert "rullen" not in line, "nothing of this patient is in a roll"


def test_an_act_sent_twice_counts_once_and_its_author_can_undo_it(app, leader, patient):
    page, act = f"/patients/{patient['id']}", f"/patients/{patient['id']}/actions"
    at = field(leader.page(page), "at")
    for _ in range(2):
        assert leader.send(act, kind="observation", what="otc", name="Ibux 200 mg", at=at).status_code == 303
    assert acts(app, patient).count("observation") == 1
    undo = re.search(r'action="(/patients/\w+/undo/\w+)"', leader.page(page))[1]
    assert leader.send(undo).status_code == 303
    assert "observation" not in acts(app, patient)


def test_a_stale_confirm_is_refused_and_nothing_is_kept(app, leader, patient):
    before = acts(app, patient)
    answer = leader.send(f"/patients/{patient['id']}/actions", kind="confirm", match="999", at="")
    assert answer.status_code == 412
    assert "Ingenting er lagret" in answer.get_data(as_text=True)
    assert acts(app, patient) == before


def test_an_identity_number_is_searched_in_a_body_and_leads_to_an_opaque_address(leader, patient):
    answer = leader.send("/find", identifier=patient["identifier"])
    assert answer.headers["Location"] == f"/patients/{patient['id']}"


def test_the_emergency_set_stands_alone_and_is_for_its_owner_only(app, tmp_path):
    sheets = write_set(app.extensions["medrec"], "Nord", tmp_path)
    pages = sorted(tmp_path.iterdir())
    assert {p.name for p in pages} == {"index.html", *(s.file for s in sheets)}
    for page in pages:
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        assert not re.search(r'(src|href)="(/|http)', page.read_text(encoding="utf-8"))


def test_the_overview_says_which_sources_and_which_versions_cause_flags(leader):
    text = leader.page("/overview")
    assert "Etter kilden avvikene hviler på" in text
    assert re.search(r"Reseptformidleren: M9\.6/2021-02-01", text)
    assert re.search(r"Fastlegen: M25\.1/\d{4}-\d\d-\d\d", text)
    assert "http://127.0.0.1" not in text, "a system is named by its host"


@pytest.mark.parametrize(
    ("user", "words"),
    [("demo-fastlege", "Åpne pasienten fra journalen din."), ("demo-revisor", "Du har ingen pasientliste her.")],
)
def test_who_has_no_list_of_patients_is_told_so_and_not_sent_in_a_circle(app, user, words):
    browser = app.test_client()
    browser.post(f"/demo/{user}", headers={"Origin": "http://localhost"})
    answer = browser.get("/")
    assert answer.status_code == 403
    text = answer.get_data(as_text=True)
    assert words in text
    assert "Til mine pasienter" not in text
