"""Patience and its end: what is tried again, what is believed of Retry-After, when a source is left alone."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from told import NOON

from medrec import clock
from medrec.demo.servers import Manner, Reply, Server
from medrec.sources import http_client
from medrec.sources.http_client import Answer, Breaker, HttpClient, SourceFault

GOOD = Reply.of({"resourceType": "Bundle"})


@pytest.fixture
def server():
    made = Server(lambda _request: GOOD).start()
    yield made
    made.close()


@pytest.fixture
def pauses(monkeypatch):
    """How long the client would have waited, without waiting."""
    told = []
    monkeypatch.setattr(http_client.random, "uniform", lambda low, _high: low)
    return told


def line(pauses, **more):
    made = HttpClient(**({"per_second": 1000.0} | more))
    made._stopping.wait = pauses.append
    return made


def get(made, server):
    return made.send("GET", server.address + "/x", head=dict)


def test_a_passing_fault_is_tried_again_with_growing_pauses(server, pauses):
    server.instead("/x", Reply(503), Reply(500))
    assert get(line(pauses), server).status == 200
    assert [round(p, 3) for p in pauses if p > 0.1] == [0.4, 0.8]


def test_what_a_source_asks_for_is_waited_for(server, pauses):
    server.instead("/x", Reply(429, b"", {"Retry-After": "7"}))
    assert get(line(pauses), server).status == 200
    assert 7.0 in pauses


def test_more_than_anybody_waits_for_leaves_the_whole_source_alone(server, pauses):
    made = line(pauses)
    server.instead("/x", Reply(429, b"", {"Retry-After": "3600"}))
    assert get(made, server).status == 429
    assert len(server.asked) == 1
    with pytest.raises(SourceFault, match="resting"):
        get(made, server)
    assert len(server.asked) == 1, "it was not asked again"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("120", 120.0),
        (format_datetime(NOON + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOON - timedelta(seconds=90), usegmt=True), 0.0),
        ("99999999", 6 * 3600.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("", 0.0),
        ("1" * 400, 0.0),
        ("²", 0.0),
        ("Mon, 02 Mar 2026 12:00:00 +" + "9" * 20, 0.0),
        ("02 Mar " + "9" * 20, 0.0),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_never_nonsense(told, seconds):
    with clock.held(NOON):
        assert http_client._told_to_wait(Answer(429, {"retry-after": told}, b"")) == seconds


class Seconds:
    """A clock for the breaker that a test moves by hand."""

    def __init__(self, monkeypatch):
        self.at = 1000.0
        monkeypatch.setattr(http_client.time, "monotonic", lambda: self.at)
        monkeypatch.setattr(http_client.random, "uniform", lambda low, _high: low)


def lets_in(breaker):
    try:
        breaker.enter()
    except SourceFault:
        return False
    return True


def test_the_breaker_opens_after_failures_in_a_row_and_lets_one_probe_through(monkeypatch):
    seconds, breaker = Seconds(monkeypatch), Breaker(failures=3, rest=10.0)
    for _ in range(3):
        assert lets_in(breaker)
        breaker.failed()
    assert breaker.open
    assert not lets_in(breaker)
    seconds.at += 10.1
    assert [lets_in(breaker) for _ in range(3)] == [True, False, False]
    breaker.well()
    assert not breaker.open
    assert lets_in(breaker)


def test_a_probe_that_fails_doubles_the_rest_up_to_a_limit(monkeypatch):
    seconds, breaker = Seconds(monkeypatch), Breaker(failures=1, rest=10.0, longest=40.0)
    breaker.failed()
    rests = []
    for _ in range(5):
        rests.append(round(breaker._until - seconds.at))
        seconds.at = breaker._until + 0.1
        assert lets_in(breaker)
        breaker.failed()
    assert rests == [10, 20, 40, 40, 40]


def test_those_under_way_when_it_opened_do_not_lengthen_the_rest(monkeypatch):
    seconds, breaker = Seconds(monkeypatch), Breaker(failures=1, rest=10.0)
    for _ in range(4):
        breaker.failed()
    seconds.at += 10.1
    assert lets_in(breaker)


def test_one_answer_between_failures_begins_the_count_anew():
    breaker = Breaker(failures=2)
    for _ in range(5):
        breaker.failed()
        breaker.well()
    assert not breaker.open


def test_an_answer_without_end_is_given_up(server, monkeypatch, pauses):
    monkeypatch.setattr(http_client, "_LARGEST", 1000)
    server.always("/x", Reply(200, b"{" + b" " * 5000 + b"}"))
    with pytest.raises(SourceFault, match="too-large"):
        get(line(pauses, tries=1), server)


def test_a_host_that_is_not_there_is_unreachable(server, pauses):
    server.close()
    with pytest.raises(SourceFault, match="unreachable"):
        get(line(pauses, tries=1), server)


def test_no_address_and_no_word_of_an_answer_stands_in_a_fault(server, pauses):
    server.always("/x", Reply(200, b'{"a": "hemmelig"', manner=Manner.SHORT))
    with pytest.raises(SourceFault) as told:
        get(line(pauses, tries=1), server)
    assert str(told.value) == told.value.code == "cut-off"


def test_a_redirect_is_not_followed(server, pauses):
    server.always("/x", Reply(302, b"", {"Location": "http://elsewhere.invalid/"}))
    answer = get(line(pauses), server)
    with pytest.raises(SourceFault, match="status-302"):
        answer.whole()


def test_requests_keep_their_distance(monkeypatch):
    """Five at once at ten a second: the last begins four tenths after the first."""
    Seconds(monkeypatch)
    pace, waits = http_client.Pace(10.0), []
    for _ in range(5):
        pace.wait(waits.append)
    assert [round(seconds, 3) for seconds in waits] == [0.1, 0.2, 0.3, 0.4]
