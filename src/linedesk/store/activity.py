"""Rows of activity: what happened to contacts, for the people who watch; and how each record stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from linedesk.store.journal import EntryState
from linedesk.store.sync_tables import activity, journal, runs, standing_digests, standings
from linedesk.sync.activity_words import Event, Kind, Standing
from linedesk.sync.model import Op, RunState, Side

_NEW = insert(standings)
_PUT_STANDING = _NEW.on_conflict_do_update(
    index_elements=["connection", "side", "record_id"],
    set_={"kind": _NEW.excluded["kind"], "reason": _NEW.excluded["reason"]},
)
_DROP_STANDING = delete(standings).where(
    standings.c.connection == bindparam("of"),
    standings.c.side == bindparam("on"),
    standings.c.record_id == bindparam("record"),
)


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """An event as it is stored."""

    id: int
    connection: str
    at_ms: int
    event: Event


@dataclass(frozen=True, slots=True)
class Write:
    """A write of the journal that was done and is no event yet."""

    entry: int
    run: int
    side: Side
    op: Op
    record_id: str
    source_id: str
    reason: str
    is_undo: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def add(c: Connection, connection: str, events: Sequence[Event], now_ms: int) -> None:
    """Append events."""
    if events:
        rows = [
            {
                "connection": connection,
                "run": each.run,
                "at_ms": now_ms,
                "kind": each.kind.value,
                "side": _side(each.side),
                "record_id": each.record_id,
                "title": each.title,
                "reason": each.reason,
                "entry": each.entry,
            }
            for each in events
        ]
        c.execute(activity.insert(), rows)


def untold(c: Connection, connection: str, run: int, after: int, limit: int) -> list[int]:
    """The journal's rows up to this run, behind `after`, that are done and no events yet, in order.

    A write whose answer was lost, or whose run was cut, is found to be done by a later run. So those since
    the last run that came to its end are looked at too.
    """
    r, j, a = runs.c, journal.c, activity.c
    ended = select(func.max(r.id)).where(
        r.connection == connection, r.id < run, r.state == RunState.DONE.value
    )
    since = c.execute(ended).scalar() or 0
    among = select(r.id).where(r.connection == connection, r.id >= since, r.id <= run)
    # Looked up in a list that is made once: a join would go through all events of the run for each write.
    told = select(a.entry).where(a.run.in_(among), a.entry.is_not(None))
    query = select(j.id).where(
        j.run.in_(among), j.id > after, j.state == EntryState.DONE.value, j.id.not_in(told)
    )
    return list(c.execute(query.order_by(j.id).limit(limit)).scalars())


def writes(c: Connection, entries: Sequence[int]) -> list[Write]:
    """These rows of the journal, in order."""
    j = journal.c
    query = select(j.id, j.run, j.side, j.op, j.record_id, j.source_id, j.reason, j.undoes, j.before, j.after)
    return [_write(row) for row in c.execute(query.where(j.id.in_(entries)).order_by(j.id))]


def all_standings(
    c: Connection, connection: str, after: tuple[str, str] | None, limit: int
) -> list[Standing]:
    """How records stand, by side and id, beginning behind `after` (a side's value and a record's id)."""
    s = standings.c
    query = select(standings).where(s.connection == connection).order_by(s.side, s.record_id)
    if after is not None:
        query = query.where(or_(s.side > after[0], and_(s.side == after[0], s.record_id > after[1])))
    return [_standing(row) for row in c.execute(query.limit(limit))]


def standing_of(c: Connection, connection: str, side: Side | None, record_id: str) -> Standing | None:
    """How one record stands, or, without a side and an id, the whole connection; None: simply in step."""
    s = standings.c
    query = select(standings).where(
        s.connection == connection, s.side == _side(side), s.record_id == record_id
    )
    row = c.execute(query).first()
    return None if row is None else _standing(row)


def put_standings(c: Connection, connection: str, rows: Sequence[Standing], now_ms: int) -> None:
    """Insert or replace how these records stand; `since_ms` stays while the kind does."""
    if not rows:
        return
    _forget_digest(c, connection)
    values = [
        {
            "connection": connection,
            "side": _side(each.side),
            "record_id": each.record_id,
            "kind": each.kind.value,
            "reason": each.reason,
            "since_ms": now_ms,
        }
        for each in rows
    ]
    c.execute(_PUT_STANDING, values)


def drop_standings(c: Connection, connection: str, rows: Sequence[Standing]) -> None:
    """Forget how these records stood: they are in step now, gone, or about to be put anew."""
    if rows:
        _forget_digest(c, connection)
        values = [{"of": connection, "on": _side(each.side), "record": each.record_id} for each in rows]
        c.execute(_DROP_STANDING, values)


def digest_of(c: Connection, connection: str) -> str:
    """What `keep_digest` was told last; "" as soon as any standing was touched since."""
    d = standing_digests.c
    return c.execute(select(d.digest).where(d.connection == connection)).scalar() or ""


def keep_digest(c: Connection, connection: str, digest: str) -> None:
    """The standings are whole, and `digest` names what they came from."""
    _forget_digest(c, connection)
    c.execute(standing_digests.insert().values(connection=connection, digest=digest))


def _forget_digest(c: Connection, connection: str) -> None:
    c.execute(delete(standing_digests).where(standing_digests.c.connection == connection))


def page(
    c: Connection, *, connection: str | None = None, run: int | None = None, after: int = 0, limit: int = 500
) -> list[ActivityRow]:
    """Events in order, beginning behind the row `after`."""
    a = activity.c
    query = select(activity).where(a.id > after).order_by(a.id).limit(limit)
    if connection is not None:
        query = query.where(a.connection == connection)
    if run is not None:
        query = query.where(a.run == run)
    return [_row(row) for row in c.execute(query)]


def before_last(c: Connection, *, connection: str | None, run: int | None, count: int) -> int:
    """The row behind which the last `count` events come."""
    a = activity.c
    query = select(a.id).order_by(a.id.desc()).offset(count).limit(1)
    if connection is not None:
        query = query.where(a.connection == connection)
    if run is not None:
        query = query.where(a.run == run)
    return c.execute(query).scalar() or 0


def of_record(c: Connection, connection: str, side: Side, record_id: str) -> list[ActivityRow]:
    """What happened to one record, in order."""
    a = activity.c
    query = select(activity).where(a.connection == connection, a.side == side.value, a.record_id == record_id)
    return [_row(row) for row in c.execute(query.order_by(a.id))]


def counts(c: Connection, run_ids: Sequence[int]) -> dict[int, dict[tuple[Kind, Side | None], int]]:
    """How many events of each kind and side each of these runs has."""
    a = activity.c
    query = select(a.run, a.kind, a.side, func.count()).where(a.run.in_(run_ids))
    found: dict[int, dict[tuple[Kind, Side | None], int]] = {each: {} for each in run_ids}
    for run, kind, side, count in c.execute(query.group_by(a.run, a.kind, a.side)):
        found[run][Kind(kind), _side_of(side)] = count
    return found


def purge(c: Connection, before_ms: int, limit: int) -> int:
    """Remove events older than that, at most `limit`; answers how many. The journal stays."""
    old = select(activity.c.id).where(activity.c.at_ms < before_ms).order_by(activity.c.id).limit(limit)
    return c.execute(delete(activity).where(activity.c.id.in_(old))).rowcount


def _side(side: Side | None) -> str:
    return side.value if side is not None else ""


def _side_of(text: str) -> Side | None:
    return Side(text) if text else None


def _write(row: Any) -> Write:
    return Write(
        entry=row.id,
        run=row.run,
        side=Side(row.side),
        op=Op(row.op),
        record_id=row.record_id or "",
        source_id=row.source_id,
        reason=row.reason,
        is_undo=row.undoes is not None,
        before=row.before,
        after=row.after,
    )


def _standing(row: Row[Any]) -> Standing:
    return Standing(_side_of(row.side), row.record_id, Kind(row.kind), row.reason)


def _row(row: Row[Any]) -> ActivityRow:
    event = Event(
        kind=Kind(row.kind),
        run=row.run,
        side=_side_of(row.side),
        record_id=row.record_id,
        title=row.title,
        reason=row.reason,
        entry=row.entry,
    )
    return ActivityRow(row.id, row.connection, row.at_ms, event)
