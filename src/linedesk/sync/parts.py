"""Long pure work with pauses in it, counted in items: a pure module knows no clock. Pure.

Whoever runs the work looks at the time at each pause and lets others run when a slice is used up.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeVar

RECORDS = 4
"""A pause after so many records: at the worst a few milliseconds each, mostly a tenth of one."""

STEPS = 50
"""A pause after so many items that take some ten microseconds each."""

LIGHT = 250
"""A pause after so many items that take a microsecond or two."""

T = TypeVar("T")


def in_parts(
    items: Iterable[T], do: Callable[[T], object], size: int = RECORDS
) -> Generator[None, None, None]:
    """Do something with each item, with a pause after every `size`."""
    for count, item in enumerate(items, 1):
        do(item)
        if count % size == 0:
            yield


def let_go(held: set[Any] | dict[Any, Any] | list[Any]) -> Generator[None, None, None]:
    """Empty a collection, with pauses: to drop 100,000 items at once takes tens of milliseconds."""
    while held:
        for _ in range(min(LIGHT, len(held))):
            if isinstance(held, dict):
                held.popitem()
            else:
                held.pop()
        yield
