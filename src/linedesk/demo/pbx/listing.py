"""How lists are asked for: `start`, `count`, `sort`, `dir`, `fields`, `search`, `searchFields`, `filter[…]`.

Pure. Every other name (`limit`, `offset`, `page`, `skip`) is ignored without a word, as on the real PBX.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """What a field must be: one of `values`, or between `low` and `high`, both included."""

    values: tuple[str, ...] = ()
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page as it was asked for. `fields` empty: all of them."""

    start: int = 0
    count: int = 100
    sort: str = "name"
    descending: bool = False
    fields: tuple[str, ...] = ()
    search: str = ""
    search_fields: tuple[str, ...] = ()
    filters: tuple[tuple[str, Match], ...] = ()


def read_listing(query: Mapping[str, Any], usual: Listing) -> Listing:
    """From a nested query string; what is missing or makes no sense is as in `usual`."""
    filters = query.get("filter")
    return Listing(
        start=_whole(query.get("start"), usual.start),
        count=_whole(query.get("count"), usual.count) or usual.count,
        sort=_text(query.get("sort")) or usual.sort,
        descending=(_text(query.get("dir")).upper() or ("DESC" if usual.descending else "ASC")) == "DESC",
        fields=_names(query.get("fields")),
        search=_text(query.get("search")).strip(),
        search_fields=_names(query.get("searchFields")) or usual.search_fields,
        filters=tuple((name, _match(value)) for name, value in filters.items())
        if isinstance(filters, dict)
        else (),
    )


def pick(record: Record, fields: tuple[str, ...]) -> dict[str, Any]:
    """The record with the fields that were asked for; unknown names are passed over."""
    return {name: record[name] for name in fields if name in record} if fields else dict(record)


def select(records: Iterable[Record], listing: Listing) -> tuple[int, list[Record]]:
    """How many fit, and the page of them. For short lists; contacts are selected by their database."""
    found = [each for each in records if _fits(each, listing)]
    found.sort(key=lambda each: _order(each.get(listing.sort, "")), reverse=listing.descending)
    return len(found), found[listing.start : listing.start + listing.count]


def _fits(record: Record, listing: Listing) -> bool:
    wanted = listing.search.lower()
    if wanted and not any(wanted in str(record.get(name, "")).lower() for name in listing.search_fields):
        return False
    return all(_matches(record[name], match) for name, match in listing.filters if name in record)


def _matches(value: Any, match: Match) -> bool:
    if match.values:
        return str(value).lower() in {each.lower() for each in match.values}
    low = match.low is None or _order(value) >= _order(match.low)
    return low and (match.high is None or _order(value) <= _order(match.high))


def _order(value: Any) -> tuple[int, int, str]:
    text = str(value)
    return (0, int(text), "") if text.isdecimal() else (1, 0, text.lower())


def _match(value: Any) -> Match:
    if not isinstance(value, dict):
        return Match((_text(value),))
    low, high = value.get("from"), value.get("to")
    if low is None and high is None:
        return Match(tuple(_text(each) for each in value.values()))
    return Match((), None if low is None else _text(low), None if high is None else _text(high))


def _names(value: Any) -> tuple[str, ...]:
    return tuple(name.strip() for name in _text(value).split(",") if name.strip())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: Any, usual: int) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else usual
