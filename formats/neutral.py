"""Our own small JSON form of statements: for systems with none of the national formats, and for worked cases.

The field names are those of the outward contract (README, "Statement JSON"). Absent means not said. Doses and other
decimals are texts, dates ISO 8601 (an instant is its day in Oslo). Worked cases write some names short (`ALIASES`);
both are accepted everywhere.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from formats.dates import day_of, read_day
from formats.dosage.beside import read_said
from formats.dosing_json import dosage_from_json, dosage_json
from formats.drug import AtcCode, FestId, Quantity, Varenr, read_strength
from formats.errors import ErrorCode, FormatError
from formats.jsondoc import as_count, as_list, as_object, as_word
from formats.statement import (
    Actor,
    Allergy,
    AsideReason,
    Code,
    Kind,
    Place,
    SaidStatus,
    Signature,
    Source,
    Statement,
    StatementType,
    Use,
)

Json = dict[str, object]

ALIASES: Mapping[str, str] = {
    "src": "source",
    "sub": "substances",
    "rel": "release",
    "str": "strength",
    "dose": "dose_text",
    "dec": "decided",
    "rec": "recorded",
    "t": "type",
    "st": "status",
    "rx": "prescription_id",
    "order": "order_id",
    "ver": "version",
    "disp": "last_dispensed",
    "by": "author",
    "atc_group": "atc",
}
"""Short names of worked cases and the field each stands for."""

_TEXTS = (
    "source_system",
    "name",
    "route",
    "release",
    "form",
    "form_code",
    "strength",
    "dose_text",
    "change",
    "reason",
    "prescription_id",
    "treatment_id",
    "order_id",
    "version",
    "quantity",
    "administered_by",
    "intervention",
    "indication",
    "note",
)
_DATES = (
    "decided",
    "recorded",
    "start",
    "end",
    "resume",
    "valid_to",
    "last_dispensed",
    "packed",
    "next_roll",
    "said_until",
)
_FLAGS = ("scheme", "dated_by_envelope", "in_multidose", "exchange_reserved")
_WORDS: Mapping[str, Callable[[str], object]] = {
    "use": Use,
    "type": StatementType,
    "status": SaidStatus,
    "signed": Signature,
    "aside": AsideReason,
}
_CODES: Mapping[str, Callable[[str], object]] = {"atc": AtcCode.read, "varenr": Varenr.read, "fest_id": FestId.read}
_COUNTS = ("refills_left", "times_said")

_IN_CONTRACT_ORDER = (
    *("id", "source", "kind", "name", "atc", "varenr", "fest_id", "substances", "route", "release", "form"),
    *("strength", "unit_strengths", "dose_text", "dosage", "use", "decided", "recorded", "type", "change", "reason"),
    *("status", "start", "end", "resume", "prescription_id", "treatment_id", "order_id", "replaces", "valid_to"),
    *("quantity", "refills_left", "last_dispensed", "packed", "next_roll", "indication", "author", "reported_by"),
    *("signed", "said_until"),
    *(
        "source_system",
        "codes",
        "form_code",
        "scheme",
        "dated_by_envelope",
        "version",
        "in_multidose",
        "administered_by",
    ),
    *("exchange_reserved", "intervention", "note", "aside", "times_said", "dated_by_envelope", "place"),
)
_USUAL = (("scheme", False), ("dated_by_envelope", False), ("times_said", 1))
FIELDS = frozenset(_IN_CONTRACT_ORDER)
"""Every field name a statement may carry in JSON."""


def statement_json(statement: Statement) -> Json:
    """The statement in the neutral form, fields in the contract's order. `read_dose` is our reading: not in it."""
    told: Json = {}
    for name in _IN_CONTRACT_ORDER:
        value = getattr(statement, name)
        if value in (None, "", ()) or (name, value) in _USUAL:
            continue
        told[name] = _value_json(name, value)
    return told


def _value_json(name: str, value: object) -> object:
    match name:
        case "dosage":
            return dosage_json(value)  # type: ignore[arg-type]  # the field of that name holds a Dosage
        case "unit_strengths" | "codes":
            return [_record(v) for v in value]  # type: ignore[attr-defined]  # both are tuples of records
        case "author" | "reported_by" | "place":
            return _record(value)
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, str) else value


