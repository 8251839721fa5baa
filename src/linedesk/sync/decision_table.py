"""The decision table of a one-way connection as data: what the docs print and the tests try. Pure.

A record of a linked pair is `SAME` or `CHANGED` against the last agreement. Without a link there is none: a
target is then `SAME` when it has the source's values and `CHANGED` when it has others, and two records that
are both there are paired or not by the rules of `pairing`; the table shows those that are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Seen(StrEnum):
    ABSENT = "absent"
    SAME = "same"
    CHANGED = "changed"


class Action(StrEnum):
    """`LEAVE`: nothing is written, and the reason is told. `NOTHING`: there is nothing to do or to tell."""

    CREATE = "create"
    UPDATE = "update"
    LINK = "link"
    LEAVE = "leave"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Case:
    """One row. `why` is a sentence for people."""

    linked: bool
    source: Seen
    target: Seen
    action: Action
    why: str

    @property
    def name(self) -> str:
        return f"{'linked' if self.linked else 'unlinked'}-{self.source}-{self.target}"


TABLE = (
    Case(True, Seen.SAME, Seen.SAME, Action.NOTHING, "Nobody changed anything."),
    Case(True, Seen.CHANGED, Seen.SAME, Action.UPDATE, "The fields that changed are written, no others."),
    Case(True, Seen.SAME, Seen.CHANGED, Action.UPDATE, "The source's values are written again."),
    Case(True, Seen.CHANGED, Seen.CHANGED, Action.UPDATE, "The source's values are written."),
    Case(True, Seen.ABSENT, Seen.SAME, Action.LEAVE, "It was deleted in the source; the target keeps it."),
    Case(True, Seen.ABSENT, Seen.CHANGED, Action.LEAVE, "It was deleted in the source; the target keeps it."),
    Case(True, Seen.SAME, Seen.ABSENT, Action.LEAVE, "It was deleted in the target; it is not made again."),
    Case(
        True, Seen.CHANGED, Seen.ABSENT, Action.LEAVE, "It was deleted in the target; it is not made again."
    ),
    Case(True, Seen.ABSENT, Seen.ABSENT, Action.LEAVE, "Both are gone; the link is kept."),
    Case(False, Seen.SAME, Seen.SAME, Action.LINK, "They belong together and agree; no write."),
    Case(False, Seen.CHANGED, Seen.SAME, Action.UPDATE, "Linked; what the target lacks is written."),
    Case(False, Seen.SAME, Seen.CHANGED, Action.LINK, "Linked; what only the target has stays there."),
    Case(False, Seen.CHANGED, Seen.CHANGED, Action.UPDATE, "Linked; what the target lacks is written."),
    Case(False, Seen.SAME, Seen.ABSENT, Action.CREATE, "It is made in the target."),
    Case(False, Seen.CHANGED, Seen.ABSENT, Action.CREATE, "It is made in the target."),
    Case(False, Seen.ABSENT, Seen.SAME, Action.NOTHING, "The target's own records are its own."),
    Case(False, Seen.ABSENT, Seen.CHANGED, Action.NOTHING, "The target's own records are its own."),
    Case(False, Seen.ABSENT, Seen.ABSENT, Action.NOTHING, "There is nobody."),
)
