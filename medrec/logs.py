"""Logs: one JSON object a line on stderr. They carry opaque ids, codes and places, never patient data.

What libraries log comes out in the same form, but only as the sentence they had ready (`%s waits for %s`), without what
they would put into it and without the text of a fault: either may hold an address or a number.
"""

import logging
import sys
import traceback
from pathlib import Path

import structlog

_OURS = "medrec.library"


def _on_stderr(*_names: object) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)


def to_stderr() -> None:
    """Send structlog's lines, and warnings of libraries, to stderr as JSON with the time and what is bound (ids)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_on_stderr,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, Libraries) for handler in root.handlers):
        root.addHandler(Libraries(logging.WARNING))


class Libraries(logging.Handler):
    """Tells of a library's log record what can't hold anything of a person."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line: which library, its ready sentence where it is one, the kind of fault and where it arose."""
        told = {"library": record.name}
        if record.args and isinstance(record.msg, str):
            told["sentence"] = record.msg
        fault = record.exc_info[1] if record.exc_info else None
        if fault is not None:
            frames = traceback.extract_tb(fault.__traceback__)
            place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
            told |= {"fault": type(fault).__name__, "at": place}
        structlog.get_logger(_OURS).log(record.levelno, "library", **told)
