"""Ids of phonebooks and contacts as types, so that a path with an empty or foreign id can't be built.

`DELETE /Phonebooks/7/Contacts/` wipes a whole book: the same request with an id that is empty by mistake
would be that one. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_SAFE = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z_.:-]{0,63}")


@dataclass(frozen=True, slots=True)
class WireId:
    """An id that is one plain segment of a path: never empty, no `/`, `..` or white space."""

    text: str

    def __post_init__(self) -> None:
        if not _SAFE.fullmatch(self.text) or ".." in self.text:
            raise ValueError(f"{self.text!r:.80} is not an id")

    @classmethod
    def of(cls, value: object) -> Self:
        """The id from a text or a whole number, as the wire has either; raises `ValueError`."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        return cls(str(value) if whole or isinstance(value, str) else "")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class PhonebookId(WireId):
    """The id of a phonebook."""


@dataclass(frozen=True, slots=True)
class ContactId(WireId):
    """The id of one contact."""
