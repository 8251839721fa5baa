"""What is wrong with the rules of a connection, in sentences: before a run, not in the middle of it. Pure.

Needs the apps' own descriptions of their fields; the form of a rule alone is checked by `rule_documents`.
What is wrong with one action is `acting_checks`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from linedesk.apps.records import FieldInfo, FieldKind
from linedesk.sync.acting_checks import check_actions, check_against_each_other
from linedesk.sync.acting_values import fitted
from linedesk.sync.conditions_trees import conditions
from linedesk.sync.document_words import meant
from linedesk.sync.instants import instant_ms
from linedesk.sync.memberships import field_of_groups
from linedesk.sync.model import Direction, MappingRow, Side
from linedesk.sync.rules import Condition, Rule, Test

_OF_ONE_FIELD = frozenset({Test.EQUALS, Test.CONTAINS, Test.ONE_OF, Test.EMPTY})
_WHO = {Test.OWNER: FieldKind.OWNER, Test.COMPANY: FieldKind.COMPANY}
_SINCE = frozenset({Test.CREATED_SINCE, Test.CHANGED_SINCE})
_STRICT = frozenset({FieldKind.CHOICE, FieldKind.NUMBER, FieldKind.DATE, FieldKind.CHECKBOX})
"""Fields that can't hold just any text: to ask for another is a slip of the pen."""


def check_rules(
    rules: Sequence[Rule],
    fields: Mapping[Side, Mapping[str, FieldInfo]],
    kinds: Mapping[Side, Collection[str]],
    direction: Direction,
    rows: Sequence[MappingRow],
) -> tuple[str, ...]:
    """One sentence for each thing that can't work; empty when all is well.

    `kinds`: the kinds of groups of each side's app. `rows`: the mapping that counts. That a direction has no
    rule is no fault: see `unruled`.
    """
    wrong = list(_same_names(rules))
    for rule in rules:
        if not direction.writes(rule.to):
            wrong.append(f'Rule "{rule.name}" goes where this connection writes nothing.')
            continue
        source, target = rule.to.other, rule.to
        written = _written(rows, direction, target)
        told = [
            *_check_conditions(rule, fields.get(source, {}), kinds.get(source, ())),
            *check_actions(rule, fields.get(target, {}), kinds.get(target, ()), written),
        ]
        wrong += [f'Rule "{rule.name}": {sentence}' for sentence in dict.fromkeys(told)]
    return (*wrong, *check_against_each_other(rules))


def unruled(rules: Sequence[Rule], direction: Direction, accounts: Mapping[Side, str]) -> tuple[str, ...]:
    """A sentence for each side that the connection may write and no rule goes to: it carries nothing there.

    Rules that are switched off count. No rules at all are the usual ones.
    """
    ruled = {rule.to for rule in rules} or set(Side)
    return tuple(
        f"No rule goes to {accounts[side]}, so nothing is written there: add one, or make the connection "
        "one-way."
        for side in Side
        if direction.writes(side) and side not in ruled
    )


def _same_names(rules: Sequence[Rule]) -> Iterator[str]:
    names = [rule.name for rule in rules]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f'Two rules have the name "{name}"; give each its own, for reports and undo go by it.'


def _written(rows: Sequence[MappingRow], direction: Direction, side: Side) -> frozenset[str]:
    """The fields of a side that the mapping writes, parts of composite ones included."""
    return frozenset(
        name
        for row in rows
        if direction.writes(side) and row.direction.writes(side)
        for name in (row.b if side is Side.B else row.a).split("+")
    )


def _check_conditions(rule: Rule, fields: Mapping[str, FieldInfo], kinds: Collection[str]) -> Iterator[str]:
    for condition in conditions(rule.when):
        if condition.test in _OF_ONE_FIELD:
            yield from _check_field(condition, fields)
        elif condition.test is Test.MEMBER:
            yield from _check_kind(condition, fields, kinds)
        elif condition.test in _SINCE:
            yield from _check_date(condition)
        elif condition.test in _WHO:
            kind = _WHO[condition.test]
            if not any(info.kind is kind for info in fields.values()):
                yield f"the app that it reads tells no {condition.test} of a record."


def _check_field(condition: Condition, fields: Mapping[str, FieldInfo]) -> Iterator[str]:
    info = fields.get(condition.field)
    if info is None:
        near = meant(condition.field, fields)
        yield f'the app that it reads has no field "{condition.field}"{near}.'
        return
    if condition.test in {Test.EQUALS, Test.ONE_OF} and info.kind in _STRICT:
        for value in condition.values:
            made = fitted(value, info)
            if made.left_out:
                yield f'"{info.label}" is never "{value}": {_why(info)}.'


def _why(info: FieldInfo) -> str:
    if info.kind is FieldKind.CHOICE:
        labels = ", ".join(choice.label for choice in info.choices)
        return f"its choices are {labels}"
    takes = {
        FieldKind.NUMBER: "a number",
        FieldKind.DATE: "a date such as 2026-01-31",
        FieldKind.CHECKBOX: "yes or no",
    }
    return f"it holds {takes[info.kind]}"


def _check_kind(
    condition: Condition, fields: Mapping[str, FieldInfo], kinds: Collection[str]
) -> Iterator[str]:
    if field_of_groups(fields, condition.field) is None and condition.field not in kinds:
        near = meant(condition.field, kinds)
        yield f"the app that it reads has no groups of the kind {condition.field}{near}."


def _check_date(condition: Condition) -> Iterator[str]:
    given = "".join(condition.values[:1])
    try:
        instant_ms(given)
    except ValueError:
        yield f'"{given}" is no date; write it as 2026-01-31 or 2026-01-31T08:00:00Z.'
