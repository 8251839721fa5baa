"""Whether the rules of a connection take a record, and the condition that decided, as a sentence. Pure.

How a tree is read is `conditions_trees`, one condition `conditions_leaves`; what can't work at all is said
by `conditions_checks`. What matched rules do on the target is `acting`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from linedesk.apps.records import Record
from linedesk.sync.conditions_checks import check_rules, unruled
from linedesk.sync.conditions_leaves import Finding, Look, groups_wanted
from linedesk.sync.conditions_trees import MOST, conditions, tree
from linedesk.sync.model import Direction, Known, Side
from linedesk.sync.rules import Action, AnyOf, Condition, Rule, Test, effects

__all__ = ["Judge", "Scope", "Verdict", "check_rules", "unruled", "usual_rules"]


class Scope(StrEnum):
    """`UNKNOWN`: fields that a rule needs are not read yet, and the outcome depends on them."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rules`: those that match, in order. `trace`: one sentence or two. `missing`: names of fields."""

    scope: Scope
    rules: tuple[Rule, ...]
    trace: str
    missing: tuple[str, ...] = ()


def usual_rules(direction: Direction, phone_books: Collection[Side]) -> tuple[Rule, ...]:
    """One rule for each side that is written: everyone; into a phonebook only who has a number (H19).

    A number that is taken away later is taken away in the phonebook too: hence "or is there already".
    """
    with_number = AnyOf((Condition(Test.HAS_PHONE), Condition(Test.EXISTS)))
    names = {Side.B: "Usual rule", Side.A: "Usual rule back"}
    return tuple(
        Rule(name, side, with_number if side in phone_books else None)
        for side, name in names.items()
        if direction.writes(side)
    )


class Judge:
    """The rules of one direction, made ready for many records of `source`."""

    def __init__(self, rules: Sequence[Rule], to: Side, source: Known) -> None:
        self._off = tuple(rule for rule in rules if rule.to is to and not rule.enabled)
        self._rules = tuple(rule for rule in rules if rule.to is to and rule.enabled)
        self._looks = tuple(_look(rule, source) for rule in self._rules)
        self._source = source
        self._always = self._constant()
        self._made: dict[tuple[bool | None, str], Verdict] = {}

    def groups(self) -> frozenset[str]:
        """The memberships (`rules.group_field`) that the rules ask for and that stand on no field."""
        fields = self._source.fields
        return frozenset(
            field
            for rule in self._rules
            for condition in conditions(rule.when)
            for field in groups_wanted(condition, fields)
        )

    def judge(self, record: Record, *, exists: bool) -> Verdict:
        """`exists`: the record has a counterpart on the other side."""
        if self._always is not None:
            return self._always
        if len(self._looks) == 1:
            return self._judge_by_one(self._looks[0](record, exists))
        return self._judge_by([look(record, exists) for look in self._looks])

    def _judge_by_one(self, found: Finding) -> Verdict:
        """Most connections have one rule for a direction, and few facts: each verdict is made once."""
        if found.missing:
            return self._judge_by([found])
        key = (found.holds, found.says)
        verdict = self._made.get(key)
        if verdict is None:
            verdict = self._judge_by([found])
            if len(self._made) < _MOST_MADE:
                self._made[key] = verdict
        return verdict

    def _judge_by(self, found: Sequence[Finding]) -> Verdict:
        matched = tuple([rule for rule, each in zip(self._rules, found, strict=True) if each.holds])
        unsure = self._unsure(found, matched)
        if unsure:
            missing = dict.fromkeys(name for index in unsure for name in found[index].missing)
            trace = _trace((self._rules[index], found[index]) for index in unsure)
            return Verdict(Scope.UNKNOWN, matched, trace, tuple(missing))
        if not matched:
            return Verdict(Scope.OUT, (), _trace(zip(self._rules, found, strict=True)))
        first = next(each for each in found if each.holds)
        return Verdict(Scope.IN, matched, _sentence(matched[0], first))

    def _unsure(self, found: Sequence[Finding], matched: Sequence[Rule]) -> tuple[int, ...]:
        """The rules that wait for details, as far as anything depends on them."""
        return tuple(
            [
                index
                for index, each in enumerate(found)
                if each.missing and _matters(self._rules, index, matched)
            ]
        )

    def _constant(self) -> Verdict | None:
        """The verdict on every record, where no rule has a condition."""
        if not self._rules:
            off = " ".join(f'Rule "{rule.name}" is switched off.' for rule in self._off[:MOST])
            return Verdict(Scope.OUT, (), off or "There is no rule for this direction.")
        if any(rule.when is not None for rule in self._rules):
            return None
        return Verdict(Scope.IN, self._rules, _sentence(self._rules[0], _EVERYONE))


_MOST_MADE = 1000
_EVERYONE = Finding(True, "it takes everyone")


def _look(rule: Rule, source: Known) -> Look:
    return tree(rule.when, source) if rule.when is not None else lambda _, __: _EVERYONE


def _sentence(rule: Rule, found: Finding) -> str:
    return f'Rule "{rule.name}": {found.says}.'


def _trace(told: Iterable[tuple[Rule, Finding]]) -> str:
    """Each rule's own reason, of the first few."""
    sentences = [_sentence(rule, found) for rule, found in told]
    more = len(sentences) - MOST
    others = [f"And {more} more rules." if more > 1 else "And one more rule."] if more > 0 else []
    return " ".join([*sentences[:MOST], *others])


def _matters(rules: Sequence[Rule], index: int, matched: Sequence[Rule]) -> bool:
    """Whether anything would be different if the rule at `index` matched too."""
    if not matched:
        return True
    sure = {id(rule) for rule in matched}
    more = [rule for at, rule in enumerate(rules) if at == index or id(rule) in sure]
    return _actions(more) != _actions(matched)


def _actions(rules: Iterable[Rule]) -> dict[str, Action]:
    return {key: action for key, (_, action) in effects(rules).items()}
