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


def is_spelling(read_back: Value, sent: Value) -> bool:
    """Whether a text may be what an app made of the one that was sent: other letter case, spaces or marks,
    or only its beginning."""
    if not isinstance(read_back, str) or not isinstance(sent, str) or is_blank(read_back):
        return False
    return _bare(sent).startswith(_bare(read_back))


def _bare(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def restored(now: Value, before: Value, written: Value, info: FieldInfo, plan: NumberPlan) -> Value:
    """What the field gets, so that it is as before the write; raises `NotHeld`."""
    if same(now, written, info.kind, plan):
        return _empty(now) if is_blank(before) else before
    if not any(isinstance(each, tuple) for each in (now, before, written)):
        raise NotHeld
    held, old, new = _items(now), _items(before), _items(written)
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
