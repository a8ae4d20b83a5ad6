"""How messages are read here: with the official schemas and with trusted certificates, where the settings name them."""

from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from formats.schemas import Schemas
from formats.signatures import NoSignxmlError, Signatures
from medrec.config import SettingFault, Settings

_YES, _NO = frozenset({"1", "true", "yes"}), frozenset({"", "0", "false", "no"})


class AtHand(TypedDict):
    """What `formats.read.read` is given by the settings."""

    schemas: Schemas | None
    signatures: Signatures | None


def at_hand(settings: Settings) -> AtHand:
    """What this installation has at hand to check messages with. Raises `SettingFault` for what can't be used."""
    told = settings.values
    sha1 = told["signatures_sha1"].lower()
    if sha1 not in _YES | _NO:
        msg = "MEDREC_SIGNATURES_SHA1 must be 1 or 0"
        raise SettingFault(msg)
    return {"schemas": schemas(told["schemas"]), "signatures": signatures(told["certificates"], sha1 in _YES)}


@lru_cache(maxsize=4)
def schemas(folder: str) -> Schemas | None:
    """The schemas in `folder` (all.xsd); `None` where none is named. Raises `SettingFault`."""
    if not folder:
        return None
    try:
        return Schemas(Path(folder))
    except Exception as wrong:
        msg = f"MEDREC_SCHEMAS: no usable all.xsd in {folder}"
        raise SettingFault(msg) from wrong


@lru_cache(maxsize=4)
def signatures(folder: str, sha1: bool) -> Signatures | None:  # noqa: FBT001 - a key of the cache
    """The certificates in `folder` (*.pem, *.crt, *.cer as PEM); `None` where none is named. Raises `SettingFault`."""
    if not folder:
        return None
    files = sorted(p for kind in ("*.pem", "*.crt", "*.cer") for p in Path(folder).glob(kind))
    try:
        return Signatures([p.read_bytes() for p in files], sha1=sha1)
    except NoSignxmlError as missing:
        raise SettingFault(str(missing)) from missing
    except (ValueError, OSError) as wrong:
        msg = f"MEDREC_CERTIFICATES: no usable PEM certificates in {folder}"
        raise SettingFault(msg) from wrong
