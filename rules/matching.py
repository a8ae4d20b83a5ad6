"""The ladder: which statements speak of one treatment, and why (rules.md section a, clarifications 5-12, 51).

R0-R5 join. R7 and R10 join weakly, through exact codes or one exact name, and always say so. R6, R8, R9 and R11 never
join. What fits nowhere is its own line, verbatim.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from formats.drug import AtcCode, Catalogue, Drug, FormFacts, folded, form_facts_by_name, read_strength
from formats.statement import Kind, Statement
from rules.conclusion import Link, LinkKind
from rules.identifying import identify, in_mg, route_and_release, route_word
from rules.naming import Held, as_compared, plain_name, strength_in, text_clash
from rules.release_words import says_slow, slow_by_name, speaks_against
from rules.tables.atc_changes import current_atc
from rules.tables.codes import SEVERAL_ROUTES, SUBSTANCE_OF_CODE
from rules.view import Identity, Rung

EVENTS = frozenset({Kind.DISCHARGE, Kind.DISPENSING, Kind.REVOCATION, Kind.OBSERVATION})
"""Things that happened on a day. That a newer answer does not repeat them takes nothing back."""
NEVER_BY_ATC = ("A12AX", "S01ED51", "N02AJ")
"""Codes that stand for several medicines (R7); codes ending in 50-59 (combinations) besides."""

_LONGEST_BRAND = 3
"""Words in a brand name; longer ones are found by their whole name."""


@dataclass(frozen=True, slots=True)
class Member:
    """One statement with its identity on a treatment."""

    statement: Statement
    identity: Identity


def treatments(
    statements: Iterable[Statement], catalogue: Catalogue, links: Iterable[Link] = ()
) -> Mapping[str, tuple[Member, ...]]:
    """Statements by the key of their treatment, members by id. Raises nothing on any content a source may carry."""
    alone = _same_words([Member(s, identify(s, catalogue)) for s in sorted(statements, key=lambda s: s.id)])
    known = _by_atc_or_name(alone, catalogue)
    whole = _nameless_apart(_with_prescription(_unknown_parts(_by_reference(known))))
    linked = _linked(whole, tuple(links))
    groups: dict[str, list[Member]] = {}
    for member in linked:
        groups.setdefault(member.identity.key, []).append(member)
    return {key: tuple(groups[key]) for key in sorted(groups)}


# --- what its words add ---------------------------------------------------------------------------------------------


def _same_words(members: list[Member]) -> list[Member]:
    """Uncoded statements share a key where their names are equal after case and white space (clarification 6)."""
    first: dict[str, str] = {}
    done = []
    for m in members:
        key = m.identity.key
        shared = first.setdefault(folded(m.statement.name), key) if m.identity.uncoded else key
        done.append(m if shared == key else Member(m.statement, replace(m.identity, key=shared)))
    return done


# --- R7 and R10 -------------------------------------------------------------------------------------------------


def _by_atc_or_name(members: list[Member], catalogue: Catalogue) -> list[Member]:
    if all(m.identity.substances for m in members):
        return members
    by_atc: dict[str, set[tuple[str, ...]]] = {}
    names: dict[str, set[tuple[tuple[str, ...], str]]] = {}
    for m in members:
        i = m.identity
        if i.substances and not i.weak:
            by_atc.setdefault(i.atc, set()).add(i.substances)
            for name in {plain_name(m.statement.name), i.substances[0] if len(i.substances) == 1 else ""} - {""}:
                names.setdefault(name, set()).add((i.substances, i.atc))
    return [_lifted(m, by_atc, names, catalogue) for m in members]


def _lifted(
    member: Member,
    by_atc: Mapping[str, set[tuple[str, ...]]],
    names: Mapping[str, set[tuple[tuple[str, ...], str]]],
    catalogue: Catalogue,
) -> Member:
    identity = member.identity
    if identity.substances:
        return member
    if identity.atc:
        found = {as_compared(d.substances) for d in catalogue.by_atc.get(AtcCode(identity.atc), ())} - {()}
        found = found or by_atc.get(identity.atc, set()) or _by_heart(identity.atc)
        alone = next(iter(found)) if len(found) == 1 else ()
        if len(alone) != 1 or not _stands_for_one(identity.atc):
            named = _by_name(member, names, catalogue)  # R7 may not; the whole name may (R10), never against the code
            return named if named.identity.atc.startswith(identity.atc) else member
        lifted = _as_substance(member, alone, identity.atc, Rung.ATC, None, catalogue)
        clash = lifted.identity.clash or text_clash(member.statement.name, alone, catalogue)
        return Member(member.statement, replace(lifted.identity, clash=clash)) if clash else lifted
    return _by_name(member, names, catalogue)


def _by_heart(atc: str) -> set[tuple[str, ...]]:
    substance = SUBSTANCE_OF_CODE.get(atc)
    return {(substance,)} if substance else set()


def _products_named(member: Member, catalogue: Catalogue) -> tuple[Drug, ...]:
    """The packages whose whole name, with form and strength, the words are; else those of a brand among the words.

    A brand tells what nothing else does: OxyNorm is not the depot that OxyContin is, Toujeo not the strength of Lantus.
    """
    words = folded(member.statement.name)
    whole = tuple(d for d in catalogue.by_name.get(words, ()) if folded(d.name) == words)
    return whole or _of_a_brand(plain_name(words).split(), catalogue)


def _of_a_brand(words: list[str], catalogue: Catalogue) -> tuple[Drug, ...]:
    """Those of the longest brand name that stands among the words."""
    for size in range(min(len(words), _LONGEST_BRAND), 0, -1):
        for at in range(len(words) - size + 1):
            name = " ".join(words[at : at + size])
            found = tuple(d for d in catalogue.by_name.get(name, ()) if folded(d.brand) == name)
            if found:
                return found
    return ()


def _stands_for_one(atc: str) -> bool:
    return len(atc) == len("C03CA01") and not atc.startswith(NEVER_BY_ATC) and atc[5] != "5"


def _by_name(member: Member, names: Mapping[str, set[tuple[tuple[str, ...], str]]], catalogue: Catalogue) -> Member:
    """R10: the words are exactly one name; with a strength it must be one that the named product has."""
    plain = plain_name(member.statement.name)
    exact = catalogue.by_name.get(folded(member.statement.name), ()) or catalogue.by_name.get(plain, ())
    drugs = exact or _in_words(Held(catalogue)).get(plain, ())
    found = {(tuple(sorted(map(folded, d.substances))), str(d.atc or "")) for d in drugs if d.substances}
    strengths = read_strength(member.statement.strength) or strength_in(member.statement.name)
    if drugs and strengths and not any(set(in_mg(strengths)) == set(in_mg(d.strengths)) for d in drugs):
        return member
    found = found or names.get(plain, set())
    if len({substances for substances, _ in found}) != 1:
        return member
    codes = {atc for _, atc in found if atc}
    atc = current_atc(next(iter(codes)))[0] if len(codes) == 1 else ""
    return _as_substance(member, next(iter(found))[0], atc, Rung.NAME, drugs[0] if len(drugs) == 1 else None, catalogue)


@lru_cache(maxsize=1)
def _in_words(held: Held) -> Mapping[str, tuple[Drug, ...]]:
    """Products by their name as R10 compares it: form words written out, no strength."""
    found: dict[str, dict[int, Drug]] = {}
    for drugs in held.catalogue.by_name.values():
        for drug in drugs:
            found.setdefault(plain_name(drug.name), {})[id(drug)] = drug
    return {name: tuple(drugs.values()) for name, drugs in found.items()}


def _as_substance(
    member: Member, substances: tuple[str, ...], atc: str, rung: Rung, drug: Drug | None, catalogue: Catalogue
) -> Member:
    route, release = route_and_release(member.statement, drug, atc)
    if route == "?" or release.endswith("?"):  # the products that the name names tell what the source does not
        same = [d for d in _products_named(member, catalogue) if current_atc(str(d.atc or ""))[0] == atc]
        words = form_facts_by_name(member.statement.name)
        route = _told_by({d.route for d in same}, route, words.route)
        release = _told_by({d.release for d in same}, release, words.release)
        if member.identity.clash is None:
            route, release = _in_its_own_words(member.statement.name, words, route, release)
    identity = replace(
        member.identity,
        key=f"{'+'.join(substances)}|{route}|{release}",
        substances=substances,
        route=route,
        release=release,
        atc=atc,
        rung=rung,
        drug=drug,
    )
    return Member(member.statement, identity)


def _in_its_own_words(name: str, words: FormFacts, route: str, release: str) -> tuple[str, str]:
    """What neither code nor product tells, the name's own form word does: "Morfin 10 mg/ml inj" is no tablet.

    A "tab" is no promise of plain release ("Selo-Zok tab"), nor an "inj" that it is no depot; and beside a word such as
    "subl" it is not swallowed.
    """
    elsewhere = words.route == "oral" and any(part in folded(name) for part in _NOT_SWALLOWED)
    if route != "?" or words.route == "?" or elsewhere:
        return route, release
    route = route_word(words.route)
    if release == "?" and (words.release != "plain" or route not in {"oral", "injection"}):
        release = words.release
    return route, release


_NOT_SWALLOWED = ("subl", "bukk", "vag", "rekt", "munn", "tunge")


def _told_by(named: set[str], own: str, word: str) -> str:
    """What all products of the name have, where the source leaves it open and no form word of it says otherwise."""
    told = next(iter(named)) if len(named) == 1 else own
    return told if _fits(own, told) and (word in {"?", told} or "/" in told) else own


# --- R0, and parts that are not said ----------------------------------------------------------------------------


def _references(statement: Statement) -> tuple[tuple[str, str], ...]:
    ids = (("rx", statement.prescription_id), ("order", statement.order_id), ("treatment", statement.treatment_id))
    products = (("varenr", statement.varenr), ("fest", statement.fest_id))
    own = tuple((name, f"{statement.source}:{value}") for name, value in ids if value)
    return own + tuple((name, str(value)) for name, value in products if value)


def _by_reference(members: list[Member]) -> list[Member]:
    """R0, R1, R2: who can't say what it is about takes the treatment its business id or product code belongs to.

    Never against its own words: another substance or another ATC code known on both sides is another medicine.
    """
    unsure = {m.statement.id for m in members if _unsure(m.identity)}
    if not unsure:
        return members
    known: dict[tuple[str, str], set[str]] = {}
    identities: dict[str, Identity] = {}
    for m in members:
        if m.statement.id not in unsure:
            identities[m.identity.key] = m.identity
            for reference in _references(m.statement):
                known.setdefault(reference, set()).add(m.identity.key)
    done = []
    for m in members:
        references = _references(m.statement) if m.statement.id in unsure else ()
        keys = {key for reference in references for key in known.get(reference, ())}
        target = identities[next(iter(keys))] if len(keys) == 1 else None
        done.append(_placed(m, target, Rung.REFERENCE) if target and not _contradicts(m.identity, target) else m)
    return done


def _unsure(identity: Identity) -> bool:
    return not identity.substances or identity.weak or "?" in identity.key


def _contradicts(own: Identity, target: Identity) -> bool:
    if own.substances and target.substances and own.substances != target.substances:
        return True
    return bool(own.atc and target.atc) and own.atc != target.atc


def _with_prescription(members: list[Member]) -> list[Member]:
    """R0: a dispensing, revocation or prescription that names no medicine stands with the prescription it speaks of.

    Where nobody knows that, with the list entry that cites it.
    """
    if not any(_names_nothing(m) for m in members):
        return members
    cited: dict[tuple[str | None, bool], dict[str, Identity]] = {}
    for m in members:
        if not _names_nothing(m):
            by = (m.statement.prescription_id, m.statement.kind is Kind.PRESCRIPTION)
            cited.setdefault(by, {})[m.identity.key] = m.identity
    done = []
    for m in members:
        number = (_names_nothing(m) and m.statement.prescription_id) or None
        found = (cited.get((number, True)) or cited.get((number, False)) or {}) if number else {}
        done.append(_placed(m, next(iter(found.values())), Rung.REFERENCE) if len(found) == 1 else m)
    return done


def _names_nothing(member: Member) -> bool:
    s = member.statement
    return member.identity.uncoded and (s.kind is Kind.DISPENSING or not s.name.strip())


def _nameless_apart(members: list[Member]) -> list[Member]:
    """What names no medicine, and whose prescription nobody knows, shares a line only with what has the same number."""
    return [_alone(m) if m.identity.uncoded and not m.statement.name.strip() else m for m in members]


def _alone(member: Member) -> Member:
    """A prescription's number is the same everywhere; a list's and a journal's own numbers are theirs alone."""
    s = member.statement
    number = s.prescription_id or f"{s.source}:{s.treatment_id or s.order_id or s.id}"
    return Member(s, replace(member.identity, key=f"text:#{number}"))


