"""Every setting: its default, where its value comes from, and one line of what it means. Read once, at start.

Settings come from the environment (`MEDREC_...`) and `--data-dir`. Secrets come from `keys.json` in the data folder or
from the environment, never from a default: without them nothing starts, but in a demo folder, which makes its own.
"""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medrec.cli import Refused
from medrec.vault import KeyFault, Vault, new_keys, read_keys, write_keys

SECRET = "(secret)"  # noqa: S105 - the word shown instead of one


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is declared."""

    name: str
    default: str
    meaning: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"MEDREC_{self.name.upper()}"


SETTINGS = (
    Setting("data_dir", "./.medrec", "folder of the database, the keys, inbox and outbox"),
    Setting("database_url", "", "SQLAlchemy URL; empty: SQLite in the data folder (medrec.db)"),
    Setting("keys", "", "content of keys.json, where the keys are not kept in a file", secret=True),
    Setting("keys_file", "", "path of the key file; empty: keys.json in the data folder"),
    Setting("inbox", "", "folder from which messages are taken; empty: inbox in the data folder"),
    Setting("outbox", "", "folder in which notices are laid; empty: outbox in the data folder"),
    Setting("outbox_url", "", "address notices are posted to instead of the folder; empty: the folder"),
    Setting("outbox_token", "", "bearer token for that address; empty: none is sent", secret=True),
    Setting("outbox_timeout", "30", "seconds after which a post is given up and tried again later"),
    Setting("fresh_hours_low", "24", "age in hours at which a fetched source is called old"),
    Setting("fresh_hours_high", "72", "age in hours from which an old source makes the list incomplete"),
    Setting("fetched_channels", "sfm,fhir", "channels that are fetched and so have a freshness; pushed ones have none"),
    Setting("drain_seconds", "2", "a worker looks for waiting patients at least this often"),
    Setting("inbox_seconds", "5", "how often the inbox folder is looked into"),
    Setting("pool_size", "5", "connections a process keeps to PostgreSQL"),
    Setting("session_idle_minutes", "60", "minutes without use after which a person is signed out"),
    Setting("session_hours", "10", "hours after which a person is signed out in any case"),
    Setting("proxies", "0", "reverse proxies in front whose X-Forwarded-For and -Proto are believed; 0: none"),
    Setting("hosts", "", "host names that are answered, comma between; empty: any"),
    Setting("organisations", "", "organisation numbers whose systems may read, comma between; empty: all with a token"),
    Setting("keep_sessions_days", "7", "days an ended session's row is kept"),
    Setting("keep_attempts_days", "1", "days counts of sign-in and search attempts are kept"),
    Setting("web_url", "", "address at which browsers and systems reach medrec, without a path (https://...)"),
    Setting("helseid_url", "", "HelseID's address (its issuer); empty: nobody signs in through HelseID"),
    Setting("helseid_client_id", "", "client id at HelseID, for people who sign in"),
    Setting("helseid_key_file", "", "PEM file of the private key that HelseID knows the client by"),
    Setting("helseid_algorithm", "PS256", "how client assertions to HelseID are signed: PS256, RS256 or ES256"),
    Setting(
        "helseid_scope",
        "openid profile helseid://scopes/identity/pid helseid://scopes/identity/security_level "
        "helseid://scopes/hpr/hpr_number",
        "scopes asked for when people sign in",
    ),
    Setting("helseid_level", "4", "lowest security level (claim security_level) at which people are let in"),
    Setting("helseid_audience", "", "audience of systems' access tokens from HelseID; empty: none are taken"),
    Setting("launch_servers", "", "FHIR base addresses of journals that may launch medrec, comma between; empty: none"),
    Setting("launch_client_id", "", "client id at the journal, for a launch with a patient in context"),
    Setting("launch_key_file", "", "PEM file of the private key that the journal knows that client by"),
    Setting("launch_algorithm", "RS384", "how client assertions of a launch are signed (RS384 or ES384)"),
    Setting("launch_scope", "launch openid fhirUser patient/Patient.read", "scopes asked for at a launch"),
    Setting("keep_patients_years", "0", "years without care, after which a patient may be deleted; 0: never"),
    Setting("sfm_url", "", "FHIR base address of SFM Basis; empty: not fetched"),
    Setting("sfm_token_url", "", "HelseID's token endpoint"),
    Setting("sfm_client_id", "", "client id at HelseID"),
    Setting("sfm_scope", "e-helse:sfm.api/sfm.api", "scope asked for at HelseID"),
    Setting("sfm_key_file", "", "PEM file of the private key that HelseID knows the client by"),
    Setting("sfm_algorithm", "PS256", "how assertions to HelseID are signed: PS256, RS256, RS384, ES256 or ES384"),
    Setting("sfm_assertion_details", "", "JSON for the claim assertion_details (organisation numbers)"),
    Setting("sfm_hours", "12", "how often each person is fetched from SFM"),
    Setting("sfm_districts", "", "districts whose people are fetched from SFM, comma between; empty: all"),
    Setting("fhir_url", "", "FHIR R4 base address of the journal; empty: not fetched"),
    Setting("fhir_token_url", "", "the journal's token endpoint (SMART Backend Services)"),
    Setting("fhir_client_id", "", "client id at the journal"),
    Setting(
        "fhir_scope",
        "system/Patient.read system/MedicationRequest.read system/Medication.read system/AllergyIntolerance.read",
        "scopes asked for at the journal",
    ),
    Setting("fhir_key_file", "", "PEM file of the private key that the journal knows the client by"),
    Setting("fhir_algorithm", "RS384", "how client assertions to the journal are signed (RS384 or ES384)"),
    Setting("fhir_hours", "12", "how often each person is fetched from the journal"),
    Setting("fhir_districts", "", "districts whose people are fetched from the journal, comma between; empty: all"),
    Setting("fhir_pages", "20", "most pages read of one answer; more than that is told as incomplete"),
    Setting("fetch_at_once", "4", "requests in flight to one source at a time, for each process that fetches"),
    Setting("fetch_per_second", "5", "requests to one source in a second at most, of all processes together"),
    Setting("fetch_timeout", "30", "seconds after which an answer that is not whole is given up"),
    Setting("fest_url", "", "address (or path) of the FEST file, looked at every third day; empty: loaded by hand"),
    Setting("schemas", "", "folder of the official schemas (all.xsd): breaches are told; empty: not validated"),
    Setting("certificates", "", "folder of PEM certificates that signatures are checked against; empty: not checked"),
    Setting("signatures_sha1", "0", "1: signatures made with SHA-1 are taken too, as old senders make them"),
    Setting("audit_anchors", "", "file to which the access log's anchor is added each night; empty: only logged"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings in force. `origins` says of each where it came from: default, environment or command line."""

    data_dir: Path
    database_url: str
    keys_file: Path
    inbox: Path
    outbox: Path
    outbox_timeout: float
    fresh_hours_low: int
    fresh_hours_high: int
    fetched_channels: frozenset[str]
    drain_seconds: float
    inbox_seconds: float
    pool_size: int
    demo: bool
    vault: Vault | None
    values: Mapping[str, str]
    origins: Mapping[str, str]

    @property
    def keys(self) -> Vault:
        """The vault; raises `SettingFault` where there are no keys."""
        if self.vault is None:
            msg = (
                f"no keys: neither {self.keys_file} nor MEDREC_KEYS is there. Put back this data folder's key file, "
                f"or, for a new one, make it with: medrec config --new-keys --data-dir {self.data_dir}"
            )
            raise SettingFault(msg)
        return self.vault

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded store."""
        return self.database_url.startswith("sqlite")


class SettingFault(Exception):  # noqa: N818 - told to the person at the terminal as one line
    """A setting that can't be used; the message names it and never a secret."""


