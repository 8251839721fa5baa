"""The app port: what Linedesk asks of a system that holds contacts, and what such a system says of itself.

An adapter implements `App`; it raises only `VendorError`s, each a sentence that begins with the account's
name. The contract suite in `tests/contract` runs against every adapter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from linedesk.apps.records import (
    Activity,
    Cursor,
    Draft,
    FieldInfo,
    Group,
    Patch,
    Reading,
    Record,
)
from linedesk.contacts.model import Contact
from linedesk.errors import VendorError


class Feed(StrEnum):
    """How an app tells what changed: not at all, by a time of change, or by a token it hands out."""

    NONE = "none"
    MODIFIED = "modified"
    TOKEN = "token"  # noqa: S105 - a sync token is no secret


class Vanished(StrEnum):
    """How a deleted record is seen: by its absence from a complete listing, softly, or as a tombstone."""

    ABSENT = "absent"
    SOFT = "soft"
    TOMBSTONE = "tombstone"


class Removal(StrEnum):
    """What `delete` does: nothing (refused), to the app's bin or archive, or for ever."""

    NONE = "none"
    SOFT = "soft"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an app can do, as data. Batches are rows a request; 1: the app writes one by one. The writes
    of an account always go one call after the other.

    `visibility_lag_s`: how long a write may take to show in a reading or a search. `list_omits`: fields that
    a listing leaves out. `external_id_field`: where Linedesk's own id is kept, None if nowhere.
    `group_kinds`: kinds of groups a rule may use (tag, label, list, group). `versions`: a write needs the
    record's version. `names_merge_winner`: a record that was merged away leads to its winner (S23).
    `requests_per_s`: what the account's budget allows in the long run, for estimates; `requests_per_write`:
    what one row costs with what is read before and after it.
    `complete_scan_s`: how often a complete listing is worth its cost, where only that shows deletes.
    """

    feed: Feed
    vanished: Vanished
    removal: Removal
    create_batch: int = 1
    update_batch: int = 1
    delete_batch: int = 1
    writable: bool = True
    versions: bool = False
    visibility_lag_s: float = 0.0
    list_omits: frozenset[str] = frozenset()
    external_id_field: str | None = None
    group_kinds: tuple[str, ...] = ()
    names_merge_winner: bool = False
    webhooks: bool = False
    activity: bool = False
    find_by_phone: bool = True
    requests_per_s: float = 5.0
    requests_per_write: float = 1.0
    complete_scan_s: float | None = None


class Level(StrEnum):
    OK = "ok"
    HINT = "hint"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of a check. `MISSING`: something does not work until `remedy` is done."""

    level: Level
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """`identity`: which account of the vendor it really is, as people know it ("acme, Anna Example")."""

    identity: str
    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        return all(each.level is not Level.MISSING for each in self.findings)


@dataclass(frozen=True, slots=True)
class Stored:
    """The write is done; `record` is what reads back now (an app may change what it is given)."""

    record: Record


@dataclass(frozen=True, slots=True)
class Removed:
    """The record is deleted, or was gone already."""

    id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was written. `holder`: the record that holds the unique value, where the app names it."""

    error: VendorError
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may or may not have been written: the answer was lost. Never sent again without looking."""

    error: VendorError


Outcome = Stored | Refused | Unsure
RemovalOutcome = Removed | Refused | Unsure


class Watch(Protocol):
    """Told how far a long reading is; `total` None: not known."""

    def __call__(self, done: int, total: int | None, /) -> None: ...


