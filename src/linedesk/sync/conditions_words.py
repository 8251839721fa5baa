"""What a condition says of a record: facts for traces, when it holds, when not, when nobody knows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from linedesk.apps.records import FieldInfo
from linedesk.sync.rules import GROUP_MARK, Condition, Test

_HAD = frozenset({"tag", "label"})
"""Kinds of groups that a record has; in all others it is."""

Facts = tuple[str, str]
"""What is so when a condition holds, and when it does not; without a full stop."""


def facts(condition: Condition, fields: Mapping[str, FieldInfo]) -> Facts:
    """The two facts of `condition`, with the fields' own labels."""
    of = condition.field
    label = f'"{fields[of].label}"' if of in fields else f'"{of}"'
    one = " or ".join(f'"{value}"' for value in condition.values) or "nothing"
    return _FACTS[condition.test](label, one, condition)


def unread(missing: Iterable[str], fields: Mapping[str, FieldInfo]) -> str:
    """`"Tags" is not read yet`, `the members of list "News" are not read yet`."""
    shown = []
    for name in missing:
        kind, _, group = name.removeprefix(GROUP_MARK).partition(":")
        if name.startswith(GROUP_MARK):
            shown.append(f'the members of {kind} "{group}"')
        else:
            shown.append(f'"{fields[name].label if name in fields else name}"')
    plural = len(shown) > 1 or not shown[0].startswith('"')
    return f"{' and '.join(shown)} {'are' if plural else 'is'} not read yet"


def never_told(condition: Condition) -> str:
    """Why no reading will tell whether the condition holds."""
    match condition.test:
        case Test.CREATED_SINCE | Test.CHANGED_SINCE:
            return f"the app does not tell when it was {_verb(condition)}"
        case Test.OWNER | Test.COMPANY:
            return f"the app tells no {condition.test}"
        case _:
            return f'the app has no field "{condition.field}"'


def _is(label: str, one: str, _: Condition) -> Facts:
    return f"{label} is {one}", f"{label} is not {one}"


def _contains(label: str, one: str, _: Condition) -> Facts:
    return f"{label} contains {one}", f"{label} does not contain {one}"


def _has(what: str) -> Callable[[str, str, Condition], Facts]:
    return lambda _, __, ___: (f"it has {what}", f"it has no {what.partition(' ')[2]}")


def _member(_: str, one: str, condition: Condition) -> Facts:
    kind = condition.field
    if kind in _HAD:
        return f"the {kind} {one} is there", f"the {kind} {one} is missing"
    return f"it is in the {kind} {one}", f"it is not in the {kind} {one}"


def _about(_: str, one: str, condition: Condition) -> Facts:
    return f"the {condition.test} is {one}", f"the {condition.test} is not {one}"


def _since(_: str, __: str, condition: Condition) -> Facts:
    at = "".join(condition.values[:1])
    return f"it was {_verb(condition)} since {at}", f"it was {_verb(condition)} before {at}"


def _verb(condition: Condition) -> str:
    return condition.test.removesuffix("-since")


_FACTS: Mapping[Test, Callable[[str, str, Condition], Facts]] = {
    Test.EQUALS: _is,
    Test.ONE_OF: _is,
    Test.CONTAINS: _contains,
    Test.EMPTY: lambda label, _, __: (f"{label} is empty", f"{label} has a value"),
    Test.HAS_PHONE: _has("a phone number"),
    Test.HAS_EMAIL: _has("an e-mail address"),
    Test.MEMBER: _member,
    Test.OWNER: _about,
    Test.COMPANY: _about,
    Test.CREATED_SINCE: _since,
    Test.CHANGED_SINCE: _since,
    Test.EXISTS: lambda _, __, ___: (
        "it is on the other side already",
        "it is not on the other side yet",
    ),
}
