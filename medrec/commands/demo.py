"""`medrec demo`: a synthetic municipality from real-format messages to the web."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from medrec import clock, logs
from medrec.cli import count
from medrec.commands.serve import free, port

DEFAULT_FOLDER = Path(".medrec-demo")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's words."""
    parser.add_argument("--port", type=port, default=8000)
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_FOLDER, help="default ./.medrec-demo")
    parser.add_argument("--patients", type=count, default=40)
    parser.add_argument("--once", action="store_true", help="build and exit")


def run(args: argparse.Namespace) -> int:
    """Build (or reuse) and serve."""
    from medrec.demo.build import open_or_build  # noqa: PLC0415 - the whole house, only when it is built

    if not args.once:
        free("127.0.0.1", args.port)
    logs.to_stderr()
    console = Console(stderr=True)
    with console.status("lager demokommunen") as status:
        demo = open_or_build(
            args.data_dir,
            clock.today(),
            patients=args.patients,
            port=args.port,
            progress=lambda what, done, of: status.update(f"{what} {done}/{of}"),
        )
    told = demo.told
    if args.once:
        demo.sources.close()
        print(f"Built: {len(told['patients'])} patients in {demo.settings.data_dir}")
        return 0
    from medrec.server import Serving, serve  # noqa: PLC0415 - likewise

    def ready() -> None:
        print(f"Ready: {told['url']}")
        for user in told["users"]:
            print(f"  sign in as {user['name']} ({user['role']}): {user['sign_in']}")
        for name, address in told["sources"].items():
            print(f"  fetched from {name}: {address}")
        print("Everything here is synthetic; the drug catalogue is a demo catalogue. Ctrl-C stops.")
        sys.stdout.flush()

    serve(Serving(settings=demo.settings, port=args.port, all_in_one=True, ready=ready, beside=demo.sources.start))
    return 0
