"""Companies of a Freshdesk account by id and by name: a contact carries only the number of its company."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterable, Mapping

from linedesk.apps.base import Refused, Unsure
from linedesk.apps.freshdesk_fields import COMPANY
from linedesk.apps.freshdesk_listing import Listing
from linedesk.apps.freshdesk_wire import API, Row, Wire, number_of
from linedesk.apps.http import object_in, one_line, rows_in
from linedesk.errors import VendorDuplicate, VendorError, VendorInvalid, VendorNotFound, VendorRouteMissing

_ONE_BY_ONE = 5
_SLICE = 1000  # rows that take a microsecond each
_BEGINNING = 100  # characters that are looked for; a whole long name would not fit into an address


class Companies:
    """The names known so far. A name is looked for on the account before it is made."""

    def __init__(self, wire: Wire, listing: Listing, *, make: bool) -> None:
        self._wire = wire
        self._listing = listing
        self._make = make
        self._names: dict[int, str] = {}
        self._gone: set[int] = set()

    @property
    def names(self) -> Mapping[int, str]:
        return self._names

    async def load(self) -> None:
        """Read every company."""
        self._learn((await self._listing.companies(None)).rows.values())

    async def ensure(self, rows: Iterable[Row]) -> None:
        """Know the names of the companies that these contacts name."""
        wanted: set[int] = set()
        for count, row in enumerate(rows, 1):
            if company_id := number_of(row.get("company_id")):
                wanted.add(company_id)
            if count % _SLICE == 0:
                await asyncio.sleep(0)
        unknown = wanted - self._names.keys() - self._gone
        if len(unknown) > _ONE_BY_ONE:
            await self.load()
            # One that even the list lacks was deleted, or this key may not see it.
            self._gone |= unknown - self._names.keys()
            return
        for company_id in unknown:
            await self._ask_for(company_id)

    async def renamed(self, since_ms: int) -> frozenset[int]:
        """Companies whose name is another than before; of one that was not known before nobody can tell."""
        rows = (await self._listing.companies(since_ms)).rows.values()
        before = dict(self._names)
        self._learn(rows)
        changed = {number_of(row.get("id")) for row in rows} - {None}
        return frozenset(each for each in changed if each and before.get(each) != self._names.get(each))

    async def id_of(self, name: str) -> int:
        """The company of that name, made if need be; raises `VendorError`s."""
        found = self._find(name)
        if found is None:
            self._learn(await self._complete(name))
            found = self._find(name)
        if found is None and not self._make:
            raise VendorInvalid(
                f"{self._wire.who} has no company {one_line(name)}, and may not make it.",
                field=COMPANY,
                remedy="Make the company in Freshdesk, or let Linedesk do it with `make_companies`.",
            )
        return found if found is not None else await self._made(name)

    def forget(self, company_id: int) -> None:
        """Freshdesk takes it no longer, so its name is looked for anew."""
        self._names.pop(company_id, None)

    async def _made(self, name: str) -> int:
        answer = await self._wire.http.write("POST", f"{API}/companies", {"name": name})
        if isinstance(answer, Unsure | Refused):
            taken = isinstance(answer.error, VendorDuplicate)
            if not taken and isinstance(answer, Refused):
                raise _about(answer.error, self._wire.who, name)
            # It exists already, or the answer was lost: the list knows, the quick search may lag behind.
            await self.load()
            found = self._find(name)
            if found is None:
                raise _about(answer.error, self._wire.who, name)
            return found
        self._learn([answer])
        found = self._find(name)
        if found is None:
            raise VendorInvalid(
                f"{self._wire.who} keeps the company {one_line(name)} under another name.", field=COMPANY
            )
        return found

    async def _complete(self, name: str) -> list[Row]:
        """Companies whose name begins like that; an empty list where the account lacks the function."""
        beginning = " ".join(name.split())[:_BEGINNING]
        try:
            reply = await self._wire.http.ask(f"{API}/companies/autocomplete", {"name": beginning})
        except (VendorNotFound, VendorRouteMissing, VendorInvalid):
            await self.load()
            return []
        body = object_in(reply) if reply.body.lstrip()[:1] == b"{" else {"companies": rows_in(reply)}
        rows = body.get("companies")
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    async def _ask_for(self, company_id: int) -> None:
        try:
            reply = await self._wire.http.ask(f"{API}/companies/{company_id}")
        except VendorNotFound:
            self._gone.add(company_id)
            return
        self._learn([object_in(reply)])

    def _learn(self, rows: Iterable[Row]) -> None:
        for row in rows:
            company_id, name = number_of(row.get("id")), row.get("name")
            if company_id is not None and isinstance(name, str):
                self._names[company_id] = name
                self._gone.discard(company_id)

    def _find(self, name: str) -> int | None:
        wanted = _folded(name)
        exact = (each for each, known in self._names.items() if known == name)
        alike = (each for each, known in self._names.items() if _folded(known) == wanted)
        return next(exact, None) or next(alike, None)


def _about(error: VendorError, who: str, name: str) -> VendorError:
    if isinstance(error, VendorInvalid | VendorDuplicate):
        why = error.message.removeprefix(who).strip()
        return VendorInvalid(f"{who} does not take the company {one_line(name)}: it {why}", field=COMPANY)
    return error


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
