"""The contacts of a phonebook on the wire: scan, changes, find, and the writes of one contact.

Writes are forms with `data[…]` names, partial, and only ever to one contact: an id is a type that can't be
empty, and the request that wipes a book is built nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from linedesk.errors import ListingBroken, VendorInvalid, VendorNotFound
from linedesk.pbx.wildix.auth import Outgoing
from linedesk.pbx.wildix.envelope import page, record
from linedesk.pbx.wildix.exchange import Exchange
from linedesk.pbx.wildix.ids import ContactId, PhonebookId
from linedesk.pbx.wildix.phonebooks import BOOKS, created_id
from linedesk.pbx.wildix.recent import recent
from linedesk.pbx.wildix.scan import PAGE, Fetch, Page, Row, Watch, scan
from linedesk.pbx.wildix.stamps import parse_stamp

CONTACTS = "/api/v1/Contacts/"
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_BY_ID = {"sort": "id", "dir": "ASC"}
_BY_STAMP = {"sort": "last_update", "dir": "DESC"}


@dataclass(frozen=True, slots=True)
class WireContact:
    """A contact as the PBX has it: texts untouched, empty ones included. `modified_ms`: its stamp as epoch
    ms, None where it can't be read."""

    id: str
    fields: Mapping[str, str]
    modified_ms: int | None


class Contacts:
    """Reads and writes contacts of one PBX; raises `VendorError`s. `zone`: that of stamps without one."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def scan(self, book: PhonebookId, watch: Watch, *, zone: tzinfo = UTC) -> tuple[WireContact, ...]:
        """Every contact of the book, each once; `ListingBroken` when that can't be made sure.

        `VendorNotFound` when the book is gone. A contact that was deleted meanwhile may be among them.
        """
        rows = await scan(self._fetch(book, _BY_ID, interactive=False), self._exchange.who, watch)
        return tuple(_contact(row, zone) for row in rows)

    async def changed_since(
        self, book: PhonebookId, watermark_ms: int, overlap_ms: int, *, zone: tzinfo = UTC
    ) -> tuple[WireContact, ...]:
        """Contacts stamped after the watermark less the overlap, and those without a readable stamp.

        A hint only: the PBX may not stamp every write. Raises `ListingBroken`.
        """
        fetch = self._fetch(book, _BY_STAMP, interactive=False)
        rows = await recent(
            fetch,
            self._exchange.who,
            watermark_ms - overlap_ms,
            lambda row: parse_stamp(row.get("last_update"), zone),
        )
        return tuple(_contact(row, zone) for row in rows)

    async def find(
        self,
        book: PhonebookId,
        field: str,
        value: str,
        *,
        interactive: bool = False,
        zone: tzinfo = UTC,
    ) -> tuple[WireContact, ...]:
        """Contacts of the book whose `field` is exactly `value`."""
        query = {**_BY_ID, f"filter[{_checked(field)}]": value}
        fetch = self._fetch(book, query, interactive=interactive)
        rows = await scan(fetch, self._exchange.who, lambda done, total: None)
        found = [_contact(row, zone) for row in rows]
        return tuple(each for each in found if each.fields.get(field, "") == value)

    async def get(self, contact: ContactId, *, interactive: bool = False, zone: tzinfo = UTC) -> WireContact:
        """One contact; `VendorNotFound` when it is gone."""
        data = await self._exchange.get(f"{CONTACTS}{contact}", interactive=interactive)
        found = record(data, contact.text, self._exchange.who)
        if found is None:
            raise VendorNotFound(f"{self._exchange.who} doesn't have the contact {contact}.")
        return _contact(found, zone)

    async def create(self, book: PhonebookId, fields: Mapping[str, str]) -> str:
        """The id of a new contact. Never sent twice.

        After a `VendorTimeout`, `VendorGarbled` or plain `VendorError` it may exist all the same.
        """
        if not fields.get("name", "").strip():
            raise VendorInvalid(f"{self._exchange.who} takes no contact without a name.", field="name")
        request = Outgoing("POST", f"{BOOKS}{book}/Contacts/", body=_form(fields), form=True)
        data = await self._exchange.ask(request, interactive=False, idempotent=False)
        return created_id(data, self._exchange.who)

    async def update(self, contact: ContactId, fields: Mapping[str, str]) -> None:
        """Set these fields, empty texts included; the others stay as they are."""
        request = Outgoing("PUT", f"{CONTACTS}{contact}", body=_form(fields), form=True)
        await self._exchange.ask(request, interactive=False, idempotent=True)

    async def delete(self, contact: ContactId) -> None:
        """Delete one contact for ever; `VendorNotFound` when it is gone already."""
        await self._exchange.ask(
            Outgoing("DELETE", f"{CONTACTS}{contact}"), interactive=False, idempotent=True
        )

    def _fetch(self, book: PhonebookId, query: Mapping[str, str], *, interactive: bool) -> Fetch:
        path = f"{BOOKS}{book}/Contacts/"

        async def fetch(start: int) -> Page:
            asked = {**query, "start": str(start), "count": str(PAGE)}
            answer = page(await self._exchange.get(path, asked, interactive=interactive), self._exchange.who)
            if any(_text(row.get("phonebook_id")) not in {"", book.text} for row in answer.rows):
                raise ListingBroken(f"{self._exchange.who} lists contacts of another phonebook.")
            return answer

        return fetch


def _form(fields: Mapping[str, str]) -> Mapping[str, str]:
    return {f"data[{_checked(name)}]": value for name, value in fields.items()}


def _checked(field: str) -> str:
    """A field's name; anything else would be another form. Raises `ValueError`."""
    if not _FIELD.fullmatch(field):
        raise ValueError(f"{field!r:.80} is not the name of a field")
    return field


def _contact(row: Row, zone: tzinfo) -> WireContact:
    fields = {name: _text(value) for name, value in row.items() if not isinstance(value, dict | list)}
    return WireContact(fields.get("id", ""), fields, parse_stamp(row.get("last_update"), zone))


def _text(value: object) -> str:
    """Texts as they are, numbers as their digits, null as nothing."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)
