"""The plan of a sync of two books that agree already, beside one comparison of the same records."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from itertools import count

from bench.stage import PLAN, number_of
from bench.table import Row
from linedesk.apps.freshdesk_fields import DEFAULTS as FRESHDESK_FIELDS
from linedesk.apps.records import FieldInfo, Record, Value
from linedesk.apps.wildix_phonebook_fields import EXTERNAL_ID
from linedesk.apps.wildix_phonebook_fields import FIELDS as PHONEBOOK_FIELDS
from linedesk.numbers import load_plans
from linedesk.sync.mapping import default_rows
from linedesk.sync.merge import base_of, lanes_to
from linedesk.sync.model import Connection, Known, Link, Side
from linedesk.sync.plan import plan_in_slices
from linedesk.sync.slices import undisturbed

_A = {info.name: info for info in FRESHDESK_FIELDS}
_B = {info.name: info for info in PHONEBOOK_FIELDS}
_ROWS = default_rows(_A, _B)
_CONNECTION = Connection("customers", "crm", "book")
_LONGEST_S = 0.010


def measure(contact_count: int, rounds: int) -> list[Row]:
    """A row for the whole plan of a run that finds nothing to do, and one for its slices."""
    load_plans()
    records = {record.id: record for record in map(_contact, range(contact_count))}
    first = _Planned(_known("crm", _A, records), _known("book", _B, {}), ())
    copies, links = _written(first, records)
    samples, slices = [], []
    for _ in range(rounds):
        again = _Planned(_known("crm", _A, records), _known("book", _B, copies), links)
        if again.plan.changes or again.plan.linkings or again.plan.same != contact_count:
            raise RuntimeError("the plan of books that agree is not empty")
        samples.append(sum(again.slices_s))
        slices += again.slices_s
    left = {record.id: dict(record.fields) for record in records.values()}
    right = {record.id: dict(record.fields) for record in records.values()}
    compared = _times(lambda: left == right, rounds)
    slices += first.slices_s
    return [
        Row(f"plan {contact_count:,} contacts, no change", samples, "compare them as dicts", compared),
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
                    self.plan, going = end.value, False
                self.slices_s.append(time.thread_time() - started)
        gc.unfreeze()


def _written(first: _Planned, records: dict[str, Record]) -> tuple[dict[str, Record], tuple[Link, ...]]:
    """The phonebook after a first sync that went well, and its links."""
    lanes = lanes_to(Side.B, _ROWS, first.a, first.b)
    copies, links = {}, []
    for number, change in enumerate(first.plan.changes):
        after: dict[str, Value] = {name: pair[1] for name, pair in change.fields.items()}
        copy = Record(f"b{number}", {**after, EXTERNAL_ID: change.link_id})
        base = base_of(lanes, records[change.source_id], copy, {})
        copies[copy.id] = copy
        links.append(Link(change.link_id, change.source_id, copy.id, base))
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


def _times(work: Callable[[], object], rounds: int) -> list[float]:
    samples = []
    for _ in range(rounds):
        started = time.thread_time()
        work()
        samples.append(time.thread_time() - started)
    return samples
