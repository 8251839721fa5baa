"""The tracker's state as JSON documents, one a call, and which of them changed between two states.

Pure. A call's document holds its observations and what was shown; the rest is told anew from them.
A key is the `Call.id`, or `presence:EXTENSION` for presence that waits for its call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from linedesk.calls.facts import Said, Saying, Segment
from linedesk.calls.incarnations import Calls
from linedesk.calls.model import AgentState, Call, Direction, LegStatus
from linedesk.calls.presence import Presences
from linedesk.calls.records import Record, derive
from linedesk.calls.story import told
from linedesk.calls.tracker_state import TrackerState
from linedesk.numbers.model import NumberPlan

DocumentKey = tuple[str, str]
"""PBX account and key."""

Document = Mapping[str, Any]

_PRESENCE = "presence:"
_SEGMENT_FIELDS = tuple(field.name for field in fields(Segment))


@dataclass(frozen=True, slots=True)
class Changes:
    """What to write and what to delete to bring stored documents from one state to another."""

    upserts: dict[DocumentKey, Document]
    deletes: frozenset[DocumentKey]


def diff(old: TrackerState, new: TrackerState) -> Changes:
    """The difference, found by identity: cheap when little changed."""
    upserts: dict[DocumentKey, Document] = {}
    gone: set[DocumentKey] = set()
    before, after = _changed_records(old.calls, new.calls)
    for record_id, record in after.items():
        if before.get(record_id) is not record:
            upserts[record.account, record_id] = _record_document(record)
    gone.update((record.account, each) for each, record in before.items() if each not in after)
    for here, there in old.presences.waiting.changed(new.presences.waiting):
        for (account, extension), waiting in there.items():
            if here.get((account, extension)) is not waiting:
                upserts[account, _PRESENCE + extension] = {"waiting": [list(each) for each in waiting]}
        gone.update((account, _PRESENCE + extension) for account, extension in here.keys() - there.keys())
    return Changes(upserts, frozenset(gone))


def load(documents: Mapping[DocumentKey, Document]) -> TrackerState:
    """The state that the documents were made from."""
    calls, presences, records = Calls(), Presences(), list[Record]()
    for (account, key), document in documents.items():
        if key.startswith(_PRESENCE):
            extension = key.removeprefix(_PRESENCE)
            for at_ms, heard_ms in document["waiting"]:
                presences = presences.keep(account, extension, at_ms, heard_ms)
        else:
            records.append(_record(account, key, document))
    # Incarnations in the order of their opening; what ends up among the ended lies oldest first.
    for record in sorted(records, key=lambda each: (each.opened_ms, each.id)):
        calls = calls.keep(record)
    return TrackerState(calls, presences)


def _changed_records(old: Calls, new: Calls) -> tuple[dict[str, Record], dict[str, Record]]:
    before: dict[str, Record] = {}
    after: dict[str, Record] = {}
    for was, now in ((old.running, new.running), (old.over, new.over)):
        for here, there in was.changed(now):
            before.update((each.id, each) for records in here.values() for each in records)
            after.update((each.id, each) for records in there.values() for each in records)
    return before, after


def _record_document(record: Record) -> Document:
    return {
        "call_id": record.call_id,
        "opened_ms": record.opened_ms,
        "heard_ms": record.heard_ms,
        "swept_ms": record.swept_ms,
        "party": record.call.party,
        "shown": {extension: state.value for extension, state in record.shown.items()},
        "log": [_said_document(said) for said in record.log],
    }


def _record(account: str, record_id: str, document: Document) -> Record:
    log = tuple(_said(each) for each in document["log"])
    story = told(log)
    known = Call(
        record_id,
        account,
        document["call_id"],
        story.direction or Direction.INBOUND,
        document["opened_ms"],
        remote=story.remote,
        party=document["party"],
    )
    return Record(
        id=record_id,
        account=account,
        call_id=document["call_id"],
        opened_ms=document["opened_ms"],
        heard_ms=document["heard_ms"],
        log=log,
        story=story,
        shown={extension: AgentState(state) for extension, state in document["shown"].items()},
        # The party was read when the number was new, so no plan is needed.
        call=derive(known, story, NumberPlan(region="ZZ"), document["swept_ms"]),
        swept_ms=document["swept_ms"],
    )


def _said_document(said: Said) -> Document:
    document: dict[str, Any] = {"at_ms": said.at_ms, "saying": int(said.saying)}
    for name in ("end_cause", "started_ms", "ended_ms", "extension"):
        if (value := getattr(said, name)) is not None:
            document[name] = value
    if said.segments:
        document["segments"] = [
            [getattr(segment, name) for name in _SEGMENT_FIELDS] for segment in said.segments
        ]
    return document


def _said(document: Document) -> Said:
    return Said(
        at_ms=document["at_ms"],
        saying=Saying(document["saying"]),
        segments=tuple(_segment(values) for values in document.get("segments", ())),
        end_cause=document.get("end_cause"),
        started_ms=document.get("started_ms"),
        ended_ms=document.get("ended_ms"),
        extension=document.get("extension"),
    )


def _segment(values: list[Any]) -> Segment:
    known = dict(zip(_SEGMENT_FIELDS, values, strict=True))
    direction = known["direction"]
    known["direction"] = Direction(direction) if direction is not None else None
    known["status"] = LegStatus(known["status"])
    known["tags"] = tuple(known["tags"])
    return Segment(**known)
