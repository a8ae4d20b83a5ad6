"""The log of one patient in plain Norwegian, as they may ask for it (pasientjournalforskriften § 14)."""

import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from medrec import clock, life
from medrec.records import audit

WHAT = {
    "read-list": "leste legemiddellisten",
    "read-worklist": "så navnet eller et avvik på en arbeidsliste",
    "new-number": "registrerte et nytt identitetsnummer",
    "export-tidy": "hentet ut en ryddeliste til fastlegekontoret",
    "read-raw": "leste en melding som den kom",
    "search": "søkte med identitetsnummer",
    "refused": "ble nektet tilgang",
    "self-authorise": "åpnet listen ved selvautorisering",
    "review": "vurderte en selvautorisering",
    "read-review": "leste grunnen til en selvautorisering",
    "block": "sperret listen",
    "lift-block": "opphevet sperringen",
    "launch": "åpnet listen fra journalen",
    "print": "skrev ut listen",
    "export-log": "hentet ut denne loggen",
    "export-data": "hentet ut alle opplysningene",
    "delete-data": "slettet opplysningene",
    "copy": "kopierte listen som tekst",
    "read-history": "leste listens historikk",
    "read-versions": "leste listens historikk",
    "read-version": "leste en tidligere liste",
    "read-diff": "leste hva som er endret",
    "read-sources": "leste hva hver kilde sier",
    "read-changes": "leste at listen er endret",
    "send-message": "sendte en melding",
    "acknowledge": "tok et avvik til etterretning",
    "snooze": "utsatte et avvik",
    "intended": "noterte at et avvik er tilsiktet",
    "link-same": "noterte at to opplysninger gjelder samme legemiddel",
    "link-different": "noterte at to opplysninger ikke gjelder samme legemiddel",
    "observation": "noterte en observasjon",
    "confirm": "bekreftet listen",
    "ask-gp": "spurte fastlegen",
    "undo": "angret noe de hadde gjort",
    "died": "registrerte dødsfall",
    "not-dead": "trakk tilbake et dødsfall",
    "join": "slo sammen to registreringer av samme person",
    "unjoin": "trakk tilbake en sammenslåing",
    "part": "skilte opplysninger om to personer",
}
ROLE = {
    "nurse": "sykepleier",
    "leader": "leder",
    "pharmacist": "farmasøyt",
    "gp": "fastlege",
    "system": "datasystem",
    "auditor": "revisor",
    "admin": "drift",
    "nobody": "ikke innlogget",
}
WHY = {"COC": "helsehjelp", "BTG": "selvautorisering", "ETREAT": "øyeblikkelig hjelp", "HOPERAT": "etterkontroll"}
HEADING = ("Tidspunkt", "Hvem", "Rolle", "HPR-nummer", "Virksomhet", "Hva", "Grunnlag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One row as the patient reads it; the order of the fields is that of `HEADING`."""

    at: str
    who: str
    role: str
    hpr: str
    organisation: str
    what: str
    why: str

    def cells(self) -> tuple[str, ...]:
        """The row's cells; none can be taken for a formula by a spreadsheet."""
        return tuple(f"'{cell}" if cell[:1] in tuple("=+-@\t\r") else cell for cell in astuple(self))


def of_patient(session: Session, person_id: str) -> Iterator[Told]:
    """Everything in the log about one person, the oldest first; also under ids that were joined into theirs."""
    ids = life.known_as(session, person_id)
    among = [audit.c.person_id.is_(None) & audit.c.detail.contains(f'"{i}"') for i in ids]
    mine = or_(audit.c.person_id.in_(ids), *among)
    for row in session.execute(select(audit).where(mine).order_by(audit.c.position)):
        blocked = " (listen var sperret)" if json.loads(row.detail).get("blocked") else ""
        yield Told(
            at=row.at.astimezone(clock.OSLO).strftime("%d.%m.%Y %H:%M:%S"),
            who=row.actor_name,
            role=ROLE.get(row.role, row.role),
            hpr=row.hpr,
            organisation=row.organisation,
            what=_words(row.what) + blocked,
            why=WHY.get(row.why, row.why),
        )


def _words(what: str) -> str:
    """The act in plain words; a part of the list that a system asked for by its kind is a reading like the others."""
    if what.startswith(("read-", "search-")):
        return WHAT.get(what, "leste opplysninger fra listen")
    return WHAT.get(what, what)