def _placed(member: Member, target: Identity, rung: Rung) -> Member:
    identity = replace(
        member.identity,
        key=target.key,
        substances=target.substances,
        route=target.route,
        release=target.release,
        atc=member.identity.atc or target.atc,
        rung=rung,
    )
    return Member(member.statement, identity)


def _unknown_parts(members: list[Member]) -> list[Member]:
    """A route or release that is not said fits the one line it can be; with two possible lines it stands alone.

    So does a bare code of what people at home have by several routes (R7), and an insulin whose concentration neither a
    field nor a word of its name tells.
    """
    whole: dict[tuple[str, ...], dict[str, Identity]] = {}
    for m in members:
        if m.identity.substances and not m.identity.key.endswith("?") and m.identity.route != "?":
            whole.setdefault(m.identity.substances, {})[m.identity.key] = m.identity
    slow = {m.identity.key for m in members if says_slow(m.statement.name)}
    done = []
    for m in members:
        i, name = m.identity, m.statement.name
        if i.substances and _open(i):
            might = [t for t in whole.get(i.substances, {}).values() if _may_be(i, t)]
            fits = [
                t for t in might if i.release != "?" or not speaks_against(name, t.release, named_slow=t.key in slow)
            ]
            if len(fits) == 1:
                done.append(_placed(m, fits[0], Rung.NAME if i.rung is Rung.NAME else Rung.ATC))
                continue
            if might and not fits:
                by_words = slow_by_name(name, i, swallowed=all(t.route == "oral" for t in might))
                done.append(Member(m.statement, by_words))
                continue
        done.append(m)
    return done


