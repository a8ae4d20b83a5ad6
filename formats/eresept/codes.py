"""What the code values of e-prescription lists mean for a statement. Unknown values mean nothing, kept as said."""

from dataclasses import replace

from formats.node import Node
from formats.statement import Code, SaidStatus

STATUS: dict[str, SaidStatus] = {
    "E": SaidStatus.ACTIVE,  # Ekspederbar
    "U": SaidStatus.ACTIVE,  # Under ekspedering
    "R": SaidStatus.FINISHED,  # Resept avsluttet
    "F": SaidStatus.EXPIRED,  # Foreldet
    "T": SaidStatus.REVOKED,  # Tilbakekalt: the reason decides, see RECALL
    "A": SaidStatus.REVOKED,  # Avslått søknad
    "X": SaidStatus.REVOKED,  # Ugyldig
}
"""Code list 7408. B (under behandling) and H (HPR mangler fødselsnummer) say nothing of use."""

_STATUS_WORDS = {
    "E": "ekspederbar",
    "U": "under ekspedering",
    "R": "resept avsluttet",
    "F": "foreldet",
    "T": "tilbakekalt",
    "A": "avslått søknad fra slv",
    "X": "ugyldig",
}
_STOP_REASONS = "2.16.578.1.12.4.1.1.7494"
_STOP_WORDS = {
    "A": "Avsluttet behandling",
    "I": "Interaksjon med annet legemiddel",
    "L": "Legemiddelreaksjon",
    "M": "Manglende effekt",
    "S": "Pasienten har selv sluttet med legemiddelet",
    "X": "Annen årsak",
}

RENEWED = frozenset({"1", "3"})
"""Code list 7500: Fornying, Fornying med endring. The recall replaces and does not stop."""

DISCONTINUED = "2"
"""Code list 7500: Seponering. The recall is a stop."""

_RECALLS = "2.16.578.1.12.4.1.1.7500"
_RECALL_REASONS = {
    "1": "Fornying",
    "2": "Seponering",
    "3": "Fornying med endring",
    "4": "Annen",
    "5": "Administrativ sletting",
}

NO_PRESCRIPTIONS = "4"
"""Code list 7407: Ingen resept på dette søk. The other values say that the search itself failed."""


def recall_status(reason: str) -> SaidStatus:
    """What a recall for this reason (list 7500) says of the prescription."""
    if reason in RENEWED:
        return SaidStatus.REPLACED
    return SaidStatus.STOPPED if reason == DISCONTINUED else SaidStatus.REVOKED


def recall_words(node: Node) -> str | None:
    """The reason (`Arsak`, list 7500) in the message's own words, else in those of the code list, else the code."""
    words, code = node.dn("Arsak"), node.v("Arsak")
    return (words if words != code else _RECALL_REASONS.get(code) or code) or None


def recall_code(reason: Code | None) -> Code | None:
    """The reason with its list (7500): the place gives the list, and a message may leave it unsaid."""
    return replace(reason, system=reason.system or _RECALLS) if reason else None


def status_to_keep(status: Code) -> bool:
    """Whether a status (7408) says more than its field does: of no meaning for use, or in the words of another one."""
    others = {word for value, word in _STATUS_WORDS.items() if value != status.value}
    return status.value not in STATUS or status.text.casefold() in others


def stop_reason_to_keep(node: Node) -> tuple[Code, ...]:
    """The reason for stopping (`Arsak`, 7494) as a code, where its words are not those of the code list."""
    reason = node.code("Arsak")
    if reason is None or not reason.text or reason.text.casefold() == _STOP_WORDS.get(reason.value, "").casefold():
        return ()
    return (replace(reason, system=reason.system or _STOP_REASONS),)
