"""Municipal care messages (PLO 1.5 and 1.6, and 2.0 as far as medicines go): what they say of medicines and allergies.

Sources: poKomponent and the message schemas of 2009-06-30, 2012-04-01 and 2016-05-30; HIS 1143-1148. Who speaks and
how it counts follows the message: the GP's information is the GP's list, a discharge report is the hospital's word,
what home care sends is a copy of its own list. A message may cancel or replace an earlier one (list 7309).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from formats import epj
from formats.dates import day_of
from formats.eresept import m25
from formats.eresept.rest import rest_of, spelled
from formats.msghead import Codecs, Message, identifier_breaches
from formats.node import Node
from formats.statement import (
    Actor,
    Allergy,
    AsideReason,
    Gap,
    GapCode,
    Kind,
    Reading,
    Source,
    Statement,
    Unread,
)


@dataclass(frozen=True, slots=True)
class _Sort:
    """A message type: name, who speaks, as what; whether its sender is the home care that gives the medicines."""

    name: str
    source: Source
    kind: Kind
    from_home_care: bool = False


_MEDICAL = _Sort("MEDISINSKE_OPPLYSNINGER", Source.GP, Kind.GP_LIST)
_TO_DOCTOR = _Sort("HELSEOPPLYSNINGER_LEGE", Source.HP, Kind.HOME_LIST, from_home_care=True)
_ADMISSION = _Sort("INNLEGGELSESRAPPORT", Source.HP, Kind.HOME_LIST, from_home_care=True)
_DISCHARGE = _Sort("UTSKRIVNINGSRAPPORT", Source.HP, Kind.DISCHARGE)
_APPLICATION = _Sort("HELSEOPPL_SOKNAD", Source.HP, Kind.ORDER)

_KITH, _EHELSE = "http://www.kith.no/xmlstds/po/", "http://ehelse.no/xmlstds/po/"
_VERSIONS = {"2009-06-30": "1.5", "2012-04-01": "1.6", "2016-05-30": "2.0"}

_TABLE: dict[tuple[str, str], _Sort] = {
    (_KITH + "OverforingMedisinskeOpplysninger/2009-06-30", "OverforingMedisinskeOpplysninger"): _MEDICAL,
    (_KITH + "MedisinskeOpplysninger/2012-04-01", "OverforingMedisinskeOpplysninger"): _MEDICAL,
    (_KITH + "Konsultasjon/2009-06-30", "Konsultasjon"): _TO_DOCTOR,
    (_KITH + "HelseopplysningerTilLege/2012-04-01", "Konsultasjon"): _TO_DOCTOR,
    (_KITH + "Innleggelsesrapport/2009-06-30", "Innleggelsesrapport"): _ADMISSION,
    (_KITH + "Innleggelsesrapport/2012-04-01", "Innleggelsesrapport"): _ADMISSION,
    (_KITH + "TverrfagligEpikrise/2009-06-30", "TverrfagligEpikrise"): _DISCHARGE,
    (_KITH + "TverrfagligEpikrise/2012-04-01", "TverrfagligEpikrise"): _DISCHARGE,
    (_KITH + "HelseopplysningerVedSoknad/2009-06-30", "HelseopplysningerVedSoknad"): _APPLICATION,
    (_KITH + "HelseopplysningerVedSoknad/2012-04-01", "HelseopplysningerVedSoknad"): _APPLICATION,
}

_SUMMARY = _Sort("SAMMENFATNING", Source.HP, Kind.DISCHARGE)
_OTHER = _Sort("PLO", Source.HP, Kind.OBSERVATION)
_TABLE |= {
    (_KITH + "MeldingFravar/2009-06-30", "MeldingFravar"): _OTHER,
    (_KITH + "OrienteringOmTjenestetilbud/2009-06-30", "OrienteringOmTjenestetilbud"): _OTHER,
    (_KITH + "OrienteringOmTjenestetilbud/2012-04-01", "OrienteringOmTjenestetilbud"): _OTHER,
    (_KITH + "Pasientlogistikk/2009-06-30", "Pasientlogistikk"): _OTHER,
    (_KITH + "Pasientlogistikk/2012-04-01", "Pasientlogistikk"): _OTHER,
    (_EHELSE + "Pasientlogistikk/2016-05-30", "Pasientlogistikk"): _OTHER,
    (_EHELSE + "HelseopplysningerSaksbehandling/2016-05-30", "HelseopplysningerSaksbehandling"): _APPLICATION,
    (_EHELSE + "Sammenfatning/2016-05-30", "Sammenfatning"): _SUMMARY,
}
"""Version 2.0 has no medicines of its own (a list comes with it as a further document), but allergies."""

_CANCELS, _REPLACES, _HISTORY = "C", "M", "H"  # code list 7309
_STATUSES = {"N": "ny", "M": "endring", "C": "kansellering", "A": "tillegg", "H": "historikk"}
_ABOUT_GIVING = frozenset({"OpplysningerRelevantOppfolging", "AvtaleOmAdmLegemidler"})
_CONTENTS = frozenset({"TypeInnholdIMelding", "InnholdKonsultasjon"})


def read_plo(message: Message) -> Reading:
    """What the message says of medicines. Raises FormatError for an element without what the schema demands of it."""
    body, envelope = message.body, message.envelope
    sort = _TABLE[body.ns, body.name]
    status = _status(body)
    told = _told(message, sort)
    statements = _aside(epj.medicines(body, told), status)
    allergies, heard = _allergies(body, told)
    person = envelope.patient if envelope else None
    replaced = envelope.parent_id if envelope and status in {_CANCELS, _REPLACES} else ""
    gaps = [epj.caveat(sort.source, body)] if statements else []
    if status in {_CANCELS, _REPLACES} and not replaced and sort is not _OTHER:
        gaps.append(Gap(sort.source, GapCode.PARTIAL, f"{_STATUSES[status]} uten referanse", body.place, (sort.kind,)))
    if not (statements or allergies or replaced or message.doc.unread):
        gaps.append(Gap(sort.source, GapCode.NOT_MEDICATION, sort.name, body.place))
    return Reading(
        message=f"{body.name if sort is _OTHER else sort.name}/{_VERSIONS[body.ns.rpartition('/')[2]]}",
        source=sort.source,
        person=person,
        statements=tuple(statements),
        allergies=() if status == _CANCELS else tuple(allergies),
        allergies_answered=heard and status != _CANCELS,
        gaps=tuple(gaps),
        unread=tuple(_unread(message, sort)),
        cancels=(replaced,) if replaced else (),
        also=tuple(_lists(message)),
        breaches=identifier_breaches(person, "/MsgHead/MsgInfo/Patient"),
    )


def _status(body: Node) -> str:
    """What the message is to its earlier ones (7309). One of no meaning, or with another's words, is kept as unread."""
    sending = next((n for n in body.kids() if n.name == "InformasjonOmForsendelsen"), None)
    said = sending.code("Forsendelsesstatus") if sending else None
    if sending is None or said is None:
        return ""
    others = {word for code, word in _STATUSES.items() if code != said.value}
    if said.value not in _STATUSES or said.text.lower() in others:
        words = f"{said.value} {said.text}".strip()
        body.doc.unread.append(Unread(sending.need("Forsendelsesstatus").place, "message status", words))
    return said.value


