"""The same person in two apps is one entry with two pages. Pure.

Told by what both records hold (name, and a number or an e-mail); pairs that a connection links are one
entry already, see `sync.entries`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, zip_longest

from linedesk.contacts.model import Contact, ContactNumber, ContactType
from linedesk.contacts.policy import MatchPolicy
from linedesk.contacts.search import spellings
from linedesk.numbers import Certainty, Kind, Number, lookup_keys

Reading = Callable[[str, str], Number]
"""How a number of a book is read: `reading(book, raw)`, by the plan of the PBX that the book belongs to."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Held:
    """A number and the book that it is stored in."""

    book: str
    number: ContactNumber


@dataclass(frozen=True, slots=True)
class Entry:
    """One person or company as it is shown: records of different books, the one that opens first at the head.

    `numbers` are those of all records, none twice.
    """

    records: tuple[Contact, ...]
    numbers: tuple[Held, ...]

    @property
    def head(self) -> Contact:
        """The record whose page opens first."""
        return self.records[0]

    @property
    def type(self) -> ContactType:
        return self.head.type

    @property
    def name(self) -> str:
        return next((each.name for each in self.records if each.name), "")

    @property
    def company(self) -> str:
        return next((each.company for each in self.records if each.company), "")

    @property
    def emails(self) -> tuple[str, ...]:
        """Of all records, none twice."""
        found: dict[str, str] = {}
        for mail in (mail for each in self.records for mail in each.emails):
            found.setdefault(mail.strip().casefold(), mail)
        return tuple(found.values())

    @property
    def page_url(self) -> str | None:
        """The first address there is."""
        return next((each.page_url for each in self.records if each.page_url), None)

    @property
    def last(self) -> bool:
        """Whether all records are put away or blocked."""
        return all(each.last for each in self.records)

    @property
    def archived(self) -> bool:
        return self.last and any(each.archived for each in self.records)

    @property
    def blocked(self) -> bool:
        return self.last and any(each.blocked for each in self.records)


def merged(contacts: Sequence[Contact], reading: Reading, policy: MatchPolicy) -> tuple[Entry, ...]:
    """`contacts` (each once) as entries, in the order in which the first record of each came.

    Two records of different books are one person if they have one name, in any order of its words, and a
    public number that is sure in both, or an e-mail; a name of one word counts within one company only. Of
    whoever fits two records of one book, nobody is joined: which of the two it is remains open.
    """
    several = len({contact.book for contact in contacts}) > 1
    group_of = _groups(contacts, reading) if several else {}
    groups: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        groups[group_of.get(contact.id, contact.id)].append(contact)
    joined: dict[str, list[Contact]] = {}
    for contact in contacts:
        group = groups[group_of.get(contact.id, contact.id)]
        if len({each.book for each in group}) < len(group):
            group = [contact]
        joined.setdefault(group[0].id, group)
    return tuple(_entry(group, reading, policy) for group in joined.values())


def name_forms(name: str) -> frozenset[tuple[str, ...]]:
    """What two spellings of one name have in common at least once; empty for a name without letters.

    Each form has all words in the same manner of writing (`muller`, `mueller`; Cyrillic, transliterated).
    """
    # Composed again: casefold can leave a letter and its accent apart.
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
    words = [forms for word in _WORD.findall(plain) if (forms := spellings(word))]
    if not words:
        return frozenset()
    manners = zip_longest(*words)
    return frozenset(
        tuple(sorted(form if form is not None else words[at][-1] for at, form in enumerate(manner)))
        for manner in manners
    )


def _groups(contacts: Sequence[Contact], reading: Reading) -> dict[str, str]:
    """Contact id to the id that stands for its group: who fits whom, directly or through others."""
    parent = {contact.id: contact.id for contact in contacts}

    def root(id_: str) -> str:
        while parent[id_] != id_:
            id_ = parent[id_]
        return id_

    for namesakes in _over_books((contact, _names(contact)) for contact in contacts):
        for together in _over_books((contact, _marks(contact, reading)) for contact in namesakes):
            for one, other in combinations(together, 2):
                if one.book == other.book or not _of_two_firms(one, other):
                    parent[root(one.id)] = root(other.id)
    return {id_: root(id_) for id_ in parent}


def _of_two_firms(one: Contact, other: Contact) -> bool:
    """Whether two records of one name are of different companies, where the name is a single word.

    That may be a role or a first name (`Info`, `Anna`), and two firms may share a switchboard.
    """
    if any(len(form) > 1 for form in name_forms(one.name)):
        return False
    firms = name_forms(one.company), name_forms(other.company)
    if not all(firms):
        return False
    return not any(set(a) <= set(b) or set(b) <= set(a) for a in firms[0] for b in firms[1])


def _over_books(marked: Iterable[tuple[Contact, Iterable[Hashable]]]) -> list[list[Contact]]:
    """The contacts that share a mark, wherever they are of more than one book."""
    shared: dict[Hashable, list[Contact]] = defaultdict(list)
    for contact, marks in marked:
        for mark in marks:
            shared[mark].append(contact)
    return [those for those in shared.values() if len({each.book for each in those}) > 1]


def _names(contact: Contact) -> list[Hashable]:
    return [(contact.type, form) for form in name_forms(contact.name)]


def _marks(contact: Contact, reading: Reading) -> set[tuple[str, str]]:
    """What is one person's own: public numbers that are sure, and e-mail addresses."""
    marks = {("mail", mail.strip().casefold()) for mail in contact.emails if mail.strip()}
    for number in contact.numbers:
        read = reading(contact.book, number.raw)
        if read.kind is Kind.E164:
            marks |= {("key", k.text) for k in lookup_keys(read) if k.certainty is Certainty.SURE}
    return marks


def _entry(group: Sequence[Contact], reading: Reading, policy: MatchPolicy) -> Entry:
    if len(group) == 1:
        only = group[0]
        return Entry((only,), tuple(Held(only.book, number) for number in only.numbers))
    records = tuple(
        sorted(group, key=lambda each: (each.last, not each.page_url, policy.rank(each.book), each.id))
    )
    return Entry(records, tuple(_united(records, reading)))


def _united(records: Sequence[Contact], reading: Reading) -> Iterator[Held]:
    seen: set[Hashable] = set()
    for held in (Held(record.book, number) for record in records for number in record.numbers):
        read = reading(held.book, held.number.raw)
        keys = tuple(key.text for key in lookup_keys(read))
        mark: Hashable = (keys, read.ext) if keys else held.number.raw.strip()
        if mark not in seen:
            seen.add(mark)
            yield held
