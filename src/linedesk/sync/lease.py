"""One run a connection at a time, over all processes on the data folder.

A lease is a row with its owner and its end; a heartbeat moves the end on. What a killed process held is
free at once when this machine can see that the process is gone, else when its time is over. Clocks jump and
processes stand still, so the time alone is not trusted: each transaction of a run asks `still_held`.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection

from linedesk.clock import Clock
from linedesk.errors import SyncBusy
from linedesk.store import leases
from linedesk.store.database import Database
from linedesk.sync.beside import beside

LEASE_S = 60.0
_BEAT_S = 15.0


def new_owner() -> str:
    """Names this process among all that ever ran: machine, process, its start, and something random."""
    pid = os.getpid()
    return "/".join((_machine(), str(pid), _started(pid) or "?", secrets.token_hex(4)))


def is_dead(owner: str) -> bool:
    """Whether the process of an owner is surely gone. One of another machine is never known to be."""
    parts = owner.split("/")
    if len(parts) != 4 or parts[0] != _machine() or not parts[1].isdecimal() or parts[2] == "?":
        return False
    return _started(int(parts[1])) != parts[2]


@asynccontextmanager
async def held(books: Database, clock: Clock, connection: str, owner: str) -> AsyncIterator[None]:
    """Hold the connection's lease while the block runs.

    Raises `SyncBusy` when another run holds it, also later, if the lease was lost to another because this
    process stood still: the block is cancelled then, before it can write beside the other.
    """
    name = _name(connection)
    now_ms = clock.now_ms()
    until_ms = now_ms + round(LEASE_S * 1000)
    holder = await books.write(
        lambda c: leases.take(c, name, owner, now_ms=now_ms, until_ms=until_ms, is_dead=is_dead)
    )
    if holder is not None:
        raise SyncBusy(f"Another sync of {connection} is running.")
    try:
        async with beside(_beat(books, clock, connection, owner), f"lease:{connection}"):
            yield
    finally:
        await books.write(lambda c: leases.give_back(c, name, owner))


def still_held(c: Connection, connection: str, owner: str) -> None:
    """Raises `SyncBusy` if another has the connection's lease by now: nothing may be written any more."""
    if leases.holder(c, _name(connection)) != owner:
        raise _taken_over(connection)


async def _beat(books: Database, clock: Clock, connection: str, owner: str) -> None:
    while True:
        await clock.sleep(_BEAT_S)
        until_ms = clock.now_ms() + round(LEASE_S * 1000)
        if not await books.write(_extender(_name(connection), owner, until_ms)):
            raise _taken_over(connection)


def _name(connection: str) -> str:
    return f"sync:{connection}"


def _taken_over(connection: str) -> SyncBusy:
    return SyncBusy(f"The run of {connection} stood still, and another one took over.")


def _extender(name: str, owner: str, until_ms: int) -> Callable[[Connection], bool]:
    return lambda c: leases.extend(c, name, owner, until_ms)


def _machine() -> str:
    """This host and its space of process ids: two containers may share a name, or even a folder."""
    try:
        space = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - it is no path
    except OSError:
        space = ""
    return f"{socket.gethostname()}-{space}".replace("/", "_")


def _started(pid: int) -> str | None:
    """When the process began, in the kernel's ticks; None if it is gone or there is no way to tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return None
    # The command's name stands in brackets and may hold anything; the state is next, then come numbers.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else fields[19]
