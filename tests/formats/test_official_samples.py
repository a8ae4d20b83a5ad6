"""Every sample beside the repository: no traceback, no loss, and the receipt that its case asks for."""

import json
import subprocess

import pytest

from formats.apprec import error_for, errors_in
from formats.errors import ErrorCode, FormatError
from formats.read import read
from formats.schemas import Schemas

CASES = {
    "11a": ["E30"], "11b": [], "11c": ["E30"], "12": [], "13a": [], "13b": ["T02"], "14a": ["E30"], "14b": ["E31"],
    "15a": ["T02"], "15b": ["T02"], "16a": [], "16b": [], "16c": [], "16d": [], "17a": [], "17b": [], "18": [],
    "19": [], "2": ["T01"], "20a": [], "20b": [], "21": [],
}  # fmt: skip
"""What each case of the official acceptance test is answered with, its schema being looked at (formats.md 2)."""

REFUSED = {"AS-PUBLISHED-INVALID-JSON", "troy.decoded", "Case1-2-", "Provenance-404", "package.json"}
"""The files that are no message: not well-formed, a web page, a list of files."""


@pytest.fixture(scope="module")
def schemas(shared):
    return Schemas(shared / "data" / "xsd")


@pytest.mark.parametrize("case", CASES)
def test_an_acceptance_case_gets_its_code(shared, schemas, case):
    folder = shared / "data/samples/acceptance/mottak-Medisinske_opplysninger-v1_5"
    (file,) = folder.glob(f"Case1-{case}-*.xml")
    try:
        codes = [e.code for e in errors_in(read(file.read_bytes(), schemas=schemas))]
    except FormatError as refused:
        codes = [error_for(refused).code]
    assert codes == CASES[case]


@pytest.mark.parametrize("validated", [False, True])
def test_the_command_reads_them_all(shared, medrec, environment, validated):
    files = sorted(p for kind in ("samples", "fhir") for p in (shared / "data" / kind).rglob("*") if p.is_file())
    files = [p for p in files if p.suffix in {".xml", ".json", ".txt"}]
    assert len(files) > 150, f"{len(files)} samples"
    extra = ["--schemas", str(shared / "data" / "xsd")] if validated else []
    words = [*medrec, "read", "--json", *extra, *map(str, files)]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert "Traceback" not in done.stderr
    told = json.loads(done.stdout)
    assert [t["file"] for t in told] == [str(p) for p in files]
    errors = {t["file"]: t["error"]["code"] for t in told if "error" in t}
    assert set(errors.values()) <= {code.value for code in ErrorCode}
    odd = [f for f in errors if not any(word in f for word in REFUSED)]
    assert odd == [], {f: errors[f] for f in odd}
    silent = [t["file"] for t in told if "error" not in t
              and not (t["statements"] or t["allergies"] or t["gaps"] or t["unread"] or t["complete"])]  # fmt: skip
    assert silent == []
