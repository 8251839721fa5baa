"""How the service logs: structlog to standard error, secrets and numbers kept out."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_NAMES = re.compile(r"(?i)token|secret|password|authorization|cookie|api_key|signature|code$")
_PUBLIC_NUMBER = re.compile(r"\+?\d[\d ().-]{6,}\d")
_BEARER = re.compile(r"(?i)bearer\s+\S+")
_PLAIN_NAMES = frozenset({"event", "level", "timestamp", "error_code"})


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank values whose name says secret; mask numbers and bearer tokens inside texts."""
    for name, value in event.items():
        if name in _PLAIN_NAMES:
            continue
        if _SECRET_NAMES.search(name):
            event[name] = "(hidden)"
        elif isinstance(value, str):
            event[name] = _clean(value)
    return event


def _clean(text: str) -> str:
    text = _BEARER.sub("Bearer (hidden)", text)
    text = _PUBLIC_NUMBER.sub(lambda match: match[0][:3] + "…" + match[0][-2:], text)
    # One event stays one line, whatever a caller's name holds.
    return "".join(character if character.isprintable() else " " for character in text)


def configure_logs(log_format: str, level: str) -> None:
    """Set up structlog once, at the start of a command."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # aiohttp's own errors must follow the same way out.
    logging.basicConfig(level=getattr(logging, level.upper()), stream=sys.stderr, format="%(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
