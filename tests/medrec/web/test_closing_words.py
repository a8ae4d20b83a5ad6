"""What closes a flag is told in words that a nurse can look for, for every rule and in every language."""

from medrec.notices.asks import CLOSES, CLOSES_OTHERWISE
from medrec.web import closing
from rules.rulebook import RULES


def test_every_rule_says_when_its_flags_close():
    assert {r.code for r in RULES} == set(CLOSES)


def test_letters_and_pages_say_the_same_and_both_other_languages_are_complete():
    assert {*CLOSES.values(), CLOSES_OTHERWISE} == set(closing._OTHERS)


def test_a_flag_page_names_what_closes_it(leader, patient):
    page = leader.page(f"/patients/{patient['id']}")
    assert "Lukkes når intervallet er rettet i kildene." in page
    assert "Et nyere utsagn viser" not in page
