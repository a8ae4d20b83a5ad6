"""Messages as they came: the bytes, sealed, before anything is tried with them; the same bytes again are no news."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from formats.statement import Source
from medrec import clock, persons, store
from medrec.db import vault_of, wait_for_disk
from medrec.glance import Asked
from medrec.packing import pack, unpack
from medrec.records import message
from medrec.vault import Sealed

KEPT, ACCEPTED, QUARANTINED, RELEASED = "kept", "accepted", "quarantined", "released"

_KNOWN = Asked(
    select(message.c.id, message.c.outcome, message.c.person_id, message.c.asked_for, message.c.asked_source).where(
        message.c.content_hash == bindparam("hash")
    )
)
_KNOWN_ALL = select(message.c.content_hash, message.c.id, message.c.outcome, message.c.person_id).where(
    message.c.content_hash.in_(bindparam("hashes", expanding=True))
)


class Kept(NamedTuple):
    """A message that is kept, and how far it has come."""

    id: str
    outcome: str
    person_id: str | None


def hash_of(raw: bytes) -> str:
    """By which a message is known when it comes again."""
    return hashlib.sha256(raw).hexdigest()


def keep(
    session: Session, raw: bytes, *, channel: str, asked_for: str | None = None, source: Source | None = None
) -> Kept:
    """Keep a message as it came, in the caller's transaction, and say how far it has come if it was here before.

    `asked_for`: person id for whom it was fetched; `source`: which source was asked, where known. Raises
    `LookupError` for an unknown `asked_for`. Sealed only where it is news: most of what is fetched every night is not.
    """
    content_hash = hash_of(raw)
    if asked_for is not None and not persons.exists(session, asked_for):
        msg = "no such person"
        raise LookupError(msg)
    asked_source = source.value if source else None
    known = _KNOWN.first(session, {"hash": content_hash})
    if known is None:
        row = _sealed(session, raw, content_hash) | {"channel": channel}
        row |= {"asked_for": asked_for, "asked_source": asked_source}
        if store.put_first(session, message, row):
            return Kept(row["id"], KEPT, None)
        known = _KNOWN.first(session, {"hash": content_hash})
    if known is None:
        msg = "a message was kept by somebody, and is not there"
        raise RuntimeError(msg)
    if asked_for is not None and known["asked_for"] is None and known["outcome"] == QUARANTINED:
        wait_for_disk(session)  # a row that is missing is missed, a word about one that is there would not be
        told = {"asked_for": asked_for, "asked_source": asked_source or known["asked_source"]}
        session.execute(update(message).where(message.c.id == known["id"]).values(**told))
    return Kept(known["id"], known["outcome"], known["person_id"])


def _sealed(session: Session, raw: bytes, content_hash: str) -> dict[str, Any]:
    """The row of a message nobody has read yet, but for how it came."""
    sealed = vault_of(session).seal(pack(raw), f"message|{content_hash}")
    return {
        "id": secrets.token_hex(12),
        "content_hash": content_hash,
        "received_at": clock.now(),
        "raw_sealed": sealed.data,
        "key_id": sealed.key_id,
        "outcome": KEPT,
        "breaches": [],
    }


def keep_all(session: Session, by_hash: Mapping[str, bytes], *, channel: str) -> dict[str, Kept]:
    """Keep many messages; `by_hash` and the answer by `hash_of` their bytes."""
    known = _kept_already(session, by_hash)
    news = [_sealed(session, raw, h) | {"channel": channel} for h, raw in by_hash.items() if h not in known]
    store.put(session, message, news)
    return known | _kept_already(session, [row["content_hash"] for row in news])


def _kept_already(session: Session, hashes: Iterable[str]) -> dict[str, Kept]:
    rows = session.execute(_KNOWN_ALL, {"hashes": list(hashes)})
    return {row.content_hash: Kept(row.id, row.outcome, row.person_id) for row in rows}


def raw_of(session: Session, message_id: str) -> bytes:
    """The bytes of a kept message, as they came."""
    row = session.execute(
        select(message.c.content_hash, message.c.raw_sealed, message.c.key_id).where(message.c.id == message_id)
    ).one()
    return unpack(vault_of(session).open(Sealed(row.key_id, row.raw_sealed), f"message|{row.content_hash}"))
