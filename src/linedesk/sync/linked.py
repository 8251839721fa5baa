"""The first half of a plan: what becomes of each link. The link is the identity, not the number (S7)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from linedesk.apps.records import Record
from linedesk.sync.evidence import own_id
from linedesk.sync.model import Known, Link
from linedesk.sync.parts import LIGHT, in_parts
from linedesk.sync.standing import Standing, standing, winner
from linedesk.sync.work import Work


def plan_links(work: Work, links: Sequence[Link]) -> Generator[None, None, None]:
    """Plan every link. Where two have one successor, the first gets it."""

    def note(link: Link) -> None:
        source_id, target_id = work.ends(link)
        work.sources.add(source_id)
        work.targets.add(target_id)
        work.link_ids.add(link.id)

    yield from in_parts(links, note, LIGHT)
    successors = yield from _find_successors(work)
    yield from in_parts(links, lambda link: _plan_link(work, link, successors))


@dataclass(frozen=True, slots=True)
class _Successors:
    """Where a record that is not here any more went on: merged into another, or found by Linedesk's id.

    `holders`: link id -> records of the target that hold it and have no link.
    """

    source_merges: dict[str, str]
    target_merges: dict[str, str]
    holders: dict[str, list[str]]

    def holder(self, link: Link, otherwise: str) -> str:
        """The only record that holds the link's id."""
        ids = self.holders.get(link.id, ())
        return ids[0] if len(ids) == 1 else otherwise


def _find_successors(work: Work) -> Generator[None, None, _Successors]:
    found = _Successors(dict(work.source.merged), dict(work.target.merged), {})

    def look_at_source(record: Record) -> None:
        for former in record.former_ids:
            found.source_merges.setdefault(former, record.id)

    def look_at_target(record: Record) -> None:
        for former in record.former_ids:
            found.target_merges.setdefault(former, record.id)
        held = own_id(record, work.target)
        if held and held in work.link_ids and record.id not in work.targets:
            found.holders.setdefault(held, []).append(record.id)

    yield from in_parts(work.source.records.values(), look_at_source, LIGHT)
    yield from in_parts(work.target.records.values(), look_at_target, LIGHT)
    return found


def _plan_link(work: Work, link: Link, successors: _Successors) -> None:
    source_id, target_id = work.ends(link)
    found_source = _follow(work.source, source_id, work.sources, winner(successors.source_merges, source_id))
    found_target = _follow(work.target, target_id, work.targets, winner(successors.target_merges, target_id))
    if found_target == target_id:
        holder = successors.holder(link, target_id) if work.connection.external_ids else target_id
        found_target = _follow(work.target, target_id, work.targets, holder)
    tied = work.tie(link, found_source, found_target)
    of_source, of_target = standing(work.source, found_source), standing(work.target, found_target)
    if of_source is not Standing.HERE:
        _without_source(work, tied, of_source, of_target)
    elif of_target is not Standing.HERE:
        _without_target(work, tied, of_target)
    else:
        moved = tied is not link
        reason = "The record that it was linked with goes on as this one." if moved else ""
        work.bring_in_step(tied, link, reason)


def _follow(known: Known, record_id: str, taken: set[str], successor: str) -> str:
    """The record's successor, where it is not here itself and nobody else's link has the successor."""
    if successor == record_id or standing(known, record_id) is Standing.HERE:
        return record_id
    if successor in taken or standing(known, successor) is not Standing.HERE:
        return record_id
    taken.add(successor)
    return successor


def _without_source(work: Work, link: Link, of_source: Standing, of_target: Standing) -> None:
    """Nothing is written and nothing deleted; the link stays, for a record that comes back."""
    source_id, target_id = work.ends(link)
    account = work.source.account
    if of_source is Standing.DELETED:
        reason = f"It was deleted in {account}; its counterpart is left as it is."
        work.set_state(link, work.gone(work.source_side), reason)
        if of_target is Standing.HERE:
            work.held[target_id] = link
    elif of_source is Standing.BLOCKED:
        reason = f"It is blocked in {account}."
    else:
        reason = f"{account} has not told of it; nothing is known about it."
    work.skip(source_id, reason)


def _without_target(work: Work, link: Link, of_target: Standing) -> None:
    source_id, _ = work.ends(link)
    account = work.target.account
    if of_target is Standing.DELETED:
        reason = f"Its counterpart was deleted in {account}, and is not made again."
        work.set_state(link, work.gone(work.lanes.to), reason)
    elif of_target is Standing.BLOCKED:
        reason = f"Its counterpart is blocked in {account}."
    else:
        reason = f"{account} has not told of its counterpart; nothing is known about it."
    work.skip(source_id, reason)
