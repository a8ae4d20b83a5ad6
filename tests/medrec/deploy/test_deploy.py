"""The files of `medrec/deploy` load and fit each other; installing, upgrading and going back are rehearsed."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from told import ANNA, BERIT, medicine, message

from medrec import backups, intake, listing, persons, work
from medrec.cli import main
from medrec.config import SettingFault
from medrec.db import MIGRATIONS, engine_for, open_database, scripts

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "medrec" / "deploy"
VENV = "/opt/medrec/venv/bin"


# --- gunicorn, systemd, container ---------------------------------------------------------------------------------


def told_by_gunicorn(environment, settings_, **more):
    env = environment | {"MEDREC_DATA_DIR": str(settings_.data_dir)} | more
    words = ["--print-config", "-c", str(FOLDER / "gunicorn.conf.py"), "wsgi:app"]
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", *words], env=env, cwd=ROOT, capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    return dict(re.findall(r"^(\w+)\s+= (.*)$", done.stdout, re.MULTILINE))


@pytest.mark.full
def test_gunicorn_reads_its_settings_and_loads_the_application(sqlite_settings, environment):
    told = told_by_gunicorn(environment, sqlite_settings, MEDREC_BIND="127.0.0.1:8123", MEDREC_WEB_WORKERS="3")
    assert "127.0.0.1:8123" in told["bind"]
    assert (told["workers"], told["worker_class"], told["preload_app"]) == ("3", "gthread", "False")
    assert int(told["graceful_timeout"]) < int(told["timeout"])
    assert told["secure_scheme_headers"] == "{}", "whom to believe about TLS is the application's business"


UNITS = sorted(FOLDER.glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd on this machine")
    here = tmp_path / unit.name.replace("@.", "@1.")
    here.write_text(unit.read_text(encoding="utf-8").replace(VENV, str(Path(sys.executable).parent)), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(here)], capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def of_unit(unit):
    return dict(line.split("=", 1) for line in unit.read_text(encoding="utf-8").splitlines() if "=" in line)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_there_is_and_gives_it_time_to_end(unit, capsys):
    told = of_unit(unit)
    program, *words = told["ExecStart"].removeprefix(f"{VENV}/").split()
    if program == "medrec":
        with pytest.raises(SystemExit) as ended:
            main([*words, "--help"])
        assert ended.value.code == 0
        assert capsys.readouterr().out
    else:
        assert (program, words[-1]) == ("gunicorn", "wsgi:app")
        assert Path(words[1]).name in {file.name for file in FOLDER.iterdir()}
    assert told["User"] == "medrec"
    assert int(told["TimeoutStopSec"]) > 20, "longer than a graceful end may take"


def instructions():
    text = (FOLDER / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_container_file_copies_what_there_is_and_runs_as_nobody_in_particular():
    told = instructions()
    words = [word for word, _ in told]
    assert set(words) <= {"FROM", "COPY", "RUN", "ENV", "WORKDIR", "USER", "EXPOSE", "CMD"}
    for word, rest in told:
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert source == "wheels" or (ROOT / source).exists()
    pythons = [re.search(r"python:(\d+)\.(\d+)-slim", rest) for word, rest in told if word == "FROM"]
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    least = tuple(map(int, needed.removeprefix(">=").split(".")))
    assert all(found and (int(found[1]), int(found[2])) >= least for found in pythons)
    assert ("USER", "medrec") in told
    assert words.index("USER") < words.index("CMD"), "not as root"
    copied = [rest.split()[-1] + Path(s).name for w, rest in told if w == "COPY" for s in rest.split()[:-1]]
    run = next(rest for word, rest in told if word == "CMD")
    assert re.search(r'"(/[^"]+\.py)"', run)[1] in copied
    assert ("WORKDIR", "/opt/medrec") in told, "where wsgi.py lies"


# --- installing without a network ---------------------------------------------------------------------------------


def ran(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, check=False, text=True, **more)


@pytest.mark.full
def test_a_folder_of_wheels_is_enough(tmp_path, environment):
    source, wheels, venv = tmp_path / "source", tmp_path / "wheels", tmp_path / "venv" / "bin"
    for room in ("medrec", "formats", "rules"):
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source / file)
    for name in ("with-network", "venv"):
        assert ran(sys.executable, "-m", "venv", tmp_path / name).returncode == 0
    fetched = ran(tmp_path / "with-network" / "bin" / "pip", "wheel", "-q", source, "-w", wheels)
    if fetched.returncode:
        pytest.skip("no package index can be reached from here")
    cut_off = ["unshare", "-n"] if shutil.which("unshare") and not ran("unshare", "-n", "true").returncode else []
    installed = ran(*cut_off, venv / "pip", "install", "--no-index", f"--find-links={wheels}", "medrec", cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    env = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    made = ran(*cut_off, venv / "medrec", "demo", "--once", "--patients", "2", "--data-dir", "d", cwd=tmp_path, env=env)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "d" / "medrec.db").exists()


# --- upgrading and going back -------------------------------------------------------------------------------------


@pytest.fixture
def terminal(store_settings, monkeypatch, capsys):
    """Commands on this store, as an operator gives them."""
    for name in [n for n in os.environ if n.startswith("MEDREC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MEDREC_KEYS", store_settings.values["keys"])
    monkeypatch.setenv("MEDREC_DATABASE_URL", store_settings.database_url)

    def run(*words):
        code = main([*words, "--data-dir", str(store_settings.data_dir)])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def taken_in(database, identifier, dose="1 tablett morgen"):
    receipt = intake.receive(database, message(identifier, medicine(dose=dose)), channel="test")
    work.run_once(database)
    return receipt


def digest_of(database, identifier):
    with database.reading() as session:
        stored = listing.current_list(session, persons.find(session, identifier))
        return {s.dose_text for s in stored.statements.values()}, stored.version, stored.reconciliation


def older(store_settings, revision):
    """The store as an earlier program left it."""
    engine, config = engine_for(store_settings), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()


EARLIER = [s.revision for s in scripts().walk_revisions()][1:4]


@pytest.mark.parametrize("revision", EARLIER)
def test_an_earlier_store_is_not_opened_is_upgraded_and_says_the_same(store_settings, terminal, revision):
    database = open_database(store_settings)
    taken_in(database, ANNA)
    before = digest_of(database, ANNA)
    database.close()
    older(store_settings, revision)
    with pytest.raises(SettingFault, match="behind; run: medrec db upgrade"):
        open_database(store_settings)
    assert terminal("db", "check")[0] == 1
    assert terminal("db", "upgrade")[0] == 0
    code, told = terminal("db", "check")
    assert (code, "no values do not open" in told) == (0, True), told
    assert terminal("audit", "verify")[0] == 0
    assert terminal("refresh", "--all")[0] == 0
    database = open_database(store_settings)
    assert digest_of(database, ANNA) == before, "the same list, and no new version"
    assert taken_in(database, ANNA).status == "repeated"
    assert taken_in(database, BERIT).status == "accepted"
    database.close()


def test_going_back_is_the_backup_of_before_and_what_came_between_sent_again(
    store_settings, empty_place, tmp_path, monkeypatch, request
):
    """As the page says it: the old program opens no newer database; the copy goes into an empty place."""
    if not store_settings.is_sqlite:
        tools = request.getfixturevalue("postgres_tools")
        monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    before = tmp_path / "before"
    database = open_database(store_settings)
    taken_in(database, ANNA)
    kept = digest_of(database, ANNA)
    backups.backup(database, before)
    taken_in(database, BERIT)  # came after the upgrade
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE of_the_newer_program (id INTEGER)")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(SettingFault, match="ahead of this program"):
        open_database(store_settings)
    backups.restore(empty_place, before)
    database = open_database(empty_place)
    assert digest_of(database, ANNA) == kept
    with database.reading() as session:
        assert persons.find(session, BERIT) is None
    assert [taken_in(database, who).status for who in (ANNA, BERIT)] == ["repeated", "accepted"]
    database.close()
