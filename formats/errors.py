"""What can be wrong with a message, as a closed set of codes with a place in the message.

A `FormatError` means *the data is wrong*: the message is kept whole in quarantine and shown with
its code and place. Anything else that a codec raises is a fault of ours.
"""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a message was refused. A code is never renamed or used again for something else."""

    EMPTY = "empty"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    TOO_WIDE = "too-wide"
    NOT_XML = "not-xml"
    NOT_JSON = "not-json"
    DTD = "dtd"
    ENCODING = "encoding"
    BAD_BASE64 = "bad-base64"
    BAD_COMPRESSION = "bad-compression"
    UNKNOWN_MESSAGE = "unknown-message"
    UNKNOWN_VERSION = "unknown-version"
    WRONG_SCHEMA = "wrong-schema"
    MISSING = "missing"
    BAD_DATE = "bad-date"
    BAD_NUMBER = "bad-number"
    BAD_IDENTIFIER = "bad-identifier"
    DUPLICATE_KEY = "duplicate-key"
    DUPLICATE_ID = "duplicate-id"
    TWO_PERSONS = "two-persons"
    NO_PERSON = "no-person"


class FormatError(ValueError):
    """The message is refused: `code` says why, `place` where (a path in the message, or a byte offset).

    `text` is for people and must not carry patient data: name elements and code systems, not values.
    """

    def __init__(self, code: ErrorCode, place: str, text: str = "") -> None:
        super().__init__(f"{code}: {place}" + (f": {text}" if text else ""))
        self.code = code
        self.place = place
        self.text = text
