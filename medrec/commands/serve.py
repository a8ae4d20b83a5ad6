"""`medrec serve`: the web; with `--all` worker and schedule in the same process."""

import argparse

from medrec.cli import Refused
from medrec.config import data_dir_argument, settings_of


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    data_dir_argument(parser)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--all", action="store_true", help="worker and schedule too, with exactly one web worker")


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    from medrec.server import Serving, serve  # noqa: PLC0415 - the whole house, only when it serves

    chosen = settings_of(args)
    if args.all and not chosen.is_sqlite:
        msg = "--all is for the embedded store; on PostgreSQL run medrec work and medrec schedule beside medrec serve"
        raise Refused(msg)
    if args.all and args.workers != 1:
        msg = "--all runs with exactly one web worker"
        raise Refused(msg)
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
