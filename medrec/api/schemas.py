"""The shapes of requests and answers, from which requests are checked and the OpenAPI is written."""

import re
from datetime import datetime

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from medrec import clock
from medrec.ledger import FlagStatus
from rules.conclusion import DoseState, LineStatus, Owner, Section, Severity

PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f]*")
"""Text without control characters, but for line ends and tabulators."""


class Text(fields.String):
    """Text without control characters, at most so many characters."""

    def __init__(self, most: int = 200, least: int = 0, **more: object) -> None:
        rules = [validate.Length(least, most), validate.Regexp(rf"^{PLAIN.pattern}$")]
        super().__init__(validate=rules, **more)  # type: ignore[arg-type] # marshmallow's own keywords


class Request(Schema):
    """A request: what is not named here is refused by name."""

    class Meta:
        """Unknown names are refused."""

        unknown = RAISE


def _of(kind: type) -> validate.OneOf:
    return validate.OneOf([member.value for member in kind])  # type: ignore[attr-defined] # enums only


def _nullable(**more: object) -> fields.String:
    return fields.String(required=True, allow_none=True, **more)  # type: ignore[arg-type] # marshmallow's own keywords


def _words(**more: object) -> "fields.List[str]":
    return fields.List(fields.String(), required=True, **more)  # type: ignore[arg-type] # marshmallow's own keywords


def _open(description: str) -> fields.Dict:
    return fields.Dict(required=True, metadata={"description": description})


class Search(Request):
    """Who is looked for."""

    identifier = fields.String(
        required=True,
        validate=validate.Regexp(r"^\d{11}$"),
        metadata={"description": "fødselsnummer, D-number or FH-number", "example": "17814100062"},
    )


class Found(Schema):
    """The opaque id of a person."""

    patient = fields.String(required=True, metadata={"example": "0123456789abcdef01234567"})


def _in_any_zone(moment: datetime) -> None:
    if not clock.in_every_zone(moment):
        msg = "Not a valid datetime."
        raise ValidationError(msg)


class Asked(Request):
    """How a list is asked for."""

    as_of = fields.AwareDateTime(
        format="iso",
        validate=_in_any_zone,
        metadata={"description": "the list as it stood at this moment (RFC 3339 with offset)"},
    )


class Span(Request):
    """Two versions."""

    from_ = fields.Integer(data_key="from", required=True, validate=validate.Range(1, 999_999_999))
    to = fields.Integer(required=True, validate=validate.Range(1, 999_999_999))


