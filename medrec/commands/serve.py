"""`medrec serve`: the web; with `--all` worker and schedule in the same process."""

import argparse
import socket

from medrec import logs
from medrec.cli import Misused, Refused, count
from medrec.config import data_dir_argument, settings_of

_PORTS = 65535


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    data_dir_argument(parser)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=port, default=8000)
    parser.add_argument("--workers", type=count, default=1)
    parser.add_argument("--threads", type=count, default=8)
    parser.add_argument("--all", action="store_true", help="worker and schedule too, with exactly one web worker")


def port(text: str) -> int:
    """A port given as an argument, 1 to 65535."""
    number = count(text)
    if number > _PORTS:
        msg = f"{text!r} is no port (1-{_PORTS})"
        raise argparse.ArgumentTypeError(msg)
    return number


def free(host: str, number: int) -> None:
    """Raises `Refused` where nobody can listen at this address: said once, before anything is built or started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as wrong:
        msg = f"can't serve at {host}:{number}: {wrong.strerror}"
        raise Refused(msg) from None


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    from medrec.server import Serving, serve  # noqa: PLC0415 - the whole house, only when it serves

    logs.to_stderr()
    chosen = settings_of(args)
    if args.all and not chosen.is_sqlite:
        msg = "--all is for the embedded store; on PostgreSQL run medrec work and medrec schedule beside medrec serve"
        raise Refused(msg)
    if args.all and args.workers != 1:
        msg = "--all runs with exactly one web worker"
        raise Misused(msg)
    free(args.host, args.port)
    serve(
        Serving(
            settings=chosen,
            host=args.host,
            port=args.port,
            workers=args.workers,
            threads=args.threads,
            all_in_one=args.all,
            ready=lambda: print(f"Ready: http://{args.host}:{args.port}", flush=True),
        )
    )
    return 0
