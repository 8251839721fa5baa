"""Rows of records: what an account held when it was last read, and where its next reading goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from linedesk.apps.records import Cursor, Record
from linedesk.store.sync_tables import cursors, records
from linedesk.store.tables import contacts
from linedesk.sync.documents import record_from_document, record_to_document

_NEW = insert(records)
_CHANGED = ("body", "incomplete", "gone", "merged_into", "read_ms", "changed_ms", "written_ms")
_PUT = _NEW.on_conflict_do_update(
    index_elements=["account", "record_id"], set_={name: _NEW.excluded[name] for name in _CHANGED}
)


@dataclass(frozen=True, slots=True)
class Copy:
    """A record as last read. `gone`: it is no more, this is how it was.

    `changed_ms`: our time of the reading that changed it. `written_ms`: our own last write of it.
    `look_again`: what was last told of it may be older than that write.
    """

    record: Record
    changed_ms: int
    gone: bool = False
    merged_into: str | None = None
    written_ms: int | None = None
    look_again: bool = False

    @property
    def incomplete(self) -> bool:
        """Whether it is to be read by itself: a listing left fields out, or lagged behind."""
        return not self.gone and (self.look_again or bool(self.record.missing))


def page(c: Connection, account: str, after: str, limit: int) -> list[Copy]:
    """Copies by record id, beginning behind `after`."""
    query = select(records).where(records.c.account == account, records.c.record_id > after)
    return [_copy(row) for row in c.execute(query.order_by(records.c.record_id).limit(limit)).mappings()]


def some(c: Connection, account: str, ids: Sequence[str]) -> dict[str, Copy]:
    """Copies of these records; what was never read is left out."""
    query = select(records).where(records.c.account == account, records.c.record_id.in_(ids))
    return {row["record_id"]: _copy(row) for row in c.execute(query).mappings()}


def has_entries_alone(c: Connection, account: str) -> bool:
    """Whether the directory has entries in the account's book that are of no record that was read."""
    r = records.c
    copied = select(r.record_id).where(r.account == account, r.record_id == contacts.c.record_id)
    query = select(contacts.c.record_id).where(contacts.c.book == account, ~copied.exists()).limit(1)
    return c.execute(query).first() is not None


def put(c: Connection, account: str, copies: Sequence[Copy], now_ms: int) -> None:
    """Insert or replace copies."""
    if not copies:
        return
    rows = [
        {
            "account": account,
            "record_id": copy.record.id,
            "body": record_to_document(copy.record),
            "incomplete": copy.incomplete,
            "gone": copy.gone,
            "merged_into": copy.merged_into,
            "read_ms": now_ms,
            "changed_ms": copy.changed_ms,
            "written_ms": copy.written_ms,
        }
        for copy in copies
    ]
    c.execute(_PUT, rows)


def last_written_ms(c: Connection, account: str) -> int | None:
    """When we last wrote a record of the account; None: never."""
    query = select(func.max(records.c.written_ms)).where(records.c.account == account)
    found: int | None = c.execute(query).scalar_one()
    return found


def incomplete_ids(c: Connection, account: str, after: str, limit: int) -> list[str]:
    """Records whose details were not read yet, by id, beginning behind `after`."""
    r = records.c
    query = select(r.record_id).where(r.account == account, r.incomplete.is_(True), r.record_id > after)
    return list(c.execute(query.order_by(r.record_id).limit(limit)).scalars())


def counts(c: Connection, account: str) -> tuple[int, int]:
    """How many records have been read whole, and how many there are."""
    r = records.c
    mine = (r.account == account) & r.gone.is_(False)
    total = c.execute(select(func.count()).select_from(records).where(mine)).scalar_one()
    waiting = c.execute(
        select(func.count()).select_from(records).where(mine, r.incomplete.is_(True))
    ).scalar_one()
    return total - waiting, total


def accounts_with_incomplete(c: Connection) -> list[str]:
    """Accounts that hold records whose details were not read yet."""
    query = select(records.c.account).where(records.c.incomplete.is_(True)).distinct()
    return list(c.execute(query.order_by(records.c.account)).scalars())


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading of an account stands; `complete_ms`: when everything was last read, None: never."""

    cursor: Cursor
    complete_ms: int | None


def place(c: Connection, account: str) -> Place | None:
    """Where the next reading goes on; None: nothing was read yet."""
    row = c.execute(select(cursors).where(cursors.c.account == account)).first()
    return None if row is None else Place(Cursor(row.cursor), row.complete_ms)


def put_place(c: Connection, account: str, at: Place, now_ms: int) -> None:
    """Move the place on; only in or after the transaction that stores what was read (S15)."""
    values = {"cursor": at.cursor.text, "read_ms": now_ms, "complete_ms": at.complete_ms}
    statement = insert(cursors).values(account=account, **values)
    c.execute(statement.on_conflict_do_update(index_elements=["account"], set_=values))


def forget(c: Connection, account: str) -> None:
    """Forget where the reading stands, so that the next one takes everything; the copies stay."""
    c.execute(cursors.delete().where(cursors.c.account == account))


def _copy(row: Mapping[Any, Any]) -> Copy:
    record = record_from_document(row["body"])
    return Copy(
        record=record,
        changed_ms=row["changed_ms"],
        gone=row["gone"],
        merged_into=row["merged_into"],
        written_ms=row["written_ms"],
        look_again=row["incomplete"] and not record.missing,
    )