def _record(value: object) -> Json:
    """A flat dataclass as an object; empty texts are not said."""
    told = {f.name: getattr(value, f.name) for f in fields(value)}  # type: ignore[arg-type]  # dataclasses only
    return {
        k: format(v.normalize(), "f") if isinstance(v, Decimal) else str(v)
        for k, v in told.items()
        if v not in (None, "")
    }


def unknown_fields(data: Mapping[str, object]) -> list[str]:
    """Names in a statement object that the neutral form does not know, sorted."""
    return sorted(k for k in data if ALIASES.get(k, k) not in FIELDS)


def statement_from_json(data: object, place: Place) -> Statement:
    """The statement in `data`, standing at `place`. Unknown names are skipped: see `unknown_fields`.

    A code that has not the shape of its system (ATC, package number, FEST id) is kept verbatim in `codes`.
    `unit_strengths` is read from `strength` where it is not given, `read_dose` is our reading of `dose_text`.
    Raises `FormatError`: missing, wrong-schema,
    bad-date, bad-number.
    """
    told = {ALIASES.get(k, k): v for k, v in as_object(data, place.path).items() if v is not None and v != ""}
    for needed in ("source", "kind"):
        if needed not in told:
            raise FormatError(ErrorCode.MISSING, f"{place.path}.{needed}")
    codes = _codes(told, place.path)
    read: dict[str, object] = {
        "id": text_of(told.get("id"), f"{place.path}.id") or "",
        "source": as_word(Source, told["source"], f"{place.path}.source"),
        "kind": as_word(Kind, told["kind"], f"{place.path}.kind"),
        "place": place,
        **_plain_fields(told, place.path),
        **codes,
    }
    if "dosage" in told:
        read["dosage"] = dosage_from_json(told["dosage"], f"{place.path}.dosage")
    for name in ("author", "reported_by"):
        if name in told:
            read[name] = actor_from_json(told[name], f"{place.path}.{name}")
    strengths = _quantities(told.get("unit_strengths"), f"{place.path}.unit_strengths")
    dose = read.get("dose_text")
    read["read_dose"] = read_said(dose) if isinstance(dose, str) else None
    read["unit_strengths"] = strengths or read_strength(text_of(told.get("strength"), place.path))
    return Statement(**read)  # type: ignore[arg-type]  # each value was read by its field's own reader


def _plain_fields(told: Mapping[str, object], path: str) -> Json:
    read: Json = {n: text_of(told[n], f"{path}.{n}") for n in _TEXTS if n in told}
    read |= {n: date_of(told[n], f"{path}.{n}") for n in _DATES if n in told}
    read |= {n: told[n] is True for n in _FLAGS if n in told}
    read |= {n: as_word(w, told[n], f"{path}.{n}") for n, w in _WORDS.items() if n in told}
    read |= {n: as_count(told[n], f"{path}.{n}") for n in _COUNTS if n in told}
    read |= {n: _texts(told[n], f"{path}.{n}") for n in ("substances", "replaces") if n in told}
    return read


def _codes(told: Mapping[str, object], path: str) -> Json:
    read: Json = {}
    kept = [_code(c, f"{path}.codes[{i}]") for i, c in enumerate(as_list(told.get("codes"), f"{path}.codes"))]
    for name, reader in _CODES.items():
        text = text_of(told.get(name), f"{path}.{name}")
        code = text and reader(text)
        if code:
            read[name] = code
        elif text:
            kept.append(Code(text, name))
    return read | {"codes": tuple(kept)}


def _code(value: object, path: str) -> Code:
    told = as_object(value, path)
    value, system, text = (text_of(told.get(k), f"{path}.{k}") or "" for k in ("value", "system", "text"))
    return Code(value, system, text)


def _quantities(value: object, path: str) -> tuple[Quantity, ...]:
    found = []
    for i, item in enumerate(as_list(value, path)):
        told = as_object(item, f"{path}[{i}]")
        try:
            number = Decimal(str(told.get("value")))
        except InvalidOperation:
            raise FormatError(ErrorCode.BAD_NUMBER, f"{path}[{i}]") from None
        if not number.is_finite() or abs(number.adjusted()) > 12:  # noqa: PLR2004 - wider than any strength
            raise FormatError(ErrorCode.BAD_NUMBER, f"{path}[{i}]")
        found.append(Quantity(number, text_of(told.get("unit"), f"{path}[{i}].unit") or ""))
    return tuple(found)


