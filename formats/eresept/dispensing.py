"""Dispensings: M10 (pharmacy to registry), M6 (to the prescriber), M8 (to the GP), M8.1 (to kjernejournal), M9.8.

Sources: ER-Utlevering 2013-10-08, 2010-05-01, 2009-02-20 and the messages around it. What was given may differ from
what was prescribed. An annulment is a message of its own that cancels an earlier report by its id.
"""

from collections.abc import Iterable
from dataclasses import replace

from formats.eresept.containers import attached_to
from formats.eresept.m1 import version_of
from formats.eresept.rest import rest_of, spelled
from formats.eresept.utlevering import Report, read_utlevering, utlevering_in
from formats.msghead import Codecs, Message, identifier_breaches, one_person
from formats.node import Node
from formats.statement import AsideReason, Gap, GapCode, Person, Reach, Reading, Source, Statement, Unread

EHELSE = "http://www.ehelse.no/xmlstds/eresept/"
KITH = "http://www.kith.no/xmlstds/eresept/"


def read_report(message: Message) -> Reading:
    """M10, M6, M8 or M8.1: one dispensing, one event. An annulment names the report it cancels."""
    body, envelope = message.body, message.envelope
    node = utlevering_in(body)
    statements = (_with_rest(read_utlevering(node), body),) if node else ()
    if node is None:
        body.doc.unread.append(Unread(body.place, "report without a dispensing", spelled(rest_of(body))))
    person = envelope.patient if envelope else None
    annulled = node.text("AnnulleringsId") if node and node.flag("Annullering") else None
    return Reading(
        message=f"{_KINDS[body.name]}/{version_of(body)}",
        source=Source.RF,
        person=person,
        statements=statements,
        as_of=envelope.gen_date if envelope else None,
        cancels=(annulled,) if annulled else (),
        breaches=identifier_breaches(person, "/MsgHead/MsgInfo/Patient"),
    )


def _with_rest(statement: Statement, body: Node) -> Statement:
    """What the report itself says beside its dispensing: paper prescription, cancellation, reservation."""
    return replace(statement, codes=(*statement.codes, *rest_of(body, "Utlevering")))


def told_by(reports: Iterable[Report]) -> tuple[list[Statement], list[tuple[Person | None, str]]]:
    """The dispensings in attached reports, annulled ones set aside with their annulment, and whose they are."""
    found = list(reports)
    annulled = {r.annuls for r in found} - {None}
    statements = [replace(r.statement, aside=AsideReason.CANCELLED) if r.ids & annulled else r.statement for r in found]
    return statements, [(r.person, r.path) for r in found]


def read_m98(message: Message) -> Reading:
    """M9.8: all dispensings of one prescription, each an attached M6."""
    body, envelope = message.body, message.envelope
    attached = attached_to(envelope.documents if envelope else (), message.known)
    statements, persons = told_by(attached.reports)
    person = one_person([(envelope.patient if envelope else None, body.path), *persons])
    count = body.number("AntallUtleveringer") or body.number("AntallUteveringer")
    gaps = []
    if body.flag("Pasientreservasjon"):
        gaps.append(Gap(Source.RF, GapCode.RESERVED, "Pasientreservasjon", body.place))
    if count and count > len(statements):
        gaps.append(Gap(Source.RF, GapCode.PARTIAL, f"{len(statements)} av {count} utleveringer", body.place))
    return Reading(
        message=f"M9.8/{version_of(body)}",
        source=Source.RF,
        person=person,
        statements=tuple(statements),
        gaps=tuple(gaps),
        reach=Reach.EVENT,
        as_of=envelope.gen_date if envelope else None,
    )


_KINDS = {
    "Utleveringsrapport": "M10",
    "UtleveringsrapportRekvirent": "M6",
    "UtleveringsrapportFastlege": "M8",
    "UtleveringsrapportKjernejournal": "M8.1",
}

CODECS: Codecs = {
    (KITH + "m10/2013-10-08", "Utleveringsrapport"): read_report,
    (KITH + "m10/2010-06-07", "Utleveringsrapport"): read_report,
    (KITH + "m6/2013-10-08", "UtleveringsrapportRekvirent"): read_report,
    (KITH + "m6/2010-05-01", "UtleveringsrapportRekvirent"): read_report,
    (KITH + "m8/2013-10-08", "UtleveringsrapportFastlege"): read_report,
    (KITH + "m8/2010-06-07", "UtleveringsrapportFastlege"): read_report,
    (KITH + "m81/2013-10-08", "UtleveringsrapportKjernejournal"): read_report,
    (KITH + "m81/2012-10-10", "UtleveringsrapportKjernejournal"): read_report,  # what the schema of 2013-01-24 names
    (KITH + "m81/2013-01-24", "UtleveringsrapportKjernejournal"): read_report,
    (KITH + "m98/2015-10-15", "M98"): read_m98,
    (EHELSE + "m98/2018-07-01", "M98"): read_m98,
}
