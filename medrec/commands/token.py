"""`medrec token create`: a bearer token for another system; shown once, kept as a digest."""

import sys
from argparse import ArgumentParser, Namespace

from medrec.access import sessions
from medrec.access.people import SYSTEM_NEEDS, Need
from medrec.cli import Misused
from medrec.config import data_dir_argument
from medrec.opening import opened

_LONGEST = 366
_NAME = 100
_ORGANISATION = 20


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="create")
    create = does.add_parser("create", help="make a token and print it; it can't be shown again")
    create.add_argument("name", metavar="NAME", help="the system, as it stands in the access log")
    create.add_argument("--scopes", required=True, help=f"comma-separated, of: {', '.join(SYSTEM_NEEDS)}")
    create.add_argument("--days", type=int, default=90, help=f"valid for so many days (1-{_LONGEST}; 90)")
    create.add_argument("--organisation", default="", help="its organisation number")
    data_dir_argument(create)


def run(args: Namespace) -> int:
    """0 and the token on stdout."""
    scopes = _scopes(args.scopes)
    if not 1 <= args.days <= _LONGEST:
        msg = f"--days takes 1 to {_LONGEST}"
        raise Misused(msg)
    named = args.name.strip() and (args.name + args.organisation).isprintable()
    if not named or len(args.name) > _NAME or len(args.organisation) > _ORGANISATION:
        msg = f"NAME takes 1 to {_NAME} printable characters, --organisation at most {_ORGANISATION}"
        raise Misused(msg)
    with opened(args) as database:
        token = database.once(
            lambda session: sessions.new_token(
                session, name=args.name.strip(), organisation=args.organisation, scopes=scopes, days=args.days
            )
        )
    sys.stdout.write(f"{token}\n")
    return 0


def _scopes(text: str) -> frozenset[Need]:
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    if not wanted or not wanted <= {scope.value for scope in SYSTEM_NEEDS}:
        msg = f"--scopes takes some of {', '.join(SYSTEM_NEEDS)}"
        raise Misused(msg)
    return frozenset(Need(scope) for scope in wanted)
