"""What a flag says, asks and closes by in nynorsk and English: every example of the rulebook, and table by table."""

import re
from decimal import Decimal

import pytest
from picture import picture

from formats.dosing import PartOfDay, Weekday
from formats.statement import Gap, GapCode, Kind, Source
from medrec import phrases, wording
from medrec.asked import ACTIONS, CLOSINGS
from rules.conclusion import DoseState, LineStatus, Owner, Section, Severity
from rules.escalation import CONDITIONS
from rules.reconcile import reconcile
from rules.rulebook import RULES
from rules.tables.intervals import Interval, Pace
from rules.tables.norgep import NORGEP, NORGEP_NH

VALUE = re.compile(r"\{(\w+)\}")
NORWEGIAN = {
    *("og", "eller", "ikke", "ikkje", "hver", "gang", "ganger", "uken", "daglig", "morgen", "kveld", "med", "ved"),
    *("til", "dag", "dager", "ingenting", "ukjent", "endret", "startet", "legemiddel", "kilde"),
}
IN_OUR_WORDS = re.compile(r"(?<!\w)'[^']*'(?!\w)|«[^»]*»")
"""What stands in quotes is a source's own."""

FIRING = [
    pytest.param(rule, example, id=f"{rule.code}-{n}")
    for rule in RULES
    for n, example in enumerate(rule.page.examples, 1)
    if example.fires
]


@pytest.mark.parametrize("rule", [r for r in RULES if r.action], ids=lambda r: r.code)
def test_an_action_asks_for_the_same_values_in_every_language(rule):
    asked = set(VALUE.findall(rule.action))
    for language in ("nn", "en"):
        assert set(VALUE.findall(ACTIONS[rule.code][language])) == asked
    assert ACTIONS[rule.code]["en"] != rule.action


def test_no_action_is_left_of_a_rule_that_has_none():
    assert set(ACTIONS) == {r.code for r in RULES if r.action}


@pytest.mark.parametrize(("rule", "example"), FIRING)
def test_what_is_found_is_told_in_english_without_norwegian_words_of_ours(rule, example):
    case, catalogue, today = picture(example)
    for flag in (f for f in reconcile(case, catalogue, today).discrepancies if f.code == rule.code):
        names = {w for v in flag.values.values() if isinstance(v, str) for w in re.findall(r"\w+", v)}
        for words in (wording.sentence(flag, "en"), wording.action(flag, "en"), wording.closes(flag, "en")):
            assert not re.search(r"[{}\[\]]", words)
            # a name ("Marevan og folsyre") may hold one, a dose or a phrase of the rule may not
            kept = names if rule.code in {"C09", "D05", "D14"} else set()
            assert not set(re.findall(r"\w+", IN_OUR_WORDS.sub(" ", words))) & NORWEGIAN - kept, words


def test_every_closing_is_told_in_each_language():
    assert {r.closes_when for r in RULES} == set(CLOSINGS)
    assert all(set(words) == {"nn", "en"} for words in CLOSINGS.values())


@pytest.mark.parametrize(
    ("table", "members"),
    [
        (wording.SEVERITY, Severity),
        (wording.OWNER, Owner),
        (wording.SECTION, Section),
        (wording.STATUS, LineStatus),
        (wording.DOSE_STATE, DoseState),
        (wording.SOURCE, Source),
        (wording.KIND, Kind),
        (wording.GAP, GapCode),
        (wording.PART, PartOfDay),
        (wording.INTERVAL, {i.value for i in Interval}),
        (wording.SELDOM, {i.value for i in Interval} - {"day"}),
        (phrases.CONDITIONS, CONDITIONS),
    ],
    ids=["severity", "owner", "section", "status", "dose", "source", "kind", "gap", "part", "interval", "seldom",
         "condition"],
)  # fmt: skip
def test_each_table_of_words_has_every_member_in_every_language(table, members):
    assert set(table) == set(members)
    assert all(set(words) == {"nb", "nn", "en"} and all(words.values()) for words in table.values())


def test_the_rulebook_names_every_blank_in_a_sentence():
    for rule in RULES:
        for language in ("nb", "nn", "en"):
            told = rule.sentence[language].format_map(phrases.Blanks(language))
            assert "_" not in told
            assert "[" in told


@pytest.mark.parametrize("criterion", [*NORGEP, *NORGEP_NH], ids=lambda c: f"{c.number}-{c.nb[:20]}")
def test_each_norgep_criterion_is_wholly_of_the_closed_vocabulary(criterion):
    assert phrases.phrase(criterion.nb, "nn") is not None
    assert not set(re.findall(r"\w+", phrases.phrase(criterion.nb, "en"))) & NORWEGIAN


@pytest.mark.parametrize(
    ("said", "nn", "en"),
    [
        ("100 mg x 1 (08:00)", "100 mg x 1 (08:00)", "100 mg x 1 (08:00)"),
        ("2,5 mg hver 3. dag", "2,5 mg kvar 3. dag", "2.5 mg every 3 days"),
        ("15 mg 1 gang i uken", "15 mg 1 gong i veka", "15 mg once a week"),
        ("1 tablett x 2 (morgen, kveld)", "1 tablett x 2 (morgon, kveld)", "1 tablet x 2 (morning, evening)"),
        ("1–2 tablett inntil x 3 ved behov", "1–2 tablettar inntil x 3 ved behov", "1–2 tablets up to x 3 as needed"),
        ("én gang i uken", "éin gong i veka", "once a week"),
        ("1 tbl morg etter INR", None, None),
        ("1 tablett morgen.", None, None),
    ],
)
def test_a_dose_in_our_words_is_translated_and_anything_else_is_not(said, nn, en):
    assert (phrases.phrase(said, "nn"), phrases.phrase(said, "en")) == (nn, en)
    assert phrases.phrase(said, "nb") == said


def test_a_sources_own_dose_stands_in_quotes_and_a_name_is_never_touched():
    assert phrases.value("D01", "dose_a", "1 tbl morg etter INR", "en") == "'1 tbl morg etter INR'"
    assert phrases.value("B07", "dose_a", "1 tablett morgen", "en") == "'1 tablett morgen'"
    assert phrases.value("B07", "dose_b", "ingenting", "en") == "nothing"
    assert phrases.value("D01", "drug", "morgen", "en") == "morgen"
    assert phrases.value("D05", "text", "1 tablett morgen", "en") == "1 tablett morgen"


def test_every_pace_of_the_interval_table_is_told():
    from rules.tables import intervals  # noqa: PLC0415 - the table as such

    paces = [p for p in vars(intervals).values() if isinstance(p, Pace)]
    assert paces
    assert all(phrases.phrase(p.nb, "en") == p.en for p in paces)


def test_units_days_and_numbers():
    assert [wording.unit("dråpe", x) for x in ("nb", "nn", "en")] == ["dråpe", "drope", "drop"]
    assert [wording.unit("stk", x) for x in ("nb", "nn", "en")] == ["antall", "tal", "number"]
    assert wording.unit("skje", "en") == "skje"
    assert wording.only_on([Weekday.MONDAY, Weekday.THURSDAY], "en") == "only on Mondays and Thursdays"
    assert wording.only_on([Weekday.SATURDAY], "nn") == "berre laurdagar"
    assert wording.number(Decimal("0.50"), "nb") == "0,5"


@pytest.mark.parametrize("code", GapCode)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_gap_begins_with_a_capital_and_names_its_source_as_inside_a_sentence(code, language):
    told = wording.gap(Gap(source=Source.HP, code=code), language)
    assert told[0].isupper()
    assert not re.search(r" (Journalen|The journal)\b", told)
