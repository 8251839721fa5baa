"""Plans of a sync of two books that agree, with nothing and with 1 % changed, beside a plain comparison."""

from __future__ import annotations

import gc
import json
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from itertools import count, islice

from bench.stage import PLAN, number_of
from bench.table import Row
from linedesk.apps.freshdesk_fields import DEFAULTS as FRESHDESK_FIELDS
from linedesk.apps.records import FieldInfo, Record, Value
from linedesk.apps.wildix_phonebook_fields import EXTERNAL_ID
from linedesk.apps.wildix_phonebook_fields import FIELDS as PHONEBOOK_FIELDS
from linedesk.numbers import load_plans
from linedesk.sync.after_write import agreed_after, link_after
from linedesk.sync.conditions import usual_rules
from linedesk.sync.documents import (
    base_from_document,
    base_to_document,
    record_from_document,
    record_to_document,
)
from linedesk.sync.mapping import default_rows
from linedesk.sync.merge import rows_between
from linedesk.sync.model import Connection, Direction, Known, Link, Op, Plan, Side
from linedesk.sync.plan import plan_in_slices
from linedesk.sync.slices import undisturbed

_A = {info.name: info for info in FRESHDESK_FIELDS}
_B = {info.name: info for info in PHONEBOOK_FIELDS}
_ROWS = default_rows(_A, _B)
_CONNECTION = Connection(
    "customers", "crm", "book", Direction.BOTH, rules=usual_rules(Direction.BOTH, (Side.B,))
)
_LONGEST_S = 0.010
_LEAST_A_SECOND = 40_000
_MOST_MB = 300
_ONE_IN = 100
_TRACED = 5_000


