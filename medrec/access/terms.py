"""The settings of access, read and checked when the web starts; a setting that can't be used stops the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from medrec.config import SettingFault, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How access is set. The last three: how long rows without further use are kept; 0 years: for ever."""

    idle: timedelta
    absolute: timedelta
    proxies: int
    hosts: tuple[str, ...]
    organisations: frozenset[str]
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
        session_days=_whole(told, "keep_sessions_days", 1),
        attempt_days=_whole(told, "keep_attempts_days", 1),
        patient_years=_whole(told, "keep_patients_years", 0),
    )


def _many(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(","))))


def _whole(told: Mapping[str, str], name: str, least: int) -> int:
    if not told[name].isdigit() or int(told[name]) < least:
        msg = f"MEDREC_{name.upper()} must be a whole number of {least} or more"
        raise SettingFault(msg)
    return int(told[name])
