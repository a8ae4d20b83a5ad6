"""The neutral message: a JSON object that carries statements of one person, told by `"medrec": "1"` at its top.

`{"medrec": "1", "source", "source_system", "person": {...}, "as_of", "reach", "kinds", "allergies_answered",
"message_id", "statements": [...], "allergies": [...], "gaps": [...]}`. Statements and allergies without a `source`
take the message's. One statement that can't be read refuses the whole message: nothing of it would be safe to drop.
"""

from collections.abc import Mapping
from datetime import datetime

from formats.dates import read_day, read_moment
from formats.errors import ErrorCode, FormatError
from formats.identifiers import person_identifier
from formats.jsondoc import JsonDoc, as_list, as_object, as_text, as_word
from formats.neutral import (
    Json,
    allergy_from_json,
    allergy_json,
    statement_from_json,
    statement_json,
    text_of,
    unknown_fields,
)
from formats.statement import (
    Allergy,
    Gap,
    GapCode,
    Identifier,
    Kind,
    Person,
    Reach,
    Reading,
    Source,
    Statement,
    Unread,
)

VERSION = "1"
_FIELDS = frozenset(
    {
        *("medrec", "source", "source_system", "person", "as_of", "reach", "kinds", "allergies_answered"),
        *("message_id", "statements", "allergies", "gaps", "unread"),
    }
)


def read_json(doc: JsonDoc) -> Reading:
    """The reading in a neutral message. Fields of unknown name are kept as unread.

    Raises `FormatError`: unknown-version, missing, wrong-schema, bad-date, bad-number.
    """
    top = as_object(doc.value, "")
    if top.get("medrec") != VERSION:
        raise FormatError(ErrorCode.UNKNOWN_VERSION, "medrec", 'must be "1"')
    source = None if top.get("source") is None else as_word(Source, top["source"], "source")
    statements = tuple(
        statement_from_json(_sourced(s, source, f"statements[{i}]"), doc.place(f"statements[{i}]"))
        for i, s in enumerate(as_list(top.get("statements"), "statements"))
    )
    allergies = tuple(
        allergy_from_json(_sourced(a, source, f"allergies[{i}]"), doc.place(f"allergies[{i}]"))
        for i, a in enumerate(as_list(top.get("allergies"), "allergies"))
    )
    return Reading(
        message=f"medrec/{VERSION}",
        source=source,
        person=None if top.get("person") is None else person_from_json(top["person"], "person"),
        statements=statements,
        allergies=allergies,
        allergies_answered=top.get("allergies_answered") is True or bool(allergies),
        gaps=tuple(_gap(g, source, doc, f"gaps[{i}]") for i, g in enumerate(as_list(top.get("gaps"), "gaps"))),
        unread=_not_understood(top, doc),
        reach=as_word(Reach, top.get("reach", Reach.EVENT), "reach"),
        kinds=tuple(as_word(Kind, k, f"kinds[{i}]") for i, k in enumerate(as_list(top.get("kinds"), "kinds"))),
        as_of=_moment(top.get("as_of")),
        message_id=text_of(top.get("message_id"), "message_id") or "",
        source_system=text_of(top.get("source_system"), "source_system") or "",
    )


def _sourced(value: object, source: Source | None, path: str) -> Json:
    # Ids are ours to give (house: over person and content); one from outside could meet another person's.
    told = {k: v for k, v in as_object(value, path).items() if k != "id"}
    if source and not {"source", "src"} & told.keys():
        told["source"] = source.value
    return told


def _gap(value: object, source: Source | None, doc: JsonDoc, path: str) -> Gap:
    told = _sourced(value, source, path)
    speaker = as_word(Source, told.get("source"), f"{path}.source")
    return Gap(
        speaker,
        as_word(GapCode, told.get("code"), f"{path}.code"),
        as_text(told.get("text"), f"{path}.text") or "",
        doc.place(path),
    )


def _not_understood(top: Mapping[str, object], doc: JsonDoc) -> tuple[Unread, ...]:
    found = [Unread(doc.place(k), "unknown-field", _short(v)) for k, v in top.items() if k not in _FIELDS]
    for i, statement in enumerate(as_list(top.get("statements"), "statements")):
        told = as_object(statement, f"statements[{i}]")
        found += [
            Unread(doc.place(f"statements[{i}].{k}"), "unknown-field", _short(told[k])) for k in unknown_fields(told)
        ]
    for i, item in enumerate(as_list(top.get("unread"), "unread")):
        told = as_object(item, f"unread[{i}]")
        reason, text = (as_text(told.get(k), f"unread[{i}].{k}") or "" for k in ("reason", "text"))
        found.append(Unread(doc.place(f"unread[{i}]"), reason, text))
    return tuple(found)


