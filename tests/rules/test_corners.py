"""Corners of the rules that no page and no worked case shows: a person's word, doses in parts, faults of the house."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from formats.dosage import read_dose
from formats.dosing import Amount, AsNeeded, Ceiling, Cycle, Dosage, Every, PartOfDay, PerDay, PeriodUnit, Slots
from formats.drug import AtcCode, Drug, DrugLevel, Interaction, Varenr, catalogue_of, read_strength
from formats.neutral import allergies_from_case, statements_from_case
from formats.statement import Source, Use
from rules import rulebook
from rules.conclusion import Aside, Case, Discrepancy, Fact, Heard, Intent, Link, LinkKind, Outcome, Owner, Severity
from rules.daily import dose_today, simple_dose
from rules.dosewords import dose_words, times_words
from rules.dosing import Relation, combined, compare, ratio, relation, same_moments
from rules.escalation import condition
from rules.judging import severity
from rules.page import read_page
from rules.reconcile import digest, reconcile
from rules.rule import Finding
from rules.rulebook import RULES
from rules.tables.intervals import Interval
from rules.view import CaseView

TODAY = date(2026, 3, 2)
AT = datetime(2026, 2, 27, 9, tzinfo=UTC)
HEARD = {s: Heard(outcome=Outcome.READ, as_of=datetime(2026, 3, 2, 6, tzinfo=UTC)) for s in Source}
EMPTY = catalogue_of([], "none")
AMLODIPINE = {"name": "Norvasc 5 mg", "atc": "C08CA01", "sub": ["amlodipin"], "str": "5 mg"}


def said(place, dose="1x1", on="2026-01-10", **more):
    source, kind = place.split()
    copy = kind in {"hjemmeliste", "lokalt", "multidose", "utlevering"}
    told = {"src": source, "kind": kind, "dose": dose, "dec": on, "st": "active", "t": "copy" if copy else "decision"}
    told |= {"route": "oral", "rel": "plain"} if "sub" in (AMLODIPINE | more) else {}
    told |= AMLODIPINE | more
    return {k: v for k, v in told.items() if v is not None}


def case_of(*told, **more):
    statements = statements_from_case([{"id": f"s{n}", **one} for n, one in enumerate(told, 1)], case="corner")
    return Case(statements=statements, heard=more.pop("heard", HEARD), **more)


def judged(*told, catalogue=EMPTY, **more):
    return reconcile(case_of(*told, **more), catalogue, TODAY)


def codes(result):
    return {f.code for f in result.discrepancies}


def dose(text, strength=""):
    return simple_dose(read_dose(text).dosage, read_strength(strength))


# --- a person's word (P15, clarification 55) --------------------------------------------------------------------

TYPED = {"name": "Trykktabletten", "atc": None, "sub": None, "str": None}


def test_two_that_a_person_calls_the_same_are_one_line():
    told = (said("GP liste"), said("HP hjemmeliste", **TYPED))
    assert len(judged(*told).lines) == 2
    linked = judged(*told, links=(Link(LinkKind.SAME, "s1", "s2", "N", AT),))
    (line,) = linked.lines
    assert line.key == "amlodipin|oral|plain"
    assert "C09" not in codes(linked)


def test_the_coded_one_names_the_line_whichever_comes_first():
    told = (said("HP hjemmeliste", **TYPED), said("GP liste"))
    (line,) = judged(*told, links=(Link(LinkKind.SAME, "s1", "s2", "N", AT),)).lines
    assert line.key == "amlodipin|oral|plain"


def test_what_a_person_splits_stands_as_two_and_says_so():
    told = (said("GP liste"), said("HP hjemmeliste", name="Amlodipin Krka 5 mg"), said("RF resept"))
    links = (Link(LinkKind.DIFFERENT, "s1", "s2", "N", AT),)
    assert {line.key for line in judged(*told, links=links).lines} == {"amlodipin|oral|plain", "amlodipin|oral|plain#2"}
    assert "C02" in codes(judged(*told, links=links))


def test_others_of_the_same_name_go_with_the_one_that_is_split_off():
    told = (said("GP liste"), said("HP hjemmeliste", name="Amlodipin Krka"), said("HP epikrise", name="Amlodipin Krka"))
    lines = judged(*told, links=(Link(LinkKind.DIFFERENT, "s1", "s2", "N", AT),)).lines
    assert {line.statements for line in lines} == {("s1",), ("s2", "s3")}


def test_of_one_name_only_the_one_that_is_named_is_split_off():
    told = (said("GP liste"), said("HP hjemmeliste"), said("RF resept"))
    lines = judged(*told, links=(Link(LinkKind.DIFFERENT, "s1", "s2", "N", AT),)).lines
    assert {line.statements for line in lines} == {("s1", "s3"), ("s2",)}


@pytest.mark.parametrize(("a", "b"), [("s1", "gone"), ("gone", "s2")])
def test_a_link_to_a_statement_that_is_not_there_is_none(a, b):
    told = (said("GP liste"), said("HP hjemmeliste", **TYPED))
    assert len(judged(*told, links=(Link(LinkKind.SAME, a, b, "N", AT),)).lines) == 2


def test_a_split_of_two_that_never_were_one_is_none():
    told = (said("GP liste"), said("HP hjemmeliste", **TYPED))
    links = (Link(LinkKind.DIFFERENT, "s1", "s2", "N", AT),)
    assert judged(*told, links=links).digest == judged(*told).digest


def test_a_link_falls_when_one_of_the_two_is_said_anew():
    told = (said("GP liste"), said("HP hjemmeliste", **TYPED, said_until="2026-02-28"), said("HP hjemmeliste", **TYPED))
    links = (Link(LinkKind.SAME, "s1", "s2", "N", AT),)
    assert any(line.key.startswith("text:") for line in judged(*told, links=links).lines)


def intent(flag, **more):
    told = {"prescriber": "lege A", "known_by": "telefon", "at": AT} | more
    return Intent(code=flag.code, about=flag.about, evidence=frozenset(flag.evidence), **told)


def flagged(*told):
    return next(f for f in judged(*told).discrepancies if f.code in {"D01", "D02"})


WEEKLY = (said("GP liste"), said("HP hjemmeliste", "1 tablett ukentlig"), said("RF resept"))


def test_a_documented_word_closes_a_flag_while_its_statements_stand():
    mild = (said("GP liste"), said("HP hjemmeliste", "1 tablett morgen og 0,5 tablett kveld"), said("RF resept"))
    one = flagged(*mild)
    assert one.severity is Severity.HIGH
    closed = judged(*mild, intents=(intent(one),))
    assert [f.intended for f in closed.discrepancies if f.code == "D01"] == [True]
    changed = (*mild[:2], said("RF resept", rx="P2", on="2026-02-01"))
    still = judged(*changed, said("HP epikrise", "2x1"), intents=(intent(one),))
    assert not any(f.intended for f in still.discrepancies)


@pytest.mark.parametrize(("written", "prescriber", "closes"), [(True, "lege A", True), (False, "lege A", False)])
def test_a_critical_flag_needs_the_written_reply(written, prescriber, closes):
    word = intent(flagged(*WEEKLY), written_reply=written, prescriber=prescriber)
    result = judged(*WEEKLY, intents=(word,))
    assert [f.intended for f in result.discrepancies if f.code == "D02"] == [closes]


def test_nobodys_word_closes_nothing():
    word = intent(flagged(*WEEKLY), written_reply=True, prescriber="")
    assert not any(f.intended for f in judged(*WEEKLY, intents=(word,)).discrepancies)


# --- names and products -----------------------------------------------------------------------------------------


def product(varenr, *, salts=("",), group="", strength="5 mg", substances=("amlodipin",), name="Norvasc", **more):
    return Drug(
        level=DrugLevel.PACKAGE, varenr=Varenr.read(varenr), name=name, brand=name, atc=AtcCode.read("C08CA01"),
        substances=substances, salts=salts, strengths=read_strength(strength), route="oral", release="plain",
        substitution_group=group, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("salts", "groups", "expected"),
    [
        (("amlodipinbesilat", "amlodipinmaleat"), ("", ""), True),
        (("amlodipinbesilat", "amlodipinbesilat"), ("", ""), False),
        (("amlodipinbesilat", ""), ("", ""), True),
        (("amlodipinbesilat", "amlodipinmaleat"), ("BG-1", "BG-1"), False),
    ],
)
def test_milligrams_are_compared_inside_one_salt_basis(salts, groups, expected):
    drugs = [product(f"00000{n}", salts=(salts[n],), group=groups[n]) for n in (0, 1)]
    told = (said("GP liste", varenr="000000"), said("HP hjemmeliste", varenr="000001"), said("RF resept"))
    assert ("D05" in codes(judged(*told, catalogue=catalogue_of(drugs, "salts")))) is expected


def test_a_device_word_of_a_release_is_plain():
    (line,) = judged(said("GP liste", rel="pen"), said("HP hjemmeliste", rel="Sprøyte")).lines
    assert line.key == "amlodipin|oral|plain"


def test_words_that_differ_in_case_and_spaces_only_are_one_line():
    (line,) = judged(said("GP liste", **TYPED), said("HP hjemmeliste", **TYPED | {"name": " TRYKKTABLETTEN "})).lines
    assert line.statements == ("s1", "s2")


def test_a_name_in_a_strength_that_is_not_made_lifts_nothing():
    told = said("GP liste", **TYPED | {"name": "Norvasc 7 mg"})
    catalogue = catalogue_of([product("000001", name="Norvasc 7 mg", strength="5 mg")], "one")
    assert judged(told, catalogue=catalogue).lines[0].key == "text:Norvasc 7 mg"


def test_a_name_of_digits_is_no_brand():
    told = (said("GP liste", name="123"), said("HP hjemmeliste", name="Norvasc"), said("RF resept"))
    assert codes(judged(*told)) <= {"C01"}


def test_another_code_handed_over_without_substances_is_another_medicine():
    other = {"sub": None, "name": "Zanidip 10 mg", "str": "10 mg", "atc": "C08CA13"}
    told = (said("RF resept", rx="P1"), said("RF utlevering", "", rx="P1", **other), said("GP liste"))
    assert "C14" in codes(judged(*told))


def test_an_interchangeable_combination_is_paired_by_the_product_of_these_strengths():
    both = {"sub": ["kodein", "paracetamol"], "atc": "N02AJ06", "name": "Paralgin forte"}
    known = [
        product("000001", substances=("kodein", "paracetamol"), strength="30/500 mg", name="A", salts=("", "")),
        product("000002", substances=("kodein", "paracetamol"), strength="30/400 mg", name="B", salts=("", "")),
    ]
    known = [replace(d, atc=AtcCode.read("N02AJ06")) for d in known]
    told = said("GP liste", "3 tabletter 4 ganger daglig", **both, str="30/400 mg")
    flag = next(f for f in judged(told, catalogue=catalogue_of(known, "two")).discrepancies if f.code == "D10")
    assert flag.values["sum"] == 4800


def test_two_plain_opioids_by_two_routes_are_no_intended_pattern():
    opioid = {"sub": ["oksykodon"], "atc": "N02AA05", "str": "10 mg"}
    told = (
        said("GP liste", "1x2", **opioid, name="OxyNorm kapsel 10 mg"),
        said("GP liste", "1x2", **opioid | {"str": "10 mg/ml"}, name="OxyNorm inj", route="injection"),
    )
    assert "C07" in codes(judged(*told))


# --- doses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "strength", "words"),
    [
        ("1 tablett morgen og 1 tablett ved behov", "10 mg", "10 mg x 1 (morgen) + 10 mg ved behov"),
        ("1 tablett ved behov, inntil 2 ganger daglig", "10 mg", "10 mg inntil x 2 ved behov"),
        ("1 tablett som engangsdose", "5 mg", "5 mg én gang"),
        ("1 tablett hver 8. time", "5 mg", "5 mg x 3"),
        ("1 tablett hver 3. måned", "5 mg", "5 mg hver 3. måned"),
        ("1 injeksjon hver 6. måned", "60 mg", "60 mg hver 6. måned"),
        ("1 tablett hver 4. uke", "5 mg", "5 mg hver 4. uke"),
        ("5 tabletter hver 10. dag", "5 mg", "25 mg hver 10. dag"),
        ("1 tablett en gang i uken", "70 mg", "70 mg 1 gang i uken"),
        ("2 tabletter morgen og 1 tablett kveld", "5 mg", "10 mg morgen, 5 mg kveld"),
        ("1+0+2", "16/12,5 mg", "48 mg/37,5 mg daglig"),
        ("1 og 2 tabletter annenhver dag", "5 mg", ""),
        ("2 tabl mandag, 1 tabl onsdag", "2,5 mg", ""),
        ("1 tablett mandag, tirsdag, onsdag, torsdag, fredag, lørdag og søndag", "2,5 mg", "2,5 mg 7 ganger i uken"),
        ("ved behov", "5 mg", "ved behov"),
    ],
)
def test_the_words_of_a_dose_are_certain_or_none(text, strength, words):
    assert dose_words(dose(text, strength)) == words


def test_no_dose_has_no_words():
    assert dose_words(None) == ""


def test_the_times_of_a_part_are_moments_or_a_count():
    assert times_words(dose("1 tablett morgen", "5 mg").fixed) == "morgen"
    assert times_words(dose("1x3", "5 mg").fixed) == "x 3"


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        (("1 tablett morgen", "50 mg"), ("1 tablett morgen", "25 mg"), "75 mg x 1 (morgen)"),
        (("1 tablett morgen", "50 mg"), ("10 ml morgen", ""), None),
        (("1 tablett morgen", "50 mg"), ("1 tablett ukentlig", "50 mg"), None),
        (("1 tablett v/b", "50 mg"), ("1 tablett v/b", "25 mg"), None),
        (("1 tablett morgen", "50 mg"), ("2 tabletter v/b", "50 mg"), "50 mg x 1 (morgen) + 100 mg ved behov"),
        (("2 tabletter morgen og 1 tablett kveld", "5 mg"), ("1 tablett morgen og kveld", "5 mg"), "25 mg daglig"),
    ],
)
def test_entries_of_one_list_are_added_where_they_can_be(first, second, whole):
    added = combined((dose(*first), dose(*second)))
    assert (dose_words(added) if added else None) == whole


def test_what_cannot_be_compared_has_no_ratio():
    assert ratio(dose("10 ml kveld"), dose("1 tablett kveld", "5 mg")) is None
    assert relation(dose("1x1", "5 mg"), None) is Relation.APART


def test_as_needed_doses_are_compared_each_time_where_one_has_no_ceiling():
    assert compare(dose("1 tablett v/b", "5 mg"), dose("1 tablett v/b maks 3 per døgn", "5 mg")) is Relation.EQUAL
    assert compare(dose("1 tablett v/b", "5 mg"), dose("2 tabletter v/b", "5 mg")) is Relation.DIFFERS


def test_times_of_day_agree_one_by_one():
    three, two = dose("1 tablett kl 08, 14 og 20", "5 mg").fixed, dose("1 tablett kl 08 og 20", "5 mg").fixed
    assert not same_moments(three, two)


@pytest.mark.parametrize(
    ("text", "start", "told"),
    [
        ("4 tabl daglig i 7 dager, deretter 2 tabl daglig", None, None),
        ("4 tabl daglig i 7 dager, deretter 2 tabl daglig", date(2026, 3, 1), "20 mg x 1"),
        ("4 tabl daglig i 7 dager, deretter 2 tabl daglig", date(2026, 2, 1), "10 mg x 1"),
        ("4 tabl daglig i 7 dager, deretter 2 tabl daglig", date(2026, 4, 1), None),
        ("2 tabl daglig i 1 måned, deretter 1 tabl daglig", date(2026, 2, 15), "10 mg x 1"),
        ("2 tabl daglig i 1 måned, deretter 1 tabl daglig", date(2026, 1, 15), "5 mg x 1"),
    ],
)
def test_the_step_of_today_is_found_by_its_days(text, start, told):
    found = dose_today(read_dose(text).dosage, read_strength("5 mg"), today=TODAY, plan_start=start)
    assert (dose_words(found) if found else None) == told


def test_an_as_needed_structure_without_a_maximum_leaves_it_to_the_text():
    one = case_of(said("GP liste", "1 tablett ved behov, maks 3 ganger daglig mot uro")).statements[0]
    bare = replace(one.read_dose.dosage, schedule=read_dose("1 tablett ved behov").dosage.schedule)
    case = Case(statements=(replace(one, dosage=bare, use=Use.PRN),), heard=HEARD)
    (line,) = reconcile(case, EMPTY, TODAY).lines
    assert line.dose.text == "5 mg inntil x 3 ved behov"


def test_half_a_tablet_at_one_of_two_times_needs_a_tablet_that_can_be_cut():
    whole = catalogue_of([product("000001", divisible="1")], "one")
    told = said("GP liste", "1 tablett morgen og 0,5 tablett kveld", varenr="000001")
    assert "D15" in codes(judged(told, catalogue=whole))


def test_a_structure_is_read_where_there_is_no_text():
    one = case_of(said("GP liste", None)).statements[0]
    case = Case(statements=(replace(one, dosage=dosage(PerDay(2, 2), 1)),), heard=HEARD)
    assert reconcile(case, EMPTY, TODAY).lines[0].dose.text == "5 mg x 2"


def test_a_letter_that_names_its_change_decides_although_it_does_not_say_so():
    told = (said("GP liste"), said("HP epikrise", on="2026-02-20", t=None, change="ny"))
    line = judged(*told).lines[0]
    assert line.facts["dose"].evidence == ("s1", "s2")


@pytest.mark.parametrize(("text", "rule"), [("2x1", "P4"), ("1x1", "P4")])
def test_a_prescription_that_does_not_say_decides_by_the_one_before(text, rule):
    told = (said("RF resept", on="2025-06-01", t=None, rx="P1"), said("RF resept", text, t=None, rx="P2"))
    line = judged(*told).lines[0]
    assert line.facts["dose"].rule.endswith(rule)


# --- the patient ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("born", "age"), [(date(1956, 3, 2), 70), (date(1956, 3, 3), 69)])
def test_age_is_whole_years(born, age):
    view = CaseView(case=case_of(birth_date=born), catalogue=EMPTY, today=TODAY, lines=())
    assert view.age() == age


def test_a_source_that_was_never_asked_is_no_flag_but_a_gap():
    heard = {s: HEARD[s] for s in (Source.RF, Source.GP)}
    result = judged(said("GP liste"), said("RF resept"), heard=heard)
    assert not codes(result) & {"G01", "G02", "G05", "G07"}
    assert not result.complete


def test_what_was_last_said_two_years_ago_is_set_aside():
    result = judged(said("GP liste", said_until="2024-02-01"))
    assert [(a.statement, a.reason.value) for a in result.aside] == [("s1", "old")]


def test_why_is_told_by_whoever_knows():
    line = judged(said("GP liste", indication="mot høyt blodtrykk"), said("RF resept")).lines[0]
    assert (line.indication, line.facts["indication"].evidence) == ("mot høyt blodtrykk", ("s1",))


# --- faults of the house ----------------------------------------------------------------------------------------


def test_a_fact_without_evidence_cannot_be_built():
    with pytest.raises(ValueError, match="evidence"):
        Fact(1, (), "K3")


def test_a_flag_about_nothing_cannot_be_built():
    with pytest.raises(ValueError, match="about"):
        Discrepancy(
            code="D01", about="", severity=Severity.LOW, owner=Owner.GP, also=(), lines=(), evidence=(), values={}
        )


def test_a_condition_has_one_meaning():
    with pytest.raises(ValueError, match="taken"):
        condition("high-alert")(lambda *_: True)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"owners": ()}, "owner"), ({"name": {"nb": "x"}}, "nb, nn and en"), ({"page": None}, "fires")],
)
def test_an_incomplete_rule_does_not_load(wrong, words):
    one = RULES[0]
    if "page" in wrong:
        wrong = {"page": replace(one.page, examples=tuple(e for e in one.page.examples if e.fires))}
    with pytest.raises(ValueError, match=words):
        replace(one, **wrong)


def test_a_conclusion_that_has_no_canonical_form_has_no_digest():
    with pytest.raises(TypeError):
        digest(replace(judged(), aside=(Aside("s1", object()),)))


def test_codes_are_told_as_texts_in_the_digest():
    plain, coded = (replace(judged(), aside=(Aside(i, "old"),)) for i in ("C08CA01", AtcCode.read("C08CA01")))
    assert digest(plain) == digest(coded)


def test_a_code_used_twice_does_not_load(monkeypatch):
    monkeypatch.setattr(rulebook, "FAMILIES", ("status", "status"))
    with pytest.raises(ValueError, match="twice"):
        rulebook._rules()


def test_a_page_may_begin_with_an_empty_line():
    text = next(r for r in RULES if r.code == "B08").check.__doc__ or ""
    assert read_page("B08", f"\n{text}").meaning == read_page("B08", text).meaning


def test_advice_is_never_critical():
    advice = next(r for r in RULES if r.code == "F06")
    view = CaseView(case=case_of(), catalogue=EMPTY, today=TODAY, lines=())
    finding = Finding(values={}, evidence=())
    assert severity(replace(advice, severity=Severity.CRITICAL), finding, (), view) is Severity.HIGH


# --- what is left ------------------------------------------------------------------------------------------------


def dosage(schedule, amount=2, unit="tablett", **more):
    return Dosage(dose=Amount(Decimal(amount), Decimal(amount)), unit=unit, schedule=schedule, **more)


@pytest.mark.parametrize(
    ("ceiling", "strength", "words"),
    [
        (Ceiling(Decimal(4000), "mg"), "500 mg", "1 g ved behov"),
        (Ceiling(Decimal(4), "g"), "500 mg", "1 g ved behov"),
        (Ceiling(Decimal(8), "kapsel"), "500 mg", "1 g ved behov"),
        (Ceiling(Decimal(8), "tablett"), "500 mg", "1 g ved behov"),
    ],
)
def test_a_ceiling_in_milligrams_is_a_number_of_tablets(ceiling, strength, words):
    told = simple_dose(dosage(AsNeeded(), prn=True, ceiling=ceiling), read_strength(strength))
    assert dose_words(told) == words
    assert told.unlimited is (ceiling.unit == "kapsel")
    assert ceiling.unit == "kapsel" or told.prn.per_day[0].high == 4000


@pytest.mark.parametrize(
    ("schedule", "interval", "words"),
    [
        (Cycle(21, 7, PerDay(1, 1)), Interval.MONTH, "10 mg 21 ganger i 28 dager"),
        (Cycle(21, 0, PerDay(1, 1)), Interval.DAY, ""),
        (Cycle(21, 7, PerDay(None, None)), Interval.MONTH, ""),
        (PerDay(None, None), Interval.DAY, ""),
        (Every(36, 36, PeriodUnit.HOUR), Interval.DAYS_2_4, ""),
        (Slots(((PartOfDay.MORNING, Amount(Decimal(0), Decimal(0))),)), Interval.DAY, None),
    ],
)
def test_rare_schedules_have_a_class_and_no_words_that_are_not_certain(schedule, interval, words):
    told = simple_dose(dosage(schedule), read_strength("5 mg"))
    assert told.interval is interval
    assert words is None or dose_words(told) in {words, ""}


def test_nothing_in_the_morning_and_something_in_the_evening_has_no_ratio_to_divide_by():
    none, some = Amount(Decimal(0), Decimal(0)), Amount(Decimal(0), Decimal(1))
    told = simple_dose(dosage(Slots(((PartOfDay.MORNING, none), (PartOfDay.EVENING, some)))), read_strength("5 mg"))
    nothing = simple_dose(dosage(Slots(((PartOfDay.MORNING, none), (PartOfDay.EVENING, none)))), ())
    assert dose_words(told)
    assert isinstance(dose_words(nothing), str)


def test_two_allergies_are_two():
    cave = [{"src": "GP", "text": "Penicillin", "atc_group": "J01C"}, {"src": "GP", "text": "Trimetoprim"}]
    result = judged(said("GP liste"), allergies=allergies_from_case(cave, case="cave"))
    assert {f.about for f in result.discrepancies if f.code == "F02"} == {"CAVE penicillin", "CAVE trimetoprim"}


def test_strengths_below_a_milligram_are_told_in_micrograms_and_as_needed_sets_are_sets():
    small = {"sub": ["moksonidin"], "atc": "C02AC05"}
    text = "1 tablett inntil 2 ganger daglig ved behov mot uro"
    told = [said("HP hjemmeliste", text, **small, name=f"Moxonidin {s}", str=s) for s in ("0,2 mg", "0,4 mg")]
    flag = next(
        f for f in judged(*told, said("GP liste", text, **small, str="0,2 mg")).discrepancies if f.code == "D12"
    )
    assert flag.values["parts"] == "200 mikrogram + 400 mikrogram"


def test_a_revocation_of_another_prescription_does_not_hide_the_one_that_ran_out():
    told = (
        said("RF resept", on="2025-01-01", valid_to="2026-01-01", rx="P1"),
        said("RF tilbakekalling", "", on="2025-06-01", st="revoked", reason="erstattes", rx="P2"),
        said("GP liste"),
        said("HP hjemmeliste"),
    )
    assert "B05" in codes(judged(*told))


@pytest.mark.parametrize(("copied", "status"), [("2026-02-26", "PLANNED"), ("2026-01-05", "ACTIVE")])
def test_a_list_that_repeats_a_plan_and_is_silent_about_its_start_starts_nothing(copied, status):
    told = (said("GP liste", on="2026-02-25", start="2026-04-01"), said("HP hjemmeliste", on=copied))
    assert judged(*told).lines[0].status == status


def test_a_plan_that_is_over_has_no_dose_of_today():
    over = said("HP epikrise", "4 tabl daglig i 7 dager, deretter slutt", on="2026-02-01", start="2026-02-01")
    assert judged(over).lines[0].dose.text == ""


def test_a_text_without_a_schedule_is_not_read():
    assert "D05" in codes(judged(said("GP liste", "1 tablett 5 ganger på 10 dager")))


def test_whole_tablets_of_what_cannot_be_cut_are_no_matter():
    whole = catalogue_of([product("000001", divisible="1")], "one")
    assert "D15" not in codes(judged(said("GP liste", "1 tablett hver mandag kl 08", varenr="000001"), catalogue=whole))


def test_what_the_gp_has_stopped_since_is_no_change_to_carry_over():
    told = (said("HP epikrise", on="2026-02-01"), said("GP liste", "", on="2026-02-20", st="stopped"))
    assert "B07" not in codes(judged(*told))


def test_two_insulins_where_one_is_stopped_are_no_double():
    insulin = {"sub": ["insulin glargin"], "atc": "A10AE04", "route": "injection"}
    told = (
        said("GP liste", "", **insulin, rel="A10AE/100", str="100 E/ml", name="Lantus", st="stopped"),
        said("HP hjemmeliste", "10 E kveld", **insulin, rel="A10AE/300", str="300 E/ml", name="Toujeo"),
    )
    assert "C02" not in codes(judged(*told))


def test_an_insulin_that_is_stopped_but_still_listed_is_disputed_and_no_double():
    insulin = {"sub": ["insulin glargin"], "atc": "A10AE04", "route": "injection"}
    lantus = insulin | {"rel": "A10AE/100", "str": "100 E/ml", "name": "Lantus"}
    told = (
        said("HP epikrise", "", on="2026-02-20", **lantus, st="stopped"),
        said("HP hjemmeliste", "10 E kveld", **lantus),
        said("GP liste", "10 E kveld", **insulin, rel="A10AE/300", str="300 E/ml", name="Toujeo"),
    )
    assert "C02" not in codes(judged(*told))


def test_a_combination_does_not_inherit_its_groups_interactions():
    told = (
        said("GP liste", sub=["losartan", "hydroklortiazid"], atc="C09DA01", str="50/12,5 mg", name="Cozaar Comp"),
        said("GP liste", sub=["litium"], atc="N05AN01", str="42 mg", name="Lithionit"),
    )
    known = [Interaction(id="1", relevance=1, group_a=("N05AN01",), group_b=("C09",))]
    assert "F03" not in codes(judged(*told, catalogue=catalogue_of([], "x", known)))


def test_a_line_that_others_stand_beside_is_joined_alone():
    told = (said("GP liste"), said("HP hjemmeliste", **TYPED), said("GP liste", name="Furix", atc="C03CA01",
            sub=["furosemid"], str="40 mg"))  # fmt: skip
    linked = judged(*told, links=(Link(LinkKind.SAME, "s1", "s2", "N", AT),))
    assert {line.statements for line in linked.lines} == {("s1", "s2"), ("s3",)}


def test_a_name_without_a_code_is_not_another_than_a_coded_order():
    furosemide = {"name": "Furix 40 mg", "atc": "C03CA01", "sub": ["furosemid"], "str": "40 mg"}
    told = (
        said("RF resept", rx="P2", **TYPED),
        said("RF utlevering", "", rx="P2"),
        said("RF utlevering", "", on="2026-02-01", rx="P2", **furosemide),
    )
    assert "C14" not in codes(judged(*told))


def test_what_nobody_can_name_is_not_another_than_ordered():
    told = (said("RF resept", rx="P1", **TYPED), said("RF utlevering", "", rx="P1"), said("GP liste"))
    assert "C14" not in codes(judged(*told))


def test_a_look_alike_of_two_plain_opioids_is_no_intended_pattern():
    opioid = {"sub": ["oksykodon"], "atc": "N02AA05", "str": "10 mg"}
    told = (
        said("GP liste", "1x2", **opioid, name="OxyContin 10 mg"),
        said("HP hjemmeliste", "1x2", **opioid | {"str": "10 mg/ml"}, name="OxyNorm inj", route="injection"),
    )
    assert "C10" in codes(judged(*told))


def test_words_that_point_to_a_plan_are_spoken_for_by_the_plan():
    prednisolone = {"sub": ["prednisolon"], "atc": "H02AB06", "str": "5 mg", "name": "Prednisolon"}
    plan = "4 tabl daglig i 7 dager, deretter 3 tabl daglig i 7 dager, deretter 2 tabl daglig"
    told = (
        said("HP epikrise", plan, on="2026-02-12", start="2026-02-12", **prednisolone),
        said("HP hjemmeliste", "4 tabl daglig", on="2026-02-05", **prednisolone),
        said("GP liste", "som planlagt", on="2026-02-05", **prednisolone),
    )
    spoken = [(f.code, f.suppressed_by) for f in judged(*told).suppressed]
    assert ("D05", "D09") in spoken


def test_a_structured_plan_without_a_first_day_counts_from_today():
    prednisolone = {"sub": ["prednisolon"], "atc": "H02AB06", "str": "5 mg", "name": "Prednisolon"}
    plan = "4 tabl daglig i 7 dager, deretter 2 tabl daglig"
    told = (
        said("HP epikrise", plan, on="2026-02-20", **prednisolone),
        said("GP liste", "1 tabl daglig", on="2026-02-05", **prednisolone),
    )
    flag = next(f for f in judged(*told).discrepancies if f.code == "D09")
    assert flag.values["overdue_days"] == 10


def test_a_list_that_itself_says_revoked_is_told_of_as_any_other_revocation():
    result = judged(said("GP liste", st="revoked"), said("HP hjemmeliste"))
    flag = next(f for f in result.discrepancies if f.code == "B10")
    assert (len(flag.evidence), result.lines[0].failed) == (2, False)


def test_an_amount_at_a_time_is_no_tenth_of_the_days_most():
    told = (said("GP liste", "1 tablett ved behov, maks 10 tabletter daglig"), said("HP hjemmeliste", "1 tablett v/b"))
    assert "D11" not in codes(judged(*told))


def test_a_difference_nobody_can_measure_is_no_small_one():
    """Times of day without an amount against an amount: the same units, and nothing to divide."""
    given = case_of(said("GP liste"), said("HP hjemmeliste", "1x2"))
    unsaid = Dosage(unit="tablett", schedule=Slots(((PartOfDay.MORNING, None), (PartOfDay.EVENING, None))))
    first, second = given.statements
    result = reconcile(replace(given, statements=(replace(first, dosage=unsaid), second)), EMPTY, TODAY)
    flag = next(f for f in result.discrepancies if f.code == "D01")
    assert (flag.severity, flag.values["ratio"]) == (Severity.HIGH, 1)


def test_lists_that_agree_with_nothing_newer_than_the_prescription_are_no_old_label():
    told = (
        said("GP liste", on="2026-01-10"),
        said("HP hjemmeliste", on="2026-01-11"),
        said("RF resept", "1x2", on="2026-02-20"),
    )
    assert {"D01", "D07"} & codes(judged(*told)) == {"D01"}


def test_two_medicines_with_interactions_need_not_have_one_with_each_other():
    known = [Interaction(id=c, relevance=1, group_a=(c,), group_b=("N05AN01",)) for c in ("C08CA01", "C09CA06")]
    other = {"name": "Atacand 8 mg", "atc": "C09CA06", "sub": ["kandesartan"], "str": "8 mg"}
    told = (said("GP liste"), said("HP lokalt", **other))
    assert "F03" not in codes(judged(*told, catalogue=catalogue_of([], "test", known)))


def test_a_dosage_without_times_or_in_steps_is_no_simple_dose():
    assert simple_dose(Dosage(unit="tablett"), ()) is None
