"""Sessions of people and tokens of systems: only digests are stored, ends are absolute and by idleness."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access.people import Need, Role, User
from medrec.records import api_token, web_session

IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=10)
_SEEN_EVERY = timedelta(minutes=1)


def start(session: Session, user: User) -> str:
    """Begin a session; returns the cookie's value (256 random bits), of which only the digest is kept."""
    token, now = secrets.token_urlsafe(32), clock.now()
    row = {"id": _digest(token), "user": user.stored(), "started_at": now, "seen_at": now, "ends_at": now + ABSOLUTE}
    session.execute(insert(web_session).values(row))
    return token


def find(session: Session, token: str) -> User | None:
    """Whose session it is; `None` when unknown, idle for too long or over."""
    row = session.execute(select(web_session).where(web_session.c.id == _digest(token))).one_or_none()
    now = clock.now()
    if row is None or now >= row.ends_at or now - row.seen_at >= IDLE:
        return None
    return User.read(row.user)


def touch(session: Session, token: str) -> None:
    """Note that the session is in use, at most once a minute."""
    now = clock.now()
    mine = (web_session.c.id == _digest(token)) & (web_session.c.seen_at < now - _SEEN_EVERY)
    session.execute(update(web_session).where(mine).values(seen_at=now))


def end(session: Session, token: str) -> None:
    """End the session on the server."""
    session.execute(delete(web_session).where(web_session.c.id == _digest(token)))


def new_token(session: Session, *, name: str, organisation: str, scopes: frozenset[Need], days: int) -> str:
    """Make a token for a system; shown once, stored as a digest."""
    token, now = f"medrec_{secrets.token_urlsafe(32)}", clock.now()
    session.execute(
        insert(api_token).values(
            id=secrets.token_hex(8),
            digest=_digest(token),
            name=name,
            organisation=organisation,
            scopes=",".join(sorted(scopes)),
            created_at=now,
            ends_at=now + timedelta(days=days),
        )
    )
    return token


def system_of(session: Session, token: str) -> User | None:
    """Which system a bearer token belongs to; `None` when unknown, revoked or over."""
    row = session.execute(select(api_token).where(api_token.c.digest == _digest(token))).one_or_none()
    if row is None or row.revoked_at or clock.now() >= row.ends_at:
        return None
    scopes = frozenset(Need(s) for s in row.scopes.split(",") if s)
    return User(id=f"system:{row.id}", name=row.name, role=Role.SYSTEM, organisation=row.organisation, scopes=scopes)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