def _short(value: object) -> str:
    return value if isinstance(value, str) else type(value).__name__


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    moment = read_moment(value) if isinstance(value, str) else None
    if moment is None:
        raise FormatError(ErrorCode.BAD_DATE, "as_of")
    return moment


def person_from_json(value: object, path: str) -> Person:
    """The person in `value`: one `identifier` with its `type` and `system`, or a list of them as `identifiers`."""
    told = as_object(value, path)
    listed = as_list(told.get("identifiers"), f"{path}.identifiers")
    identifiers = [_identifier(i, "value", f"{path}.identifiers[{n}]") for n, i in enumerate(listed)]
    if told.get("identifier") is not None:
        identifiers.insert(0, _identifier(told, "identifier", path))
    born = as_text(told.get("birth_date"), f"{path}.birth_date")
    birth_date = read_day(born) if born else None
    if born and birth_date is None:
        raise FormatError(ErrorCode.BAD_DATE, f"{path}.birth_date")
    return Person(
        identifiers=tuple(identifiers),
        name=as_text(told.get("name"), f"{path}.name") or "",
        birth_date=birth_date,
        sex=as_text(told.get("sex"), f"{path}.sex") or "",
    )


def _identifier(value: object, name: str, path: str) -> Identifier:
    told = as_object(value, path)
    number, kind, system = (text_of(told.get(k), f"{path}.{k}") or "" for k in (name, "type", "system"))
    if not number:
        raise FormatError(ErrorCode.MISSING, f"{path}.{name}")
    found = person_identifier(kind, number, system)
    return found if found.type else Identifier("local", number, system)


def person_json(person: Person) -> Json:
    """The person as the contract shows one: the identifier in use, name and birth date; the rest in `identifiers`."""
    first = person.identifiers[0] if person.identifiers else None
    told: Json = {
        "identifier": first.value if first else None,
        "type": first.type if first else None,
        "system": first.system if first else None,
        "name": person.name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "sex": person.sex,
        "identifiers": [
            {"type": i.type, "value": i.value} | ({"system": i.system} if i.system else {})
            for i in person.identifiers[1:]
        ],
    }
    return {k: v for k, v in told.items() if v not in (None, "", [])}


def gap_json(gap: Gap) -> Json:
    """One gap as the contract shows it."""
    return {"source": gap.source.value, "code": gap.code.value, "text": gap.text, "limits": gap.limits}


def unread_json(item: Unread) -> Json:
    """One unread item; its place is the path in the message."""
    return {"place": item.place.path, "reason": item.reason, "text": item.text}


def reading_json(reading: Reading) -> Json:
    """What a message says, as `medrec read --json` prints it; readings that came along in the same bytes are joined."""
    every = tuple(_every(reading))
    person = next((r.person for r in every if r.person), None)
    return {
        "message": reading.message,
        "source": reading.source.value if reading.source else None,
        "person": person_json(person) if person else None,
        "as_of": reading.as_of.isoformat() if reading.as_of else None,
        "complete": reading.complete,
        "gaps": [gap_json(g) for r in every for g in r.gaps],
        "statements": [statement_json(s) for r in every for s in r.statements],
        "allergies": [allergy_json(a) for r in every for a in r.allergies],
        "unread": [unread_json(u) for r in every for u in r.unread],
    }


def _every(reading: Reading) -> list[Reading]:
    return [reading, *(inner for r in reading.also for inner in _every(r))]


def write_json(
    *,
    source: Source,
    person: Person,
    as_of: datetime,
    statements: tuple[Statement, ...] = (),
    allergies: tuple[Allergy, ...] = (),
    reach: Reach = Reach.EVENT,
    kinds: tuple[Kind, ...] = (),
) -> Json:
    """A neutral message as a JSON object; `read_json` of it gives the same statements, but for their places."""
    return {
        "medrec": VERSION,
        "source": source.value,
        "person": person_json(person),
        "as_of": as_of.isoformat(),
        "reach": reach.value,
        "kinds": [k.value for k in kinds],
        "statements": [{k: v for k, v in statement_json(s).items() if k != "place"} for s in statements],
        "allergies": [{k: v for k, v in allergy_json(a).items() if k != "place"} for a in allergies],
    }
