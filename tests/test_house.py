"""The house's arrows, read from the imports: formats hears, rules judges, medrec acts."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
JUDGEMENT_MAY_SEE = {"formats.statement", "formats.drug", "formats.dosing"}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "manager"}
SOURCES = sorted(p for room in ("formats", "rules", "medrec") for p in (ROOT / room).rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            if node.module in {"formats", "rules"}:
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def ours(names: set[str], room: str) -> set[str]:
    return {n for n in names if n == room or n.startswith(f"{room}.")}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows_point_down(path: Path):
    room = path.relative_to(ROOT).parts[0]
    names = imports_of(path)
    if room == "formats":
        assert not ours(names, "rules") | ours(names, "medrec")
    if room == "rules":
        assert not ours(names, "medrec")
        assert ours(names, "formats") - {"formats"} <= JUDGEMENT_MAY_SEE


def test_rules_touch_nothing_outside():
    reaching = {"os", "socket", "logging", "sqlite3", "sqlalchemy", "time", "random", "requests", "httpx", "flask"}
    for path in (ROOT / "rules").rglob("*.py"):
        assert not {n.split(".")[0] for n in imports_of(path)} & reaching, path


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_rooms_have_names_and_a_word_about_themselves(path: Path):
    assert path.stem not in FORBIDDEN_NAMES
    if "migrations" not in path.parts:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "every module says what it is"


def test_top_level_is_fixed():
    rooms = {"medrec", "formats", "rules", "tests"}
    allowed = rooms | {"pyproject.toml", "wsgi.py", "README.md", "LICENSE", "CHANGELOG.md"}
    seen = {p.name for p in ROOT.iterdir() if not p.name.startswith(".")}
    assert seen - allowed <= {"uv.lock", "build", "dist", "medrec.egg-info", "htmlcov"}


def test_test_modules_have_names_of_their_own():
    names = [p.name for p in (ROOT / "tests").rglob("test_*.py")]
    assert not {n for n in names if names.count(n) > 1}, "pytest imports test modules by their name alone"
