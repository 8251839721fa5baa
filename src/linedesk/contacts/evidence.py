"""Why one stored number is the caller's, may be, or is not: what `match` says of one pair, and why. Pure.

It decides nothing: `contacts.match` and the directory find; this tells a person why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from linedesk.contacts.model import ContactType
from linedesk.numbers import Certainty, Kind, Number, lookup_keys, stored_keys, switchboard_keys

_ENDING = 7


class Why(StrEnum):
    """Best first."""

    OWNS = "owns"
    READING_OF_CALLER = "reading_of_caller"
    READING_OF_STORED = "reading_of_stored"
    SWITCHBOARD = "switchboard"
    PERSONS_BOARD = "persons_board"
    SAME_ENDING = "same_ending"
    INTERNAL = "internal"
    OTHER = "other"
    NO_NUMBER = "no_number"
    NOBODY = "nobody"


_ORDER = list(Why)
_MATCHES = {
    Why.OWNS: Certainty.SURE,
    Why.READING_OF_CALLER: Certainty.POSSIBLE,
    Why.READING_OF_STORED: Certainty.POSSIBLE,
    Why.SWITCHBOARD: Certainty.POSSIBLE,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """`key`: what the two numbers have in common, "" when nothing counts."""

    why: Why
    key: str = ""

    @property
    def certainty(self) -> Certainty | None:
        """How surely the stored number's owner is the caller; None: not at all."""
        return _MATCHES.get(self.why)


def evidence(stored: Number, of: ContactType, caller: Number) -> Evidence:
    """What a number that a contact (`of` its type) has stored says about the caller."""
    keys = {key.text: key.certainty for key in lookup_keys(caller)}
    own = stored_keys(stored)
    if not keys:
        return Evidence(Why.NOBODY)
    if not own:
        return Evidence(Why.NO_NUMBER)
    shared = [key for key in own if key.text in keys]
    for key in shared:
        if key.certainty is Certainty.SURE and keys[key.text] is Certainty.SURE:
            return Evidence(Why.OWNS, key.text)
    if shared:
        unsure = keys[shared[0].text] is not Certainty.SURE
        return Evidence(Why.READING_OF_CALLER if unsure else Why.READING_OF_STORED, shared[0].text)
    return _apart(stored, of, caller)


def _apart(stored: Number, of: ContactType, caller: Number) -> Evidence:
    """Two numbers without a key in common."""
    boards = frozenset(switchboard_keys(caller))
    board = next((key.text for key in stored_keys(stored) if key.text in boards), None)
    if board is not None:
        return Evidence(Why.SWITCHBOARD if of is ContactType.COMPANY else Why.PERSONS_BOARD, board)
    if (caller.kind is Kind.E164) is not (stored.kind is Kind.E164):
        return Evidence(Why.INTERNAL)
    return Evidence(Why.SAME_ENDING if _endings(stored) & _endings(caller) else Why.OTHER)


def best(found: Iterable[Evidence]) -> tuple[int, Evidence]:
    """The strongest, and its place among them; of none: that there is no number."""
    ranked = [(_ORDER.index(each.why), at, each) for at, each in enumerate(found)]
    if not ranked:
        return 0, Evidence(Why.NO_NUMBER)
    _, at, each = min(ranked, key=lambda one: one[:2])
    return at, each


def _endings(number: Number) -> frozenset[str]:
    return frozenset(each[-_ENDING:] for each in number.candidates if len(each) > _ENDING)
