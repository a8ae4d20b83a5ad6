"""Every payload of the bench is refused with a code, or taken without harm; and reading opens no file and no socket."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from formats.errors import ErrorCode, FormatError
from formats.read import read
from medrec.bench.hostile import stand, warm_up
from medrec.bench.payloads import GOOD, payloads

ALL = list(payloads())
ROOT = Path(__file__).resolve().parents[2]


def test_there_are_many_and_each_has_a_name():
    assert len(ALL) >= 200
    assert len({p.name for p in ALL}) == len(ALL)


@pytest.mark.parametrize("payload", ALL, ids=lambda p: p.name.encode("ascii", "replace").decode())
def test_it_is_refused_or_harmless(payload):
    try:
        reading = read(payload.make())
    except FormatError as refused:
        assert payload.refused, refused.code  # noqa: PT017 - either outcome may be the right one
        assert refused.code in ErrorCode  # noqa: PT017 - likewise
        assert "12844100180" not in str(refused)  # noqa: PT017 - likewise
        return
    assert not payload.refused
    assert "root:" not in repr(reading)
    assert all(s.place for s in reading.statements)


def test_the_bench_looks_at_each_in_a_process_of_its_own():
    warm_up()
    refused, taken = (next(p for p in ALL if p.refused is kind) for kind in (True, False))
    assert (stand(refused).outcome, stand(taken).outcome) == ("dtd", "")


SCRIPT = """
import os, sys
from formats.errors import FormatError
from formats.read import read
from medrec.bench.hostile import warm_up
from medrec.bench.payloads import payloads
warm_up()
raws = [p.make() for p in payloads() if "MiB" not in p.name]
os.access("/medrec-reads-from-here", os.F_OK)
for raw in raws:
    try:
        read(raw)
    except FormatError:
        pass
os.access("/medrec-reads-to-here", os.F_OK)
"""


def test_no_file_and_no_socket_is_opened(tmp_path):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    log = tmp_path / "calls"
    calls = "trace=open,openat,openat2,socket,connect,execve,access,faccessat,faccessat2"
    done = subprocess.run(
        ["strace", "-f", "-o", str(log), "-e", calls, sys.executable, "-c", SCRIPT],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    told = log.read_text()
    during = re.search(r"medrec-reads-from-here(.*)medrec-reads-to-here", told, re.DOTALL)
    assert during is not None
    lines = during[1].splitlines()[1:-1]
    assert [line for line in lines if "+++" not in line and "---" not in line] == []


def test_the_good_message_is_good():
    (statement,) = read(GOOD.encode()).statements
    assert (statement.atc, statement.dose_text) == ("C07AB02", "1 tablett morgen")
