"""Whether a field still holds what was written, and its old value if it does (S18). Pure.

Of a field with many values each element counts by itself: what a person added beside ours stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from linedesk.apps.records import Entry, FieldInfo, Value
from linedesk.numbers.model import NumberPlan
from linedesk.sync.values import is_blank, same


class NotHeld(Exception):
    """No error: somebody changed the field since."""


def holds(now: Value, sent: Value, info: FieldInfo, plan: NumberPlan) -> bool:
    """Whether a field has what was sent, spelled as it may be, or the beginning of it.

    An app may keep only the beginning of a text and fold its white space, and not say so.
    """
    if same(now, sent, info.kind, plan):
        return True
    if not isinstance(now, str) or not isinstance(sent, str) or not now.strip():
        return False
    return "".join(sent.split()).startswith("".join(now.split()))


def restored(now: Value, before: Value, sent: Value, info: FieldInfo, plan: NumberPlan) -> Value:
    """What the field gets, so that it is as before the write; raises `NotHeld`."""
    if holds(now, sent, info, plan):
        return _empty(now) if is_blank(before) else before
    if not any(isinstance(each, tuple) for each in (now, before, sent)):
        raise NotHeld
    held, old, new = _items(now), _items(before), _items(sent)
    added = _without(new, old, info, plan)
    removed = _without(old, new, info, plan)
    if _without(added, held, info, plan) or len(_without(removed, held, info, plan)) < len(removed):
        raise NotHeld
    return _as_value([*_without(held, added, info, plan), *removed])


def _empty(now: Value) -> Value:
    """The empty value of the type that the field has."""
    if isinstance(now, tuple):
        return ()
    return "" if isinstance(now, str) else None


def _items(value: Value) -> list[str | Entry]:
    if isinstance(value, tuple):
        return list(value)
    return [] if value is None or is_blank(value) else [str(value)]


def _without(
    items: Sequence[str | Entry], others: Sequence[str | Entry], info: FieldInfo, plan: NumberPlan
) -> list[str | Entry]:
    """Those of `items` that are not among `others`."""
    return [
        each
        for each in items
        if not any(same(_as_value([each]), _as_value([other]), info.kind, plan) for other in others)
    ]


def _as_value(items: Sequence[str | Entry]) -> Value:
    if all(isinstance(each, str) for each in items):
        return tuple(each for each in items if isinstance(each, str))
    return tuple(each if isinstance(each, Entry) else Entry(each) for each in items)
