"""Contacts whose number ends as another does. Only to explain why they were not matched."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import Connection

from linedesk.contacts.model import Contact
from linedesk.contacts.search import Query
from linedesk.numbers import Number, lookup_keys
from linedesk.store import search_read
from linedesk.store.contact_rows import Held, held, keys_of

_TAIL = 7
_LOOKED_AT = 500
_NOT_DIGIT = re.compile(r"[^0-9]+")


def find(c: Connection, number: Number, books: Collection[str] | None, limit: int) -> list[Contact]:
    """At most `limit` contacts that share the last seven digits with `number`, and no key."""
    tails = {_tail(text) for text in number.candidates or (number.value or "",)} - {""}
    keys = {key.text for key in lookup_keys(number)}
    if not tails or (books is not None and not books):
        return []
    query = Query(words=(), letters=(), digits=tuple(sorted(tails)))
    stored = held(c, sorted(search_read.rowids(c, query, books, _LOOKED_AT)))
    return [each.contact for each in stored if _shares_only(each, tails, keys)][:limit]


def _shares_only(stored: Held, tails: set[str], keys: set[str]) -> bool:
    """Whether one of its numbers ends in a tail, and none has a key."""
    ends = any(
        _tail(text) in tails
        for number in stored.numbers.values()
        for text in (number.value or "", number.raw, *(key.text for key in keys_of(number.keys)))
    )
    return ends and not any(
        key.text in keys for number in stored.numbers.values() for key in keys_of(number.keys)
    )


def _tail(text: str) -> str:
    digits = _NOT_DIGIT.sub("", text)
    return digits[-_TAIL:] if len(digits) >= _TAIL else ""
