"""`linedesk watch`: the frames of an agent's socket, one JSON line each.

A client of its own kind (not the server's library), so that it also shows whether others can connect.
"""

from __future__ import annotations

import asyncio
import json
import os
from itertools import repeat
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import click
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from linedesk.errors import LinedeskError, UserError
from linedesk.settings import load_settings

SOCKET_PATH = "/agent/socket"
_CONNECT_S = 10.0
_MAX_FRAME_BYTES = 16 * 1024 * 1024


_REMEDY = "Check the address and the token, then run `linedesk watch` again."


@click.command()
@click.option("--url", help="The service, for example https://linedesk.example.com.")
@click.option(
    "--config", type=click.Path(path_type=Path), help="config.toml; its address, when --url is left out."
)
@click.option("--count", type=click.IntRange(1), help="Stop after so many frames.")
@click.option(
    "--timeout", "timeout_s", type=click.FloatRange(0, min_open=True), help="Stop after so many seconds."
)
def watch(url: str | None, config: Path | None, count: int | None, timeout_s: float | None) -> None:
    """Print the frames of an agent's socket. The token comes from LINEDESK_TOKEN or is asked for."""
    address = socket_url(url or load_settings(config).base_url)
    token = os.environ.get("LINEDESK_TOKEN") or click.prompt("Token", hide_input=True, err=True)
    asyncio.run(_watch(address, token.strip(), count, timeout_s))


def socket_url(text: str) -> str:
    """The address of the agent socket of the service at `text`. Raises `UserError`."""
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    try:
        parts = urlsplit(text)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # Brackets that do not close, or a port that is none.
        usable = False
    if not usable:
        raise UserError(
            "--url is no address of a service.", remedy="Write it like https://linedesk.example.com."
        )
    path = parts.path.rstrip("/")
    if not path.endswith(SOCKET_PATH):
        path += SOCKET_PATH
    return urlunsplit((schemes[parts.scheme], parts.netloc, path, "", ""))


async def _watch(address: str, token: str, count: int | None, timeout_s: float | None) -> None:
    try:
        async with asyncio.timeout(timeout_s) as scope:
            await _frames(address, token, count)
    except TimeoutError:
        if not scope.expired():
            raise _ended(f"No agent socket answers at {address} within {_CONNECT_S:g} s.") from None
        if count is not None:
            raise _ended(f"Fewer than {count} frames came within {timeout_s:g} s.") from None
    except (OSError, WebSocketException, UnicodeError) as error:
        # UnicodeError: a host that no name can have.
        raise _ended(f"No agent socket answers at {address}: {error}.") from None


async def _frames(address: str, token: str, count: int | None) -> None:
    async with connect(
        address, compression=None, open_timeout=_CONNECT_S, max_size=_MAX_FRAME_BYTES
    ) as socket:
        hello = json.dumps({"type": "hello", "v": 1, "token": token, "visible": False})
        try:
            await socket.send(hello)
            for _ in range(count) if count is not None else repeat(None):
                click.echo(_line(await socket.recv()))
        except ConnectionClosed as closed:
            raise _ended(_reason(closed)) from None


def _line(frame: str | bytes) -> str:
    """The frame's JSON on one line, with nothing that a terminal can't write."""
    try:
        line = json.dumps(json.loads(frame), ensure_ascii=False)
    except (ValueError, RecursionError):
        raise _ended("The service sent a frame that is no JSON; it is no Linedesk maybe.") from None
    return line.encode("utf-8", "replace").decode("utf-8")


def _ended(message: str) -> LinedeskError:
    return LinedeskError(message, remedy=_REMEDY)


def _reason(closed: ConnectionClosed) -> str:
    if closed.rcvd is None:
        return "The connection broke off."
    reason = f" ({closed.rcvd.reason})" if closed.rcvd.reason else ""
    return f"The service closed the socket with code {closed.rcvd.code}{reason}."