class Paged(Request):
    """A stretch of a list."""

    cursor = fields.String(validate=validate.Length(1, 500), metadata={"description": "from the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class WorklistQuery(Paged):
    """Which discrepancies."""

    severity = fields.String(validate=_of(Severity))
    owner = fields.String(validate=_of(Owner))
    district = Text(100, 1)
    state = fields.String(validate=_of(FlagStatus))


class Since(Request):
    """Changes after a cursor."""

    since = fields.String(
        load_default="0",
        validate=validate.Regexp(r"^\d{1,15}$"),
        metadata={"description": "the cursor of the page before"},
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))


class Person(Request):
    """Who acts in the other system."""

    name = Text(100, 1, required=True)
    role = fields.String(required=True, validate=validate.OneOf(["nurse", "gp", "pharmacist"]))
    hpr = fields.String(validate=validate.Regexp(r"^\d{7,9}$"))


class Act(Request):
    """An act; `on_behalf_of` is the person who does it, where it is not the system itself."""

    on_behalf_of = fields.Nested(Person)


class Acknowledge(Act):
    """Seen."""

    note = Text(1000)


class Snooze(Acknowledge):
    """Put off."""

    until = fields.Date(required=True, metadata={"description": "tomorrow to seven days ahead; never a critical one"})


class Intended(Act):
    """As the prescriber wants it."""

    prescriber = Text(200, 1, required=True)
    known_by = Text(500, 1, required=True, metadata={"description": "how this is known"})
    written_reply = fields.Boolean(
        truthy={True}, falsy={False}, metadata={"description": "a critical one needs the written reply"}
    )


class Done(Schema):
    """What an act left behind."""

    action_id = fields.String(required=True)
    version = fields.Integer(required=True)
    revision = fields.Integer(required=True)


class RosterLine(Request):
    """One relation, as a line of the roster file."""

    identifier = fields.String(required=True, validate=validate.Regexp(r"^\d{11}$"))
    name = Text()
    district = Text(100, 1, required=True)
    from_ = fields.Date(data_key="from", required=True)
    to = fields.Date(allow_none=True)
    next_visit = fields.AwareDateTime(format="iso", allow_none=True)
    gp_hpr, gp_her_id, pharmacy_her_id = Text(16), Text(16), Text(16)
    gp_name, gp_office, gp_phone = Text(), Text(), Text(32)
    pharmacy_name, pharmacy_phone = Text(), Text(32)
    nursing_home = fields.Boolean(truthy={True}, falsy={False})


class Roster(Request):
    """The whole roster: who is not on it is no longer in care."""

    rows = fields.List(fields.Nested(RosterLine), required=True, validate=validate.Length(1, 50_000))


class RosterDone(Schema):
    """What loading it did."""

    persons, started = fields.Integer(required=True), fields.Integer(required=True)
    changed, ended = fields.Integer(required=True), fields.Integer(required=True)


class FieldError(Schema):
    """What is wrong with one field."""

    field, reason = fields.String(required=True), fields.String(required=True)


class Problem(Schema):
    """RFC 9457."""

    type, title = fields.String(required=True), fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    correlation = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldError))


class MessageProblem(Schema):
    """Why a message waits in quarantine."""

    code, place = fields.String(required=True), fields.String(required=True)


class Received(Schema):
    """What became of a message."""

    message_id = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["accepted", "repeated", "quarantined"]))
    patient = _nullable()
    problem = fields.Nested(MessageProblem, allow_none=True, required=True)


class Gap(Schema):
    """What is missing."""

    source, code, text = fields.String(required=True), fields.String(required=True), fields.String(required=True)
    as_said = fields.String(required=True)
    limits = fields.Boolean(required=True)


class Said(Schema):
    """A source's dose in its own words."""

    source, text, statement = (
        fields.String(required=True), fields.String(required=True), fields.String(required=True),
    )  # fmt: skip
    date = _nullable()
    outdated = fields.Boolean(required=True)
    last_said = _nullable(metadata={"description": "the day its source last said it, where it no longer does"})
    status = _nullable(metadata={"description": "stopped or paused: the source ends it, its text is no dose"})


class Dose(Schema):
    """The dose of a line. Amounts are texts, never JSON numbers."""

    text = fields.String(required=True)
    state = fields.String(required=True, validate=_of(DoseState))
    per_time = _nullable(metadata={"example": "50 mg"})
    per_day, interval = _nullable(metadata={"example": "100 mg"}), _nullable()
    moments = fields.List(fields.List(fields.String()), required=True)
    as_said = fields.List(fields.Nested(Said), required=True)


class Line(Schema):
    """One treatment."""

    key, name = fields.String(required=True), fields.String(required=True)
    section = fields.String(required=True, validate=_of(Section))
    status = fields.String(required=True, validate=_of(LineStatus))
    names, related, statements = _words(), _words(), _words()
    strength, form, route, use, indication, since = (
        _nullable(), _nullable(), _nullable(), _nullable(), _nullable(), _nullable(),
    )  # fmt: skip
    dose = fields.Nested(Dose, required=True)
    multidose, failed = fields.Boolean(required=True), fields.Boolean(required=True)
    facts = _open("name -> {value, evidence, rule}")


