"""What is wrong with the actions of rules, in sentences; part of `conditions.check_rules`. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement

from linedesk.apps.records import FieldInfo, FieldKind, Group
from linedesk.sync.acting_values import fitted
from linedesk.sync.document_words import meant
from linedesk.sync.memberships import field_of_groups, groups_of, spelled
from linedesk.sync.model import Side
from linedesk.sync.rules import Action, All, Do, Not, Rule, When, group_field
from linedesk.sync.values import is_blank


def check_actions(
    rule: Rule, fields: Mapping[str, FieldInfo], kinds: Collection[str], mapped: Collection[str]
) -> Iterator[str]:
    """`fields`, `kinds`: of the app that is written. `mapped`: fields that the mapping writes there."""
    for action in rule.actions:
        if action.do is Do.SET:
            yield from _check_set(action, fields, mapped)
        else:
            yield from _check_group(action, fields, kinds, mapped)


def check_groups(
    rules: Sequence[Rule], side: Side, fields: Mapping[str, FieldInfo], groups: Iterable[Group]
) -> tuple[str, ...]:
    """Actions on such `groups` of `side` whose members follow a rule of the app.

    Only those that stand on none of the side's `fields`. Whether a group is there at all the app decides:
    some make one when it is first used.
    """
    fixed = {group_field(each.kind, each.name): each for each in groups if not each.writable}
    wrong: dict[str, None] = {}
    for rule in rules:
        for field in groups_of((rule,), side, fields):
            group = fixed.get(spelled(field, fixed))
            if group is not None:
                which = f'Rule "{rule.name}": the {group.kind} "{group.name}"'
                wrong[f"{which} can't be written, for its members follow a rule of the app."] = None
    return tuple(wrong)


def check_against_each_other(rules: Sequence[Rule]) -> Iterator[str]:
    """Actions of one side of which one undoes the other, or of which the second never happens."""
    for one, other in combinations_with_replacement(rules, 2):
        if one.to is not other.to or (one is not other and excludes(one.when, other.when)):
            continue
        opposite = {action.opposite for action in one.actions} - {""}
        for action in other.actions:
            if action.key in opposite and (one is not other or action.do is Do.REMOVE):
                yield _quarrel(one, other, action)
        if one is other:
            yield from _set_twice(one)


def excludes(one: When | None, other: When | None) -> bool:
    """Whether no record meets both, as far as the trees show it: one asks for what the other rules out."""
    asked = _asked(other)
    return any(_not(each) in asked for each in _asked(one))


def _asked(when: When | None) -> tuple[When, ...]:
    """What a tree asks for in any case."""
    if isinstance(when, All):
        return tuple(part for each in when.of for part in _asked(each))
    return () if when is None else (when,)


def _not(when: When) -> When:
    return when.of if isinstance(when, Not) else Not(when)


def _quarrel(one: Rule, other: Rule, action: Action) -> str:
    group = f'{action.name} "{action.value}"'
    if one is other:
        return f'Rule "{one.name}" both adds and removes the {group}.'
    return (
        f'Rules "{one.name}" and "{other.name}" quarrel about the {group}: one adds it, the other '
        "removes it. Let one of them ask for what the other rules out."
    )


def _set_twice(rule: Rule) -> Iterator[str]:
    names = [action.name for action in rule.actions if action.do is Do.SET]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f'Rule "{rule.name}" sets the field "{name}" twice.'


def _check_set(action: Action, fields: Mapping[str, FieldInfo], mapped: Collection[str]) -> Iterator[str]:
    info = fields.get(action.name)
    if info is None:
        yield f'the app that it writes has no field "{action.name}"{meant(action.name, fields)}.'
        return
    if info.read_only or info.kind is FieldKind.ID:
        yield f'"{info.label}" can only be read; it can\'t be set.'
    elif info.unique:
        yield f'"{info.label}" must be different in each record; it can\'t be set to one value.'
    elif info.required and is_blank(action.value):
        yield f'"{info.label}" can\'t be empty.'
    else:
        yield from fitted(action.value, info).notes
    yield from _check_mapped(info, mapped)


def _check_group(
    action: Action, fields: Mapping[str, FieldInfo], kinds: Collection[str], mapped: Collection[str]
) -> Iterator[str]:
    info = field_of_groups(fields, action.name)
    if is_blank(action.value):
        yield f"it names no {action.name}."
    if info is None:
        if action.name not in kinds:
            near = meant(action.name, kinds)
            yield f"the app that it writes has no groups of the kind {action.name}{near}."
        return
    if info.read_only:
        yield f'"{info.label}" can only be read; the {action.name} "{action.value}" can\'t be written.'
    yield from _check_mapped(info, mapped)


def _check_mapped(info: FieldInfo, mapped: Collection[str]) -> Iterator[str]:
    if info.name in mapped:
        yield (
            f'the mapping writes "{info.label}" too, and would undo it; take the action away, or take that '
            "field out of the mapping in this direction."
        )
