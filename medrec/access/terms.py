"""The settings of access, read and checked when the web starts; a setting that can't be used stops the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from medrec.config import SettingFault, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How access is set. `patient_years` 0: patients are never deleted by age."""

    idle: timedelta
    absolute: timedelta
    proxies: int
    hosts: tuple[str, ...]
    organisations: frozenset[str]
    issuer: str
    client_id: str
    client_key: str
    scope: str
    audience: str
    session_days: int
    attempt_days: int
    patient_years: int


def terms(settings: Settings) -> Terms:
    """The terms in force; raises `SettingFault` naming the setting that can't be used."""
    told = settings.values
    return Terms(
        idle=timedelta(minutes=_whole(told, "session_idle_minutes", 1)),
        absolute=timedelta(hours=_whole(told, "session_hours", 1)),
        proxies=_whole(told, "proxies", 0),
        hosts=_many(told["hosts"]),
        organisations=frozenset(_many(told["organisations"])),
        issuer=_issuer(told),
        client_id=told["helseid_client_id"],
        client_key=_key(told),
        scope=told["helseid_scope"],
        audience=told["api_audience"],
        session_days=_whole(told, "keep_sessions_days", 1),
        attempt_days=_whole(told, "keep_attempts_days", 1),
        patient_years=_whole(told, "keep_patient_years", 0),
    )


def _many(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(","))))


def _whole(told: Mapping[str, str], name: str, least: int) -> int:
    if not told[name].isdigit() or int(told[name]) < least:
        msg = f"MEDREC_{name.upper()} must be a whole number of {least} or more"
        raise SettingFault(msg)
    return int(told[name])


def _issuer(told: Mapping[str, str]) -> str:
    """The issuer: https, or this machine; with it a client id and a key are compulsory."""
    issuer = told["helseid_issuer"].rstrip("/")
    if not issuer:
        return ""
    parts = urlsplit(issuer)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost"}:
        msg = "MEDREC_HELSEID_ISSUER must begin with https://"
        raise SettingFault(msg)
    if not told["helseid_client_id"]:
        msg = "MEDREC_HELSEID_CLIENT_ID must be set where MEDREC_HELSEID_ISSUER is"
        raise SettingFault(msg)
    if not _key(told):
        msg = "MEDREC_HELSEID_KEY or MEDREC_HELSEID_KEY_FILE must be set where MEDREC_HELSEID_ISSUER is"
        raise SettingFault(msg)
    return issuer


def _key(told: Mapping[str, str]) -> str:
    if told["helseid_key"] or not told["helseid_key_file"]:
        return told["helseid_key"]
    try:
        return Path(told["helseid_key_file"]).read_text(encoding="utf-8")
    except OSError as fault:
        msg = f"MEDREC_HELSEID_KEY_FILE: {fault.strerror}"
        raise SettingFault(msg) from fault
