"""One client connection: how long it may take over its first request's header, and what bad HTTP is told.

Everything after the header belongs to the middlewares and handlers.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from aiohttp import web

from linedesk.server.headers import API_CSP, COMMON, NO_STORE, SERVER

log = structlog.get_logger(__name__)

HEADER_S = 10.0


class Connection(web.RequestHandler):
    """aiohttp's protocol, stricter: no silent guests, and no answer that repeats what came in."""

    __slots__ = ("_header_timer",)

    def __init__(self, manager: web.Server, *, loop: asyncio.AbstractEventLoop, **limits: Any) -> None:
        super().__init__(manager, loop=loop, **limits)
        self._header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._header_timer = self._loop.call_later(HEADER_S, self.force_close)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # A message counts as soon as its header is complete; its body has deadlines of its own.
        if self._header_timer is not None and self._request_count:
            self._stop_timer()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no HTTP, or to a fault outside the middlewares; the connection ends."""
        if status < 500:
            # Only the kind of fault: the parser's own words repeat what the client sent.
            log.debug("malformed_request", address=request.remote, fault=type(exc).__name__)
        else:
            log.error("connection_failed", address=request.remote, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("An answer is under way already.")
        text = "This is not a valid HTTP request.\n" if status < 500 else "Linedesk could not answer this.\n"
        headers = {**COMMON, "Content-Security-Policy": API_CSP, "Cache-Control": NO_STORE, "Server": SERVER}
        response = web.Response(status=status, text=text, headers=headers)
        response.force_close()
        return response

    def _stop_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None
