"""The same two books with A and B swapped, their policies, rules, links and answers with them (S9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from linedesk.sync.model import (
    Agreed,
    Answer,
    Applied,
    Connection,
    Decision,
    Direction,
    Link,
    LinkState,
    Plan,
    Question,
    Side,
)
from linedesk.sync.plan import make_plan
from linedesk.sync.policies import Conflict
from sync.plan_house import Houses, mirrored

_DIRECTIONS = {Direction.TO_A: Direction.TO_B, Direction.TO_B: Direction.TO_A}
_CONFLICTS = {Conflict.A: Conflict.B, Conflict.B: Conflict.A}
_STATES = {LinkState.A_GONE: LinkState.B_GONE, LinkState.B_GONE: LinkState.A_GONE}
_ANSWERS = {Answer.KEEP_A: Answer.KEEP_B, Answer.KEEP_B: Answer.KEEP_A}


def mirror_plan(houses: Houses) -> Plan:
    """What is planned when the sides are swapped."""
    a, b = houses.known()
    rows = mirrored(
        replace(row, conflict=_CONFLICTS.get(row.conflict, row.conflict) if row.conflict else None)
        for row in houses.rows
    )
    links = [_turned(link) for link in houses.links.values()]
    decisions = [_said(each) for each in houses.decisions]
    return make_plan(_connection(houses.ruled()), rows, b, a, links, decisions, houses.new_id)


def mirror_of(houses: Houses) -> list[tuple[object, ...]]:
    """The writes of that plan."""
    return writes(mirror_plan(houses))


def writes(plan: Plan, *, turned: bool = False) -> list[tuple[object, ...]]:
    """What is written, in an order of its own, without link ids; `turned`: on the other side each."""
    return sorted(
        (
            (each.side.other if turned else each.side).value,
            each.op.value,
            str(each.record_id),
            each.source_id,
            sorted(each.fields.items()),
        )
        for each in plan.changes
    )


def told(plan: Plan, *, turned: bool = False) -> set[tuple[object, ...]]:
    """What the plan says of records that it leaves: who waits and who is skipped, by kind."""

    def side(each: Side) -> str:
        return (each.other if turned else each).value

    waits: Iterable[tuple[object, ...]] = (
        (side(each.side), each.record_id, each.question.value, each.candidates)
        for each in plan.waiting
        if each.question is not Question.CONFLICT
    )
    skips: Iterable[tuple[object, ...]] = (
        (side(each.side), each.record_id, each.kind.value) for each in plan.skipped
    )
    return {*waits, *skips}


def _connection(connection: Connection) -> Connection:
    return replace(
        connection,
        a=connection.b,
        b=connection.a,
        direction=_DIRECTIONS.get(connection.direction, connection.direction),
        conflict=_CONFLICTS.get(connection.conflict, connection.conflict),
        tie=connection.tie.other,
        rules=tuple(replace(rule, to=rule.to.other) for rule in connection.rules),
    )


def _turned(link: Link) -> Link:
    base = {_key(key): Agreed(each.b, each.a) for key, each in link.base.items()}
    applied = {
        f"{each.side.other}:{key.partition(':')[2]}": _effect(each) for key, each in link.applied.items()
    }
    return Link(link.id, link.b_id, link.a_id, base, _STATES.get(link.state, link.state), applied)


def _effect(applied: Applied) -> Applied:
    return replace(applied, side=applied.side.other)


def _key(key: str) -> str:
    a, b = key.split("=")
    return f"{b}={a}"


def _said(decision: Decision) -> Decision:
    return replace(decision, side=decision.side.other, answer=_ANSWERS.get(decision.answer, decision.answer))
