"""Live calls as the tracker dumps them, one JSON document a call, so that a restart finds them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.tables import tracker_states

Key = tuple[str, str]

_SAVE = insert(tracker_states).values(
    account=bindparam("account"),
    key=bindparam("key"),
    state=bindparam("state"),
    updated_ms=bindparam("updated_ms"),
)
_UPSERT = _SAVE.on_conflict_do_update(
    index_elements=["account", "key"],
    set_={"state": _SAVE.excluded.state, "updated_ms": _SAVE.excluded.updated_ms},
)
_DELETE = delete(tracker_states).where(
    tracker_states.c.account == bindparam("gone_account"), tracker_states.c.key == bindparam("gone_key")
)


def save(
    c: Connection, upserts: Mapping[Key, Mapping[str, Any]], deletes: Collection[Key], now_ms: int
) -> None:
    """Write the documents that changed and remove those that are gone; keys are (account, key)."""
    rows = [
        {"account": account, "key": key, "state": dict(state), "updated_ms": now_ms}
        for (account, key), state in upserts.items()
    ]
    if rows:
        c.execute(_UPSERT, rows)
    if deletes:
        c.execute(_DELETE, [{"gone_account": account, "gone_key": key} for account, key in deletes])


def load(c: Connection) -> dict[Key, dict[str, Any]]:
    """Every document by (account, key)."""
    query = select(tracker_states.c.account, tracker_states.c.key, tracker_states.c.state)
    return {(account, key): state for account, key, state in c.execute(query)}
