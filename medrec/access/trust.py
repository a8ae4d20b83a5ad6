"""Whom we trust about people and systems: the settings of HelseID, checked when the web starts, and its published keys.

The authority's metadata and keys are fetched when first needed and kept a day, as HelseID's functional requirement FK2
asks; a key that is not known is looked for again, at most once a minute. What can't be fetched lets nobody in.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from medrec.config import SettingFault, Settings

ALGORITHMS = ("PS256", "PS384", "PS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
"""What tokens may be signed by. Neither `none` nor anything with a shared secret."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DAY, _MINUTE = 86_400.0, 60.0
_LARGEST = 1_000_000


class Untold(Exception):  # noqa: N818 - an answer: nobody is let in
    """The authority could not be asked."""

    def __init__(self, *, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How an authority is trusted. `audience` "": no tokens of systems are taken; `client_id` "": no people sign in."""

    issuer: str
    client_id: str
    key_pem: bytes
    algorithm: str
    scope: str
    level: int
    audience: str
    web_url: str


def trust(settings: Settings) -> Trust | None:
    """The trust in HelseID; `None` where none is set. Raises `SettingFault` for a setting that can't be used."""
    told = settings.values
    issuer = told["helseid_url"].rstrip("/")
    if not issuer:
        return None
    secure("helseid_url", issuer)
    web_url = told["web_url"].rstrip("/")
    secure("web_url", web_url)
    client_id = told["helseid_client_id"]
    if not told["helseid_level"].isdigit():
        msg = "MEDREC_HELSEID_LEVEL must be a whole number"
        raise SettingFault(msg)
    return Trust(
        issuer=issuer,
        client_id=client_id,
        key_pem=read_pem("helseid_key_file", told["helseid_key_file"]) if client_id else b"",
        algorithm=told["helseid_algorithm"],
        scope=told["helseid_scope"],
        level=int(told["helseid_level"]),
        audience=told["helseid_audience"],
        web_url=web_url,
    )


def secure(name: str, url: str) -> None:
    """Raises `SettingFault` for an address that is not TLS; without it only on this machine, for development."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return
    msg = f"MEDREC_{name.upper()} must be an https address"
    raise SettingFault(msg)


def read_pem(name: str, path: str) -> bytes:
    """A key file's bytes. Raises `SettingFault` where there is none."""
    try:
        return Path(path).read_bytes()
    except OSError as fault:
        msg = f"MEDREC_{name.upper()} names no file that can be read"
        raise SettingFault(msg) from fault


class Authority:
    """What an authority publishes; shared by all threads of a process.

    `metadata_url`: where a journal tells of its authority (SMART), which may have another name than the journal.
    """

    def __init__(self, issuer: str, metadata_url: str = "") -> None:
        self.issuer = issuer
        self._named = not metadata_url
        self._metadata_url = metadata_url or f"{issuer}/.well-known/openid-configuration"
        self._client = httpx.Client(timeout=5.0, follow_redirects=False)
        self._lock = threading.Lock()
        self._metadata: Mapping[str, object] = {}
        self._metadata_until = 0.0
        self._keys = KeySet([])
        self._keys_at = float("-inf")

    def metadata(self) -> Mapping[str, object]:
        """The metadata (RFC 8414, OpenID Connect Discovery). Raises `Untold`."""
        with self._lock:
            if time.monotonic() > self._metadata_until:
                told = self._fetched(self._metadata_url)
                if self._named and str(told.get("issuer", "")).rstrip("/") != self.issuer:
                    raise Untold(code="authority-other-issuer")
                self._metadata, self._metadata_until = told, time.monotonic() + _DAY
            return self._metadata

    def endpoint(self, name: str) -> str:
        """An address of the metadata; "" where it names none. Raises `Untold`."""
        told = self.metadata().get(name)
        return told if isinstance(told, str) else ""

    def known(self, name: str) -> str:
        """An address of the metadata that is at hand; nothing is asked for."""
        told = self._metadata.get(name)
        return told if isinstance(told, str) else ""

    def keys(self, kid: str) -> KeySet:
        """The keys, asked for again where none has this id. Raises `Untold`."""
        url = self.endpoint("jwks_uri")
        with self._lock:
            age = time.monotonic() - self._keys_at
            known = any(key.kid == kid for key in self._keys.keys)
            if age > _DAY or (not known and age > _MINUTE):
                self._keys_at = time.monotonic()
                try:
                    self._keys = KeySet.import_key_set({"keys": self._published(url)})
                except (JoseError, ValueError, KeyError, TypeError) as fault:
                    raise Untold(code="authority-bad-keys") from fault
            return self._keys

    def _published(self, url: str) -> list[dict[str, str | list[str]]]:
        keys = self._fetched(url).get("keys")
        return (
            [k for k in keys if isinstance(k, dict) and k.get("use", "sig") == "sig"] if isinstance(keys, list) else []
        )

    def _fetched(self, url: str) -> Mapping[str, object]:
        try:
            answer = self._client.get(url)
            answer.raise_for_status()
            told = answer.json() if len(answer.content) < _LARGEST else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:
            raise Untold(code="authority-unreachable") from fault
        if not isinstance(told, dict):
            raise Untold(code="authority-garbage")
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Launches:
    """Which journals may launch medrec with a patient in context, and how they know us.

    `authorities`: what each journal publishes, by its FHIR base address.
    """

    authorities: Mapping[str, Authority]
    client_id: str
    key_pem: bytes
    algorithm: str
    scope: str
    web_url: str


def launches(settings: Settings) -> Launches | None:
    """The journals that may launch; `None` where none may. Raises `SettingFault`."""
    told = settings.values
    servers = frozenset(s.strip().rstrip("/") for s in told["launch_servers"].split(",") if s.strip())
    if not servers:
        return None
    for server in servers:
        secure("launch_servers", server)
    web_url = told["web_url"].rstrip("/")
    secure("web_url", web_url)
    return Launches(
        authorities={s: Authority(s, f"{s}/.well-known/smart-configuration") for s in servers},
        client_id=told["launch_client_id"],
        key_pem=read_pem("launch_key_file", told["launch_key_file"]),
        algorithm=told["launch_algorithm"],
        scope=told["launch_scope"],
        web_url=web_url,
    )
