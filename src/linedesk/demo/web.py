"""What both simulators' web servers share: a site on a socket of ours, who may ask, errors as JSON."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from linedesk.errors import BadRequest, LinedeskError, NotFound, OriginRefused, PortInUse

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOK_S = 0.02
_OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")


def bind(port: int, *, else_any: bool = False) -> socket.socket:
    """A socket on loopback; 0 takes a free port, and so does a taken port with `else_any`.

    Raises `PortInUse`.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        if else_any and port:
            return bind(0)
        raise PortInUse(f"Port {port} on 127.0.0.1 is used by another program.") from None
    listening.setblocking(False)
    return listening


def port_of(listening: socket.socket) -> int:
    """The port number that a socket has."""
    port: int = listening.getsockname()[1]
    return port


@asynccontextmanager
async def running(app: web.Application, listening: socket.socket) -> AsyncIterator[None]:
    """Serve `app` on `listening` until the end of the block."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        yield
    finally:
        await runner.cleanup()


async def until_gone(request: web.Request) -> None:
    """Answer nothing for as long as somebody waits for it."""
    # aiohttp tells no handler that its client has gone.
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_S)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The error tree as JSON, and every other failure too; redirects pass."""
    try:
        return await handler(request)
    except LinedeskError as error:
        return _refusal(error)
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        kind = NotFound if answer.status == 404 else BadRequest
        refusal = _refusal(kind(answer.text or answer.reason), answer.status)
        if "Allow" in answer.headers:
            refusal.headers["Allow"] = answer.headers["Allow"]
        return refusal
    except Exception:
        # The last line of defence: a simulator with a fault still speaks JSON.
        log.error("demo_request_failed", method=request.method, path=request.path, exc_info=True)
        return _refusal(LinedeskError("The simulator could not do this because of a fault of its own."))


@web.middleware
async def own_host_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Another name that leads to this machine is no way in (DNS rebinding): the first of the middlewares."""
    place = request.get_extra_info("sockname")
    own = {f"{name}:{place[1]}" for name in _OWN_NAMES} if place else set()
    if request.headers.get("Host", "").lower() not in own:
        return _refusal(OriginRefused("Ask the demo at localhost or 127.0.0.1."), 421)
    return await handler(request)


def add_headers(app: web.Application, headers: Mapping[str, str]) -> None:
    """Put `headers` on every answer of `app`, refusals and redirects too; what an answer has stays."""

    async def add(_request: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)

    app.on_response_prepare.append(add)


def _refusal(error: LinedeskError, status: int | None = None) -> web.Response:
    return web.json_response(error.as_json(), status=status or error.status)


def own_pages_only(allowed: frozenset[str]) -> Middleware:
    """CORS for the demo's own pages; a change asked for by any other page is refused."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is None:
            return await handler(request)
        own = origin == f"{request.scheme}://{request.host}"
        if not own and origin not in allowed:
            if request.method not in _SAFE:
                return _refusal(OriginRefused("This page may not work the simulator."))
            return await handler(request)
        preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        answer = web.Response(status=204) if preflight else await handler(request)
        if not own:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Vary"] = "Origin"
            if preflight:
                answer.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT"
                answer.headers["Access-Control-Allow-Headers"] = "content-type"
        return answer

    return check
