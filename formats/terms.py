"""The closed sets of words that statements and readings use. `formats.statement` gives them out; import them there."""

from enum import StrEnum


class Source(StrEnum):
    """Who speaks: the e-prescription registry, the GP's system, the journal."""

    RF = "RF"
    GP = "GP"
    HP = "HP"


class Kind(StrEnum):
    """What kind of thing was said. Norwegian terms, as the field uses them (README, word list)."""

    PRESCRIPTION = "resept"
    MULTIDOSE = "multidose"
    DISPENSING = "utlevering"
    REVOCATION = "tilbakekalling"
    PLL = "pll"
    GP_LIST = "liste"
    DISCHARGE = "epikrise"
    ORDER = "ordre"
    HOME_LIST = "hjemmeliste"
    LOCAL = "lokalt"
    OBSERVATION = "observasjon"


class StatementType(StrEnum):
    """What the source itself calls it. `None` on the statement: not said; rules settle it (P1, P4, P6)."""

    DECISION = "decision"
    COPY = "copy"


class SaidStatus(StrEnum):
    """The status the source gives. Unknown: it says itself that it does not know."""

    ACTIVE = "active"
    STOPPED = "stopped"
    PAUSED = "paused"
    REVOKED = "revoked"
    EXPIRED = "expired"
    FINISHED = "finished"
    REPLACED = "replaced"
    UNKNOWN = "unknown"


class Use(StrEnum):
    """Code list 9101: 1 fixed, 2 course, 3 as needed. Vaccines and nutrition are kept as said in `codes`."""

    FIXED = "fixed"
    COURSE = "course"
    PRN = "prn"


class Signature(StrEnum):
    """Verdict on the signature over what was said; `None` where nobody looked for one.

    Unknown signer: the signature holds, but nobody we trust vouches for its certificate.
    """

    VALID = "valid"
    INVALID = "invalid"
    NOT_CHECKED = "not-checked"
    UNSIGNED = "unsigned"
    UNKNOWN_SIGNER = "unknown-signer"


class AsideReason(StrEnum):
    """Why a statement is kept but does not stand on a line (closed set, house invariant 1)."""

    NOT_HOME = "not-home"
    SUPPLY = "supply"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    OLD = "old"


class GapCode(StrEnum):
    """What is known to be missing. See `LIMITING` for which of them mute absence."""

    NOT_READ = "not-read"
    FAILED = "failed"
    PARTIAL = "partial"
    LOCKED = "locked"
    RESERVED = "reserved"
    STALE = "stale"
    QUARANTINED = "quarantined"
    STALE_JUDGEMENT = "stale-judgement"
    STANDING_CAVEAT = "standing-caveat"
    NOT_MEDICATION = "not-medication"
    SCHEMA_BREACH = "schema-breach"


LIMITING: frozenset[GapCode] = frozenset(
    {
        GapCode.NOT_READ,
        GapCode.FAILED,
        GapCode.PARTIAL,
        GapCode.LOCKED,
        GapCode.RESERVED,
        GapCode.STALE,
        GapCode.QUARANTINED,
        GapCode.STALE_JUDGEMENT,
    }
)


class Reach(StrEnum):
    """How much a message speaks for: all of `kinds` from its source, or one event."""

    WHOLE = "whole"
    EVENT = "event"
