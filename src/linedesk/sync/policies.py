"""What a connection does where two answers are possible: conflicts, deletes, blanks, and its brakes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Conflict(StrEnum):
    """Which value of a field counts when both sides changed it.

    `NEWEST`: that of the record which was changed last by the apps' own times (S21); where those say nothing,
    the connection's `tie` decides. `A`, `B`: that side's. `ASK`: a person's choice.
    """

    NEWEST = "newest"
    A = "a"
    B = "b"
    ASK = "ask"


class Deletes(StrEnum):
    """What becomes of the counterpart of a linked record that was deleted.

    `NEVER`: it is left as it is. `TAG`: it gets a tag that says so. `PROPAGATE`: it is deleted too, unless
    somebody changed it since.
    """

    NEVER = "never"
    TAG = "tag"
    PROPAGATE = "propagate"


class Blanks(StrEnum):
    """When an empty field empties the other side's: if it became empty since last time; never; always."""

    CLEARED = "cleared"
    NEVER = "never"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Brakes:
    """Above these a plan changes nothing until a person approves it (S17). 0: that brake is off.

    `deletes_percent`: of the connection's links. `creates` does not count in a first run that a person
    starts. `blanks`: fields with a value that a plan would empty.
    """

    deletes_percent: int = 5
    deletes: int = 50
    creates: int = 500
    blanks: int = 50
