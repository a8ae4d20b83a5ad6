"""Encryption at rest of raw messages, names and identity numbers, and the blind index that finds them again.

AES-256-GCM with a fresh 96-bit nonce for each value; each row names its key, so keys can change while the house is
open. What a value is *about* (its row) is bound in as associated data: a sealed value moved to another row won't open.
The blind index is HMAC-SHA-256 under a key of its own; it finds an identity number without telling it.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from medrec.disk import settle

_NONCE = 12
_KEY = 32


class KeyFault(Exception):  # noqa: N818 - named for what it is: a fault with the keys, told as one line
    """A key is missing, has the wrong shape, or does not open what it should."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted value as a row keeps it: which key, and nonce with ciphertext."""

    key_id: str
    data: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Vault:
    """The keys in use. `keys` may hold earlier ones; `current` seals, all of them open."""

    keys: Mapping[str, bytes]
    current: str
    index_key: bytes

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            msg = f"the current key {self.current!r} is not among the keys"
            raise KeyFault(msg)
        for name, key in [*self.keys.items(), ("index", self.index_key)]:
            if len(key) != _KEY:
                msg = f"key {name!r} is not {_KEY} bytes long"
                raise KeyFault(msg)
            if len(set(key)) == 1:
                msg = f"key {name!r} is a placeholder"
                raise KeyFault(msg)

    def seal(self, plain: bytes, about: str) -> Sealed:
        """Encrypt `plain`; it will open again only with the same `about`."""
        nonce = os.urandom(_NONCE)
        cipher = AESGCM(self.keys[self.current]).encrypt(nonce, plain, about.encode())
        return Sealed(self.current, nonce + cipher)

    def open(self, sealed: Sealed, about: str) -> bytes:
        """Decrypt; raises `KeyFault` for an unknown key or a value that was changed or moved."""
        key = self.keys.get(sealed.key_id)
        if key is None:
            msg = f"key {sealed.key_id!r} is not among the keys"
            raise KeyFault(msg)
        try:
            return AESGCM(key).decrypt(sealed.data[:_NONCE], sealed.data[_NONCE:], about.encode())
        except InvalidTag as wrong:
            msg = f"a value sealed with key {sealed.key_id!r} does not open"
            raise KeyFault(msg) from wrong

    def index(self, system: str, value: str) -> str:
        """The blind index of an identifier: 64 hex characters, equal only for equal (system, value)."""
        return hmac.new(self.index_key, f"{system}\x1f{value}".encode(), hashlib.sha256).hexdigest()


def new_keys() -> str:
    """A new key file's content: JSON with random keys."""
    return json.dumps({"current": "k1", "keys": {"k1": _fresh()}, "index": _fresh()}, indent=1)


def with_new_key(content: str) -> str:
    """The key file with one more key, which seals from now on; the earlier ones still open."""
    told = json.loads(content)
    name = f"k{1 + max((int(k[1:]) for k in told['keys'] if k[1:].isdigit()), default=0)}"
    return json.dumps({**told, "current": name, "keys": {**told["keys"], name: _fresh()}}, indent=1)


def read_keys(content: str) -> Vault:
    """The vault a key file describes; raises `KeyFault` where it is not one."""
    try:
        told = json.loads(content)
        keys = {str(name): base64.b64decode(key, validate=True) for name, key in told["keys"].items()}
        return Vault(keys, str(told["current"]), base64.b64decode(told["index"], validate=True))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as wrong:
        msg = "the keys are not a key file: JSON with current, keys and index is expected"
        raise KeyFault(msg) from wrong


def write_keys(path: Path, content: str) -> None:
    """Write a key file that only its owner can read (0600), whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    settle(path.parent)  # a key that a power cut takes back, with what it has sealed already, is a key that is lost


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(_KEY)).decode()
