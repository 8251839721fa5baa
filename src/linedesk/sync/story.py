"""A contact's whole story, over all connections: where it is, every write, what waits, and what happened.

Read only, from what is stored; no account is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection as SqlConnection

from linedesk.store import (
    activity,
    connections,
    decisions,
    journal_reading,
    links,
    problems,
    records,
    runs,
)
from linedesk.store.activity import ActivityRow
from linedesk.store.journal import Entry
from linedesk.sync.activity_words import OF_WRITES, Kind, title_of
from linedesk.sync.known_fields import recalled
from linedesk.sync.model import Connection, Link, Side
from linedesk.sync.undo import id_on, undone_entries

_FAR = 50  # records that are one person; more would be a book that names everybody the same
_WRITES = frozenset(OF_WRITES.values()) | {Kind.UNDONE}

Document = dict[str, Any]
Place = tuple[str, str]  # account, record id


@dataclass(slots=True)
class _Found:
    """What belongs to the person: places in the order found, and the links between them."""

    places: list[Place]
    links: dict[tuple[str, str], Link] = field(default_factory=dict)  # by connection and link id


def story_of(c: SqlConnection, account: str, record_id: str) -> Document:
    """`{"account","record","places","links","writes","waiting","events"}`; empty lists for an unknown one.

    A write has its fields before and after, who ran it and why, how it ended, and whether it was undone.
    """
    known = {each.name: each for each in connections.all_connections(c)}
    found = _follow(c, account, record_id, known)
    return {
        "account": account,
        "record": record_id,
        "places": [_place(c, each) for each in found.places],
        "links": [_link(known[name], link) for (name, _), link in found.links.items()],
        "writes": _writes(c, found, known),
        "waiting": _waiting(c, found, known),
        "events": _events(c, found, known),
    }


def _follow(c: SqlConnection, account: str, record_id: str, known: Mapping[str, Connection]) -> _Found:
    """All records that links lead to, from one to the next."""
    found = _Found([(account, record_id)])
    for place in found.places:  # grows while it is walked
        for name, link in links.of_record(c, *place):
            found.links[name, link.id] = link
            for side in Side:
                other = (_account(known[name], side), id_on(link, side))
                if other not in found.places and len(found.places) < _FAR:
                    found.places.append(other)
    return found


def _place(c: SqlConnection, place: Place) -> Document:
    account, record_id = place
    copy = records.some(c, account, [record_id]).get(record_id)
    fields = {info.name: info for info in recalled(c, account)}
    return {
        "account": account,
        "record": record_id,
        "title": title_of(copy.record, fields) if copy is not None else "",
        "state": "unknown" if copy is None else "gone" if copy.gone else copy.record.state.value,
        "merged_into": copy.merged_into if copy is not None else None,
    }


def _link(connection: Connection, link: Link) -> Document:
    return {
        "connection": connection.name,
        "id": link.id,
        "records": {connection.a: link.a_id, connection.b: link.b_id},
        "state": link.state.value,
        "actions": sorted(link.applied),
    }


def _writes(c: SqlConnection, found: _Found, known: Mapping[str, Connection]) -> list[Document]:
    entries: dict[int, Entry] = {}
    for connection in known.values():
        for account, record_id in found.places:
            if account in {connection.a, connection.b}:
                mine = journal_reading.of_record(c, connection.name, account, record_id)
                entries |= {each.id: each for each in mine}
    undone: set[int] = set()
    for name in {each.connection for each in entries.values()}:
        undone |= undone_entries(journal_reading.takes_back(c, name))
    actors = {run: _actor(c, run) for run in {each.run for each in entries.values()}}
    return [_write(entries[number], actors, number in undone) for number in sorted(entries)]


def _write(entry: Entry, actors: Mapping[int, str], is_undone: bool) -> Document:
    return {
        "entry": entry.id,
        "at_ms": entry.at_ms,
        "connection": entry.connection,
        "run": entry.run,
        "actor": actors[entry.run],
        "account": entry.account,
        "op": entry.op.value,
        "record": entry.record_id,
        "source": entry.source_id,
        "fields": {name: [entry.before.get(name), after] for name, after in entry.after.items()},
        "reason": entry.reason,
        "rule": entry.rule,
        "trace": entry.trace,
        "notes": list(entry.notes),
        "state": entry.state.value,
        "error": entry.error,
        "undoes": entry.undoes,
        "undone": is_undone,
    }


def _actor(c: SqlConnection, run: int) -> str:
    row = runs.find(c, run)
    return row.actor if row is not None else ""


def _waiting(c: SqlConnection, found: _Found, known: Mapping[str, Connection]) -> list[Document]:
    """What a person is asked of one of the records, and why one can't be synced."""
    waiting: list[Document] = []
    for connection in known.values():
        here = {
            (side, record_id)
            for account, record_id in found.places
            for side in Side
            if account == _account(connection, side)
        }
        if not here:
            continue
        for row in decisions.all_of(c, connection.name):
            asked = row.waiting
            if (asked.side, asked.record_id) in here:
                waiting.append(
                    {
                        "connection": connection.name,
                        "account": _account(connection, asked.side),
                        "record": asked.record_id,
                        "question": asked.question.value,
                        "reason": asked.reason,
                        "answer": row.answer.value if row.answer is not None else None,
                    }
                )
        failing = problems.all_of(c, connection.name)
        for side, record_id in sorted(here & failing.keys()):
            problem = failing[side, record_id].problem
            waiting.append(
                {
                    "connection": connection.name,
                    "account": _account(connection, side),
                    "record": record_id,
                    "question": "problem",
                    "reason": problem.sentence,
                    "answer": None,
                }
            )
    return waiting


def _events(c: SqlConnection, found: _Found, known: Mapping[str, Connection]) -> list[Document]:
    """What happened beside the writes: excluded, waiting, failing, solved …"""
    rows: list[tuple[ActivityRow, str]] = []
    for connection in known.values():
        for account, record_id in found.places:
            for side in Side:
                if account == _account(connection, side):
                    mine = activity.of_record(c, connection.name, side, record_id)
                    rows += [(row, account) for row in mine if row.event.kind not in _WRITES]
    return [
        {
            "at_ms": row.at_ms,
            "connection": row.connection,
            "run": row.event.run,
            "kind": row.event.kind.value,
            "account": account,
            "record": row.event.record_id,
            "reason": row.event.reason,
        }
        for row, account in sorted(rows, key=lambda each: each[0].id)
    ]


def _account(connection: Connection, side: Side) -> str:
    return connection.a if side is Side.A else connection.b
