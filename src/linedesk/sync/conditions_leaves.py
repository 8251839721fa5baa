"""One condition on one record: whether it holds, in a sentence, or which fields that needs. Pure.

A negated condition is a leaf too (`conditions_trees` pushes every "not" down to here), so a trace always
names a fact about the record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from linedesk.apps.records import FieldInfo, FieldKind, Record, Value
from linedesk.sync.conditions_values import Says, contains, equals
from linedesk.sync.conditions_words import facts, never_told, unread
from linedesk.sync.instants import instant_ms
from linedesk.sync.memberships import field_of_groups, membership, named
from linedesk.sync.model import Known
from linedesk.sync.rules import Condition, Test
from linedesk.sync.values import is_blank, texts_of

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a condition says of a record: `holds` None where it can't be told.

    `says`: a fact, without a full stop. `missing`: fields that would tell; empty where nothing will.
    """

    holds: bool | None
    says: str
    missing: tuple[str, ...] = ()


Look = Callable[[Record, bool], Finding]
"""A condition looks at a record, and is told whether it has a counterpart on the other side."""

_Found = bool | tuple[str, ...]
"""Whether it is so; else the fields that are not read yet, none where no reading will tell."""

_Test = Callable[[Record, bool], _Found]


def leaf(condition: Condition, source: Known, *, negated: bool) -> Look:
    """The condition, or that it does not hold, on records of `source`."""
    test = _TESTS[condition.test](condition, source)
    yes, no = facts(condition, source.fields)
    holds = Finding(not negated, f"{yes}, which this rule excludes" if negated else yes)
    fails = Finding(negated, no)
    never = Finding(None, never_told(condition))

    def look(record: Record, exists: bool) -> Finding:
        found = test(record, exists)
        if found is True:
            return holds
        if found is False:
            return fails
        return Finding(None, unread(found, source.fields), found) if found else never

    return look


def groups_wanted(condition: Condition, fields: Mapping[str, FieldInfo]) -> tuple[str, ...]:
    """The memberships, by `rules.group_field`, that the condition needs and that stand on no field."""
    if condition.test is not Test.MEMBER or field_of_groups(fields, condition.field) is not None:
        return ()
    return tuple(membership(condition.field, name, ()) for name in condition.values)


def _on_fields(infos: Sequence[FieldInfo], says: Callable[[FieldInfo], Says]) -> _Test:
    """True when it is so for one of the fields; nobody can tell where the app has none."""
    asked = tuple((info.name, says(info)) for info in infos)
    names = frozenset(name for name, _ in asked)

    def test(record: Record, _: bool) -> _Found:
        unread = names & record.missing if record.missing else ()
        for name, holds in asked:
            if name not in unread and holds(record.fields.get(name)):
                return True
        return tuple(name for name, _ in asked if name in unread) if unread or not asked else False

    return test


def _text(compare: Callable[..., Says]) -> Callable[[Condition, Known], _Test]:
    """The condition's field is compared with its values."""

    def make(condition: Condition, source: Known) -> _Test:
        info = source.fields.get(condition.field)
        return _on_fields(
            (info,) if info is not None else (), lambda it: compare(it, condition.values, source.plan)
        )

    return make


def _any_of_kind(kind: FieldKind) -> Callable[[Condition, Known], _Test]:
    """Any field of the kind is compared with the condition's values."""

    def make(condition: Condition, source: Known) -> _Test:
        return _on_fields(_of_kind(kind, source), lambda info: equals(info, condition.values, source.plan))

    return make


def _has(kind: FieldKind, says: Says) -> Callable[[Condition, Known], _Test]:
    """Whether a field of the kind has one; an app without such fields has none."""

    def make(_: Condition, source: Known) -> _Test:
        infos = _of_kind(kind, source)
        return _on_fields(infos, lambda _: says) if infos else lambda _, __: False

    return make


def _of_kind(kind: FieldKind, source: Known) -> tuple[FieldInfo, ...]:
    return tuple(info for info in source.fields.values() if info.kind is kind)


def _has_digit(value: Value) -> bool:
    """A number is told from a remark ("ask at the desk") by its digits; reading each would take too long."""
    if isinstance(value, str):
        return _DIGIT.search(value) is not None
    return value is not None and any(_DIGIT.search(text) for text in texts_of(value))


def _has_at(value: Value) -> bool:
    return any("@" in text for text in texts_of(value))


def _member(condition: Condition, source: Known) -> _Test:
    info = field_of_groups(source.fields, condition.field)
    if info is not None:
        names = condition.values
        return _on_fields((info,), lambda _: lambda value: any(named(value, name) for name in names))
    fields = [membership(condition.field, name, source.members) for name in condition.values]

    def test(record: Record, _: bool) -> _Found:
        if any(record.id in source.members.get(field, ()) for field in fields):
            return True
        missing = tuple(field for field in fields if field not in source.members)
        return missing or False

    return test


def _since(told: Callable[[Record], int | None]) -> Callable[[Condition, Known], _Test]:
    def make(condition: Condition, _: Known) -> _Test:
        start_ms = _instant(condition.values)

        def test(record: Record, _: bool) -> _Found:
            at_ms = told(record)
            return () if at_ms is None or start_ms is None else at_ms >= start_ms

        return test

    return make


def _instant(values: Sequence[str]) -> int | None:
    """None for what is no date: `check_rules` says so, and until it is mended nobody can tell."""
    try:
        return instant_ms(values[0]) if values else None
    except ValueError:
        return None


_TESTS: Mapping[Test, Callable[[Condition, Known], _Test]] = {
    Test.EQUALS: _text(equals),
    Test.ONE_OF: _text(equals),
    Test.CONTAINS: _text(contains),
    Test.EMPTY: _text(lambda *_: is_blank),
    Test.HAS_PHONE: _has(FieldKind.PHONE, _has_digit),
    Test.HAS_EMAIL: _has(FieldKind.EMAIL, _has_at),
    Test.MEMBER: _member,
    Test.OWNER: _any_of_kind(FieldKind.OWNER),
    Test.COMPANY: _any_of_kind(FieldKind.COMPANY),
    Test.CREATED_SINCE: _since(lambda record: record.created_ms),
    Test.CHANGED_SINCE: _since(lambda record: record.modified_ms),
    Test.EXISTS: lambda _, __: lambda _, exists: exists,
}
