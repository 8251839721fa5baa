"""How the service logs: structlog to standard error, secrets and numbers kept out.

The standard library's loggers (aiohttp, asyncio, alembic) leave by the same way and are cleaned the same.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence, Set
from typing import Any

import structlog
from structlog.typing import Processor

_SECRET_NAMES = re.compile(r"(?i)token|secret|password|authorization|cookie|api_key|signature|code$")
_PUBLIC_NUMBER = re.compile(r"\+?\d(?:\d|[^\S\n]|[().-]){6,}\d")
_BEARER = re.compile(r"(?i)bearer\s+\S+")
_NAMED_SECRET = re.compile(
    r"""(?i)\b((?:\w*token|\w*secret|password|api[_-]?key|authorization|cookie|signature)["']?[=:]\s*)"""
    r"""(?!\s|Bearer)(?:"[^"\n]*"|'[^'\n]*'|[^\s"'&,;]+)"""
)
_PLAIN_NAMES = frozenset({"level", "timestamp", "error_code"})
_LINES = frozenset({"exception", "stack"})
_PLAIN_TYPES = (bool, int, float, type(None))
_DEPTH_MAX = 6


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank values whose name says secret; mask numbers and tokens in texts, however deep they stand.

    Must run after what turns an exception into text.
    """
    for name, value in event.items():
        if name in _PLAIN_NAMES:
            continue
        if _SECRET_NAMES.search(name):
            event[name] = "(hidden)"
        elif name in _LINES and isinstance(value, str):
            event[name] = _clean_lines(value)
        else:
            event[name] = _clean_value(value, _DEPTH_MAX)
    return event


def _clean_value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, _PLAIN_TYPES):
        return value
    if depth and isinstance(value, Mapping):
        return {
            _clean(str(key)): "(hidden)" if _SECRET_NAMES.search(str(key)) else _clean_value(each, depth - 1)
            for key, each in value.items()
        }
    if depth and isinstance(value, Sequence | Set) and not isinstance(value, bytes | bytearray | memoryview):
        return [_clean_value(each, depth - 1) for each in value]
    # A renderer would write the object's own text, an exception's message for example.
    return _clean(repr(value))


def _clean(text: str) -> str:
    text = _BEARER.sub("Bearer (hidden)", text)
    text = _NAMED_SECRET.sub(r"\1(hidden)", text)
    text = _PUBLIC_NUMBER.sub(lambda match: match[0][:3] + "…" + match[0][-2:], text)
    # One event stays one line, whatever a caller's name holds.
    return "".join(character if character.isprintable() else " " for character in text)


def _clean_lines(text: str) -> str:
    # Set in, so that no line of an exception's message can pass for an event of its own.
    return "\n".join(f"  {_clean(line)}" for line in text.split("\n"))


class _Handler(logging.StreamHandler[Any]):
    """Ours among the handlers of the root logger, so that a second set-up replaces it."""


def configure_logs(log_format: str, level: str) -> None:
    """Set up structlog and the standard library's logging once, at the start of a command."""
    least = getattr(logging, level.upper())
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    marks: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Redaction comes last: what an exception says is a text like any other.
    ending: list[Processor] = [structlog.processors.format_exc_info, redact, renderer]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *marks,
            structlog.processors.StackInfoRenderer(),
            *ending,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *marks],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(least)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
