"""Sessions of people and tokens of systems: only digests are stored, ends are absolute and by idleness."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from medrec import clock
from medrec.access.people import Need, Role, User
from medrec.access.terms import Terms, terms
from medrec.db import settings_in
from medrec.glance import Asked, Place, Row
from medrec.records import api_token, web_session

_SEEN_EVERY = timedelta(minutes=1)
_SESSION = Asked(select(web_session).where(web_session.c.id == bindparam("digest")))
_TOKEN = Asked(select(api_token).where(api_token.c.digest == bindparam("digest")))


def start(session: Session, user: User, *, instead_of: str | None = None) -> str:
    """Begin a session; returns the cookie's value (256 random bits), of which only the digest is kept.

    `instead_of`: the cookie the browser came with; that session ends, so that nobody is signed in to a session that
    somebody else prepared.
    """
    if instead_of:
        end(session, instead_of)
    token, now = fresh(), clock.now()
    row = {
        "id": digest_of(token),
        "user": user.stored(),
        "started_at": now,
        "seen_at": now,
        "ends_at": now + _terms(session).absolute,
    }
    session.execute(insert(web_session).values(row))
    return token


def fresh() -> str:
    """A value nobody can guess (256 bits)."""
    return secrets.token_urlsafe(32)


def find(place: Place, token: str) -> tuple[User | None, bool]:
    """Whose session it is; `None` when unknown, idle for too long or over. And whether it is worn.

    Worn: its use was last noted more than a minute ago, so that `touch` has something to do.
    """
    row = _SESSION.first(place, {"digest": digest_of(token)})
    now = clock.now()
    if row is None or now >= row["ends_at"] or now - row["seen_at"] >= terms(settings_in(place)).idle:
        return None, False
    return User.read(row["user"]), row["seen_at"] < now - _SEEN_EVERY


def touch(session: Session, token: str) -> None:
    """Note that the session is in use, at most once a minute."""
    now = clock.now()
    mine = (web_session.c.id == digest_of(token)) & (web_session.c.seen_at < now - _SEEN_EVERY)
    session.execute(update(web_session).where(mine).values(seen_at=now))


def end(session: Session, token: str) -> None:
    """End the session on the server."""
    session.execute(delete(web_session).where(web_session.c.id == digest_of(token)))


def end_of_hpr(session: Session, hpr: str) -> int:
    """End every session of whoever has this HPR number, or ("") of everybody; returns how many."""
    rows = session.execute(select(web_session.c.id, web_session.c.user)).all()
    theirs = [row.id for row in rows if not hpr or User.read(row.user).hpr == hpr]
    session.execute(delete(web_session).where(web_session.c.id.in_(theirs)))
    return len(theirs)


def end_of_accounts(session: Session, accounts: frozenset[str]) -> int:
    """End every session that was begun with one of these accounts; returns how many."""
    if not accounts:
        return 0
    rows = session.execute(select(web_session.c.id, web_session.c.user)).all()
    theirs = [row.id for row in rows if User.read(row.user).account in accounts]
    session.execute(delete(web_session).where(web_session.c.id.in_(theirs)))
    return len(theirs)


def revoke_token(session: Session, token_id: str) -> bool:
    """End a system's token; False where there is none in force."""
    mine = (api_token.c.id == token_id) & api_token.c.revoked_at.is_(None)
    return bool(
        session.execute(update(api_token).where(mine).values(revoked_at=clock.now()).returning(api_token.c.id)).first()
    )


def new_token(session: Session, *, name: str, organisation: str, scopes: frozenset[Need], days: int) -> str:
    """Make a token for a system; shown once, stored as a digest."""
    token, now = f"medrec_{secrets.token_urlsafe(32)}", clock.now()
    session.execute(
        insert(api_token).values(
            id=secrets.token_hex(8),
            digest=digest_of(token),
            name=name,
            organisation=organisation,
            scopes=",".join(sorted(scopes)),
            created_at=now,
            ends_at=now + timedelta(days=days),
        )
    )
    return token


def system_of(place: Place, token: str) -> User | None:
    """Which system a bearer token belongs to; `None` when unknown, revoked or over."""
    return system_in(_TOKEN.first(place, {"digest": digest_of(token)}))


def system_in(row: Row | None) -> User | None:
    """The system of a token's row, while the token is in force."""
    if row is None or row["revoked_at"] or clock.now() >= row["ends_at"]:
        return None
    return User(
        id=f"system:{row['id']}",
        name=row["name"],
        role=Role.SYSTEM,
        organisation=row["organisation"],
        scopes=frozenset(Need(s) for s in row["scopes"].split(",") if s),
    )


def _terms(session: Session) -> Terms:
    return terms(settings_in(session))


def digest_of(token: str) -> str:
    """What is kept of a token or cookie."""
    return hashlib.sha256(token.encode()).hexdigest()
