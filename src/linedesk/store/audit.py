"""Who changed what, with before and after. Callers hand in values without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from linedesk.store.tables import audit


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One change. `at_ms` is epoch ms; `before` is None for something new, `after` for something removed."""

    id: int
    at_ms: int
    actor: str
    action: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def add(
    c: Connection,
    *,
    at_ms: int,
    actor: str,
    action: str,
    target: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append a row; call it in the transaction of the change itself."""
    c.execute(
        insert(audit).values(
            at_ms=at_ms,
            actor=actor,
            action=action,
            target=target,
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
        )
    )


def latest(c: Connection, limit: int) -> list[AuditRow]:
    """The newest rows, newest first."""
    rows = c.execute(select(audit).order_by(audit.c.id.desc()).limit(limit))
    return [AuditRow(**row) for row in rows.mappings()]
