"""An engine between two in-memory apps, on a store in a folder, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from contract.memory import CAPABILITIES, FIELDS, MemoryApp, MemoryServer
from linedesk.apps.base import Capabilities, Feed, Vanished
from linedesk.apps.info import AppInfo
from linedesk.apps.kind import AppKind
from linedesk.apps.records import Record
from linedesk.clock import ManualClock
from linedesk.contacts.directory import Directory
from linedesk.numbers import NumberPlan, read
from linedesk.store import connections, journal
from linedesk.store.migrate import Stores, open_stores
from linedesk.sync.engine import Ask, Engine
from linedesk.sync.journal import Checkpoint, no_checkpoint
from linedesk.sync.model import Connection, Progress, RunReport

PLAN = NumberPlan("IT")
KIND = AppKind(info=AppInfo(name="memory", title="Memory"))
OFFICE = Connection("office", "crm", "book")
MAPPED = ("name", "email", "phone", "mobile", "company", "address")

# The source has no deletes to find but its soft ones; the target is listed whole at each run.
SOURCE = replace(CAPABILITIES, feed=Feed.MODIFIED, vanished=Vanished.SOFT)
TARGET = replace(CAPABILITIES, feed=Feed.NONE, vanished=Vanished.ABSENT)
WITHOUT_IDS = replace(TARGET, external_id_field=None)


@dataclass
class House:
    """`a` and `b` are the servers: what a user of the two systems sees and edits."""

    stores: Stores
    clock: ManualClock
    a: MemoryServer
    b: MemoryServer
    apps: dict[str, MemoryApp]
    connections: dict[str, Connection]
    checkpoint: Checkpoint
    plan: NumberPlan = PLAN
    progress: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.directory = Directory(self.stores.books)
        self.engine = self.new_engine(self.checkpoint)

    def new_engine(self, checkpoint: Checkpoint = no_checkpoint) -> Engine:
        """Another engine on the same store, as another process has."""
        return Engine(
            self.stores.books,
            self.clock,
            self.directory,
            connection_of=self.connections.__getitem__,
            app_of=self.apps.__getitem__,
            kind_of=lambda _: KIND,
            plan_of=lambda _: PLAN,
            checkpoint=checkpoint,
        )

    async def sync(self, **asked: Any) -> RunReport:
        """One run; the clock moves on, as it does between runs."""
        self.clock.advance(60)
        ask = Ask(**{"actor": "test", **asked})
        return await self.engine.run("office", ask, self.progress.append)

    def mapped(self, server: MemoryServer) -> list[tuple[str, ...]]:
        """The mapped fields of what is there, sorted; numbers by what they mean."""
        return sorted(self.mapped_of(server.records.values()))

    def mapped_of(self, records: Iterable[Record]) -> list[tuple[str, ...]]:
        """The mapped fields of these records."""
        return [_mapped(record) for record in records]

    async def journal_rows(self) -> int:
        return await self.stores.books.read(lambda c: journal.count(c, "office"))


def _mapped(record: Record) -> tuple[str, ...]:
    phones = {"phone", "mobile"}
    return tuple(
        (read(record.text(name), PLAN).value or record.text(name)) if name in phones else record.text(name)
        for name in MAPPED
    )


@asynccontextmanager
async def house(
    folder: Path,
    *,
    source: Capabilities = SOURCE,
    target: Capabilities = TARGET,
    servers: tuple[MemoryServer, MemoryServer] | None = None,
    clock: ManualClock | None = None,
    checkpoint: Checkpoint = no_checkpoint,
    connection: Connection = OFFICE,
    stores: Stores | None = None,
) -> AsyncIterator[House]:
    """Open the stores of `folder`, or take `stores`.

    `servers` are those of an earlier house, after a restart.
    """
    clock = clock or ManualClock()
    a, b = servers or (MemoryServer(clock), MemoryServer(clock))
    apps = {
        "crm": MemoryApp(clock, account="crm", capabilities=source, fields=FIELDS, server=a),
        "book": MemoryApp(clock, account="book", capabilities=target, fields=FIELDS, server=b),
    }
    stores = stores or await open_stores(folder)
    try:
        await stores.books.write(lambda c: connections.put(c, connection, 0))
        yield House(stores, clock, a, b, apps, {"office": connection}, checkpoint)
    finally:
        await stores.close()
