"""The fields that an account told last, kept over restarts: to show a copy, nobody is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from linedesk.apps.records import Choice, FieldInfo, FieldKind
from linedesk.store import documents
from linedesk.store.database import Database

_FLAGS = ("many", "read_only", "required", "unique", "detail_only", "custom", "app_fills")
_TOLD = (*_FLAGS, "max_length", "group_kind")


async def remember(books: Database, account: str, fields: Iterable[FieldInfo]) -> None:
    """Keep what the account tells now; nothing is written when it is what is kept already."""
    body = {"fields": [_document(info) for info in fields]}
    name = documents.fields_of(account)
    if await books.read(lambda c: documents.get(c, name), snapshot=False) != body:
        await books.write(lambda c: documents.put(c, name, body))


def recalled(c: Connection, account: str) -> tuple[FieldInfo, ...]:
    """What was kept; empty when the account never told."""
    body = documents.get(c, documents.fields_of(account)) or {}
    return _fields(body.get("fields", ()))


def _fields(rows: Sequence[dict[str, Any]]) -> tuple[FieldInfo, ...]:
    return tuple(
        FieldInfo(
            **{
                **row,
                "kind": FieldKind(row["kind"]),
                "choices": tuple(Choice(*each) for each in row.get("choices", ())),
            }
        )
        for row in rows
    )


def _document(info: FieldInfo) -> dict[str, Any]:
    usual = FieldInfo(info.name, info.label, info.kind)
    told = {name: getattr(info, name) for name in _TOLD if getattr(info, name) != getattr(usual, name)}
    if info.choices:
        told["choices"] = [[each.value, each.label] for each in info.choices]
    return {"name": info.name, "label": info.label, "kind": info.kind.value, **told}
