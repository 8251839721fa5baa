"""Small questions to an app under contract, for all of its tests."""

from __future__ import annotations

import unicodedata

from linedesk.apps.base import App, Stored
from linedesk.apps.records import Changes, Complete, Cursor, Draft, Reading, Record, Value


def quiet(done: int, total: int | None) -> None:
    """A watch that tells nobody."""


async def complete(app: App) -> Complete:
    reading = await app.read(None, quiet)
    assert isinstance(reading, Complete)
    return reading


async def since(app: App, cursor: Cursor) -> Reading:
    return await app.read(cursor, quiet)


def ids(reading: Reading) -> list[str]:
    return [record.id for record in reading.records]


def by_id(reading: Reading) -> dict[str, Record]:
    return {record.id: record for record in reading.records}


async def made(app: App, fields: dict[str, Value], external_id: str | None = None) -> Record:
    (outcome,) = await app.create([Draft(fields, external_id)])
    assert isinstance(outcome, Stored), outcome
    return outcome.record


async def got(app: App, record_id: str) -> Record:
    (record,) = await app.get_many([record_id])
    return record


def same(one: Value, other: Value) -> bool:
    """Equal as the sync compares: None, "" and () are empty, texts in NFC, words in any order."""
    return _plain(one) == _plain(other)


def _plain(value: Value) -> object:
    if value in (None, "", (), False):
        return None
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, tuple):
        return frozenset(each if not isinstance(each, str) else _plain(each) for each in value)
    return value


__all__ = ["Changes", "by_id", "complete", "got", "ids", "made", "quiet", "same", "since"]
