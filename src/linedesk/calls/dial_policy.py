"""The limits an administrator sets on outgoing calls, with defaults that are safe from the first day.

Pure data and its form as a document (`[dialling]` of `linedesk apply`). What the limits mean is in `guard`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from linedesk.errors import ApplyError

_CAP_MAX = 100_000
_COUNTRY = re.compile(r"[A-Z]{2}")
_PREFIX = re.compile(r"\+[0-9]{1,14}")


@dataclass(frozen=True, slots=True)
class DialPolicy:
    """What may be called, and how often.

    `stopped`: nothing but emergency numbers. `countries`: ISO 3166 codes; empty means all. Of
    `denied_prefixes` and `allowed_prefixes` (`+` and digits) the longer one that fits decides. An allowed
    one also lifts the list of countries and, if it is longer than the country's code, the price classes that
    are denied by default; those stay denied whatever `denied_prefixes` holds. The counts are per agent except
    `company_per_hour`; 0 allows none. `night_per_hour` holds from `night_from_hour` to `night_to_hour`
    (local, 0 to 23).
    """

    stopped: bool = False
    countries: tuple[str, ...] = ()
    denied_prefixes: tuple[str, ...] = ()
    allowed_prefixes: tuple[str, ...] = ()
    per_minute: int = 10
    per_hour: int = 100
    per_day: int = 400
    night_per_hour: int = 20
    night_from_hour: int = 22
    night_to_hour: int = 6
    per_destination_per_hour: int = 20
    at_once: int = 3
    company_per_hour: int = 2_000

    def is_night(self, hour: int) -> bool:
        """Whether the local `hour` (0 to 23) lies in the night; equal ends mean no night at all."""
        start, end = self.night_from_hour, self.night_to_hour
        return start <= hour < end if start <= end else hour >= start or hour < end

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> DialPolicy:
        """The policy of a document; what is left out has its default. Raises `ApplyError`."""
        unknown = sorted(set(document) - {each.name for each in fields(cls)})
        if unknown:
            raise ApplyError(f"`dialling.{unknown[0]}` is not a dialling rule.")
        return cls(**{name: _READERS[name](name, value) for name, value in document.items()})

    def to_document(self) -> dict[str, object]:
        """Every rule as JSON values; `from_document` gives the same policy again."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


# `_READERS` pairs each field with a reader of the field's own type, which a mapping can't express.
Reader = Callable[[str, object], Any]


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ApplyError(f"`dialling.{name}` must be true or false.")
    return value


def _whole(most: int) -> Reader:
    def read(name: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise ApplyError(f"`dialling.{name}` must be a whole number from 0 to {most}.")
        return value

    return read


def _texts(pattern: re.Pattern[str], example: str) -> Reader:
    def read(name: str, value: object) -> tuple[str, ...]:
        given = list(value) if isinstance(value, list | tuple) else [None]
        texts = [item for item in given if isinstance(item, str) and pattern.fullmatch(item)]
        if len(texts) != len(given):
            raise ApplyError(f"`dialling.{name}` must be a list of texts like {example!r}.")
        return tuple(dict.fromkeys(texts))

    return read


_READERS: Mapping[str, Reader] = {
    "stopped": _flag,
    "countries": _texts(_COUNTRY, "IT"),
    "denied_prefixes": _texts(_PREFIX, "+39899"),
    "allowed_prefixes": _texts(_PREFIX, "+39899"),
    "night_from_hour": _whole(23),
    "night_to_hour": _whole(23),
    **{
        name: _whole(_CAP_MAX)
        for name in (
            "per_minute",
            "per_hour",
            "per_day",
            "night_per_hour",
            "per_destination_per_hour",
            "at_once",
            "company_per_hour",
        )
    },
}
