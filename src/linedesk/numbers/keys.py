"""Keys: what two spellings of one number have in common. Who owns a key is `contacts.match` or an index.

How an index gives the same answer as the plain matcher:

1. For every number of a contact, store each of `stored_keys(number)` with its certainty.
2. For a caller, rows under `lookup_keys(caller)` match: sure when both the stored and the caller's key
   are sure, else possible. A contact's best match counts.
3. Rows of *company* records under `switchboard_keys(caller)` are possible, whatever certainty they have.

Keys are compared whole, never by suffix. Internal numbers are per PBX: use `int:` keys only among its own.
"""

from __future__ import annotations

from linedesk.numbers.model import Certainty, Key, Kind, Number
from linedesk.numbers.plans import calling_code
from linedesk.numbers.variants import fold

LONGEST_DIRECT_DIAL = 4
"""A caller's number continues its company's switchboard by 1 to this many digits."""

_NAMESPACE = {Kind.EXTENSION: "int:", Kind.SHORT: "short:"}
_BOARD = "board:"


def lookup_keys(number: Number) -> tuple[Key, ...]:
    """The keys under which a caller is looked up, with the certainty that this is who calls.

    Empty for withheld, emergency and unreadable numbers: they match nothing.
    """
    if number.value is None:
        return ()
    if number.kind is not Kind.E164:
        space = _NAMESPACE.get(number.kind)
        return (Key(space + number.value, Certainty.SURE),) if space else ()
    best: dict[str, Certainty] = {}
    for candidate in number.candidates:
        text = fold(candidate)
        if candidate not in number.possible:
            best[text] = Certainty.SURE
        else:
            best.setdefault(text, Certainty.POSSIBLE)
    return tuple(Key(text, certainty) for text, certainty in best.items())


def stored_keys(number: Number) -> tuple[Key, ...]:
    """The keys under which a stored number is found, with the certainty that its owner has them.

    The caller's keys, and for a written `-0` (Germany, Austria) the `board:` key of what it stands for.
    """
    boards = tuple(Key(_BOARD + fold(board), Certainty.POSSIBLE) for board in number.switchboards)
    return lookup_keys(number) + boards


def switchboard_keys(number: Number) -> tuple[str, ...]:
    """The keys of the switchboards that a caller may sit behind; look them up among company records only.

    1 to 4 digits shorter than the caller's key, of the same country. Empty for all but public numbers.
    """
    if number.kind is not Kind.E164:
        return ()
    keys: dict[str, None] = {}
    for candidate in number.candidates:
        text = fold(candidate)
        code = calling_code(text)
        if code is None:
            continue
        shortest = len(code) + 2  # the plus, the calling code and one digit of the number
        for length in range(len(text) - 1, max(shortest, len(text) - LONGEST_DIRECT_DIAL) - 1, -1):
            keys[text[:length]] = None
            keys[_BOARD + text[:length]] = None
    return tuple(keys)
