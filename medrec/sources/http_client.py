"""Asking a source over HTTP: bounded in time and size, tried again with patience, never faster than is polite.

A source that hangs, cuts off, lies about its length or answers too much ends as a `SourceFault` with a code of a closed
set; no word of an answer, and no address, stands in it. A source that keeps failing is left alone for a while.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from medrec import clock

logging.getLogger("httpx").setLevel(logging.WARNING)  # it would write addresses

_LARGEST = 32 * 1024 * 1024
_TRIES = 3
_LONGEST_PAUSE = 30.0
LONGEST_REST = 6 * 3600.0
"""A source that tells us to come back later than this is asked then all the same: it may have told nonsense."""
_AGAIN = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
RESTING, TOO_LARGE, TIMEOUT, CUT_OFF = "resting", "too-large", "timeout", "cut-off"
UNREACHABLE, GARBAGE = "unreachable", "garbage"
REFUSING = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class SourceFault(Exception):  # noqa: N818 - an answer about a source, written into the fetch log
    """A source was not read. `code`: timeout, unreachable, cut-off, too-large, resting, garbage, status-NNN, ..."""

    def __init__(self, code: str, *, refused: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole: status, headers with lower-case names, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_json(self) -> bool:
        """True where the body looks like one whole JSON object, whatever its content type says."""
        body = self.body.strip()
        return body.startswith((b"{", b"\xef\xbb\xbf{")) and body.endswith(b"}")

    def whole(self) -> bytes:
        """The body of a good answer. Raises `SourceFault`: status-NNN (refused for 401 and 403), garbage."""
        if self.status != HTTPStatus.OK:
            code = f"status-{self.status}"
            raise SourceFault(code, refused=self.status in REFUSING)
        if not self.is_json:
            raise SourceFault(GARBAGE)
        return self.body


class Breaker:
    """Leaves a source alone after several failures in a row: 15 s, doubled each time it fails again, at most 10 min.

    When the rest is over one request is let through; the others wait for how that one ends.
    """

    def __init__(self, *, failures: int = 5, rest: float = 15.0, longest: float = 600.0) -> None:
        self._allowed, self._first, self._longest = failures, rest, longest
        self._failures = 0
        self._rest = rest
        self._until = 0.0
        self._probing = False
        self._lock = threading.Lock()

    @property
    def open(self) -> bool:
        """True while the source is left alone."""
        with self._lock:
            return self._failures >= self._allowed and time.monotonic() < self._until

    def enter(self) -> None:
        """Raises `SourceFault` resting while the source is left alone."""
        with self._lock:
            if self._failures < self._allowed:
                return
            if time.monotonic() < self._until:
                raise SourceFault(RESTING)
            self._until, self._probing = time.monotonic() + self._rest, True  # this one is the probe

    def well(self) -> None:
        """The source answered."""
        with self._lock:
            self._failures, self._rest, self._until, self._probing = 0, self._first, 0.0, False

    def failed(self) -> None:
        """The source did not answer, after all tries. Those that were under way when it began to rest count once."""
        with self._lock:
            self._failures += 1
            now = time.monotonic()
            if self._failures < self._allowed or (now < self._until and not self._probing):
                return
            self._probing = False
            self._until = now + self._rest * random.uniform(1.0, 1.2)  # noqa: S311 - jitter
            self._rest = min(self._rest * 2, self._longest)

    def told(self, seconds: float) -> None:
        """The source itself said for how long it wants to be left alone (Retry-After)."""
        with self._lock:
            self._failures, self._probing = max(self._failures, self._allowed), False
            self._until = max(self._until, time.monotonic() + seconds)


class Pace:
    """At most so many requests a second, over all threads."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, pause: Callable[[float], object]) -> None:
        """Wait for this request's turn."""
        with self._lock:
            turn = self._turn()
        if (seconds := turn - time.monotonic()) > 0:
            pause(seconds)

    def _turn(self) -> float:
        """When this request may go (monotonic)."""
        turn = max(time.monotonic(), self._next)
        self._next = turn + self._gap
        return turn

    def rest(self, seconds: float) -> None:
        """The source wants to be left alone for so long: nothing to do here, for the breaker of this process knows."""


