"""The tables. Only `store` and its neighbours turn rows into values; nothing outside this room writes them.

Identity numbers, names and raw messages stand here encrypted (`*_sealed` with the key's id beside it). What a source
said stands as it was said. Nothing that was received is ever deleted or overwritten: newer rows stand beside it.
"""

from medrec.records.columns import Moment, metadata
from medrec.records.concluded import (
    action,
    catalogue,
    catalogue_entry,
    change,
    discrepancy,
    feed,
    fence,
    list_head,
    list_version,
)
from medrec.records.heard import (
    alias,
    fetch,
    fetch_state,
    life_event,
    message,
    person,
    radar_count,
    reading,
    roster,
    saying,
    source_note,
    statement,
)
from medrec.records.seen import (
    account,
    api_token,
    attempt,
    audit,
    block,
    proof,
    self_authorisation,
    sign_in,
    web_session,
)
from medrec.records.sent import closing, notice_item, notice_reply, outbox, phone_call

__all__ = [
    "Moment",
    "account",
    "action",
    "alias",
    "api_token",
    "attempt",
    "audit",
    "block",
    "catalogue",
    "catalogue_entry",
    "change",
    "closing",
    "discrepancy",
    "feed",
    "fence",
    "fetch",
    "fetch_state",
    "life_event",
    "list_head",
    "list_version",
    "message",
    "metadata",
    "notice_item",
    "notice_reply",
    "outbox",
    "person",
    "phone_call",
    "proof",
    "radar_count",
    "reading",
    "roster",
    "saying",
    "self_authorisation",
    "sign_in",
    "source_note",
    "statement",
    "web_session",
]
