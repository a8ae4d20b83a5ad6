"""FEST as it comes: a bare XML file or the published zip with one XML in it, never more bytes than agreed."""

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

from formats.errors import ErrorCode, FormatError

MAX_XML = 400 * 1024 * 1024
"""Three times the file of 2026 (118 MB)."""
MAX_RATIO = 60
"""FEST packs about 8:1; text that packs tighter than this was made to."""

if TYPE_CHECKING:
    from typing_extensions import Buffer  # a name for the type checker; Python has it from 3.12 on

_TORN = (zipfile.BadZipFile, zlib.error, EOFError)
"""What the standard library raises for a zip that is damaged inside."""
_NO_ZIP = (*_TORN, struct.error, ValueError, OverflowError, NotImplementedError, RuntimeError)
"""And for one whose directory is damaged, or that is locked or of another making."""
_PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ZIP = b"PK\x03\x04"


class Capped(io.RawIOBase):
    """A byte stream that refuses to give more than `limit` bytes."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = limit

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        """Fill `buffer`; `FormatError`: too-large once the limit is passed, bad-compression in a broken zip."""
        room = memoryview(buffer).cast("B")
        try:
            data = self._stream.read(len(room))
        except _TORN as broken:
            raise FormatError(ErrorCode.BAD_COMPRESSION, "zip") from broken
        self._left -= len(data)
        if self._left < 0:
            raise FormatError(ErrorCode.TOO_LARGE, "FEST")
        room[: len(data)] = data
        return len(data)


def open_fest(stream: BinaryIO, limit: int = MAX_XML) -> BinaryIO:
    """The XML of `stream` (seekable): itself, or the one XML member of a zip.

    Raises FormatError: too-large for a member over `limit` or packed tighter than `MAX_RATIO`; bad-compression for a
    broken or locked zip; unknown-message for a zip that does not hold exactly one XML.
    """
    head = stream.read(len(_ZIP))
    stream.seek(0)
    if head != _ZIP:
        return io.BufferedReader(Capped(stream, limit))
    try:
        archive = zipfile.ZipFile(stream)
        members = [m for m in archive.infolist() if m.filename.lower().endswith(".xml") and m.compress_type in _PLAIN]
        inner = archive.open(members[0]) if len(members) == 1 else None
    except _NO_ZIP as broken:
        raise FormatError(ErrorCode.BAD_COMPRESSION, "zip") from broken
    if inner is None:
        raise FormatError(ErrorCode.UNKNOWN_MESSAGE, "zip", f"{len(members)} XML files where FEST has one")
    if members[0].file_size > min(limit, MAX_RATIO * max(members[0].compress_size, 1)):
        raise FormatError(ErrorCode.TOO_LARGE, "zip")
    return io.BufferedReader(Capped(inner, limit))  # type: ignore[arg-type]  # IO[bytes] reads as BinaryIO does