def settings(
    data_dir: str | Path | None = None, environ: Mapping[str, str] | None = None, *, demo: bool = False
) -> Settings:
    """Read and check all settings. With `demo` missing keys are made; else `Settings.keys` refuses without them."""
    env = os.environ if environ is None else environ
    told, origins = _told(env, data_dir)
    if not told["data_dir"].strip():
        msg = "--data-dir, or MEDREC_DATA_DIR, names no folder"
        raise SettingFault(msg)
    folder = Path(told["data_dir"])
    keys_file = Path(told["keys_file"] or folder / "keys.json")
    if demo and not told["keys"] and not keys_file.exists():
        write_keys(keys_file, new_keys())
    return Settings(
        data_dir=folder,
        database_url=_database(told["database_url"], folder),
        keys_file=keys_file,
        inbox=Path(told["inbox"] or folder / "inbox"),
        outbox=Path(told["outbox"] or folder / "outbox"),
        outbox_timeout=_seconds(told, "outbox_timeout"),
        fresh_hours_low=_whole(told, "fresh_hours_low"),
        fresh_hours_high=_whole(told, "fresh_hours_high"),
        fetched_channels=frozenset(filter(None, map(str.strip, told["fetched_channels"].split(",")))),
        drain_seconds=_seconds(told, "drain_seconds"),
        inbox_seconds=_seconds(told, "inbox_seconds"),
        pool_size=_whole(told, "pool_size"),
        demo=demo,
        vault=_vault(told["keys"], keys_file),
        values=told,
        origins=origins,
    )


def data_dir_argument(parser: ArgumentParser) -> None:
    """Give a command its `--data-dir`."""
    parser.add_argument("--data-dir", metavar="DIR", help="data folder (default ./.medrec, or MEDREC_DATA_DIR)")


def settings_of(args: Namespace) -> Settings:
    """The settings a command runs with; a fault is one line on stderr."""
    try:
        return settings(args.data_dir)
    except SettingFault as fault:
        raise Refused(str(fault)) from fault


def _told(env: Mapping[str, str], data_dir: str | Path | None) -> tuple[dict[str, str], dict[str, str]]:
    told = {s.name: env.get(s.variable, s.default) for s in SETTINGS}
    origins = {s.name: "environment" if s.variable in env else "default" for s in SETTINGS}
    if data_dir is not None:
        told["data_dir"], origins["data_dir"] = str(data_dir), "command line"
    return told, origins


def _database(url: str, folder: Path) -> str:
    if not url:
        return f"sqlite:///{(folder / 'medrec.db').as_posix()}"
    if url.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    msg = "MEDREC_DATABASE_URL must begin with sqlite:/// or postgresql://"
    raise SettingFault(msg)


def _vault(content: str, keys_file: Path) -> Vault | None:
    try:
        if content:
            return read_keys(content)
        return read_keys(keys_file.read_text(encoding="utf-8")) if keys_file.exists() else None
    except (KeyFault, OSError) as fault:
        msg = f"{'MEDREC_KEYS' if content else keys_file}: {fault}"
        raise SettingFault(msg) from fault


def _whole(told: Mapping[str, str], name: str) -> int:
    if not told[name].isdigit() or int(told[name]) == 0:
        msg = f"MEDREC_{name.upper()} must be a whole number above 0"
        raise SettingFault(msg)
    return int(told[name])


def _seconds(told: Mapping[str, str], name: str) -> float:
    try:
        seconds = float(told[name])
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        msg = f"MEDREC_{name.upper()} must be a number of seconds above 0"
        raise SettingFault(msg)
    return seconds
