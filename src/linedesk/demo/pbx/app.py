"""The simulated PBX as a web application, and as something that runs."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from aiohttp import web

from linedesk.clock import Clock
from linedesk.demo.pbx.api import Api
from linedesk.demo.pbx.api_cloud import Cloud
from linedesk.demo.pbx.auth import new_token
from linedesk.demo.pbx.doors import OAuthApp
from linedesk.demo.pbx.exchange import Exchange
from linedesk.demo.pbx.gate import Gate
from linedesk.demo.pbx.looks import ASSETS
from linedesk.demo.pbx.oauth import OAuth
from linedesk.demo.pbx.pages import BookPages
from linedesk.demo.pbx.pages_calls import CallPages
from linedesk.demo.pbx.shelves import CRM_BOOK
from linedesk.demo.pbx.sim import Sim
from linedesk.demo.pbx.sim_books import SimBooks
from linedesk.demo.pbx.sim_tokens import SimTokens
from linedesk.demo.pbx.state import Integration, State
from linedesk.demo.pbx.users import House, default_house
from linedesk.demo.pbx.wire import API_BODY_MAX
from linedesk.demo.web import add_headers, errors_as_json, own_host_only, own_pages_only, port_of, running

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class PbxSim:
    """A running simulated PBX."""

    exchange: Exchange
    url: str


def root_token(state: State) -> str:
    """The simple token of the root administrator (extension 100), made at the first start."""
    root = next((each for each in state.tokens.values() if each.kind == "simple" and each.root), None)
    if root is None:
        root = new_token("simple", extension="100", root=True)
        state.tokens[root.text] = root
        state.save()
    return root.text


def phonebook_id(state: State) -> int | None:
    """The shared phonebook that the demo syncs into; None if it was deleted."""
    return CRM_BOOK if state.books.phonebook(CRM_BOOK) is not None else None


def oauth_application(state: State, *redirect_uris: str, name: str = "Linedesk") -> OAuthApp:
    """The OAuth2 application of the demo: its id and secret stay the same from start to start."""
    made = state.doors.oauth_app(redirect_uris, name)
    state.save()
    return made


def hook_secret(state: State, url: str) -> str:
    """Let webhooks go to `url`; answers the secret, which stays the same from start to start."""
    present = next(iter(state.integrations.values()), None)
    if present is None:
        present = Integration(f"int{state.next_number():04d}", url, secrets.token_hex(24))
    present = replace(present, url=url)
    state.integrations = {present.id: present}
    state.save()
    return present.secret


def create_app(exchange: Exchange, clock: Clock, pages: frozenset[str] = frozenset()) -> web.Application:
    """The application; `pages` are the origins whose pages may work `/_sim`."""
    app = web.Application(
        middlewares=[own_host_only, own_pages_only(pages), errors_as_json], client_max_size=API_BODY_MAX
    )
    add_headers(app, _HEADERS)
    state, house = exchange.state, exchange.house
    gate = Gate(state, house, clock)
    app.add_routes(Sim(exchange).routes())
    app.add_routes(SimTokens(exchange).routes())
    app.add_routes(SimBooks(exchange).routes())
    app.add_routes(BookPages(exchange).routes())
    app.add_routes(CallPages(exchange).routes())
    app.add_routes(OAuth(state, house, gate, clock).routes())
    app.add_routes(Cloud(exchange, gate, clock).routes())
    app.router.add_static("/assets", ASSETS)
    app.router.add_route("*", "/{api:[Aa][Pp][Ii]}/{tail:.*}", Api(exchange, gate, clock).handle)
    return app


@asynccontextmanager
async def pbx_sim(
    clock: Clock,
    listening: socket.socket,
    state: State,
    *,
    house: House | None = None,
    pages: frozenset[str] = frozenset(),
) -> AsyncIterator[PbxSim]:
    """Run a simulated PBX on `listening`; it goes on where `state` was left."""
    exchange = Exchange(state, house or default_house(), clock)
    exchange.read_directory()
    app = create_app(exchange, clock, pages)
    url = f"http://127.0.0.1:{port_of(listening)}"
    async with running(app, listening), asyncio.TaskGroup() as group:
        task = group.create_task(exchange.run(), name="demo-pbx")
        try:
            yield PbxSim(exchange, url)
        finally:
            task.cancel()
            state.books.close()
