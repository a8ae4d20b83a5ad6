"""How a message leaves: laid in a folder for the message broker, or posted to it over HTTP.

Both may be repeated at will: a file lands whole, by rename, under its MsgId, and a post carries the MsgId as its
`Idempotency-Key` (IETF draft of that name), so that a broker that took it and lost the answer knows it again.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx

from medrec.config import Settings
from medrec.disk import settle

Carry = Callable[[str, bytes], None]
"""Takes MsgId and bytes; returns when the message is safely away, else raises `NotTaken`."""

_MOST_PATIENT = 3600
_TAKEN = range(200, 300)


class NotTaken(Exception):  # noqa: N818 - told as the reason a letter waits
    """The message is not away. `reason` names no patient; `after`: how long the broker asked us to wait."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


def carrier(settings: Settings) -> Carry:
    """The broker's address where one is set, else the outbox folder."""
    if url := settings.values["outbox_url"]:
        return broker(url, token=settings.values["outbox_token"], seconds=settings.outbox_timeout)
    return folder(settings.outbox)


def folder(where: Path, suffix: str = ".xml") -> Carry:
    """Lays `<MsgId>.xml` in a folder."""

    def carry(msg_id: str, body: bytes) -> None:
        try:
            lay(where, f"{msg_id}{suffix}", body)
        except OSError as fault:
            raise NotTaken(f"{type(fault).__name__} {fault.errno or ''}".strip()) from fault

    return carry


def lay(where: Path, name: str, body: bytes) -> None:
    """Write whole or not at all: a draft of our own beside it, on the disk, then renamed. Raises OSError.

    Drafts of the same message that a killed process left are taken away once it is laid.
    """
    where.mkdir(parents=True, exist_ok=True)
    draft = where / f".{name}.{secrets.token_hex(4)}.part"
    try:
        with draft.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(where / name)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    settle(where)
    for left in where.glob(f".{name}.*.part"):
        left.unlink(missing_ok=True)


def broker(url: str, *, token: str = "", seconds: float = 30.0) -> Carry:
    """Posts to `url`; `seconds`: how long each step may take. Any answer but 2xx means it was not taken."""

    def carry(msg_id: str, body: bytes) -> None:
        headers = {"Content-Type": "application/xml; charset=utf-8", "Idempotency-Key": f'"{msg_id}"'}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        try:
            with httpx.stream("POST", url, content=body, headers=headers, timeout=seconds) as answer:
                status, patience = answer.status_code, _patience(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise NotTaken(type(fault).__name__) from fault
        if status not in _TAKEN:
            reason = f"HTTP {status}"
            raise NotTaken(reason, patience)

    return carry


def _patience(answer: httpx.Response) -> timedelta | None:
    """Retry-After in whole seconds, an hour at most; a date or nonsense counts as nothing said."""
    told = answer.headers.get("Retry-After", "")
    return timedelta(seconds=min(int(told), _MOST_PATIENT)) if told.isascii() and told.isdigit() else None
