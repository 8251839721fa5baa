"""Live calls as the tracker dumps them, one JSON document a call, so that a restart finds them again."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Text, bindparam, delete, select, type_coerce
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


def load(c: Connection) -> dict[Key, Any]:
    """Every document by (account, key); None for one that is no JSON."""
    text = type_coerce(tracker_states.c.state, Text)
    query = select(tracker_states.c.account, tracker_states.c.key, text)
    return {(account, key): _read(state) for account, key, state in c.execute(query)}


def _read(state: str | bytes) -> Any:
    # One damaged row must not keep all the other calls from being found again.
    try:
        return json.loads(state)
    except (ValueError, TypeError):
        return None
