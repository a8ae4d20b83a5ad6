"""The demo's SFM and journal: two servers on loopback, and the settings by which medrec finds and fetches from them."""

from collections.abc import Callable, Iterable
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from medrec import clock
from medrec.db import Database
from medrec.demo import journal
from medrec.demo.said import Sources
from medrec.demo.servers import Server
from medrec.demo.servers_journal import PATH as JOURNAL_PATH
from medrec.demo.servers_journal import SCOPE as JOURNAL_SCOPE
from medrec.demo.servers_journal import TOKEN_PATH as JOURNAL_TOKEN_PATH
from medrec.demo.servers_journal import Chart, JournalService
from medrec.demo.servers_sfm import PATH as SFM_PATH
from medrec.demo.servers_sfm import SCOPE as SFM_SCOPE
from medrec.demo.servers_sfm import TOKEN_PATH as SFM_TOKEN_PATH
from medrec.demo.servers_sfm import SfmService
from medrec.demo.servers_tokens import TokenService
from medrec.demo.sfm_answer import answer
from medrec.sources.asking import Asking
from medrec.sources.endpoints import FHIR, SFM, endpoint_of
from medrec.sources.rounds import Rounds

PILOT = "Sør"
"""The district that is fetched from SFM; for the others the registry's messages are sent, so that both are seen."""
KEY_FILE = "demo-client.pem"
_CLIENT = "medrec-demo"
_BUILD_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class DemoSources:
    """The servers, their ports taken. `environ`: the settings that lead to them."""

    sfm: Server
    journal: Server
    environ: dict[str, str]

    @property
    def addresses(self) -> dict[str, str]:
        """Where each answers."""
        return {"SFM": self.sfm.address + SFM_PATH, "journal": self.journal.address + JOURNAL_PATH}

    def start(self) -> None:
        """Answer from now on."""
        self.sfm.start()
        self.journal.start()

    def close(self) -> None:
        """Answer no more and give the ports back."""
        self.sfm.close()
        self.journal.close()

    def fetch_once(self, database: Database) -> int:
        """One round from each, while they answer. Returns how many answers brought something new."""
        fresh = 0
        with self.sfm.running(), self.journal.running():
            for channel in (SFM, FHIR):
                endpoint = endpoint_of(database.settings, channel)
                if endpoint is None:
                    continue
                asking = Asking(endpoint)
                fresh += Rounds(channel, asking).tick(database, seconds=_BUILD_SECONDS)
                asking.close()
        return fresh


def demo_sources(folder: Path, everyone: Iterable[Sources]) -> DemoSources:
    """Servers that hold what the sources hold about everyone; the client's key lies in `folder`."""
    key, now, held = _key(folder / KEY_FILE), _now_as_here(), list(everyone)
    sfm_tokens = TokenService(client_id=_CLIENT, public_pem=key, scope=SFM_SCOPE, dpop=True, longest=60, now=now)
    tokens = TokenService(client_id=_CLIENT, public_pem=key, scope=JOURNAL_SCOPE, now=now)
    known = {said.patient.identifier: _answering(said, now) for said in held}
    sfm = Server(SfmService(sfm_tokens, known))
    charts = {said.patient.identifier: _chart(said) for said in held}
    own = Server(JournalService(tokens, charts, lists_include=True))
    return DemoSources(sfm, own, _environ(folder, sfm, own))


def _answering(said: Sources, now: Callable[[], datetime]) -> Callable[[], dict[str, object]]:
    return lambda: answer(said, now())


def _chart(said: Sources) -> Chart:
    told = list(journal.requests(said))
    return Chart(
        patient=journal.patient_resource(said.patient),
        requests=[r for r, _ in told if r["resourceType"] == "MedicationRequest"],
        medications={str(r["id"]): r for r, _ in told if r["resourceType"] == "Medication"},
        allergies=journal.allergies(said),
    )


def _environ(folder: Path, sfm: Server, own: Server) -> dict[str, str]:
    key = str(folder / KEY_FILE)
    return {
        "MEDREC_SFM_URL": sfm.address + SFM_PATH,
        "MEDREC_SFM_TOKEN_URL": sfm.address + SFM_TOKEN_PATH,
        "MEDREC_SFM_CLIENT_ID": _CLIENT,
        "MEDREC_SFM_KEY_FILE": key,
        "MEDREC_SFM_ALGORITHM": "ES384",
        "MEDREC_SFM_DISTRICTS": PILOT,
        "MEDREC_SFM_HOURS": "0.5",
        "MEDREC_FHIR_URL": own.address + JOURNAL_PATH,
        "MEDREC_FHIR_TOKEN_URL": own.address + JOURNAL_TOKEN_PATH,
        "MEDREC_FHIR_CLIENT_ID": _CLIENT,
        "MEDREC_FHIR_KEY_FILE": key,
        "MEDREC_FHIR_ALGORITHM": "ES384",
        "MEDREC_FHIR_HOURS": "0.5",
        "MEDREC_FETCH_PER_SECOND": "1000",
    }


def _key(file: Path) -> bytes:
    """The public half of the demo's client key; made at first start, readable by its owner only."""
    if not file.exists():
        made = ec.generate_private_key(ec.SECP384R1())
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.touch(mode=0o600)
        file.write_bytes(pem)
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _now_as_here() -> Callable[[], datetime]:
    """The clock as it stands in this context, for threads that know nothing of it being held."""
    apart = clock.now() - Context().run(clock.now)
    return lambda: Context().run(clock.now) + apart
