"""Phone numbers that regulators set aside for drama and tests: nobody is rung by a mistake of the demo."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

_UK_TOWNS = ("113", "114", "116", "117", "118", "121", "131", "141", "151", "161")
_US_AREAS = ("212", "213", "214", "303", "305", "312", "404", "415", "503", "512", "602", "617", "702", "713")
_US_MORE = ("206", "202", "203", "215", "216", "301", "313", "314", "319", "401", "408", "410", "412", "414")


def numbers(country: str) -> Iterator[str]:
    """Each number of a country's ranges once, in E.164, most familiar range first."""
    return _RANGES[country]()


def _count(prefix: str, digits: int, start: int = 0) -> Iterator[str]:
    return (f"{prefix}{index:0{digits}d}" for index in range(start, 10**digits))


def _gb() -> Iterator[str]:
    # The first hundred of London belong to the demo's own main number and its fixed contacts.
    london, mobile = _count("+4420794605", 2), _count("+447700900", 3, 300)
    more = (_count(f"+442079460{block}", 2) for block in "6789")
    towns = (_count(f"+44{town}4960", 3) for town in _UK_TOWNS)
    return chain(_alternate(london, mobile), *more, *towns, _count("+44191498", 4), _count("+442920180", 3))


def _us() -> Iterator[str]:
    return chain(*(_count(f"+1{area}55501", 2) for area in (*_US_AREAS, *_US_MORE)))


def _de() -> Iterator[str]:
    prefixes = ("+494066969", "+496990009", "+492214710", "+498999998")
    return chain(*(_count(prefix, 3) for prefix in prefixes))


def _fr() -> Iterator[str]:
    prefixes = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649")
    return chain(*(_count(prefix, 4) for prefix in prefixes))


def _alternate(first: Iterator[str], second: Iterator[str]) -> Iterator[str]:
    for each in first:
        yield each
        yield from (other for other in (next(second, None),) if other is not None)
    yield from second


_RANGES = {"GB": _gb, "US": _us, "DE": _de, "FR": _fr}
COUNTRIES = tuple(_RANGES)


class Supply:
    """Hands out each number once; when a country has none left, another's; at last again from the start."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self._taken = taken
        self._left = self._all()
        self.exhausted = False

    def _all(self) -> dict[str, Iterator[str]]:
        return {
            country: (number for number in numbers(country) if number not in self._taken)
            for country in COUNTRIES
        }

    def take(self, country: str) -> str:
        """One number, of `country` if it can be."""
        for each in (country, *COUNTRIES):
            found = next(self._left[each], None)
            if found is not None:
                return found
        self.exhausted = True
        self._left = self._all()
        return self.take(country)
