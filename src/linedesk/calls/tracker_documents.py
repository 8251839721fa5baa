"""The tracker's state as JSON documents, one a call, and which of them changed between two states.

Pure. A call's document holds its observations and what was shown; the rest is told anew from them.
A key is the `Call.id`, or `presence:EXTENSION` for presence that waits for its call.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linedesk.calls.facts import Said, Saying, Segment
from linedesk.calls.incarnations import Calls, Past
from linedesk.calls.model import AgentState, Call, Direction, Glimpse, LegStatus
from linedesk.calls.presence import Presences
from linedesk.calls.records import Record, derive
from linedesk.calls.shelf import Shelf
from linedesk.calls.story import told
from linedesk.calls.tracker_state import TrackerState
from linedesk.numbers.model import NumberPlan

DocumentKey = tuple[str, str]
"""PBX account and key."""

Document = Mapping[str, Any]

VERSION = 1
_PRESENCE = "presence:"

# The places of a segment's values in a document. A later field goes to the end and needs a default in
# `Segment`: a shorter list is an older document. Any other change needs a new VERSION.
_SEGMENT_FIELDS = (
    "index",
    "direction",
    "firm",
    "caller",
    "callee",
    "away",
    "counts",
    "status",
    "talk_ms",
    "remote",
    "name",
    "called",
    "destination",
    "queue",
    "tags",
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What to write and what to delete to bring stored documents from one state to another."""

    upserts: dict[DocumentKey, Document]
    deletes: frozenset[DocumentKey]


@dataclass(frozen=True, slots=True)
class Restored:
    """A state from stored documents. `unreadable` are damaged, or of a newer or much older program."""

    state: TrackerState
    unreadable: tuple[DocumentKey, ...]


def diff(old: TrackerState, new: TrackerState) -> Changes:
    """The difference, found by identity: cheap when little changed."""
    upserts: dict[DocumentKey, Document] = {}
    gone: set[DocumentKey] = set()
    before, after = _changed_records(old.calls, new.calls)
    for key, record in after.items():
        if before.get(key) is not record:
            upserts[key] = _past_document(record) if isinstance(record, Past) else _record_document(record)
    gone.update(before.keys() - after.keys())
    for here, there in old.presences.waiting.changed(new.presences.waiting):
        for (account, extension), waiting in there.items():
            if here.get((account, extension)) is not waiting:
                upserts[account, _PRESENCE + extension] = {
                    "v": VERSION,
                    "waiting": [list(each) for each in waiting],
                }
        gone.update((account, _PRESENCE + extension) for account, extension in here.keys() - there.keys())
    return Changes(upserts, frozenset(gone))


def load(documents: Mapping[DocumentKey, Any]) -> TrackerState:
    """The state that the documents were made from, as far as they can be read."""
    return restore(documents).state


def restore(documents: Mapping[DocumentKey, Any]) -> Restored:
    """The state that the documents were made from, and which of them can't be read. Never raises for one."""
    records, past, unreadable = list[Record](), list[Past](), list[DocumentKey]()
    presences = Presences()
    for (account, key), document in documents.items():
        try:
            _check_version(document)
            if key.startswith(_PRESENCE):
                for at_ms, heard_ms in document["waiting"]:
                    extension = key.removeprefix(_PRESENCE)
                    presences = presences.keep(account, extension, _whole(at_ms), _whole(heard_ms))
            elif "past" in document:
                past.append(_past(sys.intern(account), key, document["past"]))
            else:
                records.append(_record(account, key, document))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            unreadable.append((account, key))
    return Restored(TrackerState(_calls(records, past), presences), tuple(unreadable))


def _calls(records: list[Record], past: list[Past]) -> Calls:
    """Shelves in the order that `shrink` and `forget` count on: longest unheard of first."""
    past.sort(key=lambda each: each.heard_ms)
    calls = Calls(past=Shelf.of((key, each) for each in past for key in each.keys))
    of_id: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        of_id.setdefault((record.account, record.call_id), []).append(record)
    for incarnations in of_id.values():
        incarnations.sort(key=lambda each: each.opened_ms)
    for incarnations in sorted(of_id.values(), key=lambda each: each[-1].heard_ms):
        for record in incarnations:
            calls = calls.keep(record)
    return calls


def _changed_records(
    old: Calls, new: Calls
) -> tuple[dict[DocumentKey, Record | Past], dict[DocumentKey, Record | Past]]:
    before: dict[DocumentKey, Record | Past] = {}
    after: dict[DocumentKey, Record | Past] = {}
    for was, now in ((old.running, new.running), (old.over, new.over)):
        for here, there in was.changed(now):
            before.update(((each.account, each.id), each) for records in here.values() for each in records)
            after.update(((each.account, each.id), each) for records in there.values() for each in records)
    for gone, left in old.past.changed(new.past):
        before.update(((each.key[0], each.id), each) for each in gone.values())
        after.update(((each.key[0], each.id), each) for each in left.values())
    return before, after


