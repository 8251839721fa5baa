"""Binding the application to its address, with the limits that belong to the connection."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from linedesk.errors import ConfigError, PortInUse
from linedesk.server.connections import Connection

_KEEPALIVE_S = 75.0
_LINGER_S = 1.0
_SHUTDOWN_S = 5.0
_BACKLOG = 1024


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve `app` inside the block; yields the port (a free one for 0).

    Raises `PortInUse`, or `ConfigError` for an address this machine does not have.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        listener = await _listen(runner, host, port)
        try:
            yield int(listener.sockets[0].getsockname()[1])
        finally:
            listener.close()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> asyncio.Server:
    # The runner owns the application and its connections; a site of aiohttp would make plain ones.
    loop, manager = asyncio.get_running_loop(), runner.server
    if manager is None:
        raise RuntimeError("The runner is not set up.")

    def connect() -> Connection:
        return Connection(
            manager,
            loop=loop,
            access_log=None,
            # A compressed body is refused, so it must not be unpacked first.
            auto_decompress=False,
            keepalive_timeout=_KEEPALIVE_S,
            lingering_time=_LINGER_S,
        )

    try:
        return await loop.create_server(connect, host, port, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(f"Port {port} on {host} is used by another program.") from None
        raise ConfigError(f"Linedesk can't listen on {host}, port {port}: {error.strerror}.") from None
