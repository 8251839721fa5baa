"""The CRM site as a web application, and as something that runs.

It runs on `localhost` while the service runs on `127.0.0.1`: two sites for the browser, as in real life.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from linedesk.clock import Clock
from linedesk.demo.crm.api import PREFIX, ApiAgent, FreshdeskApi
from linedesk.demo.crm.api_contacts import Contacts
from linedesk.demo.crm.api_rest import Companies, Search, Tickets, agents_of
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.faults import Faults
from linedesk.demo.crm.pages import CrmPages, Place, Saved
from linedesk.demo.crm.sim import Hand
from linedesk.demo.crm.start import DemoAgent, StartPages
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.web import add_headers, errors_as_json, own_host_only, own_pages_only, port_of, running

ASSETS = Path(__file__).parent.parent / "assets"
_BODY_MAX = 65_536


def crm_url(listening: socket.socket) -> str:
    """The site's address for browsers."""
    return f"http://localhost:{port_of(listening)}"


def create_app(
    *,
    book: CrmBook,
    switchboard: CrmSwitchboard,
    place: Place,
    agents: Mapping[str, DemoAgent],
    admin: tuple[str, str],
    clock: Clock,
    saved: Saved,
    keys: Mapping[str, ApiAgent] | None = None,
) -> web.Application:
    """The whole site. `keys`: the API keys that open `/api/v2`, and whose they are."""
    app = web.Application(
        middlewares=[own_host_only, own_pages_only(frozenset()), errors_as_json],
        client_max_size=_BODY_MAX,
    )
    add_headers(app, _headers(place))
    app.on_response_prepare.append(_never_store)
    app.add_routes(StartPages(place, agents, admin).routes())
    app.add_routes(CrmPages(book, switchboard, place, clock, saved).routes())
    app.add_routes(switchboard.routes())
    app.add_routes(Hand(book).routes())
    app.router.add_route("*", PREFIX + "/{tail:.*}", create_api(book, switchboard, clock, keys or {}).handle)
    app.router.add_static("/assets", ASSETS)
    return app


def create_api(
    book: CrmBook, switchboard: CrmSwitchboard, clock: Clock, keys: Mapping[str, ApiAgent]
) -> FreshdeskApi:
    """The API over the same records as the pages."""
    faults = Faults(switchboard, book, clock)

    def now_s() -> float:
        return clock.now_ms() / 1000

    routes = [
        *Contacts(book, faults).routes(),
        *Companies(book, faults).routes(),
        *Search(book).routes(),
        *Tickets(book, faults, now_s).routes(),
        *agents_of(list(keys.values())),
    ]
    return FreshdeskApi(routes, keys, faults, switchboard, clock)


@asynccontextmanager
async def crm_sim(app: web.Application, listening: socket.socket) -> AsyncIterator[str]:
    """Run the site on `listening`; gives its address."""
    async with running(app, listening):
        yield crm_url(listening)


async def _never_store(request: web.Request, response: web.StreamResponse) -> None:
    if not request.path.startswith("/assets/"):
        response.headers["Cache-Control"] = "no-store"


def _headers(place: Place) -> dict[str, str]:
    """A strict policy, so that the loader is tried where inline scripts and foreign frames are forbidden."""
    policy = "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {place.service}",
            f"frame-src 'self' {place.service}",
            f"connect-src 'self' {place.pbx} {place.service}",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
    }
