"""A simulated Freshdesk for tests, by itself: its API on a socket of its own."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDictProxy

from linedesk.clock import Clock, ManualClock
from linedesk.demo.crm.api import PREFIX, ApiAgent
from linedesk.demo.crm.app import create_api
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.seed import Seed, make_seed
from linedesk.demo.web import bind, port_of, running

ADMIN = "admin-key"
HELPER = "helper-key"
ADA = 103_000_000_001
KEYS = {
    ADMIN: ApiAgent(1001, "Anna Admin", "anna@example.test"),
    HELPER: ApiAgent(1002, "Hugo Helper", "hugo@example.test", admin=False),
}


def basic(key: str) -> dict[str, str]:
    """The header that signs `key` in."""
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:X".encode()).decode()}


@dataclass
class Freshdesk:
    """`url` has no slash at its end."""

    url: str
    book: CrmBook
    switchboard: CrmSwitchboard
    clock: Clock
    http: aiohttp.ClientSession

    def switch(self, **values: Any) -> None:
        self.switchboard.switches = self.switchboard.switches.changed(values)

    async def ask(
        self, method: str, path: str, *, key: str = ADMIN, json: Any = None, status: int | None = None
    ) -> tuple[Any, CIMultiDictProxy[str]]:
        """The JSON (or text, or None) of an answer and its headers; checks the status if one is given."""
        async with self.http.request(
            method, self.url + PREFIX + path, json=json, headers=basic(key)
        ) as answer:
            text = await answer.text()
            assert status is None or answer.status == status, f"{answer.status}: {text}"
            body = await answer.json() if answer.content_type == "application/json" and text else text or None
            return body, answer.headers


@asynccontextmanager
async def freshdesk(
    *, people: int | Seed = 20, clock: Clock | None = None, path: Path | None = None
) -> AsyncIterator[Freshdesk]:
    """Run one; `people` are seeded."""
    clock = clock or ManualClock(1_764_000_000_000)
    seed = people if isinstance(people, Seed) else make_seed(people)
    book = CrmBook(seed, path, lambda: clock.now_ms() / 1000)
    switchboard = CrmSwitchboard()
    app = web.Application(client_max_size=1_000_000)
    api = create_api(book, switchboard, clock, KEYS)
    app.router.add_route("*", PREFIX + "/{tail:.*}", api.handle)
    listening = bind(0)
    async with running(app, listening), aiohttp.ClientSession() as http:
        yield Freshdesk(f"http://127.0.0.1:{port_of(listening)}", book, switchboard, clock, http)
