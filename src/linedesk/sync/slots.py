"""Puts a list of values into named places, so that nothing moves that need not (J08). Pure.

A value that has a place keeps it, whatever the list's order or the value's label says now. A new one takes
the free place that its label fits, else the first free one. What finds none is left out and comes in as
soon as a place is free.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from linedesk.sync.labels import FAX, UNLIKE, likeness


@dataclass(frozen=True, slots=True)
class Place:
    """A place for one value, or for any number of them (`many`). `label` is canonical (`sync.labels`)."""

    name: str
    label: str
    many: bool = False
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A value to be placed. Two with an equal `key` are the same value; `label` is canonical."""

    key: Hashable
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """What each place holds, in order, and what found no place."""

    held: Mapping[str, tuple[Item, ...]]
    left_out: tuple[Item, ...]


def assign(places: Sequence[Place], wanted: Sequence[Item], holds: Mapping[str, Sequence[Item]]) -> Assigned:
    """`holds`: what is in each place now, as it is spelt there; it keeps that spelling."""
    keys = {item.key for item in wanted}
    held = {place.name: [item for item in holds.get(place.name, ()) if item.key in keys] for place in places}
    placed = {item.key for items in held.values() for item in items}
    fresh: dict[Hashable, Item] = {}
    for item in wanted:
        if item.key not in placed:
            fresh.setdefault(item.key, item)
    unlike = _put(places, held, fresh.values(), UNLIKE - 1)
    left_out = _put(places, held, unlike, 2 * UNLIKE)
    return Assigned({name: tuple(items) for name, items in held.items()}, tuple(left_out))


def _put(
    places: Sequence[Place], held: Mapping[str, list[Item]], items: Iterable[Item], most: int
) -> list[Item]:
    """Puts each item into the best place that is at most so unlike; those that found none."""
    left: list[Item] = []
    for item in items:
        place = _best(places, held, item, most)
        (left if place is None else held[place.name]).append(item)
    return left


def _best(places: Sequence[Place], held: Mapping[str, list[Item]], item: Item, most: int) -> Place | None:
    """The free place that suits best, the first of equals; None when none is at most so unlike as `most`."""
    free = [place for place in places if _is_free(place, held, item)]
    best = min(free, key=lambda place: _unlikeness(place, item), default=None)
    return best if best is not None and _unlikeness(best, item) <= most else None


def _is_free(place: Place, held: Mapping[str, list[Item]], item: Item) -> bool:
    if place.longest is not None and len(item.text) > place.longest:
        return False
    return place.many or not held[place.name]


def _unlikeness(place: Place, item: Item) -> int:
    """A list takes what has no place of its own; a number to talk to goes to a fax place last of all."""
    unlike = likeness(item.label, place.label) if item.label else UNLIKE
    if unlike < UNLIKE:
        return unlike
    if place.label == FAX:
        return UNLIKE + 2
    return UNLIKE + place.many
