"""Letters posted to a broker that is slow, refuses, drops the line after taking, or asks us to wait."""

import dataclasses
import socket
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from house import MONDAY, flag, furnish, judged, letter_rows, states, ticked

from formats.dialog import read_dialog
from medrec import clock
from medrec.db import open_database
from medrec.notices import outbox, threads
from medrec.notices.carrier import NotTaken, broker
from rules.conclusion import Severity


class Broker(ThreadingHTTPServer):
    """Answers each post by the next word of `behaviour` (the last one for ever); keeps what it took by MsgId."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Desk)
        self.behaviour, self.taken, self.posts = ["take"], {}, []
        self.held = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/messages"


class Desk(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        house, key = self.server, self.headers["Idempotency-Key"].strip('"')
        word = house.behaviour.pop(0) if len(house.behaviour) > 1 else house.behaviour[0]
        house.posts.append((key, body, dict(self.headers)))
        if word in {"take", "drop", "slow"}:
            assert house.taken.setdefault(key, body) == body, "the same MsgId is the same bytes"
        if word == "slow":
            house.held.wait(5)
        if word == "drop":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response({"take": 202, "slow": 202, "refuse": 400, "busy": 503, "moved": 302}.get(word, 500))
        if word == "busy":
            self.send_header("Retry-After", "1800")
        if word == "moved":
            self.send_header("Location", house.url)
        self.end_headers()

    def log_message(self, *_):
        """Nothing on the terminal."""


@pytest.fixture
def post_office():
    """A broker that listens on loopback."""
    server = Broker()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.held.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def posting(store_settings, post_office):
    """A store whose letters are posted, with a critical one waiting."""
    told = store_settings.values | {"outbox_url": post_office.url, "outbox_token": "broker-token"}
    database = open_database(dataclasses.replace(store_settings, values=told, outbox_timeout=0.3))
    judged(database, furnish(database), MONDAY, flag(severity=Severity.CRITICAL))
    yield database
    database.close()


def test_a_letter_is_posted_under_its_msg_id_and_no_file_is_laid(posting, post_office):
    ticked(posting, MONDAY)
    ((key, body, headers),) = post_office.posts
    (letter,) = letter_rows(posting)
    assert key == letter.message_id == read_dialog(body).msg_id
    assert headers["Authorization"] == "Bearer broker-token"
    assert headers["Content-Type"].startswith("application/xml")
    assert letter.state == "sent"
    assert not list(posting.settings.outbox.glob("*.xml"))


@pytest.mark.parametrize("fault", ["slow", "drop", "refuse", "moved", "error"])
def test_after_a_fault_the_same_letter_is_posted_again_later(posting, post_office, fault):
    post_office.behaviour = [fault, "take"]
    ticked(posting, MONDAY)
    post_office.held.set()
    assert states(posting) == ["queued"]
    assert len(post_office.posts) == 1
    ticked(posting, MONDAY + timedelta(seconds=10))
    assert len(post_office.posts) == 1, "it waits 16 seconds at least"
    ticked(posting, MONDAY + timedelta(seconds=17))
    assert states(posting) == ["sent"]
    assert len(post_office.taken) == 1
    first, second = post_office.posts
    assert first[:2] == second[:2]


def test_a_broker_that_asks_us_to_wait_is_left_alone(posting, post_office):
    post_office.behaviour = ["busy", "take"]
    ticked(posting, MONDAY)
    ticked(posting, MONDAY + timedelta(minutes=29))
    assert len(post_office.posts) == 1
    ticked(posting, MONDAY + timedelta(minutes=30))
    assert states(posting) == ["sent"]


def test_a_broker_that_is_away_makes_a_task_and_is_tried_hourly(posting, post_office):
    post_office.behaviour = ["refuse"]
    moment = MONDAY
    for _ in range(8):
        ticked(posting, moment)
        moment += timedelta(hours=1)
    assert states(posting) == ["failed"]
    with clock.held(moment), posting.reading() as session:
        assert {"failed", "call"} == {t.why for t in threads.tasks(session)}
        assert threads.failures(session)[0].problem == "HTTP 400"
    post_office.behaviour = ["take"]
    ticked(posting, moment)
    assert states(posting) == ["sent"]
    with posting.reading() as session:
        assert {t.why for t in threads.tasks(session)} == {"call"}


def test_nobody_there_and_nonsense_for_an_address_are_reasons_to_wait():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
    for url in (nobody, "gopher://x", "http://[", "no address"):
        with pytest.raises(NotTaken):
            broker(url, seconds=0.3)("id", b"<x/>")


def test_one_letter_that_is_not_taken_holds_up_no_other(posting, post_office):
    post_office.behaviour = ["refuse", "take"]
    with clock.held(MONDAY), posting.writing() as session:
        outbox.put_message(
            session, kind=outbox.Kind.APPREC, msg_id="second", body=b"<x/>", person_id=None, her_id="1", data={}
        )
    ticked(posting, MONDAY)
    assert len(post_office.posts) == 2
    assert len(post_office.taken) == 1