def _may_be(unsure: Identity, target: Identity) -> bool:
    if unsure.rung in {Rung.ATC, Rung.NAME} and unsure.route == "?" and unsure.atc in SEVERAL_ROUTES:
        return False
    return _fits(unsure.route, target.route) and _fits(unsure.release, target.release)


def _open(identity: Identity) -> bool:
    """Something of how it is given is not said: "?", or "A10AE/?" of an insulin whose words have been asked."""
    return "?" in (identity.route, identity.release) or (identity.weak and identity.release.endswith("/?"))


def _fits(own: str, told: str) -> bool:
    return own in ("?", told) or (own.endswith("/?") and told.startswith(own.removesuffix("?")))


# --- a human's word ---------------------------------------------------------------------------------------------


def _linked(members: list[Member], links: tuple[Link, ...]) -> list[Member]:
    by_id = {m.statement.id: m for m in members}
    for link in sorted(links, key=lambda k: (k.at, k.a, k.b)):
        a, b = by_id.get(link.a), by_id.get(link.b)
        if a is None or b is None or _moved_on(a.statement) or _moved_on(b.statement):
            continue  # P15: a person's word holds while what it was said of is said
        if link.kind is LinkKind.SAME:
            _join(by_id, a, b)
        elif a.identity.key == b.identity.key:
            _split(by_id, a, b)
    return [by_id[m.statement.id] for m in members]


