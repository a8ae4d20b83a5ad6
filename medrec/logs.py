"""Logs: one JSON object a line on stderr. They carry opaque ids, codes and places, never patient data."""

import logging
import sys

import structlog


def _on_stderr(*_names: object) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)


def to_stderr() -> None:
    """Send structlog's lines to stderr as JSON, with what is bound to the context (correlation id) and the time."""
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
