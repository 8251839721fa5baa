"""Binding the application to its address, with the limits that belong to the connection."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from linedesk.errors import ConfigError, PortInUse

_KEEPALIVE_S = 75.0
_LINGER_S = 1.0
_SHUTDOWN_S = 5.0
_BACKLOG = 1024


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve `app` inside the block; yields the port (a free one for 0).

    Raises `PortInUse`, or `ConfigError` for an address this machine does not have.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        # A compressed body is refused, so it must not be unpacked first.
        auto_decompress=False,
        keepalive_timeout=_KEEPALIVE_S,
        lingering_time=_LINGER_S,
        shutdown_timeout=_SHUTDOWN_S,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, backlog=_BACKLOG)
        try:
            await site.start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(f"Port {port} on {host} is used by another program.") from None
            raise ConfigError(f"Linedesk can't listen on {host}, port {port}: {error.strerror}.") from None
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
