"""What a phone number is once it has been read. The reading itself is in `read.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The six kinds; only `E164` has a public key."""

    E164 = "e164"
    EXTENSION = "extension"
    SHORT = "short"
    EMERGENCY = "emergency"
    ANONYMOUS = "anonymous"
    INVALID = "invalid"


class Certainty(StrEnum):
    """How strongly a key speaks for its owner."""

    SURE = "sure"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Number:
    """One reading of a text.

    `value` is the E.164 form for `E164`, the digits as dialled for `EXTENSION`, `SHORT` and
    `EMERGENCY`, and None otherwise. `ext` holds the extension, or the digits to send after answer.
    `candidates` are all E.164 readings, the first equal to `value`; empty unless the kind is `E164`.
    `certain` is False when the candidates are alternatives of one text (any may be wrong) rather than
    numbers written out whole side by side. `possible` are those of the candidates that are only readings:
    a match on one of them is never sure. `switchboards` are the E.164 forms that a German or Austrian `-0`
    at the end of a written number stands for (`030 23125-0` -> `+493023125`). `partial` says that the text
    holds digits that are neither the number nor for certain its `ext`: who dials should ask first.
    `raw` is the text as it came.
    """

    kind: Kind
    value: str | None
    raw: str
    ext: str | None = None
    candidates: tuple[str, ...] = ()
    certain: bool = True
    possible: tuple[str, ...] = ()
    switchboards: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A lookup key: `text` is equal for two spellings of one number.

    Public numbers: canonical E.164 (`+390212345678`), country variants folded. Internal numbers and
    short codes: `int:201`, `short:1254`. `board:+493023125`: what a written `-0` stands for, of use only
    among company records (`keys.switchboard_keys`). Nothing else has a key.
    """

    text: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class PrefixRule:
    """Drop `prefix` from a number of `min_digits` to `max_digits` digits, then put `replace` in front.

    The digits are counted with the prefix. An empty `prefix` fits every number of that length.
    """

    prefix: str
    replace: str = ""
    min_digits: int = 8
    max_digits: int = 24


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """How one PBX writes numbers: its region, and what it adds or expects.

    `region` is ISO 3166 (`IT`). `internal_pattern` is a regular expression for the whole of an
    internal number. `rules` apply before a number is read. `outside_line` is put before a public
    number after it was chosen for dialling, and taken off a number that comes with it. `dial_rules` apply
    to what is to be dialled, last of all.
    """

    region: str
    internal_pattern: str = r"\d{2,5}"
    rules: tuple[PrefixRule, ...] = field(default=())
    outside_line: str = ""
    dial_rules: tuple[PrefixRule, ...] = field(default=())
