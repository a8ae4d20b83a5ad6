"""Allergies as journals write them: what the words name, and what they take back."""

import pytest

from rules.allergy_words import spoken
from rules.tables.allergy_groups import GROUP_NAMES, is_group

KNOWN = {"apocillin", "selexid", "ibux", "albyl-e", "kodein", "tegretol retard"}


def is_name(word):
    return is_group(word) or word in KNOWN


def named(text):
    said = spoken(text, is_name)
    return {name for name in said.words | said.phrases if is_name(name)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Penicillin", {"penicillin"}),
        ("Penicillin: utslett som barn", {"penicillin"}),
        ("penicillin/sulfa", {"penicillin", "sulfa"}),
        ("Penicillin og sulfa", {"penicillin", "sulfa"}),
        ("Penicillin (utslett) og sulfa (kvalme)", {"penicillin", "sulfa"}),
        ("Penicillin: utslett. Reagerer også på sulfa", {"penicillin", "sulfa"}),
        ("CAVE: penicillin", {"penicillin"}),
        ("Allergi mot penicillin; kodein", {"penicillin", "kodein"}),
        ("Albyl-E", {"albyl-e"}),
        ("Ibux, Albyl-E", {"ibux", "albyl-e"}),
        ("Ibux, ikke Albyl-E heller", {"ibux", "albyl-e"}),
        ("Tegretol Retard: utslett", {"tegretol retard"}),
        ("NSAID's", {"nsaid"}),
        ("NSAID-er", {"nsaid"}),
        ("ACE-hemmer: hoste", {"ace"}),
        ("Penicillinallergi", {"penicillin"}),
        ("penicillinoverfølsomhet", {"penicillin"}),
        ("Sulfareaksjon 2009", {"sulfa"}),
        ("kodeinintoleranse", {"kodein"}),
        ("Ibuxutslett", {"ibux"}),
        ("5-ASA", set()),
        ("Penicillamin", set()),
        ("penicillinbehandling", set()),
        ("Trimeto (fikk Selexid i stedet)", set()),
        ("Ingen kjente allergier", set()),
    ],
)
def test_what_an_allergy_names(text, names):
    assert named(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Penicillin, avkreftet 2020",
        "Penicillin (avkreftet)",
        "Penicillin: utslett som barn, avkreftet ved provokasjon 2020",
        "Penicillin. Avkreftet 12.03.2020 av allergolog",
        "Penicillin, negativ provokasjonstest",
        "Penicillin, tåler det",
        "Penicillin; ikke allergisk",
        "Penicillinallergi avkreftet",
        "Penicillinallergi feilregistrert",
        "Ikke penicillinallergi",
        "ikkje lenger allergisk mot penicillin",
        "Ingen kjent penicillinallergi",
        "No known penicillin allergy",
        "Tåler penicillin godt",
    ],
)
def test_a_denial_that_is_understood_takes_the_name_back(text):
    said = spoken(text, is_name)
    assert "penicillin" not in said.words
    assert "penicillin" in said.denied


@pytest.mark.parametrize(
    "text",
    [
        "Penicillin, ikke avkreftet",
        "Penicillin, kan ikke avkreftes",
        "Penicillin, avkreftet?",
        "Penicillin, muligens avkreftet",
        "Penicillin, avkreftet av pasienten",
        "Penicillin, avkreftet 2020, ny reaksjon 2023",
        "Penicillin, sulfa avkreftet",
        "Penicillin, sulfa, avkreftet 2020",
        "Penicillin og sulfa avkreftet",
        "Penicillin, ikke utredet",
        "Penicillin, negativ hudtest",
        "Penicillin, tåler i liten grad",
        "Penicillin: utslett, ikke allergisk reaksjon",
        "Penicillinallergi kan ikke utelukkes",
        "Ikke avkreftet penicillinallergi",
        "Ikke penicillinallergi, men kraftig utslett",
        "Ikke penicillin",
        "skal ikke ha penicillin",
        "Tåler ikke penicillin",
        "Tåler dårlig penicillin",
        "Penicillin - tåler cefalosporiner",
        "Penicillin tåler cefalosporiner",
        "Ingen allergi bortsett fra penicillin",
        "Penicillin. Ingen andre kjente allergier",
        "Penicillin. Ingen kjente allergier",
    ],
)
def test_a_denial_that_may_mean_something_else_takes_nothing_back(text):
    assert "penicillin" in spoken(text, is_name).words


@pytest.mark.parametrize("text", ["", ":", "?", "2020", " - , ()", "ikke", "men", "allergisk mot"])
def test_words_that_name_nothing(text):
    assert not named(text)


def test_no_group_is_named_twice_and_all_words_are_folded():
    words = [word for row in GROUP_NAMES for word in row.words]
    assert len(words) == len(set(words))
    assert all(word == word.casefold() and word.isalpha() for word in words)
