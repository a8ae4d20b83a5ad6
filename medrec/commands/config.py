"""`medrec config`: every setting, its value and where it comes from; and new keys for a new data folder."""

import json
import sys
from argparse import ArgumentParser, Namespace

from medrec.cli import Refused
from medrec.commands.db import state_of
from medrec.config import SECRET, SETTINGS, Settings, data_dir_argument, settings_of
from medrec.vault import new_keys, with_new_key, write_keys


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--json", action="store_true", help="as JSON")
    does.add_argument("--new-keys", action="store_true", help="make keys.json for a new data folder")
    does.add_argument("--add-key", action="store_true", help="a further key, which seals from now on")
    data_dir_argument(parser)


def run(args: Namespace) -> int:
    """0 shown or made; 1 when there are keys already."""
    found = settings_of(args)
    if args.new_keys:
        return _new_keys(found)
    if args.add_key:
        return _add_key(found)
    rows = [
        {
            "name": s.name,
            "variable": s.variable,
            "value": (SECRET if found.values[s.name] else "") if s.secret else found.values[s.name],
            "default": s.default,
            "origin": found.origins[s.name],
            "meaning": s.meaning,
        }
        for s in SETTINGS
    ]
    if args.json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        return 0
    for row in rows:
        other = "" if row["origin"] == "default" else f", default {row['default'] or '-'}"
        told = f"({row['origin']}{other})  {row['meaning']}"
        sys.stdout.write(f"{row['variable']:28} {row['value'] or '-':20} {told}\n")
    return 0


def _new_keys(found: Settings) -> int:
    if found.vault is not None:
        msg = "there are keys already; a lost or changed key makes everything sealed with it unreadable"
        raise Refused(msg)
    if found.is_sqlite and state_of(found) != "empty":
        msg = f"{found.data_dir} holds a database already; new keys would not open it, put back its own"
        raise Refused(msg)
    found.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # what sources said lies open in the database
    write_keys(found.keys_file, new_keys())
    sys.stdout.write(f"{found.keys_file} made; keep a copy apart from the backups of the database\n")
    return 0


def _add_key(found: Settings) -> int:
    if not found.keys_file.exists():
        msg = f"no key file {found.keys_file}"
        raise Refused(msg)
    write_keys(found.keys_file, with_new_key(found.keys_file.read_text(encoding="utf-8")))
    sys.stdout.write(f"{found.keys_file}: a new key seals from the next start; then run medrec db rekey\n")
    return 0
