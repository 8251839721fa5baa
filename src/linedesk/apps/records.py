"""An app's records and fields as data: what a read gives and a write takes. Pure.

A record keeps the app's own field names and the text as the app stores it. What the fields mean for a
person who is called is `contacts.model`; which field goes where is `sync.mapping`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from linedesk.contacts.model import ContactType


@dataclass(frozen=True, slots=True)
class Entry:
    """One of many values of a field: a number of a person with the app's own label for it."""

    value: str
    label: str = ""


Value = str | int | float | bool | None | tuple[str, ...] | tuple[Entry, ...]
"""None and "" both mean: empty. A tuple of texts is a set of words (tags), of `Entry` a labelled list."""


class FieldKind(StrEnum):
    """What a field holds; the mapping checks types by it and reads numbers only in `PHONE`."""

    NAME = "name"
    TEXT = "text"
    LONG_TEXT = "long-text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    ADDRESS = "address"
    COMPANY = "company"
    DATE = "date"
    NUMBER = "number"
    CHECKBOX = "checkbox"
    CHOICE = "choice"
    TAGS = "tags"
    OWNER = "owner"
    ID = "id"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a `CHOICE` field: what the app stores and what people read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of an app's records.

    `many`: the value is a tuple. `detail_only`: a listing leaves it out (`Record.missing`), only `get_many`
    tells it. `max_length` in characters. `required`: the app refuses a new record without it. `unique`: the
    app refuses a value that another record holds. `group_kind`: the field's words are the record's groups of
    this kind (its tags, its labels). `parts`: for a field that stands for several ones (`sync.composite`).
    `app_fills`: the app puts a value there by itself in a new record, so that it is nobody's edit.
    """

    name: str
    label: str
    kind: FieldKind
    many: bool = False
    read_only: bool = False
    required: bool = False
    unique: bool = False
    detail_only: bool = False
    custom: bool = False
    max_length: int | None = None
    choices: tuple[Choice, ...] = ()
    group_kind: str = ""
    parts: tuple[str, ...] = ()
    app_fills: bool = False


class RecordState(StrEnum):
    """`ARCHIVED` and `DELETED` are still readable in the app; what is gone altogether is a `Tombstone`."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    ARCHIVED = "archived"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the app gave it.

    `id` is the app's own, always text. `version` is what the app wants back with a write (an ETag), None
    where it has no such thing. `modified_ms` and `created_ms` are the app's own times, None when unknown.
    `missing` names fields that this reading does not tell; they are not empty. `former_ids` were merged into
    this one.
    """

    id: str
    fields: Mapping[str, Value]
    type: ContactType = ContactType.PERSON
    state: RecordState = RecordState.ACTIVE
    version: str | None = None
    modified_ms: int | None = None
    missing: frozenset[str] = frozenset()
    former_ids: tuple[str, ...] = ()
    created_ms: int | None = None

    def text(self, name: str) -> str:
        """A field as one text: the first of many, "" when empty or not told."""
        value = self.fields.get(name)
        if isinstance(value, tuple):
            first = value[0] if value else ""
            return first.value if isinstance(first, Entry) else first
        return "" if value is None or value is False else str(value)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A record that is gone. `merged_into`: the id that took it over, where the app says so."""

    id: str
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next `read` goes on. `text` is the app's own matter (JSON) and is stored as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a cursor, an overlap included. A record that is not here did not change."""

    records: tuple[Record, ...]
    tombstones: tuple[Tombstone, ...]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Complete:
    """Every record there is, verified as the app allows: what is not here does not exist (S12).

    Only an app whose walk came to its proven end may make one. Records that are deleted softly may be in it.
    """

    records: tuple[Record, ...]
    cursor: Cursor


Reading = Changes | Complete


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be made. `external_id` goes into the app's field for it, when it has one."""

    fields: Mapping[str, Value]
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """Fields to be changed on a record, only these; an empty value clears.

    `version` is that of the record the change was planned on; an app that checks versions refuses a stale
    one. `external_id` is written only while the app's field for it is empty; `is_unmarked`: it was seen empty
    a moment ago, so the app need not look again.
    """

    id: str
    fields: Mapping[str, Value]
    version: str | None = None
    external_id: str | None = None
    is_unmarked: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A tag, label, list or group of an app; `writable` False: its members follow a rule of the app."""

    id: str
    name: str
    kind: str
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Activity:
    """A call to be logged on a contact's page. `direction` and `outcome` as in `calls.model`."""

    record_id: str
    direction: str
    outcome: str
    number: str
    agent: str
    started_ms: int
    duration_s: int
    note: str = ""
    idempotency_key: str = field(default="", repr=False)
