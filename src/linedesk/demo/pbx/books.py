"""The phonebooks and contacts of the simulated PBX, in a small database of their own.

They survive a kill of the process at any instant. Who may see or change them, and how they look on the
wire, is not known here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.pool import StaticPool

from linedesk.demo.pbx.listing import Listing, Match
from linedesk.demo.pbx.shelves import (
    FIRST_BOOKS,
    FIRST_CONTACT,
    FIRST_SOURCES,
    PRESENT,
    TEXTS,
    TYPE_LDAP,
    TYPE_SHARED,
    contacts,
    metadata,
    phonebooks,
    sources,
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Phonebook:
    """As the wire lists it. `owner_id` 0: shared. `sync_interval`: hours between the runs of its import."""

    id: int
    name: str
    type: int = TYPE_SHARED
    hash: str = ""
    owner_id: int = 0
    sync_set: int = 0
    sync_interval: int = 0
    sync_params: str = ""

    @property
    def refuses_writes(self) -> bool:
        return self.type == TYPE_LDAP


class Books:
    """All phonebooks of one PBX. `path` None: they live as long as this object."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._engine: Engine | None = None

    @property
    def _db(self) -> Engine:
        if self._engine is None:
            # One connection, used by the loop's thread only: every request is short.
            self._engine = sa.create_engine(f"sqlite:///{self._path or ':memory:'}", poolclass=StaticPool)
            sa.event.listen(self._engine, "connect", _know_all_letters)
            with self._engine.begin() as c:
                # A killed process loses nothing this way; a power cut might, and this is a demo.
                c.exec_driver_sql("PRAGMA journal_mode=WAL")
                c.exec_driver_sql("PRAGMA synchronous=OFF")
                if not sa.inspect(c).has_table(phonebooks.name):
                    _create(c)
        return self._engine

    def close(self) -> None:
        """Give the file back; the next use opens it again."""
        if self._engine is not None and self._path is not None:
            self._engine.dispose()
            self._engine = None

    def phonebooks(self) -> list[Phonebook]:
        wanted = [phonebooks.c[field.name] for field in fields(Phonebook)]
        with self._db.begin() as c:
            return [Phonebook(*row) for row in c.execute(sa.select(*wanted).order_by(phonebooks.c.id))]

    def phonebook(self, book_id: int) -> Phonebook | None:
        return next((book for book in self.phonebooks() if book.id == book_id), None)

    def add_phonebook(
        self, name: str, *, kind: int = TYPE_SHARED, owner_id: int = 0, sync_interval: int = 0
    ) -> int:
        """A new one; answers its id."""
        values = {"name": name, "type": kind, "owner_id": owner_id, "sync_interval": sync_interval}
        with self._db.begin() as c:
            return _key(c.execute(sa.insert(phonebooks).values(**values, sync_set=int(sync_interval > 0))))

    def rename(self, book_id: int, name: str) -> None:
        with self._db.begin() as c:
            c.execute(sa.update(phonebooks).where(phonebooks.c.id == book_id).values(name=name))

    def remove_phonebook(self, book_id: int) -> None:
        """With everything in it."""
        with self._db.begin() as c:
            c.execute(sa.delete(contacts).where(contacts.c.phonebook_id == book_id))
            c.execute(sa.delete(sources).where(sources.c.phonebook_id == book_id))
            c.execute(sa.delete(phonebooks).where(phonebooks.c.id == book_id))

    def find(self, listing: Listing, book_ids: Iterable[int]) -> tuple[int, list[Row]]:
        """How many contacts of these books fit, and the page. `last_update` is epoch seconds."""
        where = _conditions(listing, tuple(book_ids))
        sort = _text_column(listing.sort if listing.sort in contacts.c else "name")
        order = [each.desc() if listing.descending else each.asc() for each in (sort, contacts.c.id)]
        page = sa.select(contacts).where(*where).order_by(*order).limit(listing.count).offset(listing.start)
        with self._db.begin() as c:
            total = c.execute(sa.select(sa.func.count()).select_from(contacts).where(*where)).scalar_one()
            return total, [dict(row) for row in c.execute(page).mappings()]

    def contact(self, contact_id: int) -> Row | None:
        with self._db.begin() as c:
            row = c.execute(sa.select(contacts).where(contacts.c.id == contact_id)).mappings().first()
        return dict(row) if row is not None else None

    def add(self, book_id: int, values: Mapping[str, str], at_s: int) -> int:
        """A new contact; answers its id, which no contact had before."""
        with self._db.begin() as c:
            return _add(c, book_id, values, at_s)

    def add_many(self, book_id: int, many: Iterable[Mapping[str, str]], at_s: int) -> None:
        rows = [_row(book_id, values, at_s) for values in many]
        if rows:
            with self._db.begin() as c:
                c.execute(sa.insert(contacts), rows)

    def update(self, contact_id: int, values: Mapping[str, str], at_s: int | None) -> None:
        """Change the named fields; `at_s` None leaves the stamp as it is."""
        with self._db.begin() as c:
            _update(c, contact_id, values, at_s)

    def delete(self, contact_id: int) -> None:
        with self._db.begin() as c:
            c.execute(sa.delete(contacts).where(contacts.c.id == contact_id))

    def wipe(self, book_id: int) -> None:
        with self._db.begin() as c:
            c.execute(sa.delete(contacts).where(contacts.c.phonebook_id == book_id))

    def set_source(self, book_id: int, many: Iterable[Mapping[str, str]]) -> None:
        """What the import job of this book will read."""
        rows = [{"phonebook_id": book_id, "contact": json.dumps(dict(each))} for each in many]
        with self._db.begin() as c:
            c.execute(sa.delete(sources).where(sources.c.phonebook_id == book_id))
            if rows:
                c.execute(sa.insert(sources), rows)

    def run_import(self, book_id: int, at_s: int) -> None:
        """Make the book what its source says: edits are overwritten, strangers removed."""
        with self._db.begin() as c:
            c.execute(sa.update(phonebooks).where(phonebooks.c.id == book_id).values(imported_s=at_s))
            _import(c, book_id, at_s)

    def run_due_imports(self, now_s: int) -> None:
        """Let every import job run whose hours are over."""
        hours = phonebooks.c.sync_interval
        with self._db.begin() as c:
            due = c.execute(
                sa.select(phonebooks.c.id).where(hours > 0, phonebooks.c.imported_s + hours * 3600 <= now_s)
            ).scalars()
            ids = list(due)
        for book_id in ids:
            self.run_import(book_id, now_s)


