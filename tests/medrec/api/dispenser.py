"""A medicine dispenser at home that follows the changes and fetches the lists of its own patients: an example client.

It remembers a cursor and, for each patient, the tag of the list it holds. It gives out nothing from a list that is
incomplete, disputed or unread: then it asks the home-care service.
"""

from collections.abc import Callable, Mapping
from typing import Any

Get = Callable[..., Any]
"""(path, headers) -> answer with `status_code`, `headers` and `json`: a client that carries the bearer token."""


class Dispenser:
    """One dispenser station with the patients it serves."""

    def __init__(self, get: Get, patients: set[str]) -> None:
        self._get = get
        self._patients = patients
        self._cursor = "0"
        self.lists: dict[str, Mapping[str, Any]] = {}
        self._tags: dict[str, str] = {}

    def follow(self) -> set[str]:
        """Read what changed since last time and fetch those lists; returns whose lists are new."""
        changed: set[str] = set()
        more = True
        while more:
            page = self._get(f"/api/v1/changes?since={self._cursor}").json
            changed |= {c["patient"] for c in page["changes"]} & self._patients
            self._cursor, more = page["cursor"], page["more"]
        return {patient for patient in sorted(changed) if self._fetch(patient)}

    def _fetch(self, patient: str) -> bool:
        held = {"If-None-Match": self._tags[patient]} if patient in self._tags else {}
        answer = self._get(f"/api/v1/patients/{patient}/medication-list", headers=held)
        if answer.status_code != 200:
            return False
        self.lists[patient], self._tags[patient] = answer.json, answer.headers["ETag"]
        return True

    def may_give(self, patient: str) -> list[str]:
        """Names of the fixed medicines that can be given without asking anybody."""
        told = self.lists[patient]
        fixed = [line for line in told["lines"] if line["section"] == "fast" and line["status"] == "ACTIVE"]
        certain = [line for line in fixed if line["dose"]["state"] in {"AGREED", "SINGLE", "LATEST"}]
        urgent = {k for d in told["discrepancies"] if d["severity"] in {"critical", "high"} for k in d["lines"]}
        return [line["name"] for line in certain if told["complete"] and line["key"] not in urgent]
