"""The rules of a connection as data: IF a tree of conditions THEN sync, with actions on the target. Pure.

What a tree says of a record is `sync.conditions`; what the actions come to is `sync.acting`; their form in
TOML and JSON is `sync.rule_documents`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linedesk.sync.model import Side

GROUP_MARK = "@"
"""A field of a change that begins so is a membership: `@list:Newsletter`, with False or True as values."""


def group_field(kind: str, name: str) -> str:
    """The name under which a change tells of a membership that stands on no field of the record."""
    return f"{GROUP_MARK}{kind}:{name}"


def _caseless(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()


class Test(StrEnum):
    """What a condition looks at.

    `EQUALS`, `CONTAINS`, `ONE_OF`: the text of `field` against `values`, without case. `EMPTY`: `field` has
    no value. `HAS_PHONE`, `HAS_EMAIL`: any such field has one. `MEMBER`: it is in the group `values[0]` of
    the kind `field` (tag, label, list, group). `OWNER`, `COMPANY`: one of `values`. `CREATED_SINCE`,
    `CHANGED_SINCE`: the app's own time, from the instant `values[0]` on (ISO 8601, UTC). `EXISTS`: it has a
    counterpart on the other side.
    """

    __test__ = False  # no class of tests

    EQUALS = "equals"
    CONTAINS = "contains"
    ONE_OF = "one-of"
    EMPTY = "empty"
    HAS_PHONE = "has-phone"
    HAS_EMAIL = "has-email"
    MEMBER = "member"
    OWNER = "owner"
    COMPANY = "company"
    CREATED_SINCE = "created-since"
    CHANGED_SINCE = "changed-since"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True)
class Condition:
    """One leaf of a tree, on the record of the side that the rule reads."""

    test: Test
    field: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class All:
    of: tuple[When, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    of: tuple[When, ...]


@dataclass(frozen=True, slots=True)
class Not:
    of: When


When = All | AnyOf | Not | Condition


class Do(StrEnum):
    """`ADD`, `REMOVE`: membership of a group. `SET`: a field gets a value."""

    ADD = "add"
    REMOVE = "remove"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule does on the target beside the sync.

    `name`: for `ADD` and `REMOVE` the kind of group (tag, list …), for `SET` the field. `value`: the group's
    name, or what the field gets. `revert`: take it back when the rule no longer applies, as far as it was
    this action that did it and nobody changed it since.
    """

    do: Do
    name: str
    value: str
    revert: bool = False

    @property
    def key(self) -> str:
        """Names the effect: two rules with the same action have it once. Groups have no case."""
        if self.do is Do.SET:
            return f"{self.do}:{self.name}:"
        return f"{self.do}:{_caseless(self.name)}:{_caseless(self.value)}"

    @property
    def opposite(self) -> str:
        """The key of the action that undoes this one; "" for a field that is set."""
        turned = {Do.ADD: Do.REMOVE, Do.REMOVE: Do.ADD}.get(self.do)
        return replace(self, do=turned).key if turned is not None else ""


@dataclass(frozen=True, slots=True)
class Rule:
    """IF `when` THEN sync to the side `to`. `when` None: every record."""

    name: str
    to: Side
    when: When | None = None
    actions: tuple[Action, ...] = ()
    enabled: bool = True


def effects(rules: Iterable[Rule]) -> dict[str, tuple[Rule, Action]]:
    """What matched rules do, by `Action.key`; of the same or opposite effects the first decides."""
    told: dict[str, tuple[Rule, Action]] = {}
    for rule in rules:
        for action in rule.actions:
            if action.opposite not in told:
                told.setdefault(action.key, (rule, action))
    return told
