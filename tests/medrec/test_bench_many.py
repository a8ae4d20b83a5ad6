"""What `medrec bench --many` writes: as many persons as it says, each with a list that is read."""

from itertools import islice

from sqlalchemy import func, select
from told import TODAY

from formats.identifiers import is_valid, person_identifier
from medrec import intake
from medrec.bench import many
from medrec.commands import ingest
from medrec.records import person, statement


def test_each_message_is_about_a_person_of_its_own_and_is_read(sqlite_database, tmp_path):
    many.write(tmp_path / "sent", 30, TODAY)
    files = list(ingest._files([tmp_path / "sent"]))
    receipts = intake.receive_many(sqlite_database, (file.read_bytes() for file in files), channel="test")
    assert [receipt.status for receipt in receipts] == ["accepted"] * 30
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(person)) == 30
        assert session.scalar(select(func.count()).select_from(statement)) == 90


def test_the_numbers_are_synthetic_valid_and_each_stands_once():
    numbers = list(islice(many.identifiers(), 50_000))
    assert len(set(numbers)) == len(numbers)
    assert all(is_valid(person_identifier("", number)) and int(number[2:4]) > 80 for number in numbers[::997])
