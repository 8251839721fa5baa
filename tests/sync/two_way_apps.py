"""Two simulated apps for the two-way machine: what an app is like for a whole trace, as switches.

Faults that come and go (lost answers, refusals, broken pages) are at `server.faults`; the server's own
records are the truth that the invariants look at.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count

from contract.memory import FIELDS, MemoryApp, MemoryServer
from contract.memory_faults import Fault, both, numbers_reformatted, spaces_trimmed
from contract.memory_shape import CAPABILITIES
from linedesk.apps.base import Capabilities, Feed, Outcome, Removal, Stored, Vanished, Watch
from linedesk.apps.records import (
    Changes,
    Cursor,
    Draft,
    FieldInfo,
    Patch,
    Reading,
    Record,
    Tombstone,
    Value,
)
from linedesk.clock import Clock

SCAN_S = 600.0
"""How often an app of these is listed whole, where only that shows deletes."""


class Tags(StrEnum):
    """Version tags: none; checked at each write; another one at each look, though nothing changed."""

    NONE = "none"
    CHECKED = "checked"
    FLAKY = "flaky"


class Saves(StrEnum):
    """What becomes of a text that is written: kept; numbers grouped, spaces folded, letters made large,
    accents taken apart; nearly all of it."""

    AS_GIVEN = "as given"
    NUMBERS = "numbers"
    SPACES = "spaces"
    CAPITALS = "capitals"
    APART = "accents apart"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Traits:
    """What one app is like.

    `told_on_write`: the answer to a write has the new version tag and time. `repeats`: a listing has rows
    twice. `proves`: a listing of everything can be proven complete. `ahead_s`: how wrong its clock is;
    `resolution_ms`: how coarse. `names_winner`: an id that was merged away leads to its winner (S23).
    `read_only`: fields that the app only shows.
    """

    feed: Feed = Feed.MODIFIED
    vanished: Vanished = Vanished.ABSENT
    removal: Removal = Removal.SOFT
    tags: Tags = Tags.NONE
    told_on_write: bool = True
    lag_s: float = 0.0
    saves: Saves = Saves.AS_GIVEN
    repeats: bool = False
    proves: bool = True
    ahead_s: float = 0.0
    resolution_ms: int = 1
    names_winner: bool = False
    external_ids: bool = True
    batch: int = 1
    read_only: frozenset[str] = frozenset()

    def capabilities(self) -> Capabilities:
        return replace(
            CAPABILITIES,
            feed=self.feed,
            vanished=self.vanished,
            removal=self.removal,
            versions=self.tags is Tags.CHECKED,
            visibility_lag_s=self.lag_s,
            names_merge_winner=self.names_winner,
            external_id_field="external_id" if self.external_ids else None,
            group_kinds=("tag",),
            create_batch=self.batch,
            update_batch=self.batch,
            delete_batch=self.batch,
            complete_scan_s=SCAN_S if self.vanished is Vanished.ABSENT else None,
        )

    def fields(self) -> tuple[FieldInfo, ...]:
        return tuple(
            replace(
                each,
                read_only=each.read_only or each.name in self.read_only,
                group_kind="tag" if each.name == "tags" else "",
            )
            for each in FIELDS
        )


class TwoWayApp(MemoryApp):
    """The reference app with the traits laid over it."""

    def __init__(self, clock: Clock, account: str, traits: Traits, server: MemoryServer) -> None:
        super().__init__(
            clock,
            account=account,
            capabilities=traits.capabilities(),
            fields=traits.fields(),
            server=server,
        )
        self._traits = traits
        self._looks = count()
        server.faults.text = saved_as(traits.saves)
        server.resolution_ms = traits.resolution_ms

    async def read(self, since: Cursor | None, watch: Watch) -> Reading:
        reading = await super().read(since, watch)
        traits = self._traits
        rows = reading.records
        if traits.repeats:
            rows = (*rows, *rows[::2])
        if isinstance(reading, Changes):
            return replace(reading, records=rows)
        if traits.proves:
            return replace(reading, records=rows)
        return Changes(rows, self._tombstones(), reading.cursor)

    async def create(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        return tuple(map(self._answered, await super().create(drafts)))

    async def update(self, patches: Sequence[Patch]) -> tuple[Outcome, ...]:
        return tuple(map(self._answered, await super().update(patches)))

    def _tombstones(self) -> tuple[Tombstone, ...]:
        if self._traits.vanished is not Vanished.TOMBSTONE:
            return ()
        return tuple(Tombstone(*each) for each in self.server.tombstones(0))

    def _shown(self, record: Record, *, listed: bool = False) -> Record:
        shown = super()._shown(record, listed=listed)
        traits = self._traits
        if traits.tags is Tags.FLAKY:
            shown = replace(shown, version=f'"{record.version}-{next(self._looks)}"')
        if traits.ahead_s and shown.modified_ms is not None:
            shown = replace(shown, modified_ms=shown.modified_ms + round(traits.ahead_s * 1000))
        return shown

    def _answered(self, outcome: Outcome) -> Outcome:
        """The answer to a write, of an app that tells neither tag nor time with it."""
        if self._traits.told_on_write or not isinstance(outcome, Stored):
            return outcome
        return Stored(replace(outcome.record, version=None, modified_ms=None))


def saved_as(saves: Saves) -> Callable[[str, Value], Value] | None:
    """What an app makes of a value that is written to it."""
    changes: dict[Saves, Callable[[str, Value], Value] | None] = {
        Saves.AS_GIVEN: None,
        Saves.NUMBERS: numbers_reformatted(),
        Saves.SPACES: spaces_trimmed(),
        Saves.CAPITALS: _capitals,
        Saves.APART: _apart,
        Saves.ALL: both(both(spaces_trimmed(), _capitals), numbers_reformatted()),
    }
    return changes[saves]


def _capitals(name: str, value: Value) -> Value:
    return value.upper() if name in {"name", "company", "email"} and isinstance(value, str) else value


def _apart(_: str, value: Value) -> Value:
    return unicodedata.normalize("NFD", value) if isinstance(value, str) else value


WRITE_FAULTS = (
    Fault.REFUSE,
    Fault.LOST_BEFORE,
    Fault.LOST_AFTER,
    Fault.TIMEOUT,
    Fault.UNREACHABLE,
    Fault.AUTH,
    None,
)
LIST_FAULTS = (Fault.BUSY, Fault.GARBLED, Fault.REPEAT_PAGE, Fault.EMPTY_PAGE)
