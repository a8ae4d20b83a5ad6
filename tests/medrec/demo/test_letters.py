"""What the demo sends: a Dialogmelding where a GP must act at once, valid against the schemas."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from formats.dialog import read_dialog
from medrec import clock
from medrec.demo.build import open_or_build


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """Built at ten in the morning, so that nothing waits for the night to pass."""
    with clock.held(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)):
        demo = open_or_build(
            tmp_path_factory.mktemp("demo"), clock.today(), patients=8, port=0, progress=lambda *_: None
        )
    return [file.read_bytes() for file in sorted(demo.settings.outbox.glob("*.xml"))]


def test_letters_lie_in_the_outbox_and_can_be_read_back(letters):
    assert letters
    told = [read_dialog(raw) for raw in letters]
    assert len({m.msg_id for m in told}) == len(told)
    assert all(m.version == "1.1" and m.text.strip() for m in told)


def test_letters_validate(letters, shared):
    schema = etree.XMLSchema(etree.parse(shared / "data" / "xsd" / "all.xsd"))
    for raw in letters:
        assert schema.validate(etree.fromstring(raw)), schema.error_log[0].message
