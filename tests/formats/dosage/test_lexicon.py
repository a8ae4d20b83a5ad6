"""What may be passed by without a trace never holds a word that counts, measures, times or negates."""

import pytest

from formats.dosage.lexicon import K, phrases
from formats.dosage.spelling import corrected

BY_WORD = {words[0]: meaning for words, meaning in phrases() if len(words) == 1}
PASSED_BY = frozenset({K.NOISE, K.HANDLING, K.SITE, K.SYMPTOM, K.LIQUID})
COUNTS = frozenset({K.UNIT, K.GANG, K.PART, K.PRN, K.MAX, K.AT_MOST, K.ALTERNATE, K.WEEKDAY, K.NOT, K.PAUSE, K.STOP})
# What each taking holds ("per dose"), labels in front of a dose, and a form that no one counts.
INSIDE = frozenset({"dose :", "øyedråper :", "væske til injeksjon"})
PASSED = [words for words, meaning in phrases() if meaning.kind in PASSED_BY and " ".join(words) not in INSIDE]


@pytest.mark.parametrize("words", PASSED, ids=" ".join)
def test_nothing_that_counts_is_passed_by(words):
    found = [word for word in words if word in BY_WORD and BY_WORD[word].kind in COUNTS]
    assert not found, words


# Names that lie within two edits of a word that stops or changes a dose.
@pytest.mark.parametrize("name", ["leponex", "forxiga", "pausel", "stoppal"])
def test_a_name_is_not_read_as_a_stop_or_a_change(name):
    assert corrected(name) == name


# Words of their own beside a word that says how much or when, which the spelling must not make of them.
@pytest.mark.parametrize(
    ("word", "never"),
    [
        ("hylster", "klyster"),
        ("fridager", "fredager"),
        ("feriedager", "fredager"),
        ("dusjen", "lunsjen"),
        ("linsen", "lunsjen"),
        ("kveldsvakt", "kveldsmat"),
        ("netter", "etter"),
        ("pollen", "pillen"),
        ("infeksjoner", "injeksjoner"),
        ("toalett", "tablett"),
        ("planter", "plaster"),
        ("forslag", "torsdag"),
        ("oppdager", "onsdager"),
        ("mandat", "mandag"),
        ("veier", "veker"),
        ("fiber", "feber"),
        ("helper", "helger"),
        ("felles", "elles"),
        ("frukten", "frukosten"),
        ("øyene", "ørene"),
        ("nekter", "netter"),
        ("moren", "morgen"),
        ("sendetid", "sengetid"),
        ("vesentlig", "vekentleg"),
        ("slettes", "settes"),
        ("droppes", "dryppes"),
    ],
)
def test_a_word_of_its_own_is_not_read_as_its_neighbour(word, never):
    assert corrected(word) != never


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tabeltt", "tablett"),
        ("dgalig", "daglig"),
        ("annenver", "annenhver"),
        ("mogren", "morgen"),
        ("kaplser", "kapsler"),
    ],
)
def test_a_slip_of_the_finger_is_read(typed, meant):
    assert corrected(typed) == meant