class App(Protocol):
    """One open account of an app. Every request has a deadline and obeys the account's budget."""

    @property
    def account(self) -> str:
        """The account's name, which is also the book its contacts stand in."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def check(self) -> Checked:
        """Reach the account and judge it. Raises nothing that can be said as a finding."""
        ...

    async def fields(self) -> tuple[FieldInfo, ...]:
        """Every field, custom ones included. What the credential may not read is left out."""
        ...

    async def read(self, since: Cursor | None, watch: Watch) -> Reading:
        """Changes since a cursor; everything without one, or where the app has no feed.

        Raises `CursorLost` when the app no longer knows the cursor: read again without one.
        Raises `ListingBroken` when a walk can't be trusted: what came is not used.
        """
        ...

    async def get_many(self, ids: Sequence[str]) -> tuple[Record, ...]:
        """Whole records (nothing `missing`), in any order; ids that are gone are left out.

        Where ids were merged, the winner comes once, with the old ids in `former_ids`.
        """
        ...

    async def create(self, drafts: Sequence[Draft]) -> tuple[Outcome, ...]:
        """Make records: at most `create_batch`, an outcome each, in order."""
        ...

    async def update(self, patches: Sequence[Patch]) -> tuple[Outcome, ...]:
        """Change records: at most `update_batch`, an outcome each, in order."""
        ...

    async def delete(
        self, ids: Sequence[str], versions: Mapping[str, str] | None = None
    ) -> tuple[RemovalOutcome, ...]:
        """Delete as `capabilities.removal` says: at most `delete_batch`, an outcome each, in order.

        `versions`, by id: those that the deletes were planned on; an app that checks versions refuses a
        stale one, so that nobody's later edit is deleted unseen.
        """
        ...

    async def find_by_phone(self, spellings: Sequence[str]) -> tuple[Record, ...]:
        """Candidates that may hold one of the spellings; the caller compares keys. A person waits for it."""
        ...

    async def find_by_external_id(self, external_id: str) -> tuple[Record, ...]:
        """Records that hold Linedesk's id, for recovery after a crash. Never from a lagging index."""
        ...

    async def groups(self, kind: str) -> tuple[Group, ...]:
        """The groups of one kind of `capabilities.group_kinds`."""
        ...

    async def regroup(self, group: Group, add: Sequence[str], remove: Sequence[str]) -> tuple[Outcome, ...]:
        """Put records into and out of a group: an outcome for each of `add`, then of `remove`."""
        ...

    async def log(self, activity: Activity) -> str:
        """Write a call to the contact's page; answers the id of what was made."""
        ...

    def contact(self, record: Record) -> Contact | None:
        """The record as people are called: name, numbers with labels, page. None: it is no contact."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Grouping(Protocol):
    """An app whose groups do not stand on its records, and whose feed tells nothing of who joins or leaves
    (HubSpot's lists): the members are asked for beside the reading.
    """

    async def members(self, group: Group) -> frozenset[str]:
        """The ids of all records in a group; raises `ListingBroken` when they can't be read whole."""
        ...


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A webhook as it came: `url` is the full public address, header names are lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook says: these records are worth a look now. Never taken as the truth itself."""

    ids: tuple[str, ...]
    gone: bool = False
    merged_into: str | None = None


@runtime_checkable
class Hooked(Protocol):
    """An app that sends webhooks. Raises `BadSignature` or `HookNotJson`."""

    def hints(self, request: HookRequest, now_ms: int) -> tuple[Hint, ...]: ...


@runtime_checkable
class Recalls(Protocol):
    """An app whose book may be replaced by another of the same name; an app without that leaves it out."""

    def recall(self, cursor: Cursor) -> None:
        """Told before each reading where the last one stopped, also when everything is to be read.

        After a restart it is the only way to tell a book that is gone from one that never was.
        """
        ...


@runtime_checkable
class Paced(Protocol):
    """An app that can tell whether a request would have to wait; one without a budget leaves it out."""

    def room(self) -> int:
        """How many background requests of the present use (`budget_use`) may go now."""
        ...


@runtime_checkable
class RecallsFields(Protocol):
    """An app whose fields are another account's own; an app with fixed fields leaves it out."""

    def recall_fields(self, fields: Sequence[FieldInfo]) -> None:
        """Told what `fields` answered last, maybe before a restart: `contact` asks nobody.

        What the app has learnt itself since it was opened counts more.
        """
        ...
