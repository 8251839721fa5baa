"""A persistent mapping: `put` gives a new one and leaves the old as it was, at the price of one bucket.

The tracker keeps every call of a day in it, so copying a whole dict for each event is out of the question.
It knows nothing of calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_BUCKETS = 512


class Shelf(Generic[K, V]):
    """Immutable from outside. Within a bucket the order is the order of first `put`."""

    __slots__ = ("_buckets",)

    def __init__(self, _buckets: tuple[dict[K, V], ...] | None = None) -> None:
        self._buckets = _buckets if _buckets is not None else ({},) * _BUCKETS

    @classmethod
    def of(cls, pairs: Iterable[tuple[K, V]]) -> Shelf[K, V]:
        """A shelf with all of `pairs`, as if each had been put: without the price of a bucket for each."""
        buckets: tuple[dict[K, V], ...] = tuple({} for _ in range(_BUCKETS))
        for key, value in pairs:
            buckets[hash(key) % _BUCKETS][key] = value
        return cls(buckets)

    def get(self, key: K) -> V | None:
        """The value, or None."""
        return self._buckets[hash(key) % _BUCKETS].get(key)

    def put(self, key: K, value: V) -> Shelf[K, V]:
        """A shelf in which `key` holds `value`."""
        return self._with(key, {**self._buckets[hash(key) % _BUCKETS], key: value})

    def drop(self, key: K) -> Shelf[K, V]:
        """A shelf without `key`; itself if it was not there."""
        bucket = self._buckets[hash(key) % _BUCKETS]
        if key not in bucket:
            return self
        return self._with(key, {each: value for each, value in bucket.items() if each != key})

    def items(self) -> Iterator[tuple[K, V]]:
        """All pairs, in no promised order over buckets."""
        for bucket in self._buckets:
            yield from bucket.items()

    def values(self) -> Iterator[V]:
        """All values, in the order of `items`."""
        for bucket in self._buckets:
            yield from bucket.values()

    def eldest(self) -> Iterator[Iterator[tuple[K, V]]]:
        """For each bucket its pairs, first put first: to look only at the head of each."""
        for bucket in self._buckets:
            if bucket:
                yield iter(bucket.items())

    def changed(self, new: Shelf[K, V]) -> Iterator[tuple[dict[K, V], dict[K, V]]]:
        """The buckets that are not the same object in `new`, as (here, there). Read only."""
        for here, there in zip(self._buckets, new._buckets, strict=True):
            if here is not there:
                yield here, there

    def __len__(self) -> int:
        return sum(map(len, self._buckets))

    def _with(self, key: K, bucket: dict[K, V]) -> Shelf[K, V]:
        at = hash(key) % _BUCKETS
        return Shelf((*self._buckets[:at], bucket, *self._buckets[at + 1 :]))