def text_of(value: object, path: str) -> str | None:
    """`value` as text; YAML and JSON may write an id as a whole number. `FormatError` for anything else."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise FormatError(ErrorCode.WRONG_SCHEMA, path, "not a text")


def _texts(value: object, path: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else as_list(value, path)
    return tuple(text_of(v, f"{path}[{i}]") or "" for i, v in enumerate(values))


def date_of(value: object, path: str) -> date:
    """`value` as a calendar day in Oslo: ISO text, or what YAML has read already. `FormatError` bad-date."""
    if isinstance(value, datetime):
        return day_of(value) if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    day = read_day(str(value))
    if day is None:
        raise FormatError(ErrorCode.BAD_DATE, path)
    return day


def actor_from_json(value: object, path: str) -> Actor:
    """A health worker or unit: an object, or a word alone ("legevakt"), which is then the name."""
    if isinstance(value, str):
        return Actor(name=value)
    told = as_object(value, path)
    return Actor(**{f.name: text_of(told.get(f.name), f"{path}.{f.name}") or "" for f in fields(Actor)})


def allergy_json(allergy: Allergy) -> Json:
    """The allergy in the neutral form; what it does not say is left out."""
    told: Json = {f.name: getattr(allergy, f.name) for f in fields(allergy)}
    told["substances"] = list(allergy.substances)
    told["codes"] = [_record(c) for c in allergy.codes]
    told["source"] = allergy.source.value
    told["recorded"] = allergy.recorded and allergy.recorded.isoformat()
    told["author"] = allergy.author and _record(allergy.author)
    told["place"] = allergy.place and _record(allergy.place)
    return {k: v for k, v in told.items() if v not in (None, "", [], False)}


def allergy_from_json(data: object, place: Place) -> Allergy:
    """The allergy in `data`. `FormatError`: missing (source, text), wrong-schema, bad-date."""
    path = place.path
    told = {ALIASES.get(k, k): v for k, v in as_object(data, path).items() if v is not None and v != ""}
    for needed in ("source", "text"):
        if needed not in told:
            raise FormatError(ErrorCode.MISSING, f"{path}.{needed}")
    recorded, author = told.get("recorded"), told.get("author")
    return Allergy(
        id=text_of(told.get("id"), f"{path}.id") or "",
        source=as_word(Source, told["source"], f"{path}.source"),
        text=text_of(told["text"], f"{path}.text") or "",
        atc=AtcCode.read(text_of(told.get("atc"), f"{path}.atc")),
        substances=_texts(told.get("substances", []), f"{path}.substances"),
        reaction=text_of(told.get("reaction"), f"{path}.reaction"),
        certainty=text_of(told.get("certainty"), f"{path}.certainty"),
        codes=tuple(_code(c, f"{path}.codes[{i}]") for i, c in enumerate(as_list(told.get("codes"), f"{path}.codes"))),
        refuted=told.get("refuted") is True,
        recorded=None if recorded is None else date_of(recorded, f"{path}.recorded"),
        author=None if author is None else actor_from_json(author, f"{path}.author"),
        place=place,
    )


def statements_from_case(statements: Iterable[object], *, case: str) -> tuple[Statement, ...]:
    """The statements of a worked case, each with its own id, at places "statements[n]" of message `case`.

    Route and release words stay as said; `FormatError` as in `statement_from_json`.
    """
    read = (statement_from_json(s, Place(case, f"statements[{i}]")) for i, s in enumerate(statements))
    return tuple(replace(s, id=s.id or f"s{i + 1}") for i, s in enumerate(read))


def allergies_from_case(cave: Iterable[object], *, case: str) -> tuple[Allergy, ...]:
    """The `cave:` entries of a worked case."""
    return tuple(allergy_from_json(a, Place(case, f"cave[{i}]")) for i, a in enumerate(cave))
