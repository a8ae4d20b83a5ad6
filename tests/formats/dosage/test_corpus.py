"""The corpora (README.md), scored as the conventions say: no wrong ok, nearly every ok found, the flags right."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from corpus import OUR_READING_OF_FLAGS, REASONS, SHOWN, Answer, answers

from formats.dosage import dose_row

CORPORA = (
    *("open.tsv", "more.tsv", "second.tsv", "third.tsv", "fourth.tsv", "fifth.tsv", "sixth.tsv", "seventh.tsv"),
    "eighth.tsv",
)


def shown(found: list[Answer]) -> str:
    return "\n".join(f"{a.row.id} {a.row.text!r}: {a.status} {a.said} for {a.row.status} {a.row.said}" for a in found)


@pytest.mark.parametrize("name", CORPORA)
def test_no_wrong_reading_is_marked_ok(name):
    wrong = [answer for answer in answers(name) if answer.wrong_ok]
    assert not wrong, shown(wrong)


@pytest.mark.parametrize("name", CORPORA)
def test_ok_rows_are_read(name):
    wanted = [answer for answer in answers(name) if answer.row.status == "ok"]
    missed = [answer for answer in wanted if not answer.right]
    assert len(missed) <= 0.02 * len(wanted), shown(missed)


@pytest.mark.parametrize("name", CORPORA)
def test_status_and_as_needed_are_exact(name):
    other = [a for a in answers(name) if a.status != a.row.status or a.said["prn"] != a.row.said["prn"]]
    assert not other, shown(other)


@pytest.mark.parametrize("name", CORPORA)
def test_flags(name):
    hits = extra = missing = 0
    for answer in answers(name):
        expected = answer.row.flags | OUR_READING_OF_FLAGS.get(answer.row.id, set())
        hits += len(answer.flags & expected)
        extra += len(answer.flags - expected)
        missing += len(expected - answer.flags)
    assert hits / (hits + extra) >= 0.95
    assert hits / (hits + missing) >= 0.95


@pytest.mark.parametrize("name", CORPORA)
def test_whatever_is_not_ok_says_why_and_ok_has_no_reason(name):
    for answer in answers(name):
        assert answer.flags <= REASONS | SHOWN, answer.row.text
        assert bool(answer.flags & REASONS) == (answer.status != "ok"), answer.row.text
        if answer.status == "unparseable":
            assert not any(value for column, value in answer.said.items() if column != "prn")
            assert answer.said["prn"] == "0"


@pytest.mark.parametrize(
    "text",
    [
        "1 tablett x 2 i 7 dager per måned",
        "1 tablett daglig x 30",
        "1 tablett i kveld",
        "Ta 1 tablett i kveld og 1 i morgen",
        "Har fått 1 tablett kl 8",
        "Simvastatin 40 kveld",
        "Omeprazol 20 x 2",
        "500 mg tabletter x 3",
        "2 pumpetrykk morgen",
        "1 pulver x 2",
        "Kan ta 1 tablett til natten",
        "I perioder 1 tablett daglig",
        "Periodevis 1 tablett daglig",
        "Vinter: 1 tablett daglig",
        "1 tablett på dialysedager",
        "Reservemedisin 1 tablett x 2",
        "Plasteret skiftes kanskje hver 3. dag",
        "1 tablett frokost 2 og kveldsmat",
    ],
)
def test_two_readings_are_never_ok(text):
    assert dose_row(text)["status"] != "ok"


@pytest.mark.parametrize("words", ["kontakt lege", "reduseres", "seponeres", "ekstra", "hopp over", "pause", "dobles"])
def test_what_is_done_at_a_symptom_does_not_make_the_dose_as_needed(words):
    read = dose_row(f"1 tablett daglig, {words} ved feber")
    assert (read["status"], read["prn"]) == ("partial", "0")


@pytest.mark.parametrize("text", ["5 mg/kg x 3", "15 mg per kg x 4", "3 mg/kg/døgn fordelt på 3 doser"])
def test_an_amount_for_each_kilo_is_no_dose(text):
    read = dose_row(text)
    assert (read["status"], read["dose"], read["unit"], read["total_per_period"]) == ("partial", "", "", "")
