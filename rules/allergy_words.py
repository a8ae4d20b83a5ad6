"""What the words of an allergy name, and whether they take it back: "Penicillin, avkreftet 2020", "sulfaallergi".

Text is read a clause at a time. A denial counts only where the whole clause is understood, so that "tåler dårlig",
"kan ikke utelukkes" and a reaction told after it leave the allergy standing: then somebody must ask.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from formats.drug import folded

_CLAUSE = re.compile(r"[:(),;.\[\]+/]|\s[-–—]+\s|\b(?:men|but)\b")
_WORD = re.compile(r"(?<!\d-)\b[^\W\d_]+")  # 5-ASA is not ASA
_SHORTEST_STEM = 3


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What is written together with a name. Exact endings: "penicillinallergi" is penicillin, "penicillamin" is nothing.
_ENDINGS = tuple(
    sorted(
        _set(
            "allergi allergien allergiar allergier allergisk allergiker allergikar overfølsomhet overfølsomheten"
            " overfølsemd overømfintlighet hypersensitivitet intoleranse reaksjon reaksjonen reaksjoner reaksjonar"
            " utslett eksantem anafylaksi sjokk antibiotika antibiotikum preparat preparater preparata derivat"
            " derivater gruppe gruppen gruppa"
        )
    )
)
_ALLERGIC = ("allerg", "overfølsom", "overfølsem", "overømfintlig", "hypersensitiv", "intoler", "reager", "react")
_AFFIRMS = (*_ALLERGIC, "reaksjon", "reaction", "anafyla", "anaphyla", "utslett", "eksantem", "rash")
_NOT = _set("ikke ikkje ingen inga no not aldri")
_ALL = _set("allergier allergiar allergies")
_NEGATIVE = _set("negativ negative")
_TOLERATES = _set("tåler toler tolererer tolerates tolerate")
_DENIES = _set(
    "avkreftet avkrefta avkreftes avkreftede frikjent utelukket utelukka opphevet feilregistrert denies refuted"
    " disproved"
)
# Between "ikke" and "allergisk", and what may stand beside a denial and change nothing: when, by whom, how.
_BETWEEN = _set("er har kjent kjente kjend kjende known påvist lenger lengre longer vært vore reell")
_BESIDE = _BETWEEN | _set(
    "og eller and or av ved i på etter mot for to til med per pr den det dette the hatt ble blei blitt nå fra frå siden"
    " sidan igjen godt fint bra lege legen fastlege fastlegen allergolog allergologen sykehus sykehuset sjukehus"
    " utredning utgreiing utredet utgreidd testing test testet provokasjon provokasjonstest provokasjonstesting dato år"
    " året januar februar mars april mai juni juli august september oktober november desember cave by in on is was of"
    " since"
)
# One word that stands alone behind a name and is what happened, no further name.
_REACTIONS = _set(
    "utslett hudutslett eksantem kløe hudkløe elveblest urticaria urtikaria hevelse hovenhet ødem angioødem kvalme"
    " oppkast brekninger diare diaré obstipasjon forstoppelse magesmerter magesmerte svimmelhet svimmel hodepine hoste"
    " astma dyspné pustebesvær tungpust anafylaksi sjokk reaksjon uspesifisert ukjent ukjend rash hives itching"
    " swelling nausea vomiting anaphylaxis cough dyspnea unknown"
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What may name what is not tolerated: `words`, and `phrases` (whole clauses, and words with their hyphens).

    `denied`: the words of clauses that are taken back. `taken_back`: a denial without a name of its own takes back all
    that is named ("Penicillin, avkreftet 2020"; "Avkreftet").
    """

    words: frozenset[str]
    phrases: frozenset[str]
    denied: frozenset[str]
    taken_back: bool


@dataclass(frozen=True, slots=True)
class _Clause:
    """One clause: whether it names something, denies (those names, or what stands before it), or changes nothing."""

    text: str
    words: frozenset[str]
    names: bool
    denies: bool
    neutral: bool

    @property
    def other(self) -> bool:
        """A reaction or a remark."""
        return not (self.names or self.denies or self.neutral)


