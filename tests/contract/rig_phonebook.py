"""The Wildix phonebook under contract: the app, the real client, real sockets, the simulated PBX."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from contract.rigs import HastyClock, Rig
from contract.troubles import Op, Trouble
from contract.wire import Wire
from linedesk.accounts.model import PbxAccount, TokenCredential, TokenKind
from linedesk.addresses import Reach
from linedesk.apps.kind import AccountContext
from linedesk.apps.wildix_phonebook import KIND, WildixPhonebook, open_phonebook
from linedesk.apps.wildix_phonebook_settings import PhonebookSettings
from linedesk.demo.pbx.app import create_app, root_token
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.listing import Listing
from linedesk.demo.pbx.state import State
from linedesk.demo.pbx.users import default_house
from linedesk.demo.web import port_of, running
from linedesk.numbers.model import NumberPlan
from linedesk.pbx.wildix.client import WildixClient

_CONTACT = r"(?i)/Contacts/[^/?]+/?$"
_LISTING = r"(?i)/Contacts/?\?"
_REQUESTS: Mapping[Op, tuple[str, str]] = {
    Op.LIST: ("GET", _LISTING),
    Op.GET: ("GET", _CONTACT),
    Op.CREATE: ("POST", r"(?i)/Contacts/?$"),
    Op.UPDATE: ("PUT", _CONTACT),
    Op.DELETE: ("DELETE", _CONTACT),
}
_ALL = Listing(count=1_000_000)


class PhonebookRig(Rig):
    """`book_id` is the phonebook under contract; `state` the PBX behind it."""

    tick_s = 1.0

    def __init__(self, clock: HastyClock, state: State, wire: Wire) -> None:
        self.clock = clock
        self.state = state
        self.wire = wire
        self.books = state.books
        self.book_id = state.books.add_phonebook("Under contract")
        self.who = ("Wildix phonebook (book)", "The PBX office")
        self.secrets = (root_token(state),)
        self.account: PbxAccount | None = None
        self.client: WildixClient | None = None

    def open(self, url: str, timeout_s: float, **settings: Any) -> WildixPhonebook:
        """Open the account on the simulated PBX at `url`."""
        credential = TokenCredential(TokenKind.SIMPLE, self.secrets[0])
        self.account = PbxAccount(
            "office", url, NumberPlan("IT"), credential=credential, requests_per_s=1000, private=True
        )
        self.client = WildixClient.for_account(
            self.account, timeout_s=timeout_s, clock=self.clock, loopback=True
        )
        self.app = self.phonebook = self.reopen(**settings)
        return self.phonebook

    def reopen(self, **settings: Any) -> WildixPhonebook:
        """The same account with other keys, as after a restart."""
        return open_phonebook(self.context(**settings))

    def context(self, **settings: Any) -> AccountContext:
        keys = {"pbx": "office", "phonebook": str(self.book_id), **settings}
        return AccountContext(
            name="book",
            who=f"{KIND.info.title} (book)",
            url="",
            settings=PhonebookSettings(**keys),
            plan=NumberPlan("IT"),
            clock=self.clock,
            timeout_s=1.0,
            reach=Reach(loopback=True),
            pbx=lambda _name: self.client,
        )

    def add(self, name: str) -> str:
        return str(self.books.add(self.book_id, {"name": name}, self._now_s()))

    def rename(self, record_id: str, name: str) -> None:
        self.books.update(int(record_id), {"name": name}, self._now_s())

    def remove(self, record_id: str) -> None:
        self.books.delete(int(record_id))

    def names(self) -> Mapping[str, str]:
        return {str(row["id"]): str(row["name"]) for row in self.books.find(_ALL, [self.book_id])[1]}

    def row(self, record_id: str) -> Mapping[str, Any]:
        """A contact as the PBX keeps it."""
        return self.books.contact(int(record_id)) or {}

    def befall(self, trouble: Trouble, op: Op, *, times: int = 1_000_000, skip: int = 0) -> None:
        method, path = _REQUESTS[op]
        self.wire.befall(trouble, method, path, times=times, skip=skip)

    def all_fails(self, trouble: Trouble) -> None:
        for method in ("GET", "POST", "PUT", "DELETE"):
            self.wire.befall(trouble, method, "")

    def calm(self) -> None:
        self.wire.calm()

    def between_pages(self, action: Callable[[int], None]) -> None:
        pages = iter(range(1_000_000))

        def before(request: web.Request) -> None:
            if request.method == "GET" and request.path.lower().rstrip("/").endswith("/contacts"):
                action(next(pages))

        self.wire.before = before

    def writes(self) -> int:
        return sum(method != "GET" for method, _ in self.wire.asked)

    def switch(self, **values: Any) -> None:
        """Change switches of the simulated PBX."""
        self.state.switches = self.state.switches.model_copy(update=values)

    async def close(self) -> None:
        await self.app.close()
        if self.client is not None:
            await self.client.close()

    def _now_s(self) -> int:
        return self.clock.now_ms() // 1000


@asynccontextmanager
async def phonebook_rig(timeout_s: float = 2.5, **settings: Any) -> AsyncIterator[PhonebookRig]:
    """A running rig whose phonebook is empty."""
    clock = HastyClock()
    state = State.open(None)
    wire = Wire()
    rig = PhonebookRig(clock, state, wire)
    wire.echo = rig.secrets[0]
    app = create_app(Exchange(state, default_house(), clock), clock)
    app.middlewares.insert(0, wire.middleware)
    listening = socket.create_server(("127.0.0.1", 0))
    async with running(app, listening):
        rig.open(f"http://127.0.0.1:{port_of(listening)}", timeout_s, **settings)
        try:
            yield rig
        finally:
            await rig.close()