def measure(contact_count: int, rounds: int) -> list[Row]:
    """Rows for a two-way plan with nothing and with 1 % changed, its slices, and its memory."""
    load_plans()
    records = {record.id: record for record in map(_contact, range(contact_count))}
    first = _Planned(_known("crm", _A, records), _known("book", _B, {}), ())
    copies, links = _written(first, records)
    a, b = _known("crm", _A, records), _known("book", _B, copies)
    slices = first.slices_s
    quiet, edited = [], []
    for _ in range(rounds):
        again = _Planned(a, b, links)
        _check(again.plan, contact_count, 0)
        quiet.append(sum(again.slices_s))
        slices += again.slices_s
    changed_a, changed_b = _edited(a, b)
    for _ in range(rounds):
        again = _Planned(changed_a, changed_b, links)
        _check(again.plan, contact_count, contact_count // _ONE_IN)
        edited.append(sum(again.slices_s))
        slices += again.slices_s
    compared = _compare(records, rounds)
    peak_mb = _peak_mb(changed_a, changed_b, links)
    held_mb = _held_mb(changed_a, changed_b, links)
    rate = contact_count / sorted(edited)[len(edited) // 2]
    return [
        Row(f"two-way plan {contact_count:,} contacts, no change", quiet, "compare them as dicts", compared),
        Row(
            f"two-way plan {contact_count:,} contacts, 1 % changed",
            edited,
            "compare them as dicts",
            compared,
            f"{rate:,.0f} contacts/s >= {_LEAST_A_SECOND:,}, {held_mb:.0f} MB of books and links and "
            f"{peak_mb:.0f} MB to plan <= {_MOST_MB} MB",
            rate >= _LEAST_A_SECOND and held_mb + peak_mb <= _MOST_MB,
        ),
        Row(
            "one slice of a plan, first sync and later ones",
            slices,
            "compare 1,000 as dicts",
            [each * 1000 / contact_count for each in compared],
            f"longest {max(slices) * 1000:.1f} <= {_LONGEST_S * 1000:.0f} ms",
            max(slices) <= _LONGEST_S,
        ),
    ]


class _Planned:
    """A plan, and how long each of its slices took, in time of this thread: a busy machine does not count."""

    def __init__(self, a: Known, b: Known, links: tuple[Link, ...]) -> None:
        numbers = count()
        steps = plan_in_slices(_CONNECTION, _ROWS, a, b, links, (), lambda: f"ld-{next(numbers):032x}")
        self.a, self.b = a, b
        self.slices_s: list[float] = []
        with undisturbed():
            going = True
            while going:
                started = time.thread_time()
                try:
                    next(steps)
                except StopIteration as end:
                    self.plan: Plan = end.value
                    going = False
                self.slices_s.append(time.thread_time() - started)
        gc.unfreeze()


def _check(plan: Plan, contacts: int, changed: int) -> None:
    """The measured plan is the right one: an update for each edit, and every other pair is the same."""
    if (
        plan.linkings
        or plan.waiting
        or plan.skipped
        or any(change.op is not Op.UPDATE for change in plan.changes)
        or (len(plan.changes), plan.same) != (changed, contacts - changed)
    ):
        raise RuntimeError("the plan of the two books is another one than it should be")


def _edited(a: Known, b: Known) -> tuple[Known, Known]:
    """Every 200th contact is edited on A and every 200th on B: 1 % in all."""
    in_a, in_b = dict(a.records), dict(b.records)
    for records, start, field in ((in_a, 0, "company"), (in_b, _ONE_IN, "organization")):
        for record_id in list(records)[start :: 2 * _ONE_IN]:
            old = records[record_id]
            records[record_id] = replace(old, fields={**old.fields, field: "Edited Ltd"})
    return replace(a, records=in_a), replace(b, records=in_b)


def _peak_mb(a: Known, b: Known, links: tuple[Link, ...]) -> float:
    """Memory that a plan takes at its most beside the books and the links that it reads."""
    gc.collect()
    tracemalloc.start()
    _Planned(a, b, links)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def _held_mb(a: Known, b: Known, links: tuple[Link, ...]) -> float:
    """Memory of both books and of the links, each loaded from its document as the engine loads it.

    Of some of them, and so much more for all: to trace all of it takes minutes.
    """
    records = [*islice(a.records.values(), _TRACED), *islice(b.records.values(), _TRACED)]
    copies = [json.dumps(record_to_document(record)) for record in records]
    bases = [json.dumps(base_to_document(link.base)) for link in links[:_TRACED]]
    gc.collect()
    tracemalloc.start()
    held = [
        {each.id: each for each in (record_from_document(json.loads(text)) for text in copies)},
        [
            replace(link, id=str(number), base=base_from_document(json.loads(text)))
            for number, (link, text) in enumerate(zip(links, bases, strict=False))
        ],
    ]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / 1e6 * len(links) / len(held[1])


def _written(first: _Planned, records: dict[str, Record]) -> tuple[dict[str, Record], tuple[Link, ...]]:
    """The phonebook after a first sync that went well, and its links."""
    pair = rows_between(_ROWS, first.a, first.b, _CONNECTION)
    lanes = {side: pair.to(side) for side in Side}
    copies, links = {}, []
    for number, change in enumerate(first.plan.changes):
        after: dict[str, Value] = {name: value for name, (_, value) in change.fields.items()}
        copy = Record(f"b{number}", {**after, EXTERNAL_ID: change.link_id})
        source = records[change.source_id]
        base = agreed_after(lanes, change, source=source, planned=None, stored=copy, before={})
        copies[copy.id] = copy
        links.append(link_after(change, copy.id, None, base))
    return copies, tuple(links)


def _known(account: str, fields: dict[str, FieldInfo], records: dict[str, Record]) -> Known:
    return Known(account, account, fields, records, PLAN, True, EXTERNAL_ID if account == "book" else None)


def _contact(i: int) -> Record:
    fields: dict[str, Value] = {
        "name": f"Person {i} Example",
        "email": f"person{i}@example.test",
        "phone": number_of(i),
        "mobile": f"07700 {900_000 + i % 1000}",
        "company": f"Example {i % 3000} Ltd",
        "address": f"{i} High Street\nLondon",
    }
    return Record(str(i), fields, modified_ms=1_764_000_000_000 + i)


def _compare(records: dict[str, Record], rounds: int) -> list[float]:
    left = {record.id: dict(record.fields) for record in records.values()}
    right = {record.id: dict(record.fields) for record in records.values()}
    return _times(lambda: left == right, rounds)


def _times(work: Callable[[], object], rounds: int) -> list[float]:
    samples = []
    for _ in range(rounds):
        started = time.thread_time()
        work()
        samples.append(time.thread_time() - started)
    return samples
