"""The address of the client that asks, behind trusted proxies."""

from __future__ import annotations

from aiohttp import web

from linedesk.server.proxies import Networks, client_address

TRUSTED = web.AppKey[Networks]("trusted_proxies")


def client_of(request: web.Request) -> str:
    """The client's address, "" when it can't be told."""
    trusted = request.app[TRUSTED]
    return client_address(request.remote, request.headers.getall("X-Forwarded-For", []), trusted)
