"""What an app brings to the contract suite: the app itself, and hands on the far side of its wire.

An app joins with one subclass of `Rig` and one line in `conftest.RIGS`. The hands are those of users and of
bad luck: they change the vendor's records without the app, and let its requests meet a `Trouble`.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from contract.memory import Fault, MemoryApp
from contract.troubles import Op, Trouble
from linedesk.apps.base import App
from linedesk.apps.records import Entry, FieldInfo, FieldKind, Value
from linedesk.clock import ManualClock

_BY_KIND: Mapping[FieldKind, Value] = {
    FieldKind.NAME: "Ada Example",
    FieldKind.TEXT: "Fifth floor",
    FieldKind.LONG_TEXT: "Rings in the morning.\nSpeaks Italian.",
    FieldKind.EMAIL: "ada@example.test",
    FieldKind.PHONE: "+390212345678",
    FieldKind.URL: "https://example.test/ada",
    FieldKind.ADDRESS: "Via Roma 1, Milano",
    FieldKind.COMPANY: "Example Srl",
    FieldKind.DATE: "2001-02-03",
    FieldKind.NUMBER: 7,
    FieldKind.CHECKBOX: True,
}


class HastyClock(ManualClock):
    """Whoever sleeps by it wakes at once, and the time has passed all the same."""

    slept_s: float = 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept_s += max(seconds, 0.0)
        self.advance(max(seconds, 0.0))
        await asyncio.sleep(0)


class Rig(ABC):
    """One open app with an empty book behind it.

    `who`: beginnings of its sentences. `secrets`: texts that must never come out of it. `tick_s`: what a
    change needs to be newer than another for the vendor. `troubles`: those that its wire can meet.
    `over_a_wire`: False only for the app in memory.
    """

    app: App
    clock: HastyClock
    who: tuple[str, ...]
    secrets: tuple[str, ...] = ()
    tick_s: float = 1.0
    troubles: frozenset[Trouble] = frozenset(Trouble)
    over_a_wire: bool = True

    @abstractmethod
    def add(self, name: str) -> str:
        """A user makes a record of this name; answers its id."""

    @abstractmethod
    def rename(self, record_id: str, name: str) -> None:
        """A user changes the record's name."""

    @abstractmethod
    def remove(self, record_id: str) -> None:
        """A user deletes the record."""

    @abstractmethod
    def names(self) -> Mapping[str, str]:
        """The truth: id -> name of every record that is there and not deleted."""

    @abstractmethod
    def befall(self, trouble: Trouble, op: Op, *, times: int = 1_000_000, skip: int = 0) -> None:
        """Let the next `times` requests of one kind meet a trouble, after `skip` that pass."""

    @abstractmethod
    def all_fails(self, trouble: Trouble) -> None:
        """Let every request meet a trouble."""

    @abstractmethod
    def calm(self) -> None:
        """Everything passes again."""

    @abstractmethod
    def between_pages(self, action: Callable[[int], None]) -> None:
        """Call `action` with 0, 1, 2 … before each page of a listing is answered."""

    @abstractmethod
    def writes(self) -> int:
        """How many writes came over the wire so far."""

    def fill(self, count: int) -> list[str]:
        return [self.add(f"Person {number:04d}") for number in range(count)]

    def tick(self) -> None:
        self.clock.advance(self.tick_s)

    def draft(self, name: str) -> dict[str, Value]:
        """Fields that suffice for a new record."""
        return {"name": name}

    def sample(self, info: FieldInfo) -> Value:
        """A value that the field takes as it is."""
        if info.choices:
            return info.choices[0].value
        if info.kind is FieldKind.TAGS:
            return ("blue", "vip")
        value = _BY_KIND[info.kind]
        return (Entry(str(value), "work"),) if info.many else value

    async def close(self) -> None:
        await self.app.close()


_MEMORY_FAULTS = {
    Trouble.UNAUTHORISED: Fault.AUTH,
    Trouble.FORBIDDEN: Fault.FORBIDDEN,
    Trouble.BUSY_SECONDS: Fault.BUSY,
    Trouble.HTML: Fault.GARBLED,
    Trouble.LOST_BEFORE: Fault.LOST_BEFORE,
    Trouble.LOST_AFTER: Fault.LOST_AFTER,
    Trouble.REPEAT_PAGE: Fault.REPEAT_PAGE,
    Trouble.EMPTY_PAGE: Fault.EMPTY_PAGE,
}


class MemoryRig(Rig):
    """The reference app under its own contract."""

    troubles = frozenset(_MEMORY_FAULTS)
    over_a_wire = False

    def __init__(self, **settings: Any) -> None:
        self.clock = HastyClock()
        self.app = self.memory = MemoryApp(self.clock, **settings)
        self.server = self.memory.server
        self.who = ("Memory (memory)",)

    def add(self, name: str) -> str:
        return self.server.seed(name=name)

    def rename(self, record_id: str, name: str) -> None:
        self.server.edit(record_id, name=name)

    def remove(self, record_id: str) -> None:
        self.server.vanish(record_id)

    def names(self) -> Mapping[str, str]:
        return {each.id: each.text("name") for each in self.server.active}

    def befall(self, trouble: Trouble, op: Op, *, times: int = 1_000_000, skip: int = 0) -> None:
        left = {"skip": skip, "times": times}

        def choose(asked: str, _record_id: str) -> Fault | None:
            if asked != op.value:
                return None
            for each in ("skip", "times"):
                if left[each]:
                    left[each] -= 1
                    return _MEMORY_FAULTS[trouble] if each == "times" else None
            return None

        self.server.faults.choose = choose

    def all_fails(self, trouble: Trouble) -> None:
        self.server.faults.choose = lambda _op, _record_id: _MEMORY_FAULTS[trouble]

    def calm(self) -> None:
        self.server.faults.clear()
        self.server.on_request = None

    def between_pages(self, action: Callable[[int], None]) -> None:
        pages = iter(range(1_000_000))

        def on_request(op: str) -> None:
            if op == "list":
                action(next(pages))

        self.server.on_request = on_request

    def writes(self) -> int:
        return sum(self.server.writes.values())
