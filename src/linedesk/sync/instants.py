"""Instants as text: ISO 8601, UTC unless it says otherwise (I06). Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant_ms(text: str) -> int:
    """A day or an instant as milliseconds since 1970; a day alone is its first moment.

    Raises `ValueError` for anything else.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        at = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text} is beyond the calendar") from error
    return (at - _EPOCH) // timedelta(milliseconds=1)


def instant_text(at_ms: int) -> str:
    """The one form of an instant, which begins with its UTC day."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds")


def is_day(text: str) -> bool:
    """Whether a text that is an instant names a day only."""
    return not {":", "T", "t"} & set(text)
