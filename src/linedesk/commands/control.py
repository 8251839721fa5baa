"""How a command reaches the service that runs on the same data folder, if one does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import aiohttp

from linedesk.errors import LinedeskError
from linedesk.server.control_socket import find_socket
from linedesk.settings import Settings

_LINE_MAX_BYTES = 64 * 1024 * 1024  # a report names every change
_GONE = "The Linedesk service stopped before it had finished."


class ControlClient:
    """Talks to one running service."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post_stream(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """The answer's lines: `{"progress": …}` any number of times, then one `{"report": …}`.

        Raises the service's own error, of the class it has there.
        """
        ended = False
        try:
            async with self._session.post(path, json=dict(body)) as response:
                if response.status != HTTPStatus.OK:
                    raise LinedeskError(
                        f"The running service does not know `{path}`.",
                        remedy="It is of another version than this command: start it again.",
                    )
                async for line in _lines(response.content):
                    document = json.loads(line)
                    if "error" in document:
                        raise _error(document["error"])
                    ended = "report" in document
                    yield document
        except (aiohttp.ClientError, ConnectionError, ValueError):
            ended = False
        if not ended:
            raise LinedeskError(_GONE, remedy="Look at the service's log, start it, and run this again.")

    async def report(
        self, path: str, body: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None] | None = None
    ) -> Any:
        """The report of `post_stream`; `tell` is told how far it is."""
        report = None
        async for line in self.post_stream(path, body):
            if tell is not None and "progress" in line:
                tell(line["progress"])
            report = line.get("report", report)
        return report


@asynccontextmanager
async def reach(settings: Settings) -> AsyncIterator[ControlClient | None]:
    """A client of the service that runs on `settings.data_dir`; None when none does."""
    path = find_socket(settings.data_dir)
    if path is None or not await _answers(str(path)):
        yield None
        return
    connector = aiohttp.UnixConnector(path=str(path))
    # A run lasts as long as the budget makes it; the service itself has a deadline for each step of it.
    session = aiohttp.ClientSession(
        "http://linedesk", connector=connector, timeout=aiohttp.ClientTimeout(total=None)
    )
    async with session:
        yield ControlClient(session)


async def _answers(path: str) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Whole lines; the reader's own iterator refuses long ones."""
    held = bytearray()
    async for chunk in content.iter_any():
        held += chunk
        if len(held) > _LINE_MAX_BYTES:
            raise LinedeskError("The service's answer is too long to be shown.")
        *whole, rest = held.split(b"\n")
        for line in whole:
            yield bytes(line)
        held = bytearray(rest)


def _error(document: Mapping[str, Any]) -> LinedeskError:
    """The error as the class that the service raised, so that the exit code is the same."""
    for known in _tree(LinedeskError):
        if known.code == document.get("code"):
            return known(str(document["message"]), remedy=str(document["remedy"]))
    return LinedeskError(str(document["message"]), remedy=str(document["remedy"]))


def _tree(of: type[LinedeskError]) -> Iterator[type[LinedeskError]]:
    yield of
    for each in of.__subclasses__():
        yield from _tree(each)
