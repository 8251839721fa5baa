"""The plan of a run: what a connection's two sides lack, as changes, links, questions and problems. Pure.

Both sides are alike: each is written as far as the connection's direction and its rules say. The link is the
identity. What has none is paired before anything is made, and an unsure pair waits for a person. Nothing is
deleted unless the policy says so. `sync.decision_table` has every case; `sync.linked` says what becomes of
links, `sync.unlinked` of the rest, and `sync.brakes` when nothing of it is done without a person.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence

from linedesk.errors import SyncImpossible
from linedesk.sync.answers import said
from linedesk.sync.conditions import Judge
from linedesk.sync.content_hash import ContentHash
from linedesk.sync.linked import plan_links
from linedesk.sync.mapping import check_rows
from linedesk.sync.merge import rows_between
from linedesk.sync.model import Connection, Decision, Known, Link, MappingRow, Plan, Side
from linedesk.sync.parts import STEPS, in_parts
from linedesk.sync.unlinked import plan_unlinked
from linedesk.sync.work import Work


def make_plan(  # noqa: PLR0917 - the parts of a run, each named by its type
    connection: Connection,
    rows: Sequence[MappingRow],
    a: Known,
    b: Known,
    links: Iterable[Link],
    decisions: Iterable[Decision],
    new_id: Callable[[], str],
) -> Plan:
    """The whole plan at once. Raises `SyncImpossible` for rows that can't work.

    `connection.rules` are the rules that count; the usual ones are the caller's to put in
    (`conditions.usual_rules`). `new_id` gives link ids that begin with `LINK_ID_PREFIX`.
    """
    steps = plan_in_slices(connection, rows, a, b, links, decisions, new_id)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            plan: Plan = end.value
            return plan


def plan_in_slices(  # noqa: PLR0917 - as make_plan
    connection: Connection,
    rows: Sequence[MappingRow],
    a: Known,
    b: Known,
    links: Iterable[Link],
    decisions: Iterable[Decision],
    new_id: Callable[[], str],
) -> Generator[None, None, Plan]:
    """`make_plan`, with a pause after every few records; the plan is the generator's return."""
    faults = check_rows(rows, a.fields, b.fields, connection.direction)
    if faults:
        raise SyncImpossible(f"The mapping of {connection.name} can't work. " + " ".join(faults))
    work = _begin(connection, rows, a, b, decisions, new_id)
    yield
    yield from plan_links(work, links if isinstance(links, tuple) else tuple(links))
    yield from plan_unlinked(work)
    content = ContentHash()
    yield from in_parts(work.changes, content.add, STEPS)
    yield from work.forget()
    return _plan(work, content)


def _begin(  # noqa: PLR0917 - as make_plan
    connection: Connection,
    rows: Sequence[MappingRow],
    a: Known,
    b: Known,
    decisions: Iterable[Decision],
    new_id: Callable[[], str],
) -> Work:
    sources = {Side.B: a, Side.A: b}
    rules = connection.rules
    written = {side: source for side, source in sources.items() if connection.direction.writes(side)}
    return Work(
        connection=connection,
        lanes=rows_between(rows, a, b, connection),
        a=a,
        b=b,
        judges={side: Judge(rules, side, source) for side, source in written.items()},
        active=frozenset(rule.to for rule in rules if rule.enabled and rule.actions),
        said=said(decisions),
        new_id=new_id,
    )


def _plan(work: Work, content: ContentHash) -> Plan:
    return Plan(
        connection=work.connection.name,
        changes=tuple(work.changes),
        linkings=tuple(work.linkings.values()),
        waiting=tuple(work.waiting),
        skipped=tuple(work.skipped),
        problems=tuple(work.problems),
        unread=tuple(work.unread),
        brakes=tuple(work.brakes),
        same=work.same,
        hash=content.text(),
    )
