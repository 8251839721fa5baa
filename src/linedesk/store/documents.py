"""Small named JSON documents: the dialling policy, the generation of the settings. No history, no search."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.tables import documents


def fields_of(account: str) -> str:
    """Name of the document with the fields that an account told last."""
    return f"fields:{account}"


def shown_as(book: str) -> str:
    """Name of the document with what a book's entries were made with."""
    return f"shown:{book}"


def read_as(book: str) -> str:
    """Name of the document with the region in which an imported file's numbers are read."""
    return f"read_as:{book}"


def get(c: Connection, name: str) -> dict[str, Any] | None:
    """The document called `name`, or None if it was never written."""
    body: dict[str, Any] | None = c.execute(
        select(documents.c.body).where(documents.c.name == name)
    ).scalar_one_or_none()
    return body


def put(c: Connection, name: str, body: dict[str, Any]) -> None:
    """Write the document whole."""
    statement = insert(documents).values(name=name, body=body)
    c.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"body": statement.excluded.body})
    )


def remove(c: Connection, names: Collection[str]) -> None:
    """Remove these documents; those that are not there are left out."""
    c.execute(documents.delete().where(documents.c.name.in_(names)))