def spoken(text: str, is_name: Callable[[str], bool]) -> Spoken:
    """What `text` names and takes back. `is_name`: whether a case-folded word or clause is known as a name."""
    parts = [part.strip() for part in _CLAUSE.split(folded(text)) if _WORD.search(part)]
    clauses = [_clause(part, is_name, first=not n) for n, part in enumerate(parts)]
    doubted = {id(c) for c, then in pairwise(clauses) if then.other}  # "ikke allergisk, men intolerant"
    denied = [c for c in clauses if c.names and c.denies and id(c) not in doubted]
    asserted = [c for c in clauses if c.names and c not in denied]
    back = len(asserted) <= 1 and not denied and _ends_in_denial(clauses)
    if back:
        denied, asserted = asserted, []
    return Spoken(
        words=frozenset(w for c in asserted for w in c.words),
        phrases=frozenset(phrase for c in asserted for phrase in (c.text, *c.text.split())),
        denied=frozenset(w for c in denied for w in c.words),
        taken_back=back,
    )


def telling(names: frozenset[str]) -> frozenset[str]:
    """Those that can name a medicine where no code stands beside them: no reaction, and no word that only joins."""
    idle = _BESIDE | _REACTIONS | _TOLERATES | _NOT
    return frozenset(w for w in names if len(w) > _SHORTEST_STEM and w not in idle and not w.startswith(_AFFIRMS))


def _ends_in_denial(clauses: list[_Clause]) -> bool:
    """A denial without a name of its own is the last that is told: "utslett som barn, avkreftet 2020"."""
    told = [c for c in clauses if not c.neutral]
    return bool(told) and told[-1].denies and not told[-1].names


def _clause(text: str, is_name: Callable[[str], bool], *, first: bool) -> _Clause:
    said = _WORD.findall(text)
    parts = {part for token in text.split() if is_name(token) for part in _WORD.findall(token)}
    parts |= set(said) if is_name(text) else set()
    known = [w not in _BESIDE and (w in parts or is_name(w) or bool(_stems([w]))) for w in said]
    of_all = said[-1] in _ALL and set(said[:-1]) <= _NOT | _BESIDE  # "ingen kjente allergier" is said of no name
    if of_all or all(w in _BESIDE or w.startswith(_ALLERGIC) for w in said):
        return _Clause(text, frozenset(), names=False, denies=False, neutral=True)
    denies = _denies(text, said, known)
    return _Clause(
        text,
        frozenset(said) | frozenset(_stems(said)),
        names=any(known) if denies else first or _names(text, said, known),
        denies=denies,
        neutral=False,
    )


def _names(text: str, said: list[str], known: list[bool]) -> bool:
    """Whether a clause behind the first names something more: a list of names, or an allergy told in words."""
    if len(text.split()) == 1:
        return said[0] not in _REACTIONS
    affirmed = any(w.startswith(_AFFIRMS) or w.endswith(_ENDINGS) or w in _TOLERATES | _NOT for w in said)
    return any(known) and (affirmed or all(k or w in _BESIDE for k, w in zip(known, said, strict=True)))


def _stems(words: list[str]) -> list[str]:
    """`sulfaallergi` without its ending."""
    ends = ((w, end) for w in words for end in _ENDINGS if w.endswith(end) and w not in _REACTIONS)
    return [w.removesuffix(end) for w, end in ends if len(w) - len(end) >= _SHORTEST_STEM]


def _denies(text: str, said: list[str], known: list[bool]) -> bool:
    """Whether the clause denies, and nothing is left in it that could mean something else.

    Names on both sides of the denial, or two before it, leave open which of them is denied.
    """
    at = {n for n, w in enumerate(said) if w in _DENIES | _TOLERATES or (w in _NEGATIVE and "provokasjon" in text)}
    nots = {n for n, w in enumerate(said) if w in _NOT}
    if "?" in text or not at | nots or (at and nots) or not all(_denied_allergy(said, known, n) for n in nots):
        return False
    names = [n for n, is_known in enumerate(known) if is_known]
    left = [w for n, w in enumerate(said) if n not in at | nots and not known[n]]
    unclear = len(names) > 1 and names[0] < max(at | nots)
    return not unclear and all(w in _BESIDE or w.startswith(_ALLERGIC) for w in left)


def _denied_allergy(said: list[str], known: list[bool], at: int) -> bool:
    """`ikke (lenger) allergisk`, `ingen kjent penicillinallergi`, `no known penicillin allergy`."""
    between = (w in _BETWEEN or (is_known and not _stems([w])) for w, is_known in zip(said, known, strict=True))
    then = next((w for w, passed in list(zip(said, between, strict=True))[at + 1 :] if not passed), "")
    return then.startswith(_ALLERGIC) or then.endswith(_ENDINGS)
