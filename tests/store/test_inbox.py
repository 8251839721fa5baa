"""Every body is stored once for an account, and waits until it is finished."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from linedesk.store import inbox
from linedesk.store.inbox import InboxRow
from linedesk.store.migrate import Stores
from linedesk.store.tables import event_types
from linedesk.store.tables import inbox as table


async def test_the_same_bytes_are_stored_once_for_an_account(stores: Stores) -> None:
    answers = [
        await stores.calls.write(lambda c, a=account, b=body: inbox.add(c, a, "webhook", b, 1_000))  # type: ignore[misc]
        for account, body in [
            ("main", b'{"a":1}'),
            ("main", b'{"a":1}'),
            ("main", b'{"a": 1}'),
            ("two", b'{"a":1}'),
        ]
    ]
    assert answers[1] is None
    assert None not in (answers[0], answers[2], answers[3])


async def test_of_many_deliveries_at_once_only_one_is_taken(stores: Stores) -> None:
    answers = await asyncio.gather(
        *(stores.calls.write(lambda c: inbox.add(c, "main", "webhook", b"x", 1)) for _ in range(20))
    )
    assert len([answer for answer in answers if answer is not None]) == 1


async def test_what_is_not_finished_waits_in_order_of_arrival(stores: Stores) -> None:
    for n in range(5):
        await stores.calls.write(lambda c, n=n: inbox.add(c, "main", "webhook", bytes([n]), n))  # type: ignore[misc]
    await stores.calls.write(lambda c: inbox.finish(c, 2, "call:start", 99))
    await stores.calls.write(lambda c: inbox.finish(c, 4, "", 99, "no JSON"))
    rows = await stores.calls.read(lambda c: inbox.waiting(c, 0, 10))
    assert [row.id for row in rows] == [1, 3, 5]
    assert rows[0] == InboxRow(1, "main", "webhook", b"\x00", 0)
    assert [row.id for row in await stores.calls.read(lambda c: inbox.waiting(c, 1, 1))] == [3]
    stored = await stores.calls.read(
        lambda c: c.execute(select(table).where(table.c.id == 4)).mappings().one()
    )
    assert (stored["event_type"], stored["processed_ms"], stored["failure"]) == ("", 99, "no JSON")


async def test_unknown_event_types_are_counted(stores: Stores) -> None:
    for now_ms in (5, 7, 9):
        await stores.calls.write(lambda c, t=now_ms: inbox.count_type(c, "main", "fax:new", False, t))  # type: ignore[misc]
    rows = await stores.calls.read(lambda c: c.execute(select(event_types)).all())
    assert [tuple(row) for row in rows] == [("main", "fax:new", False, 3, 9)]


async def test_purge_takes_old_processed_bodies_in_slices_and_never_a_waiting_one(stores: Stores) -> None:
    for n in range(6):
        await stores.calls.write(lambda c, n=n: inbox.add(c, "main", "webhook", bytes([n]), n))  # type: ignore[misc]
        if n != 1:
            await stores.calls.write(lambda c, n=n: inbox.finish(c, n + 1, "t", 50))  # type: ignore[misc]
    assert await stores.calls.write(lambda c: inbox.purge(c, 4, limit=2)) == 2
    assert await stores.calls.write(lambda c: inbox.purge(c, 4, limit=2)) == 1
    assert await stores.calls.write(lambda c: inbox.purge(c, 4, limit=2)) == 0
    left = await stores.calls.read(lambda c: c.execute(select(table.c.received_ms)).scalars().all())
    assert sorted(left) == [1, 4, 5]


async def test_ids_are_never_used_again(stores: Stores) -> None:
    first = await stores.calls.write(lambda c: inbox.add(c, "main", "webhook", b"1", 1))
    assert first is not None
    await stores.calls.write(lambda c: inbox.finish(c, first, "t", 1))
    await stores.calls.write(lambda c: inbox.purge(c, 10))
    second = await stores.calls.write(lambda c: inbox.add(c, "main", "webhook", b"2", 1))
    assert second == first + 1
