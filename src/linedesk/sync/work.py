"""A plan in the making: what both halves of the planner look things up in and add to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace

from linedesk.apps.records import Record
from linedesk.sync.evidence import own_id
from linedesk.sync.merge import Lanes, Merged, merge
from linedesk.sync.model import (
    Change,
    Connection,
    Known,
    Link,
    Linking,
    LinkState,
    Op,
    Problem,
    Side,
    Skipped,
    Waiting,
)
from linedesk.sync.parts import let_go


@dataclass(slots=True)
class Work:
    """`held`: links that lost their source, by the id of the target's record, which may have a successor."""

    connection: Connection
    lanes: Lanes
    new_id: Callable[[], str]
    changes: list[Change] = field(default_factory=list)
    linkings: dict[str, Linking] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    same: int = 0
    sources: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    link_ids: set[str] = field(default_factory=set)
    held: dict[str, Link] = field(default_factory=dict)

    @property
    def source(self) -> Known:
        return self.lanes.source

    @property
    def target(self) -> Known:
        return self.lanes.target

    @property
    def source_side(self) -> Side:
        return self.lanes.to.other

    def ends(self, link: Link) -> tuple[str, str]:
        """Ids of the link's source record and of its target record."""
        return (link.a_id, link.b_id) if self.lanes.to is Side.B else (link.b_id, link.a_id)

    def tie(self, link: Link, source_id: str, target_id: str) -> Link:
        """The link between these two, whatever it tied before."""
        a_id, b_id = (source_id, target_id) if self.lanes.to is Side.B else (target_id, source_id)
        if (link.a_id, link.b_id) == (a_id, b_id):
            return link
        return replace(link, a_id=a_id, b_id=b_id)

    def gone(self, side: Side) -> LinkState:
        return LinkState.A_GONE if side is Side.A else LinkState.B_GONE

    def skip(self, record_id: str, reason: str) -> None:
        self.skipped.append(Skipped(self.source_side, record_id, reason))

    def set_state(self, link: Link, state: LinkState, reason: str) -> None:
        """Note that a link's record is gone, once."""
        if link.state is not state:
            self.linkings[link.id] = Linking(replace(link, state=state), reason)

    def bring_in_step(self, link: Link, stored: Link | None, reason: str) -> None:
        """Write what the link's target lacks; without any, store the link if it differs from `stored`.

        `reason`: why these two belong together, for a link that is new or ties another record.
        """
        source_id, target_id = self.ends(link)
        target = self.target.records[target_id]
        merged = merge(self.lanes, self.source.records[source_id], target, link.base)
        if link is stored and merged.base is link.base and link.state is LinkState.ACTIVE:
            self.same += 1  # most links of most runs
            return
        if merged.fields:
            why = reason or self._why(merged.restores)
            self.changes.append(self._update(link, target, merged, why))
            self.linkings.pop(link.id, None)
            return
        settled = replace(link, base=merged.base, state=LinkState.ACTIVE)
        if settled == stored:
            self.same += 1
        else:
            self.linkings[link.id] = Linking(settled, reason or "Both say the same again.")

    def person_id(self, source: Record, target: Record | None = None) -> str:
        """The id for a new link: Linedesk's own that a record holds already, else a new one.

        All connections of a book share the id of a person, so that links can be rebuilt from either.
        """
        held = [own_id(source, self.source)] if self.connection.external_ids else []
        if target is not None and held:
            held.append(own_id(target, self.target))
        found = next((each for each in held if each and each not in self.link_ids), None) or self.new_id()
        self.link_ids.add(found)
        return found

    def forget(self) -> Generator[None, None, None]:
        """Let go of what only the making needed, in slices: sets of 100,000 ids take their time to go."""
        for each in (self.sources, self.targets, self.link_ids, self.held):
            yield from let_go(each)

    def _why(self, restores: bool) -> str:
        if restores:
            return f"It was changed in {self.target.account}, and {self.source.account} is what counts."
        return f"It was changed in {self.source.account}."

    def _update(self, link: Link, target: Record, merged: Merged, reason: str) -> Change:
        return Change(
            side=self.lanes.to,
            op=Op.UPDATE,
            link_id=link.id,
            record_id=target.id,
            source_id=self.ends(link)[0],
            fields=merged.fields,
            reason=reason,
            notes=merged.notes,
            version=target.version,
        )
