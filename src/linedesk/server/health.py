"""For those who watch the service: alive, ready, counted."""

from __future__ import annotations

import hmac

from aiohttp import web

from linedesk.errors import Forbidden, NotSignedIn
from linedesk.server.auth import bearer
from linedesk.server.clients import client_of
from linedesk.server.proxies import is_this_machine
from linedesk.server.services import services_of


async def healthz(_request: web.Request) -> web.Response:
    """`GET /healthz`: the process answers."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """`GET /readyz`: 200 when the databases answer and events are processed, else 503 with what is not."""
    checks = await services_of(request).ready()
    failing = sorted(name for name, well in checks.items() if not well)
    if failing:
        return web.json_response({"status": "not ready", "failing": failing}, status=503)
    return web.json_response({"status": "ready"})


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`: with the metrics token, or without one only from this machine."""
    services = services_of(request)
    wanted = services.settings.metrics_token
    if wanted is None:
        # Behind a proxy that is not trusted every client would look like this machine.
        if not is_this_machine(client_of(request)) or "X-Forwarded-For" in request.headers:
            raise Forbidden(
                "The metrics are shown on this machine only.",
                remedy="Set `metrics_token` and send it as a bearer token.",
            )
    elif not hmac.compare_digest(bearer(request).encode(), wanted.get_secret_value().encode()):
        raise NotSignedIn(
            "The token for the metrics is wrong.", remedy="Send `metrics_token` as bearer token."
        )
    return web.Response(
        body=services.metrics.exposition(),
        headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
    )
