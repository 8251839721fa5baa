"""Merges two lists element by element, so that edits of both sides survive (S8). Pure, symmetric in A and B.

An element that one side lacks was either taken out there, if the side had it when both last agreed, or
never was there: then it is added. What found no place on a side is so never taken out of the other (S4).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from linedesk.apps.records import Entry, Value
from linedesk.sync.fitting import Made
from linedesk.sync.merge_rows import SETTLED, Met, Outcome, decide, winner_of, write
from linedesk.sync.model import Side
from linedesk.sync.policies import Blanks
from linedesk.sync.values import elements, is_blank

Element = Entry | str
Elements = Mapping[Hashable, Element]


def decide_list(met: Met) -> Outcome:
    """What a row of lists does. A side that is empty without ever having agreed is no list to be merged."""
    if met.agreed is not None and not any(met.is_edited(side) for side in Side):
        return SETTLED
    is_one_empty = any(is_blank(met.readings[side].value) for side in Side)
    if is_one_empty and (met.agreed is None or met.row.blanks is Blanks.NEVER):
        return decide(met)
    sides = {side: _read(met, side) for side in Side}
    outcomes = [_write(met, to, _merged(met, sides[to.other], sides[to])) for to in Side]
    return Outcome(
        {side: fields for each in outcomes for side, fields in each.writes.items()},
        {side: notes for each in outcomes for side, notes in each.notes.items()},
        settles=all(each.settles for each in outcomes),
    )


@dataclass(frozen=True, slots=True)
class _ListSide:
    """One side's elements by key, now and when both last agreed, and as the other side would hold them."""

    side: Side
    now: Elements
    had: Elements
    told: Mapping[Hashable, tuple[Hashable, Element]]


def _read(met: Met, side: Side) -> _ListSide:
    now = _by_key(met, side, met.readings[side].value)
    told = {key: sent for key, item in now.items() if (sent := _sent(met, side.other, item)) is not None}
    return _ListSide(side, now, _by_key(met, side, met.had(side)), told)


def _by_key(met: Met, side: Side, value: Value) -> dict[Hashable, Element]:
    found: dict[Hashable, Element] = {}
    for key, item in elements(value, met.row.infos[side].kind, met.lanes.known(side).plan):
        found.setdefault(key, item)
    return found


def _sent(met: Met, to: Side, item: Element) -> tuple[Hashable, Element] | None:
    """An element as the side `to` would hold it, with its key there; None: it can't."""
    made = met.lanes.to(to).make(met.row.lanes[to], _alone(item))
    return None if made.left_out else next(iter(_by_key(met, to, made.value).items()), None)


def _merged(met: Met, source: _ListSide, target: _ListSide) -> list[Element]:
    """The target's elements without what the source took out, and with what it put in."""
    back = {key for key, _ in target.told.values()}
    meant = {sent_key: key for key, (sent_key, _) in source.told.items()}
    merged: list[Element] = []
    for key, item in target.now.items():
        at_source = target.told[key][0] if key in target.told else None
        twin = meant.get(key, at_source if at_source in source.now else None)
        if twin is not None:
            merged.append(_respelt(met, source, target, twin, key))
        elif at_source is None or at_source not in source.had:
            merged.append(item)
    for key, (sent_key, sent) in source.told.items():
        is_there = sent_key in target.now or key in back
        if not is_there and sent_key not in target.had:
            merged.append(_like(sent, merged or list(target.had.values())))
    return merged


def _respelt(met: Met, source: _ListSide, target: _ListSide, twin: Hashable, key: Hashable) -> Element:
    """An element of both sides: its label or its spelling follows the side that changed it."""
    item = target.now[key]
    if not _is_respelt(met, source, twin):
        return item
    if _is_respelt(met, target, key) and winner_of(met)[0] is not source.side:
        return item
    return _like(source.told[twin][1], [item]) if twin in source.told else item


def _is_respelt(met: Met, side: _ListSide, key: Hashable) -> bool:
    old, new = side.had.get(key), side.now[key]
    if old is None:
        return False
    return not met.lanes.is_same(met.row, side.side, _alone(old), _alone(new))


def _alone(item: Element) -> Value:
    """A list of this element only."""
    return (item,)  # type: ignore[return-value]  # of one type, whichever it is


def _like(item: Element, others: list[Element]) -> Element:
    """An element in the form that the other elements of its list have: labelled or bare."""
    if not others:
        return item
    if isinstance(others[0], Entry):
        return item if isinstance(item, Entry) else Entry(item)
    return item.value if isinstance(item, Entry) else item


def _write(met: Met, to: Side, merged: list[Element]) -> Outcome:
    value: Value = tuple(merged)  # type: ignore[assignment]  # all entries or all texts, by `_like`
    if met.lanes.is_same(met.row, to, value, met.readings[to].raw):
        return SETTLED
    if not merged and met.row.lanes[to].target.required:
        return SETTLED
    return write(met, to, Made(value))
