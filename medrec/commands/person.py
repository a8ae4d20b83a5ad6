"""`medrec person`: life events of a person, and a patient's data exported or deleted.

Every act names why, and who decided it.

Identity numbers are read from standard input, one on each line: on the command line other users of the machine could
read them.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from formats.identifiers import NATIONAL, is_valid, person_identifier
from formats.statement import Identifier
from medrec import joining, life, persons
from medrec.access import log, portability
from medrec.access.portability import BASIS_TEXT, Basis
from medrec.cli import Refused, day
from medrec.commands.audit import operator
from medrec.config import data_dir_argument
from medrec.db import Database
from medrec.life import LifeKind, NotSo
from medrec.opening import opened


def arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    does = parser.add_subparsers(dest="does", required=True, metavar="died|join|part|number|undo|export|delete|due")
    died = _each(does.add_parser("died", help="relations and letters end; the list and its history stay"))
    died.add_argument("--on", required=True, type=day, metavar="YYYY-MM-DD")
    join = _each(does.add_parser("join", help="two persons are one: everything of the one goes to the other"))
    join.add_argument("--into", required=True, metavar="ID", help="the id that stays")
    part = _each(does.add_parser("part", help="one person is two: numbers (standard input) that are another's go"))
    part.add_argument("--message", action="append", default=[], metavar="ID", help="a message that goes along too")
    _each(
        does.add_parser("number", help="another number of the same person (standard input), as a D-number's successor")
    )
    undo = does.add_parser("undo", help="take back a death, a joining or a parting")
    undo.add_argument("event", metavar="EVENT")
    undo.add_argument("--reason", required=True)
    data_dir_argument(undo)
    export = _each(does.add_parser("export", help="all data of a patient: to read, for machines, and each message"))
    export.add_argument("--out", required=True, metavar="DIR", help="a folder that is not there yet")
    erase = _each(does.add_parser("delete", help="show what would be deleted; with --really delete it. The log stays"))
    grounds = "; ".join(f"{basis}: {words}" for basis, words in BASIS_TEXT.items())
    erase.add_argument("--basis", required=True, choices=[b.value for b in Basis], help=grounds)
    erase.add_argument("--really", action="store_true", help="delete; without it only the counts are shown")
    due = does.add_parser("due", help="ids of those whose data need not be kept any more")
    data_dir_argument(due)


def _each(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("--patient", required=True, metavar="ID", help="the person's opaque id")
    parser.add_argument("--reason", required=True, help="why, and who decided it")
    data_dir_argument(parser)
    return parser


def run(args: Namespace) -> int:
    """0 done; 1 for an unknown person or event, or what can't be."""
    does: dict[str, Callable[[Session, Namespace], None]] = {
        "died": _died, "join": _join, "part": _part, "number": _number, "undo": _undo,
        "export": _export, "delete": _delete, "due": _due,
    }  # fmt: skip
    with opened(args) as database:
        try:
            with database.writing() as session:
                if "patient" in args and (not persons.exists(session, args.patient)):
                    msg = "there is no such person"
                    raise NotSo(msg)  # noqa: TRY301 - answered like every other
                does[args.does](session, args)
        except (NotSo, persons.Unresolved) as wrong:
            raise Refused(str(wrong)) from wrong
        if args.does == "delete" and args.really:
            _wipe(database)
    return 0


def _died(session: Session, args: Namespace) -> None:
    event = life.died(session, args.patient, args.on, by=operator().id, reason=args.reason)
    log.record(session, operator(), "died", person_id=args.patient, detail={"event_id": event})
    print(f"event {event}")


def _join(session: Session, args: Namespace) -> None:
    print(f"event {joining.join(session, args.patient, args.into, by=operator(), reason=args.reason)}")


def _part(session: Session, args: Namespace) -> None:
    told = joining.part(session, args.patient, _numbers(), by=operator(), reason=args.reason, also=args.message)
    print(f"event {told.event}\nnew person {told.person_id}, {len(told.messages)} messages went along")
    for message_id in told.unsure:
        print(f"unsure: {message_id} (name it with --message, or leave it)")


def _number(session: Session, args: Namespace) -> None:
    for number in _numbers():
        persons.join(session, args.patient, number, operator().id)
        log.record(session, operator(), "new-number", person_id=args.patient)
    print("done; messages that waited for it: medrec quarantine retry")


def _numbers() -> list[Identifier]:
    told = [person_identifier("", "".join(line.split())) for line in sys.stdin if line.strip()]
    if not told or not all(i.type in NATIONAL and is_valid(i) for i in told):
        msg = "standard input must hold identity numbers, one on each line"
        raise NotSo(msg)
    return told


def _undo(session: Session, args: Namespace) -> None:
    kind = life.event_of(session, args.event)
    if kind is LifeKind.DIED:
        person_id = life.not_dead(session, args.event, by=operator().id)
        persons.mark_dirty(session, [person_id])
        log.record(session, operator(), "not-dead", person_id=person_id, detail={"event_id": args.event})
    elif kind is LifeKind.JOINED:
        joining.unjoin(session, args.event, by=operator())
    elif kind is LifeKind.PARTED:
        joining.unpart(session, args.event, by=operator(), reason=args.reason)
    else:
        msg = "what was deleted or handed out does not come back"
        raise NotSo(msg)
    print("taken back")


def _export(session: Session, args: Namespace) -> None:
    folder = Path(args.out)
    told = portability.export(session, args.patient, by=operator(), reason=args.reason)
    try:
        folder.mkdir(mode=0o700)
        (folder / "messages").mkdir(mode=0o700)
        (folder / "data.json").write_text(told.data, encoding="utf-8")
        (folder / "read.txt").write_text(told.text, encoding="utf-8")
        for name, raw in told.raw.items():
            (folder / "messages" / name).write_bytes(raw)
    except OSError as wrong:
        msg = "the folder is there already, or can't be made"
        raise NotSo(msg) from wrong
    print(f"{len(told.raw)} messages, data.json and read.txt in {folder}")


def _delete(session: Session, args: Namespace) -> None:
    basis = Basis(args.basis)
    portability.may_erase(session, args.patient, basis)
    if args.really:
        gone = portability.erase(session, args.patient, basis, by=operator(), reason=args.reason)
    else:
        gone = portability.due(session, args.patient)
    told = ", ".join(f"{many} {name}" for name, many in sorted(gone.items()))
    print(f"{told or 'nothing'} {'deleted' if args.really else 'would be deleted'}; the log stays")


def _due(session: Session, _args: Namespace) -> None:
    for person_id in portability.past_keeping(session):
        print(person_id)


def _wipe(database: Database) -> None:
    """What was deleted leaves the file itself. PostgreSQL does so by its own vacuum; backups by their own age."""
    if not database.settings.is_sqlite:
        return
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is not None:
            raw.execute("VACUUM")
            raw.execute(text("PRAGMA wal_checkpoint(TRUNCATE)").text)
