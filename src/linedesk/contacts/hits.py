"""What was found for a caller, by number and by tag, put into the order in which it is offered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from linedesk.contacts.model import Contact
from linedesk.contacts.persons import Entry, Reading, merged
from linedesk.contacts.policy import MatchPolicy
from linedesk.numbers import Certainty


@dataclass(frozen=True, slots=True)
class Hit:
    """One record that may be the caller's.

    `label`, `raw` (as stored) and `key` are of the number that matched; `board`: it is the switchboard of
    the caller's number. `tag` is the call's tag that led here, and `numbered` says that the caller's own
    number did. `internal`: the number is one that means something within one PBX alone.
    """

    contact: Contact
    certainty: Certainty
    label: str = ""
    board: bool = False
    tag: str = ""
    numbered: bool = True
    internal: bool = False
    raw: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with the hits on its records, the first record's first."""

    entry: Entry
    hits: tuple[Hit, ...]

    @property
    def certainty(self) -> Certainty:
        """The best of its hits."""
        return Certainty.SURE if any(_sure(hit) for hit in self.hits) else Certainty.POSSIBLE

    @property
    def reasons(self) -> tuple[Hit, ...]:
        """The hits that its certainty rests on; one on the caller's own number where there is any."""
        best = [hit for hit in self.hits if hit.certainty is self.certainty]
        return tuple([hit for hit in best if hit.numbered] or best)

    @property
    def tagged(self) -> bool:
        """Whether one of the call's tags led to it."""
        return any(hit.tag for hit in self.hits)


def arranged(
    by_number: Iterable[Hit], by_tag: Iterable[Hit], reading: Reading, policy: MatchPolicy
) -> tuple[Shown, ...]:
    """The entries to offer, each once: sure before possible, those of a tag first, put away and blocked last.

    Among equals the order of the hits stays.
    """
    hits: dict[str, Hit] = {}
    for hit in (*by_number, *by_tag):
        known = hits.get(hit.contact.id)
        hits[hit.contact.id] = hit if known is None else _both(known, hit)
    entries = merged([hit.contact for hit in hits.values()], reading, policy)
    shown = [Shown(entry, tuple(hits[each.id] for each in entry.records)) for entry in entries]
    return tuple(sorted(shown, key=_place))


def split(shown: Sequence[Shown]) -> tuple[list[Shown], list[Shown]]:
    """Those that are sure, and those that are possible."""
    sure = [each for each in shown if each.certainty is Certainty.SURE]
    return sure, [each for each in shown if each.certainty is not Certainty.SURE]


def _both(first: Hit, second: Hit) -> Hit:
    """One record found twice: the surer hit counts, and the tag is remembered."""
    best, other = (second, first) if _sure(second) and not _sure(first) else (first, second)
    return replace(best, tag=best.tag or other.tag)


def _sure(hit: Hit) -> bool:
    return hit.certainty is Certainty.SURE


def _place(shown: Shown) -> tuple[bool, bool, bool]:
    return shown.certainty is not Certainty.SURE, shown.entry.last, not shown.tagged
