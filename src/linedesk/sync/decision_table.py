"""What becomes of two records, case by case, as data: what the docs print and the tests try. Pure.

A record of a linked pair is `SAME` or `CHANGED` against the last agreement. Without a link there is none: a
record is then `SAME` when it has the other one's values and `CHANGED` when it has one of its own beside
them, and two records that are both there are paired or not by the rules of `pairing`; the table shows those
that are. A one-way connection writes B here; towards A it is the mirror image (S9). The policies are the
usual ones; what others make of the same cases is `POLICIES`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from linedesk.sync.model import Side
from linedesk.sync.policies import Blanks, Conflict, Deletes


class Seen(StrEnum):
    ABSENT = "absent"
    SAME = "same"
    CHANGED = "changed"


class Action(StrEnum):
    """`LINK`: only Linedesk's own note of the pair is new. `LEAVE`: nothing is written, and the reason is
    told. `NOTHING`: there is nothing to do or to tell.
    """

    CREATE = "create"
    UPDATE = "update"
    TAG = "tag"
    DELETE = "delete"
    LINK = "link"
    WAIT = "wait"
    LEAVE = "leave"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is done, on which side (none where nothing is written), and why, as a sentence."""

    action: Action
    on: tuple[Side, ...]
    why: str

    def __str__(self) -> str:
        where = " and ".join(side.value.upper() for side in self.on)
        return f"{self.action} {where}".strip()


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table."""

    linked: bool
    a: Seen
    b: Seen
    one_way: Outcome
    two_way: Outcome

    @property
    def name(self) -> str:
        return f"{'linked' if self.linked else 'unlinked'}-{self.a}-{self.b}"


class Happened(StrEnum):
    """What a policy is about, in a linked pair of a two-way connection."""

    BOTH_CHANGED = "both changed the same field, B last"
    DELETED = "deleted on A, same on B"
    DELETED_AND_CHANGED = "deleted on A, changed on B"
    BECAME_BLANK = "a field became blank on A"
    IS_BLANK = "a field is blank on A in a row from A to B, and got a value on B"


@dataclass(frozen=True, slots=True)
class PolicyCase:
    """One setting of a policy and what it makes of a case."""

    setting: Conflict | Deletes | Blanks
    happened: Happened
    outcome: Outcome

    @property
    def policy(self) -> str:
        return type(self.setting).__name__.lower()

    @property
    def name(self) -> str:
        return f"{self.policy}-{self.setting}-{self.happened.name.lower()}"


def _on(*sides: Side) -> tuple[Side, ...]:
    return sides


_NONE, _A, _B, _BOTH = _on(), _on(Side.A), _on(Side.B), _on(Side.A, Side.B)
_ABSENT, _SAME, _CHANGED = Seen.ABSENT, Seen.SAME, Seen.CHANGED

_UNTOUCHED = Outcome(Action.NOTHING, _NONE, "Nobody changed anything.")
_FIELDS_TO_B = Outcome(Action.UPDATE, _B, "The fields that changed are written, no others.")
_FIELDS_TO_A = Outcome(Action.UPDATE, _A, "The fields that changed are written, no others.")
_RESTORED = Outcome(Action.UPDATE, _B, "The source's values are written again.")
_MERGED = Outcome(
    Action.UPDATE,
    _BOTH,
    "Different fields: both edits are kept. The same field: the conflict policy decides.",
)
_KEPT_B = Outcome(Action.LEAVE, _NONE, "It was deleted on A; B keeps it, and it is not made again.")
_KEPT_A = Outcome(Action.LEAVE, _NONE, "It was deleted on B; A keeps it, and it is not made again.")
_BOTH_GONE = Outcome(Action.LEAVE, _NONE, "Both are gone; the link is kept.")
_AGREED = Outcome(Action.LINK, _NONE, "They belong together and agree; no write.")
_LACKS_B = Outcome(Action.UPDATE, _B, "Linked; what B lacks is written.")
_LACKS_A = Outcome(Action.UPDATE, _A, "Linked; what A lacks is written.")
_LACK_BOTH = Outcome(Action.UPDATE, _BOTH, "Linked; what each lacks is written.")
_STAYS_B = Outcome(Action.LINK, _NONE, "Linked; what only B has stays there.")
_MADE_B = Outcome(Action.CREATE, _B, "It is made on B.")
_MADE_A = Outcome(Action.CREATE, _A, "It is made on A.")
_OWN = Outcome(Action.NOTHING, _NONE, "B's own records are its own.")
_NOBODY = Outcome(Action.NOTHING, _NONE, "There is nobody.")

TABLE = (
    Case(True, _SAME, _SAME, _UNTOUCHED, _UNTOUCHED),
    Case(True, _CHANGED, _SAME, _FIELDS_TO_B, _FIELDS_TO_B),
    Case(True, _SAME, _CHANGED, _RESTORED, _FIELDS_TO_A),
    Case(True, _CHANGED, _CHANGED, _RESTORED, _MERGED),
    Case(True, _ABSENT, _SAME, _KEPT_B, _KEPT_B),
    Case(True, _ABSENT, _CHANGED, _KEPT_B, _KEPT_B),
    Case(True, _SAME, _ABSENT, _KEPT_A, _KEPT_A),
    Case(True, _CHANGED, _ABSENT, _KEPT_A, _KEPT_A),
    Case(True, _ABSENT, _ABSENT, _BOTH_GONE, _BOTH_GONE),
    Case(False, _SAME, _SAME, _AGREED, _AGREED),
    Case(False, _CHANGED, _SAME, _LACKS_B, _LACKS_B),
    Case(False, _SAME, _CHANGED, _STAYS_B, _LACKS_A),
    Case(False, _CHANGED, _CHANGED, _LACKS_B, _LACK_BOTH),
    Case(False, _SAME, _ABSENT, _MADE_B, _MADE_B),
    Case(False, _CHANGED, _ABSENT, _MADE_B, _MADE_B),
    Case(False, _ABSENT, _SAME, _OWN, _MADE_A),
    Case(False, _ABSENT, _CHANGED, _OWN, _MADE_A),
    Case(False, _ABSENT, _ABSENT, _NOBODY, _NOBODY),
)

POLICIES = (
    PolicyCase(
        Conflict.NEWEST, Happened.BOTH_CHANGED, Outcome(Action.UPDATE, _A, "What was changed last counts.")
    ),
    PolicyCase(Conflict.A, Happened.BOTH_CHANGED, Outcome(Action.UPDATE, _B, "A's value counts.")),
    PolicyCase(Conflict.B, Happened.BOTH_CHANGED, Outcome(Action.UPDATE, _A, "B's value counts.")),
    PolicyCase(
        Conflict.ASK,
        Happened.BOTH_CHANGED,
        Outcome(Action.WAIT, _NONE, "A person says which counts; other fields go on."),
    ),
    PolicyCase(Deletes.NEVER, Happened.DELETED, _KEPT_B),
    PolicyCase(Deletes.NEVER, Happened.DELETED_AND_CHANGED, _KEPT_B),
    PolicyCase(Deletes.TAG, Happened.DELETED, Outcome(Action.TAG, _B, "It gets the delete tag, once.")),
    PolicyCase(
        Deletes.TAG, Happened.DELETED_AND_CHANGED, Outcome(Action.TAG, _B, "It gets the delete tag, once.")
    ),
    PolicyCase(Deletes.PROPAGATE, Happened.DELETED, Outcome(Action.DELETE, _B, "It is deleted on B too.")),
    PolicyCase(
        Deletes.PROPAGATE,
        Happened.DELETED_AND_CHANGED,
        Outcome(Action.LEAVE, _NONE, "Somebody changed it since: it is kept, and that is told."),
    ),
    PolicyCase(Blanks.CLEARED, Happened.BECAME_BLANK, Outcome(Action.UPDATE, _B, "It is emptied on B too.")),
    PolicyCase(Blanks.CLEARED, Happened.IS_BLANK, Outcome(Action.LINK, _NONE, "B keeps its value.")),
    PolicyCase(Blanks.NEVER, Happened.BECAME_BLANK, Outcome(Action.LINK, _NONE, "B keeps its value.")),
    PolicyCase(Blanks.NEVER, Happened.IS_BLANK, Outcome(Action.LINK, _NONE, "B keeps its value.")),
    PolicyCase(Blanks.ALWAYS, Happened.BECAME_BLANK, Outcome(Action.UPDATE, _B, "It is emptied on B too.")),
    PolicyCase(Blanks.ALWAYS, Happened.IS_BLANK, Outcome(Action.UPDATE, _B, "It is emptied on B too.")),
)


def table_as_text() -> str:
    """Both tables in Markdown, as docs/sync.md has them."""
    return "\n".join([*_cases(TABLE), "", *_policies(POLICIES)])


def _cases(cases: Iterable[Case]) -> Iterable[str]:
    yield "| linked | A | B | one-way, A to B | two-way | two-way: why |"
    yield "|---|---|---|---|---|---|"
    for case in cases:
        linked = "yes" if case.linked else "no"
        yield f"| {linked} | {case.a} | {case.b} | {case.one_way} | {case.two_way} | {case.two_way.why} |"


def _policies(cases: Iterable[PolicyCase]) -> Iterable[str]:
    yield "| policy | setting | what happened | two-way | why |"
    yield "|---|---|---|---|---|"
    for case in cases:
        outcome = case.outcome
        yield f"| {case.policy} | {case.setting} | {case.happened} | {outcome} | {outcome.why} |"
