"""Which stored contacts a caller belongs to, and how surely: the plain matcher that every index must equal.

Whole keys only, never a suffix. `linedesk.numbers.keys` says how an index comes to the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linedesk.contacts.model import ContactType
from linedesk.numbers import Certainty, Number, lookup_keys, stored_keys, switchboard_keys


@dataclass(frozen=True, slots=True)
class Stored:
    """One number of one contact, as read. A contact with several numbers comes several times."""

    contact: str
    number: Number
    type: ContactType = ContactType.PERSON


@dataclass(frozen=True, slots=True)
class Matches:
    """Ids of contacts, in the order in which they are stored; nobody is in both."""

    sure: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()


def match(stored: Sequence[Stored], caller: Number) -> Matches:
    """Who of `stored` has the caller's number.

    Sure: a sure key of the contact equals a sure key of the caller. Possible: one of the two keys is only a
    reading, or the number of a company is the switchboard of the caller's.
    """
    keys = {key.text: key.certainty for key in lookup_keys(caller)}
    boards = frozenset(switchboard_keys(caller))
    best: dict[str, Certainty] = {}
    for entry in stored:
        certainty = _certainty(entry, keys, boards)
        if certainty is Certainty.SURE or (certainty and entry.contact not in best):
            best[entry.contact] = certainty
    return Matches(_with(best, Certainty.SURE), _with(best, Certainty.POSSIBLE))


def _certainty(entry: Stored, keys: dict[str, Certainty], boards: frozenset[str]) -> Certainty | None:
    found: Certainty | None = None
    for key in stored_keys(entry.number):
        wanted = keys.get(key.text)
        if wanted is Certainty.SURE and key.certainty is Certainty.SURE:
            return Certainty.SURE
        if wanted or (entry.type is ContactType.COMPANY and key.text in boards):
            found = Certainty.POSSIBLE
    return found


def _with(best: dict[str, Certainty], certainty: Certainty) -> tuple[str, ...]:
    return tuple(contact for contact, found in best.items() if found is certainty)
