"""The phonebooks of a PBX: list, get and create. What stands in them is `contacts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linedesk.errors import VendorGarbled, VendorNotFound
from linedesk.pbx.wildix.auth import Outgoing
from linedesk.pbx.wildix.envelope import page, record
from linedesk.pbx.wildix.exchange import Exchange
from linedesk.pbx.wildix.fields import clean_name, text, whole
from linedesk.pbx.wildix.ids import PhonebookId
from linedesk.pbx.wildix.scan import PAGE, Page, scan

BOOKS = "/api/v1/Phonebooks/"


@dataclass(frozen=True, slots=True)
class Phonebook:
    """One phonebook. `owner_id` "0": shared by all. `sync_interval` above 0: an import job writes it.

    `type` is the PBX's number as text ("2" an ordinary one, "3" seen with LDAP), empty if it tells none.
    """

    id: str
    name: str
    type: str
    owner_id: str
    sync_interval: int

    @property
    def shared(self) -> bool:
        return self.owner_id in {"", "0"}


class Phonebooks:
    """Asks one PBX for its phonebooks; raises `VendorError`s."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def list(self, *, interactive: bool = False) -> tuple[Phonebook, ...]:
        """Every phonebook that the credential sees; `ListingBroken` when they can't be read whole."""

        async def fetch(start: int) -> Page:
            query = {"start": str(start), "count": str(PAGE), "sort": "id", "dir": "ASC"}
            data = await self._exchange.get(BOOKS, query, interactive=interactive)
            return page(data, self._exchange.who)

        rows = await scan(fetch, self._exchange.who, lambda done, total: None)
        return tuple(self._book(row) for row in rows)

    async def get(self, book: PhonebookId, *, interactive: bool = False) -> Phonebook:
        """One phonebook; `VendorNotFound` when it is gone."""
        data = await self._exchange.get(f"{BOOKS}{book}", interactive=interactive)
        found = record(data, book.text, self._exchange.who)
        if found is None:
            raise VendorNotFound(f"{self._exchange.who} doesn't have the phonebook {book}.")
        return self._book(found)

    async def create(self, name: str) -> Phonebook:
        """A new shared phonebook, as it reads back. Never sent twice."""
        request = Outgoing("POST", BOOKS, body={"data[name]": name}, form=True)
        data = await self._exchange.ask(request, interactive=False, idempotent=False)
        return await self.get(PhonebookId.of(created_id(data, self._exchange.who)))

    def _book(self, row: Mapping[str, Any]) -> Phonebook:
        try:
            book = PhonebookId.of(row.get("id"))
        except ValueError:
            raise VendorGarbled(f"{self._exchange.who} listed a phonebook without an id.") from None
        return Phonebook(
            id=book.text,
            name=clean_name(row.get("name")),
            type=text(row.get("type")) or "",
            owner_id=text(row.get("owner_id")) or "",
            sync_interval=whole(row.get("sync_interval")) or 0,
        )


def created_id(data: Mapping[str, Any], who: str) -> str:
    """`result.id` of a create; `VendorGarbled` when it is missing, though something may have been made."""
    result = data.get("result")
    found = result.get("id") if isinstance(result, dict) else None
    try:
        return PhonebookId.of(found).text
    except ValueError:
        raise VendorGarbled(
            f"{who} accepted a new record but didn't say its id.",
            remedy="Look whether it was made before you try again.",
        ) from None
