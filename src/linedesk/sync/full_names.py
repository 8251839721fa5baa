"""A person's full name out of two parts, and back. Pure.

Where a full name is split is never sure ("Maria Garcia Lopez"). So what a record says already counts first,
and whatever comes out, its two parts joined are the given name.
"""

from __future__ import annotations

from collections.abc import Sequence

from linedesk.sync.texts import plain

FIRST = frozenset({"firstname", "givenname", "forename", "first", "given"})
LAST = frozenset({"lastname", "familyname", "surname", "last", "family"})

_PARTICLES = frozenset(
    (
        *("af", "al", "av", "bin", "da", "dal", "dalla", "das", "de", "degli", "dei", "del", "dela", "della"),
        *("den", "der", "des", "di", "do", "dos", "du", "el", "ibn", "la", "las", "le", "los", "lo", "op"),
        *("st.", "ten", "ter", "van", "vom", "von", "zu", "zum", "zur", "'t"),
    )
)
"""Words with which a family name goes on to the left: "Jan van der Berg"."""

_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})


def is_name_part(name: str) -> bool:
    """Whether a field of this name holds a first or a family name."""
    return _squashed(name) in FIRST | LAST


def is_family(name: str) -> bool:
    return _squashed(name) in LAST


def joined(parts: Sequence[str]) -> str:
    """The full name; parts that are empty are left out."""
    return " ".join([text for part in parts if (text := part.strip())])


def split(text: str, held: tuple[str, str], *, family_first: bool, alone: int = 0) -> tuple[str, str]:
    """A full name as two parts in their order. `held`: what they are now; `alone`: which takes one word.

    If the held parts make this name, they are the answer. If one of them still stands at its end of the
    name, it is kept, and the rest is the other. Else the family name is the last word, with the particles
    before it.
    """
    name = " ".join(plain(text).split())
    one, other = (" ".join(plain(part).split()) for part in held)
    if name == joined((one, other)):
        return held
    if other and one and name.endswith(f" {other}"):
        return name[: -len(other) - 1], other
    if other and one and name.startswith(f"{one} "):
        return one, name[len(one) + 1 :]
    words = name.split(" ")
    if len(words) == 1:
        return ("", name) if alone else (name, "")
    at = _family_end(words) if family_first else _family_start(words)
    return " ".join(words[:at]), " ".join(words[at:])


def _family_start(words: Sequence[str]) -> int:
    """Where the family name begins, after one word at least."""
    last = len(words) - 1
    if last > 1 and words[last].casefold() in _SUFFIXES:
        last -= 1
    particles = [at for at in range(1, last) if words[at].casefold() in _PARTICLES]
    return particles[0] if particles else last


def _family_end(words: Sequence[str]) -> int:
    """Where the first name begins, in a name that starts with the family's."""
    at = 0
    while at < len(words) - 2 and words[at].casefold() in _PARTICLES:
        at += 1
    return at + 1


def _squashed(name: str) -> str:
    return "".join(letter for letter in name.rpartition(".")[2].casefold() if letter.isalnum())
