"""Raw bodies of the PBX as they came: the durable door of all events. Nothing is decoded here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.tables import event_types, inbox


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A stored body that is not processed yet. `received_ms` is our clock's."""

    id: int
    account: str
    source: str
    body: bytes
    received_ms: int


_ROW = (inbox.c.id, inbox.c.account, inbox.c.source, inbox.c.body, inbox.c.received_ms)
_ADD = (
    insert(inbox)
    .on_conflict_do_nothing(index_elements=["account", "body_hash"])
    .returning(inbox.c.id)
    .values(
        account=bindparam("account"),
        source=bindparam("source"),
        body_hash=bindparam("body_hash"),
        body=bindparam("body"),
        event_type="",
        received_ms=bindparam("received_ms"),
    )
)
_FINISH = (
    update(inbox)
    .where(inbox.c.id == bindparam("row_id"))
    .values(event_type=bindparam("type"), processed_ms=bindparam("now_ms"), failure=bindparam("reason"))
)


@dataclass(frozen=True, slots=True)
class Finished:
    """A body that was processed. `failure` says why it had no effect, without any of its text."""

    row_id: int
    account: str
    event_type: str = ""
    known: bool = False
    failure: str | None = None


def add(c: Connection, account: str, source: str, body: bytes, received_ms: int) -> int | None:
    """Store `body`; answers its id, or None if these very bytes were stored for the account before."""
    values = {
        "account": account,
        "source": source,
        "body_hash": hashlib.sha256(body).hexdigest(),
        "body": body,
        "received_ms": received_ms,
    }
    row_id: int | None = c.execute(_ADD, values).scalar_one_or_none()
    return row_id


def waiting(c: Connection, after_id: int, limit: int) -> list[InboxRow]:
    """Unprocessed bodies with an id above `after_id`, in order of arrival."""
    query = (
        select(*_ROW)
        .where(inbox.c.processed_ms.is_(None), inbox.c.id > after_id)
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return [InboxRow(*row) for row in c.execute(query)]


def finish(c: Connection, row_id: int, event_type: str, now_ms: int, failure: str | None = None) -> None:
    """Mark a body processed. `failure` says why it had no effect, without any of its text."""
    c.execute(_FINISH, {"row_id": row_id, "type": event_type, "now_ms": now_ms, "reason": failure})


def finish_group(c: Connection, group: Sequence[Finished], now_ms: int) -> None:
    """Mark a group processed and count its types, in few statements however large the group is."""
    if not group:
        return
    rows = [
        {"row_id": each.row_id, "type": each.event_type, "now_ms": now_ms, "reason": each.failure}
        for each in group
    ]
    c.execute(_FINISH, rows)
    types = Counter((each.account, each.event_type, each.known) for each in group if each.failure is None)
    for (account, event_type, known), times in types.items():
        count_type(c, account, event_type, known, now_ms, times=times)


def count_type(
    c: Connection, account: str, event_type: str, known: bool, now_ms: int, *, times: int = 1
) -> None:
    """Count events of this type; unknown types are how a change of the PBX is noticed."""
    statement = insert(event_types).values(
        account=account, event_type=event_type, known=known, count=times, last_ms=now_ms
    )
    changed = {
        "known": statement.excluded.known,
        "count": event_types.c.count + statement.excluded.count,
        "last_ms": statement.excluded.last_ms,
    }
    c.execute(statement.on_conflict_do_update(index_elements=["account", "event_type"], set_=changed))


def last_heard(c: Connection) -> dict[tuple[str, str], int]:
    """(account, event type) -> when the last event of this type was processed, epoch ms."""
    rows = c.execute(select(event_types.c.account, event_types.c.event_type, event_types.c.last_ms))
    return {(account, event_type): last_ms for account, event_type, last_ms in rows}


def purge(c: Connection, before_ms: int, limit: int = 2_000) -> int:
    """Remove processed bodies received before `before_ms`, at most `limit`; answers how many.

    A body that still waits is never removed. Call again while the answer equals `limit`: a slice does
    not hold the writer for long.
    """
    old = (
        select(inbox.c.id)
        .where(inbox.c.received_ms < before_ms, inbox.c.processed_ms.is_not(None))
        .limit(limit)
    )
    return c.execute(delete(inbox).where(inbox.c.id.in_(old.scalar_subquery()))).rowcount
