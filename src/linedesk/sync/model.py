"""Words of the sync: a connection, its mapping, links, and the plan that is both preview and run. Pure.

The two books of a connection are its sides A and B. Everything here is made for two directions; a
one-way connection from A to B is the case that writes on B only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from linedesk.apps.records import FieldInfo, Record, Value
from linedesk.numbers.model import NumberPlan


class Side(StrEnum):
    A = "a"
    B = "b"

    @property
    def other(self) -> Side:
        return Side.B if self is Side.A else Side.A


class Direction(StrEnum):
    """Which side is written to. `BOTH` is for two-way connections and rows."""

    TO_B = "to-b"
    TO_A = "to-a"
    BOTH = "both"

    def writes(self, side: Side) -> bool:
        return self is Direction.BOTH or (self is Direction.TO_B) == (side is Side.B)


class PairBy(StrEnum):
    """Ways to find the counterpart of a record that has no link yet, in this order."""

    EXTERNAL_ID = "external-id"
    NUMBER_AND_NAME = "number-and-name"
    EMAIL = "email"
    NAME_AND_COMPANY = "name-and-company"


@dataclass(frozen=True, slots=True)
class Connection:
    """Two accounts kept in step. `a` and `b` are account names; `every_s` 0: only on command."""

    name: str
    a: str
    b: str
    direction: Direction = Direction.TO_B
    every_s: int = 300
    pair_by: tuple[PairBy, ...] = tuple(PairBy)
    external_ids: bool = True
    paused: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One field of A beside one of B. `transform` names a pure transform of `sync.mapping`.

    `key` names the row in `Link.base`: it stays the same while the row means the same.
    """

    a: str
    b: str
    direction: Direction = Direction.BOTH
    transform: str = "same"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.a}={self.b}"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a row's two fields held when both sides last agreed, each as its own app reads it back (S14)."""

    a: Value
    b: Value


LINK_ID_PREFIX = "ld-"
"""Link ids begin so: an external id that does not was put there by somebody else and is never touched."""


def is_link_id(text: str) -> bool:
    """Whether the text of an external id field is one of Linedesk's own."""
    return text.startswith(LINK_ID_PREFIX) and len(text) > len(LINK_ID_PREFIX)


class LinkState(StrEnum):
    """`ACTIVE`: both records are there. `A_GONE`, `B_GONE`: that one was deleted; it is not made again."""

    ACTIVE = "active"
    A_GONE = "a-gone"
    B_GONE = "b-gone"


@dataclass(frozen=True, slots=True)
class Link:
    """Two records that are the same person. `id` is Linedesk's opaque external id of that person."""

    id: str
    a_id: str
    b_id: str
    base: Mapping[str, Agreed]
    state: LinkState = LinkState.ACTIVE


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one side: every record by id as last read, and its fields by name.

    `whole`: the records come from a complete listing; only then one that is not here is gone (S12).
    `gone`: ids that are known to be deleted, by a tombstone or by an earlier complete listing.
    `merged`: an id that was merged away -> the one that took it over, where the app tells it (S23).
    """

    account: str
    app: str
    fields: Mapping[str, FieldInfo]
    records: Mapping[str, Record]
    plan: NumberPlan
    whole: bool
    external_id_field: str | None = None
    gone: frozenset[str] = frozenset()
    merged: Mapping[str, str] = field(default_factory=dict)


class Answer(StrEnum):
    """What a person said of an unsure pair."""

    SAME = "same"
    NOT_THE_SAME = "not-the-same"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of a record of `side` that waited. Anything that is not answered is no decision.

    `SAME`: it is `chosen_id` of the other side. `NOT_THE_SAME`: it is none of `candidates`; a candidate that
    turns up later is asked about again. `SKIP`: it is left alone.
    """

    side: Side
    record_id: str
    answer: Answer
    chosen_id: str | None = None
    candidates: tuple[str, ...] = ()


class Op(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One write of a plan, on `side`.

    `record_id` None: it is made. `link_id`: the link it belongs to, or will. `source_id`: the other side's
    record that it comes from. `fields`: name -> (before, after), before as last read, for a new record
    None; after exactly as it is sent. `reason` is a sentence. `notes` says what was left out or cut.
    `version` is that of the record the change was planned on.
    """

    side: Side
    op: Op
    link_id: str
    record_id: str | None
    source_id: str
    fields: Mapping[str, tuple[Value, Value]]
    reason: str
    notes: tuple[str, ...] = ()
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Linking:
    """A link to be stored without any write: the pair agrees, was found again, or its base is renewed."""

    link: Link
    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits for a person: what it may belong to on the other side, and why it is unsure."""

    side: Side
    record_id: str
    candidates: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record of `side` for which nothing is done, with the reason (deleted, blocked, no name …)."""

    side: Side
    record_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that can't be synced as it is; the rest goes on (S16). `code` is one of docs/errors.md."""

    side: Side
    record_id: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run intends. The preview and the run are the same object (S19); `hash` names its content."""

    connection: str
    changes: tuple[Change, ...] = ()
    linkings: tuple[Linking, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    problems: tuple[Problem, ...] = ()
    same: int = 0
    hash: str = ""


class RunState(StrEnum):
    """`CUT`: the process ended in the middle; the next run takes it up."""

    RUNNING = "running"
    DONE = "done"
    BRAKED = "braked"
    FAILED = "failed"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, for people who wait. `stage`: reading-a, reading-b, planning, writing, done.

    `left_s`: how long the budget makes the rest take, None when nobody can tell.
    """

    stage: str
    done: int
    total: int | None = None
    left_s: float | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended, or what it would do (`run` None: a preview)."""

    run: int | None
    state: RunState
    plan: Plan
    accounts: Mapping[Side, str]
    writes: int
    counts: Mapping[str, int]
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    sentence: str = ""