def _check_version(document: Any) -> None:
    version = document.get("v", VERSION)
    if version != VERSION:
        raise ValueError(f"a document of version {version}")


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no time")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r} is no text")
    return value


def _maybe(value: Any, kind: type) -> Any:
    if value is not None and type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _past_document(past: Past) -> Document:
    return {"v": VERSION, "past": [past.key[1], past.over_ms, past.heard_ms, *past.aliases]}


def _past(account: str, record_id: str, values: Any) -> Past:
    call_id, over_ms, heard_ms, *aliases = values
    key, ids = (account, _text(call_id)), tuple(map(_text, aliases))
    return Past(record_id, key, _whole(over_ms), _whole(heard_ms), ids)


def _record_document(record: Record) -> Document:
    return {
        "v": VERSION,
        "call_id": record.call_id,
        "opened_ms": record.opened_ms,
        "heard_ms": record.heard_ms,
        "swept_ms": record.swept_ms,
        "written": record.written,
        "party": record.call.party,
        "shown": {extension: state.value for extension, state in record.shown.items()},
        "log": [_said_document(said) for said in record.log],
    }


def _record(account: str, record_id: str, document: Document) -> Record:
    log = tuple(_said(each) for each in document["log"])
    if not log:
        raise ValueError("a call of which nothing was said")
    call_id, opened_ms = _text(document["call_id"]), _whole(document["opened_ms"])
    swept_ms = _maybe(document["swept_ms"], int)
    story = told(log)
    known = Call(
        record_id,
        account,
        call_id,
        story.direction or Direction.INBOUND,
        opened_ms,
        remote=story.remote,
        party=_text(document["party"]),
    )
    # The party was read when the number was new, so no plan is needed.
    call = derive(known, story, NumberPlan(region="ZZ"), swept_ms)
    return Record(
        id=record_id,
        account=account,
        call_id=call_id,
        opened_ms=opened_ms,
        heard_ms=_whole(document["heard_ms"]),
        log=log,
        story=story,
        shown={extension: AgentState(state) for extension, state in document["shown"].items()},
        call=call,
        swept_ms=swept_ms,
        written=document.get("written", call.ended_ms is not None),
    )


def _said_document(said: Said) -> Document:
    document: dict[str, Any] = {"at_ms": said.at_ms, "saying": int(said.saying)}
    for name in ("end_cause", "started_ms", "ended_ms", "extension", "alias"):
        if (value := getattr(said, name)) is not None:
            document[name] = value
    if (glimpse := said.glimpse) is not None:
        document["glimpse"] = [
            glimpse.extension,
            glimpse.handle,
            glimpse.since_ms,
            glimpse.answered_ms,
            glimpse.drives,
        ]
    if said.segments:
        document["segments"] = [
            [getattr(segment, name) for name in _SEGMENT_FIELDS] for segment in said.segments
        ]
    return document


def _said(document: Document) -> Said:
    return Said(
        at_ms=_whole(document["at_ms"]),
        saying=Saying(document["saying"]),
        segments=tuple(_segment(values) for values in document.get("segments", ())),
        end_cause=_maybe(document.get("end_cause"), str),
        started_ms=_maybe(document.get("started_ms"), int),
        ended_ms=_maybe(document.get("ended_ms"), int),
        extension=_maybe(document.get("extension"), str),
        glimpse=_glimpse(document["glimpse"]) if "glimpse" in document else None,
        alias=_maybe(document.get("alias"), str),
    )


def _glimpse(values: Any) -> Glimpse:
    extension, handle, since_ms, answered_ms, drives = values
    return Glimpse(
        _text(extension), _text(handle), _maybe(since_ms, int), _maybe(answered_ms, int), drives is True
    )


def _segment(values: list[Any]) -> Segment:
    known = dict(zip(_SEGMENT_FIELDS, values, strict=False))
    for name in ("caller", "callee", "remote", "called", "destination", "queue"):
        _maybe(known[name], str)
    direction = known["direction"]
    return Segment(
        **{
            **known,
            "index": _maybe(known["index"], int),
            "talk_ms": _whole(known["talk_ms"]),
            "name": _text(known["name"]),
            "direction": Direction(direction) if direction is not None else None,
            "status": LegStatus(known["status"]),
            "tags": tuple(_text(tag) for tag in known["tags"]),
        }
    )
