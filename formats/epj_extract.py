"""The GP's extract of medicines from the journal (EPJ-EKSTRAKT, HIS 1150): Cave, notes and Legemidler as documents.

The extract is the GP's whole list as it is when sent. What it leaves out is off that list; its dates are those of the
message and weak (rules.md, clarification 62).
"""

from formats import epj
from formats.dates import day_of
from formats.msghead import Codecs, Message, identifier_breaches
from formats.statement import Allergy, Kind, Reach, Reading, Source, Statement, Unread

EXTRACT = "http://www.kith.no/xmlstds/epj/EPJEkstrakt/2008-02-20"
_CONTENT = frozenset({(EXTRACT, "Node"), (epj.EPJ1, "Cave"), (epj.EPJ2, "Notater"), (epj.EPJ3, "Legemidler")})


def read_extract(message: Message) -> Reading:
    """All documents of an extract. Raises FormatError for a list element without what the schema demands of it."""
    envelope = message.envelope
    day = day_of(envelope.gen_date) if envelope else None
    sender = envelope.sender.actor if envelope else None
    told = epj.Told(source=Source.GP, kind=Kind.GP_LIST, recorded=day, dated_by_envelope=True, reported_by=sender)
    bodies = [d.body for d in envelope.documents if d.body is not None] if envelope else [message.body]
    statements: list[Statement] = []
    allergies: list[Allergy] = []
    unread: list[Unread] = []
    for body in bodies:
        statements += epj.medicines(body, told)
        allergies += epj.allergies(body, told) if body.name == "Cave" else ()
        unread += epj.notes(body)
        if (body.ns, body.name) not in _CONTENT:
            unread.append(Unread(body.place, "further document", body.name))
    unread += _attachments(message)
    lists = [b for b in bodies if (b.ns, b.name) == (epj.EPJ3, "Legemidler")]
    person = envelope.patient if envelope else None
    return Reading(
        message="EPJ-EKSTRAKT/2008-02-20",
        source=Source.GP,
        person=person,
        statements=tuple(statements),
        allergies=tuple(allergies),
        allergies_answered=any(b.name == "Cave" for b in bodies),
        gaps=(epj.caveat(Source.GP, lists[0]),) if lists else (),
        unread=tuple(unread),
        reach=Reach.WHOLE if lists else Reach.EVENT,
        kinds=(Kind.GP_LIST,) if lists else (),
        breaches=identifier_breaches(person, "/MsgHead/MsgInfo/Patient"),
    )


def _attachments(message: Message) -> list[Unread]:
    documents = message.envelope.documents if message.envelope else ()
    return [Unread(d.container.place, "attachment", d.mime_type) for d in documents if d.container is not None]


CODECS: Codecs = dict.fromkeys(_CONTENT, read_extract)