class Flag(Schema):
    """One discrepancy."""

    id, code, name, about = (
        fields.String(required=True), fields.String(required=True), fields.String(required=True),
        fields.String(required=True),
    )  # fmt: skip
    severity = fields.String(required=True, validate=_of(Severity))
    owner = fields.String(required=True, validate=_of(Owner))
    lines, also, evidence = _words(), _words(), _words()
    text, action, closes_when = (
        fields.String(required=True), fields.String(required=True), fields.String(required=True),
    )  # fmt: skip
    state, first_seen = _nullable(), _nullable()
    suppressed_by = fields.String(metadata={"description": "on suppressed ones: the code that speaks for it"})


class Aside(Schema):
    """A statement kept beside the list."""

    statement, reason = fields.String(required=True), fields.String(required=True)


class MedicationList(Schema):
    """The reconciled list (README, "Medication list JSON")."""

    patient, as_of = _nullable(), _nullable()
    version = fields.Integer(required=True, allow_none=True)
    rule_set, catalogue = fields.String(required=True), fields.String(required=True)
    complete = fields.Boolean(required=True)
    gaps = fields.List(fields.Nested(Gap), required=True)
    allergies = fields.List(fields.Dict(), required=True)
    lines = fields.List(fields.Nested(Line), required=True)
    discrepancies, suppressed = (
        fields.List(fields.Nested(Flag), required=True), fields.List(fields.Nested(Flag), required=True),
    )  # fmt: skip
    aside = fields.List(fields.Nested(Aside), required=True)
    quarantined = _words()
    statements = _open("id -> statement in the neutral form; decimals are strings")


class Version(Schema):
    """One version without its content."""

    version = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)
    rule_set, catalogue, digest = (
        fields.String(required=True), fields.String(required=True), fields.String(required=True),
    )  # fmt: skip
    complete = fields.Boolean(required=True)


class Versions(Schema):
    """All versions, newest first."""

    versions = fields.List(fields.Nested(Version), required=True)


class Change(Schema):
    """One difference between two versions."""

    change, about, name, before, after, code = (
        fields.String(required=True), fields.String(required=True), fields.String(required=True),
        fields.String(required=True), fields.String(required=True), fields.String(required=True),
    )  # fmt: skip


class Diff(Schema):
    """What differs."""

    from_ = fields.Integer(data_key="from", required=True)
    to = fields.Integer(required=True)
    changes = fields.List(fields.Nested(Change), required=True)


class LastFetch(Schema):
    """How the newest fetch of a source ended: ok, partial, failed or refused. `codes`: what it left out, or why."""

    at = fields.AwareDateTime(required=True)
    outcome = fields.String(required=True)
    codes = _words()


class SourceWord(Schema):
    """One reading of a source's word."""

    source, source_system, message_type, channel, outcome = (
        fields.String(required=True), fields.String(required=True), fields.String(required=True),
        fields.String(required=True), fields.String(required=True),
    )  # fmt: skip
    as_of = fields.AwareDateTime(required=True, allow_none=True)
    received_at = fields.AwareDateTime(required=True)
    whole = fields.Boolean(required=True)
    kinds = _words()
    unread = fields.Integer(required=True)
    gaps = fields.List(fields.Nested(Gap), required=True)
    fetched = fields.Nested(LastFetch, required=True, allow_none=True)
    statements = fields.List(fields.Dict(), required=True)


class Sources(Schema):
    """Each source's own word, apart."""

    sources = fields.List(fields.Nested(SourceWord), required=True)


class WorkFlag(Flag):
    """A discrepancy on the worklist, with the list it stands on (`etag` for If-Match)."""

    patient, etag = fields.String(required=True), fields.String(required=True)
    until = _nullable()


class Worklist(Schema):
    """A page; `cursor` is null at the end."""

    discrepancies = fields.List(fields.Nested(WorkFlag), required=True)
    cursor = _nullable()


class Changed(Schema):
    """One change. `kind`: list (new version) or revision (states only)."""

    patient, kind = fields.String(required=True), fields.String(required=True)
    version, revision = fields.Integer(required=True), fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)


class Changes(Schema):
    """A page in commit order; ask again with `cursor`, also when nothing came."""

    changes = fields.List(fields.Nested(Changed), required=True)
    cursor = fields.String(required=True)
    more = fields.Boolean(required=True)
