"""A plan in the making: what the parts of the planner look things up in and add to. Pure.

Both sides are alike here. A side is *written* when the connection's direction says so; its other side is then
a *source*, and what happens to the records of a source is told.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace

from linedesk.apps.records import Record
from linedesk.sync.answers import Said
from linedesk.sync.conditions import Judge
from linedesk.sync.evidence import own_id
from linedesk.sync.merge import PairLanes
from linedesk.sync.model import (
    Applied,
    Brake,
    Change,
    Connection,
    Known,
    Link,
    Linking,
    LinkState,
    Problem,
    Side,
    SkipKind,
    Skipped,
    Unread,
    Waiting,
)
from linedesk.sync.parts import let_go


@dataclass(slots=True)
class Work:
    """`judges`: the rules towards each written side. `active`: those of them whose rules have actions.

    `linked`: ids of records that a link names. `held`: links that lost the record of their other side, by
    the id of the one that is left, which may have a successor. `again`: those of them whose other record an
    undo took back, and that is made again unless there is a successor. `asked`: ids that a vanished record
    may have become, with the record that it was linked with.
    """

    connection: Connection
    lanes: PairLanes
    a: Known
    b: Known
    judges: Mapping[Side, Judge]
    active: frozenset[Side]
    said: Said
    new_id: Callable[[], str]
    changes: list[Change] = field(default_factory=list)
    linkings: dict[str, Linking] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    brakes: list[Brake] = field(default_factory=list)
    same: int = 0
    linked: Mapping[Side, set[str]] = field(default_factory=lambda: {side: set() for side in Side})
    held: Mapping[Side, dict[str, Link]] = field(default_factory=lambda: {side: {} for side in Side})
    again: Mapping[Side, dict[str, Link]] = field(default_factory=lambda: {side: {} for side in Side})
    asked: Mapping[Side, dict[str, str]] = field(default_factory=lambda: {side: {} for side in Side})
    link_ids: set[str] = field(default_factory=set)

    def known(self, side: Side) -> Known:
        return self.a if side is Side.A else self.b

    @property
    def first(self) -> Side:
        """The side that is told of where both are alike: the source, else the one that counts (S9)."""
        return self.connection.tie if len(self.judges) > 1 else next(iter(self.judges)).other

    def is_source(self, side: Side) -> bool:
        return side.other in self.judges

    def told_of(self, side: Side) -> Side:
        """The side whose record is told of when something happened on `side`."""
        return side if self.is_source(side) else side.other

    def skip(self, side: Side, record_id: str, reason: str, kind: SkipKind, trace: str = "") -> None:
        self.skipped.append(Skipped(side, record_id, reason, kind, trace))

    def store(self, link: Link, stored: Link | None, reason: str) -> bool:
        """Have the link stored if it is another than `stored`; whether it is."""
        if link is stored or link == stored:
            return False
        self.linkings[link.id] = Linking(link, reason)
        return True

    def person_id(self, a: Record | None, b: Record | None) -> str:
        """The id for a new link: Linedesk's own that a record holds already, else a new one.

        All connections of a book share the id of a person, so that links can be rebuilt from either.
        """
        records = {Side.A: a, Side.B: b}
        held = (
            own_id(record, self.known(side))
            for side in (self.first, self.first.other)
            if self.connection.external_ids and (record := records[side]) is not None
        )
        found = next((each for each in held if each and each not in self.link_ids), None) or self.new_id()
        self.link_ids.add(found)
        return found

    def forget(self) -> Generator[None, None, None]:
        """Let go of what only the making needed, in slices: sets of 100,000 ids take their time to go."""
        for side in Side:
            yield from let_go(self.linked[side])
            yield from let_go(self.held[side])
            yield from let_go(self.again[side])
            yield from let_go(self.asked[side])
        yield from let_go(self.link_ids)


def end(link: Link, side: Side) -> str:
    """The id of the link's record of `side`."""
    return link.a_id if side is Side.A else link.b_id


def tied(link: Link, a_id: str, b_id: str) -> Link:
    """The link between these two, whatever it tied before."""
    return link if (link.a_id, link.b_id) == (a_id, b_id) else replace(link, a_id=a_id, b_id=b_id)


def gone_state(side: Side) -> LinkState:
    """The state of a link whose record of `side` was deleted."""
    return LinkState.A_GONE if side is Side.A else LinkState.B_GONE


def with_applied(held: Mapping[str, Applied], new: Mapping[str, Applied | None]) -> Mapping[str, Applied]:
    """What `Link.applied` becomes; the given one itself where nothing changes."""
    if not new:
        return held
    merged = {**held, **new}
    return {key: each for key, each in merged.items() if each is not None}
