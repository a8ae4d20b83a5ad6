"""Where each fetched source is and how it is asked, out of the settings; a source without an address is not fetched."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from medrec.config import SettingFault, Settings

SFM, FHIR = "sfm", "fhir"
_LIFE = {SFM: timedelta(seconds=50), FHIR: timedelta(minutes=4)}
"""How long a client assertion is good: HelseID takes at most 60 seconds, SMART five minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One source: addresses, credentials, manners.

    `every`: how often each person is fetched; `districts`: whose people are, empty: everybody's.
    """

    channel: str
    url: str
    token_url: str
    client_id: str
    scope: str
    key_pem: bytes
    algorithm: str
    assertion_life: timedelta
    assertion_details: object = None
    dpop: bool = False
    every: timedelta = timedelta(hours=12)
    districts: frozenset[str] = frozenset()
    pages: int = 20
    at_once: int = 4
    per_second: float = 5.0
    timeout: float = 30.0


def endpoint_of(settings: Settings, channel: str) -> Endpoint | None:
    """The source of this channel (`sfm` or `fhir`), `None` where none is set. Raises `SettingFault`."""
    told = settings.values
    if not told[f"{channel}_url"]:
        return None
    return Endpoint(
        channel=channel,
        url=told[f"{channel}_url"].rstrip("/"),
        token_url=_needed(told, f"{channel}_token_url"),
        client_id=_needed(told, f"{channel}_client_id"),
        scope=told[f"{channel}_scope"],
        key_pem=_key(Path(_needed(told, f"{channel}_key_file")), channel),
        algorithm=told[f"{channel}_algorithm"],
        assertion_life=_LIFE[channel],
        assertion_details=_details(told) if channel == SFM else None,
        dpop=channel == SFM,
        every=timedelta(hours=_number(told, f"{channel}_hours")),
        districts=frozenset(filter(None, map(str.strip, told[f"{channel}_districts"].split(",")))),
        pages=int(_number(told, "fhir_pages")),
        at_once=int(_number(told, "fetch_at_once")),
        per_second=_number(told, "fetch_per_second"),
        timeout=_number(told, "fetch_timeout"),
    )


def _needed(told: Mapping[str, str], name: str) -> str:
    if told[name]:
        return told[name]
    msg = f"MEDREC_{name.upper()} is needed where the source has an address"
    raise SettingFault(msg)


def _number(told: Mapping[str, str], name: str) -> float:
    try:
        number = float(told[name])
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        msg = f"MEDREC_{name.upper()} must be a number above 0"
        raise SettingFault(msg)
    return number


def _key(file: Path, channel: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as fault:
        msg = f"MEDREC_{channel.upper()}_KEY_FILE can't be read"
        raise SettingFault(msg) from fault


def _details(told: Mapping[str, str]) -> object:
    if not told["sfm_assertion_details"]:
        return None
    try:
        return json.loads(told["sfm_assertion_details"])
    except ValueError as fault:
        msg = "MEDREC_SFM_ASSERTION_DETAILS is not JSON"
        raise SettingFault(msg) from fault
