"""One source as it is asked: its line, its credentials, and a request sent again where the token was old."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from medrec.sources.capability import Capability, read_capability
from medrec.sources.endpoints import Endpoint
from medrec.sources.http_client import Answer, HttpClient, SourceFault
from medrec.sources.tokens import Credentials

_ASKED_AGAIN = 6 * 3600.0
_FAILED_AGAIN = 600.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source said. `kept_back`: what it did not let us see, as codes; `digest`: of what it said, "" unknown.

    `raw` is `None` where the source says that nothing has changed.
    """

    raw: bytes | None
    kept_back: tuple[str, ...] = ()
    digest: str = ""


class Asking:
    """A source that can be asked, shared by threads."""

    def __init__(self, endpoint: Endpoint, client: HttpClient | None = None) -> None:
        self.endpoint = endpoint
        self.client = client or HttpClient(timeout=endpoint.timeout, per_second=endpoint.per_second)
        self._credentials = Credentials(endpoint, self.client)
        self._capability = Capability()
        self._capability_until = 0.0
        self._lock = threading.Lock()

    def send(
        self, method: str, url: str, *, body: bytes | None = None, head: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask with a token. Raises `SourceFault` where no whole answer came."""
        answer = self._send(method, url, body, head or {})
        return self._send(method, url, body, head or {}) if self._credentials.told(url, answer) else answer

    def capability(self) -> Capability:
        """What the server says of itself; asked every six hours, and without a token: it is public."""
        with self._lock:
            if time.monotonic() >= self._capability_until:
                self._capability, again = self._ask_capability()
                self._capability_until = time.monotonic() + again
            return self._capability

    def _ask_capability(self) -> tuple[Capability, float]:
        accept = {"Accept": "application/fhir+json"}
        try:
            answer = self.client.send("GET", f"{self.endpoint.url}/metadata", head=lambda: accept)
        except SourceFault:
            return self._capability, _FAILED_AGAIN
        return read_capability(answer.body if answer.status == HTTPStatus.OK else b""), _ASKED_AGAIN

    def _send(self, method: str, url: str, body: bytes | None, more: Mapping[str, str]) -> Answer:
        def head() -> dict[str, str]:
            kind = {"Accept": "application/fhir+json"}
            if body is not None:
                kind["Content-Type"] = "application/fhir+json"
            return kind | dict(more) | self._credentials.head(method, url)

        return self.client.send(method, url, head=head, body=body)

    def close(self) -> None:
        """Give back the connections."""
        self.client.close()