def _told(message: Message, sort: _Sort) -> epj.Told:
    envelope = message.envelope
    day = day_of(envelope.gen_date) if envelope else None
    discharge = sort.kind is Kind.DISCHARGE
    reported = _responsible(message.body) or (envelope.sender.actor if envelope else None)
    administers = sort.from_home_care and _gives_medicines(message.body)
    return epj.Told(
        source=sort.source,
        kind=sort.kind,
        recorded=day,
        dated_by_envelope=not discharge,
        decided=day if discharge else None,
        copies=sort.from_home_care,
        reported_by=reported,
        administered_by=(envelope.sender.actor.her_id or None) if administers and envelope else None,
    )


def _responsible(body: Node) -> Actor | None:
    for part in body.kids():
        named = part.one("AnsvarligRapport") if part.name == "AnsvarForRapport" else None
        if named is not None:
            return epj.worker(named)
    return None


def _gives_medicines(body: Node) -> bool:
    """Whether home care says it has an agreement to give the patient's medicines."""
    space = body.ns.rpartition("/")[2]
    component = f"{_KITH}poKomponent/{space}"
    agreed = epj.descendants(body, (component, "AvtaleOmAdmLegemidler"))
    return any(a.flag("AvtaleAdmLegemidler") for a in agreed)


def _aside(statements: list[Statement], status: str) -> list[Statement]:
    """A cancelled message's medicines are not in force, nor those sent as history."""
    why = {_CANCELS: AsideReason.CANCELLED, _HISTORY: AsideReason.OLD}.get(status)
    return [replace(s, aside=why) for s in statements] if why else statements


def _allergies(body: Node, told: epj.Told) -> tuple[list[Allergy], bool]:
    caves = list(epj.descendants(body, (epj.EPJ1, "Cave"), (epj.EPJ1, "Allerginotat")))
    return [a for cave in caves for a in epj.allergies(cave, told)], bool(caves)


def _lists(message: Message) -> Iterator[Reading]:
    """The medicine lists (M25) that come as further documents, each read as the message it is."""
    for document in message.envelope.documents if message.envelope else ():
        codec = m25.CODECS.get((document.body.ns, document.body.name)) if document.body else None
        if codec and document.body:
            yield codec(Message(document.body, message.envelope, message.known))


def _unread(message: Message, sort: _Sort) -> list[Unread]:
    """The words of the journal (they may change medicines, or name some), further documents, attachments."""
    found = list(_words(message.body, sort)) if sort is not _OTHER else []
    for document in message.envelope.documents if message.envelope else ():
        other = document.body
        known = other is not None and (other.ns, other.name) in m25.CODECS
        if other is not None and other.element is not message.body.element and not known:
            found.append(Unread(other.place, "further document", other.name))
        if document.container is not None:
            found.append(Unread(document.container.place, "attachment", document.mime_type))
    return found


def _words(body: Node, sort: _Sort) -> Iterator[Unread]:
    """Notes, what is agreed on giving the medicines, measures, and what the sender remarks on the contents."""
    component = f"{_KITH}poKomponent/{body.ns.rpartition('/')[2]}"
    for part in body.kids():
        yield from epj.notes(part)
        if part.name in _CONTENTS and (remark := part.words("Merknad")):
            yield Unread(part.place, "note", remark)
    measures = ((component, name) for name in (*_ABOUT_GIVING, "Tiltaksbeskrivelse"))
    for said in epj.descendants(body, *measures):
        words = spelled(rest_of(said, *(("AvtaleAdmLegemidler",) if sort.from_home_care else ())))
        if words:
            yield Unread(said.place, "note", words)


CODECS: Codecs = dict.fromkeys(_TABLE, read_plo)
