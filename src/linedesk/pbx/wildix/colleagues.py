"""Reading the PBX's list of users, page by page, however it counts and whatever it repeats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from linedesk.errors import VendorGarbled
from linedesk.pbx.base import Colleague
from linedesk.pbx.wildix.envelope import clean

PAGE = 1500
"""Users asked for at once: the PBX's own default for this list."""

_PEOPLE = frozenset({"", "admin", "user"})
_DIALPLAN = re.compile(r"[0-9A-Za-z_-]{1,64}")


class Listing:
    """The pages so far. Ask for `next_start` until `complete`; `who` begins the sentences of errors."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._seen: set[str] = set()
        self._found: list[Colleague] = []
        self.dialplans: dict[str, str] = {}
        self.next_start = 0
        self.complete = False

    def add(self, page: Mapping[str, Any]) -> None:
        """Take one answer; raises `VendorGarbled` when it is no listing or when the pages go in circles."""
        result = page.get("result")
        records = result.get("records") if isinstance(result, dict) else None
        if not isinstance(result, dict) or not isinstance(records, list):
            raise VendorGarbled(f"{self._who} answered with something else than a list of colleagues.")
        total = _int(result.get("total"))
        # A PBX may give fewer than were asked for, so the next page starts after what really came.
        self.next_start += len(records)
        fresh = [record for record in records if isinstance(record, dict) and self._is_new(record)]
        for record in fresh:
            self._take(record)
        self.complete = not records or (self.next_start >= total if total is not None else not fresh)
        if not self.complete and not fresh:
            raise VendorGarbled(f"{self._who} sends the same page of colleagues again and again.")

    def colleagues(self) -> tuple[Colleague, ...]:
        """Who was found, by extension."""
        return tuple(sorted(self._found, key=lambda each: (len(each.extension), each.extension)))

    def _is_new(self, record: Mapping[str, Any]) -> bool:
        key = _text(record.get("id"))
        if not key or key in self._seen:
            return False
        self._seen.add(key)
        return True

    def _take(self, record: Mapping[str, Any]) -> None:
        extension = _text(record.get("extension"))
        dialplan = _text(record.get("dialplan"))
        if extension and _DIALPLAN.fullmatch(dialplan):
            self.dialplans[extension] = dialplan
        # Fax lines, rooms and park orbits are in the same list.
        if extension and _text(record.get("role")).lower() in _PEOPLE:
            name = clean(record.get("name")) or clean(record.get("dn")) or extension
            self._found.append(
                Colleague(
                    id=_text(record.get("id")),
                    name=name,
                    extension=extension,
                    email=_text(record.get("email")).lower() or None,
                    role=_text(record.get("role")).lower(),
                    licence=_text(record.get("licenseType")).lower(),
                )
            )


def _text(value: object) -> str:
    """Ids and extensions come as numbers or as strings."""
    return clean(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _int(value: object) -> int | None:
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() else None
