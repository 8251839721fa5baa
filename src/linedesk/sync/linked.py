"""The first half of a plan: what becomes of each link. The link is the identity, not the number (S7)."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field

from linedesk.apps.records import Record
from linedesk.sync.deletes import is_new, leave, plan_counterpart
from linedesk.sync.evidence import own_id
from linedesk.sync.in_step import bring_in_step
from linedesk.sync.made_again import plan_held
from linedesk.sync.model import Brake, Link, LinkState, Side, SkipKind
from linedesk.sync.parts import LIGHT, in_parts, let_go
from linedesk.sync.standing import Standing, standing, winner
from linedesk.sync.vanished import plan_vanished
from linedesk.sync.work import Work, end, gone_state, tied

_MOVED = "The record that it was linked with goes on as this one."


def plan_links(work: Work, links: Sequence[Link]) -> Generator[None, None, None]:
    """Plan every link. Where two have one successor, the first gets it."""

    for start in range(0, len(links), LIGHT):
        part = links[start : start + LIGHT]
        work.linked[Side.A].update([link.a_id for link in part])
        work.linked[Side.B].update([link.b_id for link in part])
        work.link_ids.update([link.id for link in part])
        yield
    successors = {side: _Successors(dict(work.known(side).merged)) for side in Side}
    for side in Side:
        yield from _find_successors(work, side, successors[side])
    vanished: dict[Side, list[Link]] = {side: [] for side in Side}
    yield from in_parts(links, lambda link: _plan_link(work, link, successors, vanished))
    for side in Side:
        yield from plan_vanished(work, vanished[side], side)


@dataclass(slots=True)
class _Successors:
    """Where records of a side that are not here any more went on: merged into another, or found by
    Linedesk's id. `holders`: link id -> records that hold it and have no link.
    """

    merges: dict[str, str]
    holders: dict[str, list[str]] = field(default_factory=dict)

    def holder(self, link: Link, otherwise: str) -> str:
        """The only record that holds the link's id."""
        ids = self.holders.get(link.id, ())
        return ids[0] if len(ids) == 1 else otherwise


def _find_successors(work: Work, side: Side, found: _Successors) -> Generator[None, None, None]:
    """Look through a side; two records that hold one id of Linedesk's are a brake (S17)."""
    known, linked = work.known(side), work.linked[side]
    has_ids = work.connection.external_ids and known.external_id_field is not None
    seen: dict[str, str] = {}

    def look(record: Record) -> None:
        for former in record.former_ids:
            found.merges.setdefault(former, record.id)
        held = own_id(record, known) if has_ids else ""
        if not held:
            return
        if record.id not in linked and held in work.link_ids:
            found.holders.setdefault(held, []).append(record.id)
        other = seen.setdefault(held, record.id)
        if other != record.id and standing(known, record.id) is Standing.HERE:
            seen[held] = record.id
            if standing(known, other) is Standing.HERE:
                sentence = (
                    f"The records {other} and {record.id} of {known.account} hold one id of Linedesk's."
                )
                work.brakes.append(Brake("claimed-twice", sentence))

    yield from in_parts(known.records.values(), look, LIGHT)
    yield from let_go(seen)


def _plan_link(
    work: Work,
    link: Link,
    successors: Mapping[Side, _Successors],
    vanished: Mapping[Side, list[Link]],
) -> None:
    if link.state is LinkState.ACTIVE and _are_here(work, link):
        bring_in_step(work, link, link)  # most links of most runs
        return
    now = tied(link, *(_follow(work, link, side, successors[side]) for side in Side))
    stand = {side: standing(work.known(side), end(now, side)) for side in Side}
    here = [side for side in Side if stand[side] is Standing.HERE]
    gone = [side for side in Side if stand[side] is Standing.DELETED]
    if link.state is LinkState.HELD and plan_held(work, now, link, here, gone):
        return
    if len(here) == len(Side):
        bring_in_step(work, now, link, "" if now is link else _MOVED)
    elif len(gone) == 1 and len(here) == 1:
        _plan_gone(work, now, gone[0], vanished)
    elif gone:
        _both_away(work, now, gone)
    else:
        _tell(work, now, stand)


def _are_here(work: Work, link: Link) -> bool:
    """Whether both records of a link are there, as they are mostly."""
    return standing(work.a, link.a_id) is Standing.HERE and standing(work.b, link.b_id) is Standing.HERE


def _follow(work: Work, link: Link, side: Side, successors: _Successors) -> str:
    """The id of the link's record of `side`, or of its successor: where it is not here itself and nobody
    else's link has the successor."""
    known, record_id = work.known(side), end(link, side)
    if standing(known, record_id) is Standing.HERE:
        return record_id
    for successor in (winner(successors.merges, record_id), successors.holder(link, record_id)):
        taken = work.linked[side]
        if successor not in taken and standing(known, successor) is Standing.HERE:
            taken.add(successor)
            return successor
    return record_id


def _plan_gone(work: Work, link: Link, gone: Side, vanished: Mapping[Side, list[Link]]) -> None:
    """The record of `gone` was deleted, the other is there, and may have a successor that nobody named."""
    if work.is_source(gone):
        work.held[gone.other][end(link, gone.other)] = link
    if is_new(link):
        vanished[gone].append(link)
    else:
        plan_counterpart(work, link, gone)


def _both_away(work: Work, link: Link, gone: Sequence[Side]) -> None:
    """Both are gone, or one of them is and the other can't be looked at. The link is kept."""
    if len(gone) == 1:
        account = work.known(gone[0]).account
        side = work.told_of(gone[0])
        reason = (
            f"It was deleted in {account}; what becomes of its counterpart is decided when that is there."
        )
        if side is not gone[0]:
            reason = f"Its counterpart was deleted in {account}, and is not made again."
        work.skip(side, end(link, side), reason, SkipKind.GONE)
        return
    side = work.first if is_new(link) else next(each for each in Side if link.state is gone_state(each))
    leave(work, link, side, f"It was deleted in {work.a.account} and in {work.b.account}.")


def _tell(work: Work, link: Link, stand: Mapping[Side, Standing]) -> None:
    """A record is blocked, or was not told of; nothing is decided."""
    order = (work.first, work.first.other)
    side = next((each for each in order if stand[each] is Standing.BLOCKED), None)
    kind = SkipKind.UNTOLD if side is None else SkipKind.BLOCKED
    side = side or next(each for each in order if stand[each] is Standing.UNREAD)
    account, told = work.known(side).account, work.told_of(side)
    whose = "It" if told is side else "Its counterpart"
    if kind is SkipKind.BLOCKED:
        reason = f"{whose} is blocked in {account}."
    else:
        reason = f"{whose} was not told of by {account} yet; nothing is known about it."
    work.skip(told, end(link, told), reason, kind)
