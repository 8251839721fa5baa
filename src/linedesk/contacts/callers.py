"""Who a caller may be: what the directory and the call's tags say, as entries in the order to offer them.

A service: it asks the directory. How an entry looks to a browser is `items`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from linedesk.contacts.company import Company, offered, shared_name
from linedesk.contacts.directory import Directory, Found, Lookup
from linedesk.contacts.hits import Hit, Shown, arranged
from linedesk.contacts.persons import Reading, name_forms
from linedesk.contacts.policy import MatchPolicy, TagFinds, TagText
from linedesk.numbers import Certainty, Kind, Number, NumberPlan, lookup_keys, read

Books = frozenset[str] | None
"""The books that may be seen; None: all."""

_TAGS_MAX = 8
_INTERNAL = frozenset({Kind.EXTENSION, Kind.SHORT})


@dataclass(frozen=True, slots=True)
class Asked:
    """A caller: the number, how the asking PBX reads, what may be seen, what the call's tags ask for.

    `colleague` is the name of who has this internal number on that PBX.
    """

    number: Number
    plan: NumberPlan
    books: Books
    tags: Sequence[TagText] = ()
    colleague: str | None = None


class Callers:
    """Answers from the directory alone: one query for a number, one more for each tag and for a company."""

    def __init__(self, directory: Directory, matching: Callable[[], MatchPolicy]) -> None:
        self._directory = directory
        self._matching = matching

    async def lookup(self, asked: Asked) -> Lookup:
        """What the directory says of the number; nothing for one without a key (C5)."""
        return await self._directory.lookup(asked.number, asked.books)

    async def who(self, asked: Asked, reading: Reading, lookup: Lookup | None = None) -> tuple[Shown, ...]:
        """The entries to offer, best first. `lookup`: the directory's answer, where it is known already."""
        found = lookup if lookup is not None else await self.lookup(asked)
        by_number = _by_number(asked.number, (*found.sure, *found.possible))
        if asked.colleague is not None:
            by_number = [_of_elsewhere(hit, asked.colleague) for hit in by_number]
        by_tag = [hit for tag in asked.tags[:_TAGS_MAX] for hit in await self._by_tag(tag, asked)]
        return arranged(by_number, by_tag, reading, self._matching())

    async def company(self, sure: Sequence[Shown], books: Books) -> Company | None:
        """The company that all of `sure` share, if there are two at least."""
        entries = [each.entry for each in sure]
        name = shared_name(entries)
        if name is None:
            return None
        records = await self._directory.companies(name, books)
        return offered(name, entries, records, self._matching())

    async def _by_tag(self, tag: TagText, asked: Asked) -> list[Hit]:
        books = asked.books
        if tag.rule.book:
            if books is not None and tag.rule.book not in books:
                return []
            books = frozenset({tag.rule.book})
        if tag.rule.finds is TagFinds.RECORD:
            records = await self._directory.records([tag.text], books)
            return [Hit(each, tag.rule.certainty, tag=tag.tag, numbered=False) for each in records]
        number = read(tag.text, asked.plan)
        found = await self._directory.lookup(number, books)
        possible = tag.rule.certainty is not Certainty.SURE
        return [
            replace(
                hit, tag=tag.tag, numbered=False, certainty=Certainty.POSSIBLE if possible else hit.certainty
            )
            for hit in _by_number(number, (*found.sure, *found.possible))
        ]


def _by_number(number: Number, found: Iterable[Found]) -> list[Hit]:
    keys = {key.text for key in lookup_keys(number)}
    return [
        Hit(
            each.contact,
            each.certainty,
            each.label,
            board=each.key not in keys,
            internal=number.kind in _INTERNAL,
            raw=each.raw,
            key=each.key,
        )
        for each in found
    ]


def _of_elsewhere(hit: Hit, colleague: str) -> Hit:
    """An internal number is a colleague's: whoever else has it stored, has it on another system."""
    same = not name_forms(hit.contact.name).isdisjoint(name_forms(colleague))
    return hit if same else replace(hit, certainty=Certainty.POSSIBLE)
