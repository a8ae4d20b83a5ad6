"""The README's curl line, word for word, against a server on loopback."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from medrec import clock
from medrec.demo.catalogue import demo_catalogue
from medrec.demo.municipality import municipality, posts
from medrec.demo.sign import Signer

README = Path(__file__).resolve().parents[3] / "README.md"
LINE = re.compile(r"^curl .*/api/v1/messages$", re.MULTILINE)

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def run(line: str, folder: Path, token: str) -> tuple[str, str]:
    """(status, body) of the line as a shell runs it, with the status told besides."""
    told = subprocess.run(
        ["sh", "-c", line.replace("curl ", "curl -sS -w '\\n%{http_code}' ", 1)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "TOKEN": token},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    body, _, status = told.stdout.rpartition("\n")
    return status, body


def test_the_line_of_the_readme_sends_a_message(api, address, tmp_path):
    line = LINE.search(README.read_text(encoding="utf-8"))[0].replace("http://127.0.0.1:8000", address)
    said = municipality(7, 1, clock.today(), demo_catalogue())[0]
    raw = next(post.raw for post in posts(said, clock.today(), Signer()) if b"ERM96" in post.raw[:2000])
    (tmp_path / "m96.xml").write_bytes(raw)
    status, body = run(line, tmp_path, api.token)
    assert (status, '"accepted"' in body) == ("201", True), body
    status, body = run(line, tmp_path, api.token)
    assert (status, '"repeated"' in body) == ("200", True), body
    status, body = run(line, tmp_path, "nobody")
    assert status == "401"