def _know_all_letters(connection: Any, _record: object) -> None:
    # Searches do not mind case in any alphabet; SQLite alone knows that of ASCII only.
    connection.create_function("lower", 1, lambda text: text and str(text).lower(), deterministic=True)


def _create(c: Connection) -> None:
    metadata.create_all(c)
    for book in FIRST_BOOKS:
        c.execute(sa.insert(phonebooks).values(**book))
    for book_id, many in FIRST_SOURCES.items():
        rows = [{"phonebook_id": book_id, "contact": json.dumps(each)} for each in many]
        c.execute(sa.insert(sources), rows)
    sequence = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
    c.execute(sa.insert(sequence).values(name=contacts.name, seq=FIRST_CONTACT - 1))


def _whole(values: Mapping[str, str]) -> dict[str, str]:
    return {name: values.get(name, PRESENT.get(name, "")) for name in TEXTS}


def _add(c: Connection, book_id: int, values: Mapping[str, str], at_s: int, mark: str = "") -> int:
    return _key(c.execute(sa.insert(contacts).values(**_row(book_id, values, at_s, mark))))


def _row(book_id: int, values: Mapping[str, str], at_s: int, mark: str = "") -> Row:
    return {"phonebook_id": book_id, "last_update": at_s, "hash": mark, **_whole(values)}


def _update(c: Connection, contact_id: int, values: Mapping[str, str], at_s: int | None) -> None:
    changed: dict[str, Any] = {name: values[name] for name in TEXTS if name in values}
    if at_s is not None:
        changed["last_update"] = at_s
    if changed:
        c.execute(sa.update(contacts).where(contacts.c.id == contact_id).values(**changed))


def _import(c: Connection, book_id: int, at_s: int) -> None:
    rows = c.execute(sa.select(sources.c.contact).where(sources.c.phonebook_id == book_id)).scalars()
    wanted = {_mark(values): _whole(values) for values in map(json.loads, rows)}
    present = c.execute(sa.select(contacts).where(contacts.c.phonebook_id == book_id)).mappings().all()
    for row in present:
        values = wanted.pop(row["hash"], None)
        if values is None:
            c.execute(sa.delete(contacts).where(contacts.c.id == row["id"]))
        elif any(row[name] != values[name] for name in TEXTS):
            _update(c, row["id"], values, at_s)
    for mark, values in wanted.items():
        _add(c, book_id, values, at_s, mark)


def _mark(values: Mapping[str, str]) -> str:
    """What an import knows its contact again by."""
    key = f"{values.get('extension', '')}\0{values.get('name', '')}"
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _key(done: sa.CursorResult[Any]) -> int:
    made = done.inserted_primary_key
    return int(made[0]) if made is not None else 0


def _conditions(listing: Listing, book_ids: tuple[int, ...]) -> list[sa.ColumnElement[bool]]:
    parts: list[sa.ColumnElement[bool]] = [contacts.c.phonebook_id.in_(book_ids)]
    if listing.search:
        names = [name for name in listing.search_fields if name in contacts.c] or ["name"]
        parts.append(sa.or_(*(contacts.c[name].icontains(listing.search, autoescape=True) for name in names)))
    parts += [_condition(name, match) for name, match in listing.filters if name in contacts.c]
    return parts


def _condition(name: str, match: Match) -> sa.ColumnElement[bool]:
    column = _text_column(name)
    if match.values:
        return column.in_([_bound(name, each) for each in match.values])
    parts = []
    if match.low is not None:
        parts.append(column >= _bound(name, match.low))
    if match.high is not None:
        parts.append(column <= _bound(name, match.high))
    return sa.and_(*parts)


def _text_column(name: str) -> sa.ColumnElement[Any]:
    column = contacts.c[name]
    return column.collate("NOCASE") if isinstance(column.type, sa.Text) else column


def _bound(name: str, text: str) -> int | str:
    if isinstance(contacts.c[name].type, sa.Text):
        return text
    # A word is no number of any contact.
    return int(text) if text.isdecimal() and len(text) < 15 else -1
