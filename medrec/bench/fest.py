"""FEST at its real size: 118 MB in both versions, read in a process of its own, beside the barest pass over it.

The file is the demo's FEST said over and over, each time with ids and package numbers of its own.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from medrec.bench.measure import Result
from medrec.demo.catalogue import demo_fest_xml

SIZE = 118_000_000
PEAK_MIB = 150
VERSIONS = ("2014-12-01", "2013-10-08")
_ID = re.compile(rb"ID_[0-9A-F]{4}")
_VARENR = re.compile(rb"(?<=Varenr>)\d{6}(?=<)")

_MEASURED = """
import resource, sys, time
from medrec.bench.fest import {work} as work
started = time.process_time()
work(sys.argv[1])
print(time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def steps() -> Iterator[Result]:
    """One step for each version; the note tells the peak of the process."""
    for version in VERSIONS:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "fest.xml"
            write_large(file, version)
            seconds, peak = _alone("load", file)
            floor, bare_peak = _alone("pass_over", file)
        yield Result(
            step=f"FEST {version}, {SIZE // 1_000_000} MB", unit="file", count=1, seconds=seconds, floor=floor,
            floor_is="bare one-pass extraction", goal=3.0,
            note=f"peak {peak} MiB (goal {PEAK_MIB}), bare {bare_peak} MiB",
        )  # fmt: skip


def load(path: str) -> None:
    """Read the file as the import does, and hold what it says."""
    from formats.fest import open_fest, read_fest  # noqa: PLC0415 - the floor's process is to do without it

    with Path(path).open("rb") as stream:
        read_fest(open_fest(stream))


def pass_over(path: str) -> None:
    """Take each entry's names, texts and attributes in one pass, and hold nothing."""
    for _, element in etree.iterparse(path, events=("end",), tag="{*}*"):
        if str(element.tag).rpartition("}")[2].startswith("Oppf"):
            for one in element.iter():
                _ = one.tag, one.text, one.attrib
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]  # type: ignore[union-attr]  # an entry has a parent


def write_large(file: Path, version: str, size: int = SIZE) -> None:
    """Write a FEST file of about `size` bytes: whole catalogues one after the other, each with ids of its own."""
    raw = demo_fest_xml().replace(b"2014-12-01", version.encode())
    head, body, tail = _parts(raw)
    with file.open("wb") as out:
        out.write(head)
        numbers = iter(range(100_000, 1_000_000))
        for copy in range(size // len(body) + 1):
            own = _ID.sub(b"ID_%04X" % copy, body)
            out.write(_VARENR.sub(lambda _: b"%06d" % next(numbers), own))
        out.write(tail)


def _parts(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before the first catalogue, the catalogues, and the end of the root."""
    first, last = raw.index(b"<Kat"), raw.rindex(b"</FEST>")
    return raw[:first], raw[first:last], raw[last:]


def _alone(work: str, file: Path) -> tuple[float, int]:
    """Processor seconds and peak MiB of one piece of work in a fresh process."""
    program = _MEASURED.format(work=work)
    told = subprocess.run([sys.executable, "-c", program, str(file)], check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    seconds, peak = told.stdout.split()
    return float(seconds), int(peak)
