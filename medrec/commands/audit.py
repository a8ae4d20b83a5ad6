"""`medrec audit verify|anchor|export`: does the log hold, its head, and one patient's part of it."""

import csv
import getpass
import sys
from argparse import ArgumentParser, Namespace

from medrec import persons
from medrec.access import insight, log
from medrec.access.people import Role, User
from medrec.cli import Misused, Refused
from medrec.config import data_dir_argument
from medrec.opening import opened


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="verify|anchor|export")
    verify = does.add_parser("verify", help="find any changed, missing or re-ordered row")
    verify.add_argument("--anchor", metavar="POSITION:DIGEST", help="what was noted outside earlier")
    anchor = does.add_parser("anchor", help="position and digest of the newest row, to be kept outside the database")
    export = does.add_parser("export", help="what a patient may ask to see, in plain Norwegian")
    export.add_argument("--patient", required=True, metavar="ID", help="the person's opaque id")
    export.add_argument("--format", choices=("text", "csv"), default="text")
    for each in (verify, anchor, export):
        data_dir_argument(each)


def run(args: Namespace) -> int:
    """0 the log holds, or told; 1 where it does not hold."""
    return {"verify": _verify, "anchor": _anchor, "export": _export}[args.does](args)


def _verify(args: Namespace) -> int:
    noted = _noted(args.anchor) if args.anchor else None
    with opened(args) as database, database.reading() as session:
        breaks = list(log.verify(session, against=noted))
        rows, _ = log.anchor(session)
    for found in breaks:
        print(f"row {found.position}: {found.wrong}")
    print(f"{rows} rows, {len(breaks) or 'no'} breaks")
    return 1 if breaks else 0


def _noted(text: str) -> tuple[int, str]:
    position, _, digest = text.partition(":")
    if not position.isdigit() or not digest:
        msg = "--anchor takes POSITION:DIGEST"
        raise Misused(msg)
    return int(position), digest


def _anchor(args: Namespace) -> int:
    with opened(args) as database, database.reading() as session:
        position, digest = log.anchor(session)
    print(f"{position}:{digest}")
    return 0


def _export(args: Namespace) -> int:
    with opened(args) as database, database.writing() as session:
        if not persons.exists(session, args.patient):
            msg = "no such person"
            raise Refused(msg)
        log.record(session, operator(), "export-log", person_id=args.patient)
        rows = [told.cells() for told in insight.of_patient(session, args.patient)]
    if args.format == "csv":
        csv.writer(sys.stdout, delimiter=";").writerows([insight.HEADING, *rows])
        return 0
    for row in rows:
        at, who, role, hpr, organisation, what, why = row
        who_else = (role, f"HPR {hpr}" if hpr else "", f"org. {organisation}" if organisation else "")
        told = ", ".join(filter(None, who_else))
        print(f"{at}  {who} ({told}) {what}{f' – grunnlag: {why}' if why else ''}")
    return 0


def operator() -> User:
    """Whoever runs commands on this machine."""
    name = getpass.getuser()
    return User(id=f"operator:{name}", name=name, role=Role.ADMIN)