def _moved_on(s: Statement) -> bool:
    """Its source has answered anew without it. An event stays what it was."""
    return s.said_until is not None and s.kind not in EVENTS


def _join(by_id: dict[str, Member], a: Member, b: Member) -> None:
    sure, other = sorted((a, b), key=_sureness)
    for m in list(by_id.values()):
        if m.identity.key == other.identity.key or m.statement.id in (a.statement.id, b.statement.id):
            agreed = _placed(m, sure.identity, Rung.REFERENCE)  # a human has read the words that clash
            by_id[m.statement.id] = Member(m.statement, replace(agreed.identity, clash=None))


def _sureness(member: Member) -> tuple[bool, bool, bool, str]:
    i = member.identity
    return (i.uncoded, i.weak, "?" in i.key, i.key)


def _split(by_id: dict[str, Member], a: Member, b: Member) -> None:
    """The statement that is said to be another medicine leaves, and with it those of the very same name."""
    same_name = folded(a.statement.name) == folded(b.statement.name)
    key = b.identity.key
    taken = {m.identity.key for m in by_id.values()}
    fresh = next(f"{key}#{n}" for n in range(2, len(by_id) + 3) if f"{key}#{n}" not in taken)
    for m in list(by_id.values()):
        moves = m.statement.id == b.statement.id or (
            not same_name and m.identity.key == key and folded(m.statement.name) == folded(b.statement.name)
        )
        if moves:
            by_id[m.statement.id] = Member(m.statement, replace(m.identity, key=fresh))
