"""When a plan changes nothing until a person approves it exactly as it is shown (S17). Pure.

A side that came back empty, many deletes, many new records, many emptied fields, and one id of Linedesk's on
two records (which the planner finds by itself) are as likely a fault as somebody's wish.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable
from dataclasses import dataclass

from linedesk.sync.model import Brake, Change, Connection, Known, Link, LinkState, Op, Plan
from linedesk.sync.parts import LIGHT, in_parts
from linedesk.sync.standing import Standing, standing
from linedesk.sync.values import is_blank


def brakes_of(
    plan: Plan, connection: Connection, a: Known, b: Known, links: Collection[Link], *, first_by_person: bool
) -> tuple[Brake, ...]:
    """The brakes of a plan, those included that it has already.

    `links`: as they are stored. `first_by_person`: a first run that a person started may make any number.
    """
    steps = brakes_in_slices(plan, connection, a, b, links, first_by_person=first_by_person)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            brakes: tuple[Brake, ...] = end.value
            return brakes


def brakes_in_slices(
    plan: Plan, connection: Connection, a: Known, b: Known, links: Collection[Link], *, first_by_person: bool
) -> Generator[None, None, tuple[Brake, ...]]:
    """`brakes_of`, with a pause after every few records."""
    counts = _Counts()
    yield from in_parts(plan.changes, counts.add, LIGHT)
    is_linked = any(link.state is LinkState.ACTIVE for link in links)
    brakes = [*plan.brakes]
    for known in (a, b) if is_linked else ():
        brakes += _empty(known)
    limits = connection.brakes
    brakes += _deletes(counts.deletes, len(links), limits.deletes, limits.deletes_percent)
    brakes += [] if first_by_person else _more(counts.creates, limits.creates, "creates", "make", "records")
    brakes += _more(counts.blanks, limits.blanks, "blanks", "empty", "fields that have a value")
    return tuple(brakes)


@dataclass(slots=True)
class _Counts:
    deletes: int = 0
    creates: int = 0
    blanks: int = 0

    def add(self, change: Change) -> None:
        match change.op:
            case Op.DELETE:
                self.deletes += 1
            case Op.CREATE:
                self.creates += 1
            case Op.UPDATE:
                self.blanks += sum(
                    is_blank(pair[1]) and not is_blank(pair[0]) for pair in change.fields.values()
                )


def _empty(known: Known) -> Iterable[Brake]:
    """A side of which everything was read and nothing is there, though there were links (H04)."""
    if known.whole and not any(standing(known, each) is Standing.HERE for each in known.records):
        yield Brake("empty-side", f"{known.account} came back empty, though its records were linked.")


def _deletes(count: int, links: int, most: int, percent: int) -> Iterable[Brake]:
    """One delete alone is no flood, however few links there are."""
    is_over = most and count > most
    is_share = percent and count > 1 and count * 100 > links * percent
    if is_over or is_share:
        limits = [f"{most} deletes"] * bool(most) + [f"{percent} % of {links} links"] * bool(percent)
        yield Brake("deletes", f"It would delete {count} records; the brake is at {' and at '.join(limits)}.")


def _more(count: int, most: int, kind: str, verb: str, what: str) -> Iterable[Brake]:
    if most and count > most:
        yield Brake(kind, f"It would {verb} {count} {what}; the brake is at {most}.")
