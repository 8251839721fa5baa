"""Words of the sync: a connection, its mapping, links, and the plan that is both preview and run. Pure.

The two books of a connection are its sides A and B. Its rules are `sync.rules`, its policies `sync.policies`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import field as data_field
from enum import StrEnum
from typing import Any

from linedesk.apps.records import FieldInfo, Record, Value
from linedesk.numbers.model import NumberPlan
from linedesk.sync.policies import Blanks, Brakes, Conflict, Deletes
from linedesk.sync.rules import Rule


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
class MappingRow:
    """One field of A beside one of B. `transform` names a pure transform of `sync.transforms`.

    A name of several fields joined by "+" means them together: `first_name+last_name` is one name,
    `office+mobile+home` are the places of a list of numbers (`sync.composite`). `key` names the row in
    `Link.base` as long as it means the same. `conflict` and `blanks` None: as the connection says.
    """

    a: str
    b: str
    direction: Direction = Direction.BOTH
    transform: str = "same"
    options: Mapping[str, Any] = field(default_factory=dict)
    conflict: Conflict | None = None
    blanks: Blanks | None = None

    @property
    def key(self) -> str:
        return f"{self.a}={self.b}"


@dataclass(frozen=True, slots=True)
class RowEdit:
    """A custom row: it takes the place of the default row with the same two fields, or is added behind.

    `off`: that default row is not used.
    """

    row: MappingRow
    off: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """Two accounts kept in step. `a` and `b` are account names; `every_s` 0: only on command.

    `rules` empty: the usual ones (`conditions.usual_rules`); else a direction without a rule carries nothing.
    `rows`: what was changed of the default mapping. `tie`: the side that counts when times say nothing.
    `delete_tag`: for `Deletes.TAG`; `{account}` in it is where it was deleted. `pass_on`: records that
    another connection made in one book are made in the other book too (G04).
    """

    name: str
    a: str
    b: str
    direction: Direction = Direction.TO_B
    every_s: int = 60
    pair_by: tuple[PairBy, ...] = tuple(PairBy)
    external_ids: bool = True
    paused: bool = False
    enabled: bool = True
    rules: tuple[Rule, ...] = ()
    rows: tuple[RowEdit, ...] = ()
    conflict: Conflict = Conflict.NEWEST
    tie: Side = Side.A
    blanks: Blanks = Blanks.CLEARED
    deletes: Deletes = Deletes.NEVER
    delete_tag: str = "Deleted in {account}"
    pass_on: bool = False
    brakes: Brakes = field(default_factory=Brakes)


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
    """`ACTIVE`: both records are there. `A_GONE`, `B_GONE`: that one was deleted; it is not made again.
    `HELD`: a write of it was undone; it is left alone while both records are as `base` says (S18)."""

    ACTIVE = "active"
    A_GONE = "a-gone"
    B_GONE = "b-gone"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Applied:
    """What an action of a rule did on `side`: the field or membership, and its values before and after.

    Of a membership that stands on a field only the group's own words count: `()` before, `("vip",)` after.
    `revert`: it is taken back when no rule wants it any more. `read_back`: what the app made of `after`,
    where it spells it in its own way; None: as sent. It is no other action by that, so it is not compared.
    """

    side: Side
    field: str
    before: Value
    after: Value
    rule: str
    revert: bool = False
    read_back: Value = data_field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Link:
    """Two records that are the same person. `id` is Linedesk's opaque external id of that person.

    `base`: by row key, what both sides last agreed on; a row that is not in it never did. `applied`: what
    actions did, by `<side>:<Action.key>`.
    """

    id: str
    a_id: str
    b_id: str
    base: Mapping[str, Agreed]
    state: LinkState = LinkState.ACTIVE
    applied: Mapping[str, Applied] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one side: every record by id as last read, and its fields by name.

    `whole`: the records come from a complete listing; only then one that is not here is gone (S12).
    `gone`: ids that are known to be deleted, by a tombstone or by an earlier complete listing.
    `merged`: an id that was merged away -> the one that took it over, where the app tells it (S23).
    `last`: records that are gone, as they were. `foreign`: ids of records that another connection made.
    `members`: by `rules.group_field`, ids of the members of groups that stand on no field of a record.
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
    names_merge_winner: bool = False
    last: Mapping[str, Record] = field(default_factory=dict)
    foreign: frozenset[str] = frozenset()
    group_kinds: tuple[str, ...] = ()
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Question(StrEnum):
    """What a person is asked: whether two records are one; whose value counts; where a vanished one went."""

    PAIR = "pair"
    CONFLICT = "conflict"
    MERGED = "merged"


class Answer(StrEnum):
    """Of a pair or of a vanished record a person says one of the first three, of a conflict the others."""

    SAME = "same"
    NOT_THE_SAME = "not-the-same"
    SKIP = "skip"
    KEEP_A = "keep-a"
    KEEP_B = "keep-b"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of a record of `side` that waited. Anything that is not answered is no decision.

    `SAME`: it is `chosen_id` of the other side (of its own side, for a record that vanished). `NOT_THE_SAME`:
    it is none of `candidates`; a candidate that turns up later is asked about again. `SKIP`: it is left
    alone. `KEEP_A`, `KEEP_B`: that side's values count, while the conflict is the one of `about`.
    """

    side: Side
    record_id: str
    answer: Answer
    chosen_id: str | None = None
    candidates: tuple[str, ...] = ()
    question: Question = Question.PAIR
    about: str = ""


