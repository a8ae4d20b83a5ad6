"""What the code values of e-prescription lists mean for a statement. Unknown values mean nothing, kept as said."""

from dataclasses import replace

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


def recall_words(reason: Code | None) -> str | None:
    """The reason (list 7500) in the message's own words, else in those of the code list, else the code itself."""
    if reason is None:
        return None
    return reason.text or _RECALL_REASONS.get(reason.value) or reason.value or None


def recall_code(reason: Code | None) -> Code | None:
    """The reason with its list (7500): the place gives the list, and a message may leave it unsaid."""
    return replace(reason, system=reason.system or _RECALLS) if reason else None
