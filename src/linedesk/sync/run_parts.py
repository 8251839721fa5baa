"""What the pieces of a run share: its tools, its wish, what it has seen so far, and what it is for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from linedesk.clock import Clock
from linedesk.store.database import Database
from linedesk.sync.copies import Book
from linedesk.sync.entries import Entries
from linedesk.sync.journal import Checkpoint
from linedesk.sync.model import Known, Link, Plan, Side
from linedesk.sync.reading import Reader
from linedesk.sync.writing_parts import Tally, Written


@dataclass(frozen=True, slots=True)
class Tools:
    """What every run of the engine shares. A run holds one lock at a time, so no two wait for each other."""

    books: Database
    clock: Clock
    reader: Reader
    entries: Entries
    lock: Callable[[str], asyncio.Lock]
    new_id: Callable[[], str]
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Wish:
    """`run` None: a preview. `patient`: what was refused lately is not tried again now.

    `mend`: the last run did not come to its end. `first_by_person`: no run of the connection ever did, and a
    person started this one.
    """

    run: int | None
    approve: str | None
    patient: bool
    mend: bool
    first_by_person: bool = False


@dataclass(slots=True)
class Seen:
    """What the run has found out so far. `read_ms`: when the reading of a side began. `journal_id`: the
    newest entry of the journal, of any connection, before the first reading. `tally`: the plan's changes."""

    books: dict[Side, Book] = field(default_factory=dict)
    read_ms: dict[Side, int] = field(default_factory=dict)
    journal_id: int = 0
    links: dict[str, Link] = field(default_factory=dict)
    known: dict[Side, Known] = field(default_factory=dict)
    plan: Plan | None = None
    tally: Tally = field(default_factory=Tally)
    written: Written = field(default_factory=Written)


class Purpose(Protocol):
    """What a run is for: a sync of the connection (`sync.syncing`) or an undo (`sync.undoing`)."""

    async def plan(self, seen: Seen) -> Plan:
        """What is to be written, from what was read."""
        ...

    async def barred(self, plan: Plan) -> str:
        """Why nothing of the plan is written until a person approves it, "" when it may be written."""
        ...

    async def ended(self, plan: Plan, written: Written, *, braked: bool) -> None:
        """Told at the end of a run that was no preview, also when an account failed in the middle."""
        ...
