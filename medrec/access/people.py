"""Who can be signed in: a person or a system with one role, and what each role may do at all."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is here as."""

    NURSE = "nurse"
    LEADER = "leader"
    PHARMACIST = "pharmacist"
    GP = "gp"
    SYSTEM = "system"
    AUDITOR = "auditor"
    ADMIN = "admin"
    NOBODY = "nobody"
    """Not signed in: only in the log, of whom nobody knows who it was."""


class Need(StrEnum):
    """What a page or call needs. Every route names one; a route without is closed."""

    OPEN = "open"
    SIGNED_IN = "signed-in"
    SEE_LIST = "see-list"
    SELF_AUTHORISE = "self-authorise"
    ACT = "act"
    WORKLIST = "worklist"
    OVERVIEW = "overview"
    REVIEW = "review"
    RULEBOOK = "rulebook"
    AUDIT = "audit"
    OPERATE = "operate"
    SEND = "send"
    ROSTER = "roster"


_CLINICAL = {Need.SIGNED_IN, Need.RULEBOOK}
_CARE = {Need.SEE_LIST, Need.SELF_AUTHORISE, Need.ACT, Need.WORKLIST}
MAY: dict[Role, frozenset[Need]] = {
    Role.NURSE: frozenset(_CLINICAL | _CARE),
    Role.LEADER: frozenset(_CLINICAL | _CARE | {Need.OVERVIEW, Need.REVIEW}),
    Role.PHARMACIST: frozenset(_CLINICAL | _CARE | {Need.OVERVIEW}),
    Role.GP: frozenset(_CLINICAL | {Need.SEE_LIST}),
    Role.SYSTEM: frozenset({Need.SIGNED_IN}),
    Role.AUDITOR: frozenset({Need.SIGNED_IN, Need.AUDIT}),
    Role.ADMIN: frozenset({Need.SIGNED_IN, Need.OPERATE, Need.RULEBOOK}),
    Role.NOBODY: frozenset(),
}
"""A system's needs are its token's scopes. An administrator has no patient data."""
SYSTEM_NEEDS = (Need.SEE_LIST, Need.ACT, Need.WORKLIST, Need.SEND, Need.ROSTER, Need.OPERATE)
"""What a system may be let do: read lists, act on them, read the worklist, send messages, load the roster, operate."""

_AT_MACHINE = "operator:"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody signed in. `district` "" means all districts of the municipality; `scopes` are a system's needs.

    `account`: the row that gave the role, "" where none did (demo, systems, operators).
    """

    id: str
    name: str
    role: Role
    district: str = ""
    organisation: str = ""
    hpr: str = ""
    scopes: frozenset[Need] = frozenset()
    account: str = ""

    def may(self, need: Need) -> bool:
        """True where the role (or a system's scopes) covers `need`; for one patient see `relation.sees`."""
        return need is Need.OPEN or need in MAY[self.role] or need in self.scopes

    @property
    def at_machine(self) -> bool:
        """True for whoever runs commands on the machine and so holds its keys; nobody who signs in has such an id."""
        return self.id.startswith(_AT_MACHINE)

    def stored(self) -> str:
        """As JSON, for the session's row."""
        return json.dumps(asdict(self) | {"scopes": sorted(self.scopes)}, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "User":
        """From the session's row."""
        told = json.loads(text)
        scopes = frozenset(Need(s) for s in told.pop("scopes"))
        return cls(**told | {"role": Role(told["role"]), "scopes": scopes})


NOBODY = User(id="nobody", name="", role=Role.NOBODY)
"""Whoever tried to sign in and was not let in."""
