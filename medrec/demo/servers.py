"""Small servers on loopback that speak as the sources speak, faults included; the demo and the tests fetch from them.

A service is a function from a request to a reply. Between the two stands the server, which can be told to fail in the
ways sources were seen to fail: `Manner` names them.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

Json = Mapping[str, object]
_MOST_BODY = 1 << 20


class Manner(StrEnum):
    """How a reply goes over the line. SHORT: cut off before the length it told; DRIP: a byte at a time, for ever."""

    WHOLE = "whole"
    SHORT = "short"
    HANG = "hang"
    DRIP = "drip"
    NOT_HTTP = "not-http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came: `query` and `form` hold the last value of each name, header names are in lower case."""

    method: str
    path: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> Mapping[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace")))


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = Manner.WHOLE

    @classmethod
    def of(cls, told: Json, status: int = 200, kind: str = "application/fhir+json", **headers: str) -> "Reply":
        """A reply of JSON; `DPoP_Nonce="x"` is the header DPoP-Nonce."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, {"Content-Type": kind, **named})


Service = Callable[[Request], Reply]


class Server:
    """A service on a loopback port. The port is taken at once; it answers between `start` and `stop`.

    `asked` holds what came, newest last, for those who look over its shoulder.
    """

    def __init__(self, service: Service, port: int = 0) -> None:
        self.asked: deque[Request] = deque(maxlen=2000)
        self._service = service
        self._instead: dict[str, deque[Reply]] = {}
        self._always: dict[str, Reply] = {}
        self._ending = threading.Event()
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.answer = self._answer
        self._http.ending = self._ending
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self) -> "Server":
        """Answer from now on, in threads."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="source", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer no more; the port stays taken until `close`."""
        self._ending.set()
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join(5)
            self._thread = None

    def close(self) -> None:
        """Give the port back."""
        self.stop()
        self._http.server_close()

    @contextmanager
    def running(self) -> Iterator["Server"]:
        """Answer inside the block."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def instead(self, path: str, *replies: Reply) -> None:
        """Give these replies, each once, to the next requests whose path ends so."""
        self._instead.setdefault(path, deque()).extend(replies)

    def always(self, path: str, reply: Reply | None) -> None:
        """Give this reply to each request whose path ends so; `None`: as the service does again."""
        self._always.pop(path, None)
        if reply is not None:
            self._always[path] = reply

    def _answer(self, request: Request) -> Reply:
        self.asked.append(request)
        for path, waiting in self._instead.items():
            if waiting and request.path.endswith(path):
                return waiting.popleft()
        for path, reply in self._always.items():
            if request.path.endswith(path):
                return reply
        return self._service(request)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    answer: Service
    ending: threading.Event


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the base class names it so
        """Nothing: what is asked for stays between the two."""

    def do_GET(self) -> None:
        """Answer a question."""
        self._serve()

    def do_POST(self) -> None:
        """Answer a form or a body."""
        self._serve()

    def _serve(self) -> None:
        told = urlsplit(self.path)
        host = self.headers.get("Host", "")
        length = min(int(self.headers.get("Content-Length") or 0), _MOST_BODY)
        request = Request(
            method=self.command,
            path=told.path,
            url=f"http://{host}{told.path}",
            query=dict(parse_qsl(told.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )
        self._send(self.server.answer(request))

    def _send(self, reply: Reply) -> None:
        if reply.manner is not Manner.WHOLE:
            self.close_connection = True
        if reply.manner is Manner.HANG:
            self.server.ending.wait(120)
            return
        if reply.manner is Manner.NOT_HTTP:
            self.wfile.write(reply.body or b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            return
        more = 0 if reply.manner is Manner.WHOLE else 4096
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.body) + more)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.manner is Manner.DRIP:
            self._drip()

    def _drip(self) -> None:
        try:
            while not self.server.ending.wait(0.1):
                self.wfile.write(b" ")
                self.wfile.flush()
        except OSError:
            return