Head = Callable[[], Mapping[str, str]]
"""Makes the headers anew for each try: a proof of possession is good once."""


class HttpClient:
    """One source's line: connections, pace and breaker shared by all threads that ask it."""

    def __init__(
        self,
        *,
        timeout: float = 30.0,
        per_second: float = 5.0,
        breaker: Breaker | None = None,
        tries: int = _TRIES,
        pace: Pace | None = None,
    ) -> None:
        self.breaker = breaker or Breaker()
        self._pace = pace or Pace(per_second)
        self._timeout = timeout
        self._tries = tries
        limits = httpx.Limits(max_connections=16, keepalive_expiry=30)
        self._client = httpx.Client(timeout=min(timeout, 10.0), limits=limits, follow_redirects=False)
        self._stopping = threading.Event()

    def send(self, method: str, url: str, *, head: Head, body: bytes | None = None) -> Answer:
        """Ask; the answer whatever its status. Raises `SourceFault` where none came whole within the time."""
        self.breaker.enter()
        try:
            answer = self._patiently(method, url, head, body)
        except SourceFault as fault:
            if fault.code == RESTING:
                self.breaker.told(_LONGEST_PAUSE)  # all machines leave it alone: this one does too
            else:
                self.breaker.failed()
            raise
        if answer.status in _AGAIN:
            self.breaker.failed()
        else:
            self.breaker.well()
        return answer

    def close(self) -> None:
        """Give back the connections; whoever pauses is woken."""
        self._stopping.set()
        self._client.close()

    def _patiently(self, method: str, url: str, head: Head, body: bytes | None) -> Answer:
        for attempt in range(1, self._tries + 1):
            self._pace.wait(self._stopping.wait)
            wait = 0.0
            try:
                answer = self._once(method, url, head(), body)
            except SourceFault as fault:
                if attempt == self._tries or fault.refused:
                    raise
            else:
                wait = _told_to_wait(answer) if answer.status in _AGAIN else 0.0
                if wait > _LONGEST_PAUSE or (wait and attempt == self._tries):
                    self.breaker.told(wait)
                    self._pace.rest(wait)
                    return answer
                if answer.status not in _AGAIN or attempt == self._tries:
                    return answer
            jitter = random.uniform(0.2, 0.6) * 2**attempt  # noqa: S311 - jitter, no secret
            self._stopping.wait(min(max(wait, jitter), _LONGEST_PAUSE))
        raise AssertionError

    def _once(self, method: str, url: str, head: Mapping[str, str], body: bytes | None) -> Answer:
        ends = time.monotonic() + self._timeout
        with told_as_fault(), self._client.stream(method, url, headers=dict(head), content=body) as response:
            read = b"".join(bounded(response, largest=_LARGEST, ends=ends))
            headers = {k.lower(): v for k, v in response.headers.items()}
            return Answer(response.status_code, headers, read)


@contextmanager
def told_as_fault() -> Iterator[None]:
    """Whatever httpx raises within becomes a `SourceFault` with a code of the closed set."""
    try:
        yield
    except httpx.TimeoutException as fault:
        raise SourceFault(TIMEOUT) from fault
    except httpx.RemoteProtocolError as fault:
        raise SourceFault(CUT_OFF) from fault
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise SourceFault(UNREACHABLE) from fault


def bounded(response: httpx.Response, *, largest: int, ends: float) -> Iterator[bytes]:
    """The body part by part: `largest` bytes at most, until `ends` (monotonic). Raises `SourceFault` beyond either."""
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > largest:
            raise SourceFault(TOO_LARGE)
        if time.monotonic() > ends:
            raise SourceFault(TIMEOUT)
        yield part


def _told_to_wait(answer: Answer) -> float:
    """Seconds of Retry-After (RFC 9110 10.2.3: a number or a date); 0 where it is not there or no such thing."""
    told = answer.headers.get("retry-after", "")
    if told.isdecimal() and len(told) <= 9:  # noqa: PLR2004 - more is no time anybody means
        return min(float(told), LONGEST_REST)
    try:
        moment = parsedate_to_datetime(told)
    except (ValueError, OverflowError):
        return 0.0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - clock.now()).total_seconds(), 0.0), LONGEST_REST)
