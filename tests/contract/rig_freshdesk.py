"""Freshdesk under contract: the app, real sockets, the simulated Freshdesk API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from contract.rigs import HastyClock, Rig
from contract.troubles import Op, Trouble
from contract.wire import Wire
from demo.freshdesk import KEYS
from linedesk.addresses import Reach
from linedesk.apps.freshdesk import KIND, Freshdesk, FreshdeskSettings
from linedesk.apps.kind import AccountContext
from linedesk.apps.records import FieldInfo, Value
from linedesk.demo.crm.api import PREFIX
from linedesk.demo.crm.app import create_api
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.seed import Seed
from linedesk.demo.web import bind, port_of, running
from linedesk.numbers.model import NumberPlan

ADMIN, HELPER = KEYS
_REQUESTS: Mapping[Op, tuple[str, str]] = {
    Op.LIST: ("GET", r"/contacts\?"),
    Op.GET: ("GET", r"/contacts/\d+$"),
    Op.CREATE: ("POST", r"/contacts$"),
    Op.UPDATE: ("PUT", r"/contacts/\d+$"),
    Op.DELETE: ("DELETE", r"/contacts/\d+$"),
}
_BUSY = frozenset({Trouble.BUSY_SECONDS, Trouble.BUSY_DATE})
_HOUR_S = 3601.0


class FreshdeskRig(Rig):
    """`book` holds what the simulated Freshdesk keeps, `switchboard` its variants and faults."""

    def __init__(self, clock: HastyClock, book: CrmBook, switchboard: CrmSwitchboard, wire: Wire) -> None:
        self.clock = clock
        self.book = book
        self.switchboard = switchboard
        self.wire = wire
        self.who = (f"{KIND.info.title} (crm)",)
        self.secrets = (ADMIN,)
        self._was_busy = False

    def open(self, url: str, timeout_s: float, api_key: str = ADMIN, **settings: Any) -> Freshdesk:
        """Open the account on the simulated Freshdesk at `url`."""
        context = AccountContext(
            name="crm",
            who=self.who[0],
            url=url,
            settings=FreshdeskSettings(api_key=SecretStr(api_key), **settings),
            plan=NumberPlan("IT"),
            clock=self.clock,
            timeout_s=timeout_s,
            reach=Reach(loopback=True),
            pbx=_no_pbx,
        )
        self.app = self.freshdesk = Freshdesk(context)
        return self.freshdesk

    def add(self, name: str) -> str:
        draft = self.book.draft()
        return str(self.book.put(replace(draft, name=name, phone=f"+3902{draft.id:08d}")).id)

    def rename(self, record_id: str, name: str) -> None:
        self.book.put(replace(self.book.people[int(record_id)], name=name))

    def remove(self, record_id: str) -> None:
        self.book.put(replace(self.book.people[int(record_id)], state="deleted"))

    def names(self) -> Mapping[str, str]:
        there = (each for each in self.book.people.values() if each.state in {"active", "blocked"})
        return {str(each.id): each.name for each in there}

    def draft(self, name: str) -> dict[str, Value]:
        return {"name": name, "phone": f"+3906{len(self.book.people):08d}"}

    def sample(self, info: FieldInfo) -> Value:
        own: dict[str, Value] = {"other_emails": ("ada.second@example.test",), "unique_external_id": "ADA-1"}
        return own.get(info.name) or super().sample(info)

    def befall(self, trouble: Trouble, op: Op, *, times: int = 1_000_000, skip: int = 0) -> None:
        method, path = _REQUESTS[op]
        self._was_busy = self._was_busy or trouble in _BUSY
        self.wire.befall(trouble, method, path, times=times, skip=skip)

    def all_fails(self, trouble: Trouble) -> None:
        self._was_busy = self._was_busy or trouble in _BUSY
        for method in ("GET", "POST", "PUT", "DELETE"):
            self.wire.befall(trouble, method, "")

    def calm(self) -> None:
        self.wire.calm()
        if self._was_busy:
            # It was told to wait for an hour, and does.
            self.clock.advance(_HOUR_S)
            self._was_busy = False

    def between_pages(self, action: Callable[[int], None]) -> None:
        pages = iter(range(1_000_000))

        def before(request: web.Request) -> None:
            if request.method == "GET" and request.path == f"{PREFIX}/contacts":
                action(next(pages))

        self.wire.before = before

    def writes(self) -> int:
        return sum(method != "GET" for method, _ in self.wire.asked)

    def switch(self, **values: Any) -> None:
        """Change switches of the simulated Freshdesk."""
        self.switchboard.switches = self.switchboard.switches.changed(values)


@asynccontextmanager
async def freshdesk_rig(timeout_s: float = 1.0, **settings: Any) -> AsyncIterator[FreshdeskRig]:
    """A running rig whose Freshdesk has no contacts."""
    clock = HastyClock()
    book = CrmBook(Seed(), None, lambda: clock.now_ms() / 1000)
    switchboard = CrmSwitchboard()
    wire = Wire(echo=ADMIN)
    app = web.Application(middlewares=[wire.middleware], client_max_size=1_000_000)
    app.router.add_route("*", PREFIX + "/{tail:.*}", create_api(book, switchboard, clock, KEYS).handle)
    rig = FreshdeskRig(clock, book, switchboard, wire)
    listening = bind(0)
    async with running(app, listening):
        rig.open(f"http://127.0.0.1:{port_of(listening)}", timeout_s, **settings)
        try:
            yield rig
        finally:
            await rig.close()


def _no_pbx(_name: str) -> Any:
    raise AssertionError("Freshdesk needs no PBX")
