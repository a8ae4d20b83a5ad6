"""Which messages a later one ends: by name or as editions of one document, of its own source only, never itself."""

from dataclasses import replace
from datetime import timedelta

import pytest
from told import ANNA, NOON, hp, medicine

from formats.read import read
from formats.statement import THREAD, AsideReason, Reach, Source
from medrec.offline import word_of

HP, GP = Source.HP, Source.GP
EDITION = (f"{THREAD}letter-7",)


def told(id_, hours=0, *, ends=(), source=HP):
    """A message of a source, so many hours after noon."""
    heard = read(hp(ANNA, medicine(kind="hjemmeliste")))
    made = NOON + timedelta(hours=hours)
    more = {"message": "LETTER/1", "reach": Reach.EVENT, "source": source, "as_of": made}
    return replace(heard, message_id=id_, cancels=tuple(ends), **more)


@pytest.mark.parametrize(
    ("first", "later", "ended"),
    [
        (told("M-1"), told("M-2", 1, ends=["M-1"]), ["M-1"]),
        (told("M-1"), told("M-2", ends=["M-1"]), ["M-1"]),
        (told("M-1", 2), told("M-2", 1, ends=["M-1"]), []),
        (told("M-1"), told("M-2", 1, ends=["M-1"], source=GP), []),
        (told("M-1"), told("M-2", 1, ends=["M-9"]), []),
        (told("M-1", ends=["M-1"]), told("M-2", 1), []),
        (told("M-1", ends=EDITION), told("M-2", 1, ends=EDITION), ["M-1"]),
        (told("M-1", 2, ends=EDITION), told("M-2", 1, ends=EDITION), ["M-2"]),
        (told("M-1", ends=EDITION), told("M-2", ends=EDITION), ["M-1"]),
        (told("M-1", ends=EDITION), told("M-2", 1, ends=EDITION, source=GP), []),
        (told("M-1", ends=EDITION), told("M-2", 1), []),
        (told("M-1", ends=EDITION), told("M-2", 1, ends=[f"{THREAD}letter-8"]), []),
        (told("M-1", ends=EDITION), told("M-1", 1, ends=EDITION), []),
    ],
    ids=[
        "named", "named at the same time", "what came after is not meant", "another source", "another message",
        "itself", "a newer edition", "an older edition", "two at the same time: one of them",
        "another source's document", "no edition", "another document", "two parts of one message",
    ],
)  # fmt: skip
def test_what_a_message_ends(first, later, ended):
    held = word_of([first, later])
    assert [held.readings[name].message_id for name in held.gone] == ended
    assert set(held.gone.values()) <= {AsideReason.REPLACED}