class Op(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One write of a plan, on `side`.

    `record_id` None: it is made. `link_id`: the link it belongs to, or will. `source_id`: the other side's
    record that it comes from. `fields`: name -> (before, after), before as last read, for a new record
    None; after exactly as it is sent. A name that begins with `rules.GROUP_MARK` is a membership. A delete
    has every known field before and None after. `reason` is a sentence. `notes` says what was left out or
    cut. `version` is that of the record the change was planned on. `rule`: the one that brings it about, and
    `trace` the condition that decided. `applied`: what becomes of `Link.applied` by it; None: taken back.
    `undoes`: the journal entry that it takes back.
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
    rule: str = ""
    trace: str = ""
    applied: Mapping[str, Applied | None] = field(default_factory=dict)
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Linking:
    """A link to be stored, before any write: it is new, was found again, or its base is renewed.

    Rows of it that wait for a write of the same plan keep their old base until the write is done. `ends`: the
    id of another link that gives up its record to this one; its other record is gone.
    """

    link: Link
    reason: str
    ends: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits for a person: what it may belong to, and why it is unsure.

    `about` names the values of a conflict, so that an answer counts for no later one; `fields`: their rows.
    """

    side: Side
    record_id: str
    candidates: tuple[str, ...]
    reason: str
    question: Question = Question.PAIR
    about: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A record of which a rule needs fields that were not read yet; nothing is decided before (S19)."""

    side: Side
    record_id: str
    missing: tuple[str, ...]
    reason: str


class SkipKind(StrEnum):
    """Why nothing is done: no rule takes it, it is gone or blocked, a person said so, an undo holds it."""

    EXCLUDED = "excluded"
    GONE = "gone"
    BLOCKED = "blocked"
    PERSON = "person"
    HELD = "held"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record of `side` for which nothing is done, with the reason. `trace`: the condition that decided."""

    side: Side
    record_id: str
    reason: str
    kind: SkipKind = SkipKind.GONE
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Brake:
    """Why a plan changes nothing until a person approves it. `kind` is a word of docs/sync.md."""

    kind: str
    sentence: str


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
    unread: tuple[Unread, ...] = ()
    brakes: tuple[Brake, ...] = ()
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
    """`stage`: reading-a, reading-b, planning, writing, done. `left_s`: what the budget makes it take."""

    stage: str
    done: int
    total: int | None = None
    left_s: float | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended, or what it would do (`run` None: a preview), which takes about `takes_s`."""

    run: int | None
    state: RunState
    plan: Plan
    accounts: Mapping[Side, str]
    writes: int
    counts: Mapping[str, int]
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    sentence: str = ""
    takes_s: float | None = None
