"""Groups of records (tags, labels, lists): on which field of an app they stand, and who is in them. Pure.

An app whose groups are words of a field says so (`FieldInfo.group_kind`); the members of all others are told
by the group itself (`Known.members`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from linedesk.apps.records import Entry, FieldInfo, Value
from linedesk.sync.model import Side
from linedesk.sync.rules import Do, Rule, group_field
from linedesk.sync.texts import plain

Word = str | Entry
"""One word of a field of groups, as the app spells it."""


def folded(text: str) -> str:
    """The form in which names of groups, and texts of conditions, are compared: NFC, no case, trimmed."""
    return plain(plain(text).casefold())


def field_of_groups(fields: Mapping[str, FieldInfo], kind: str) -> FieldInfo | None:
    """The field whose words are the groups of `kind`; None where they stand on no field."""
    wanted = folded(kind)
    for info in fields.values():
        if info.group_kind and folded(info.group_kind) == wanted:
            return info
    return None


def words_of(value: Value) -> tuple[Word, ...]:
    """The words of a field of groups, in order; a plain text is one word."""
    if isinstance(value, tuple):
        return value
    return () if value is None or value == "" else (str(value),)


def text_of(word: Word) -> str:
    return word.value if isinstance(word, Entry) else word


def named(value: Value, name: str) -> tuple[Word, ...]:
    """Those words of a field that are the group `name`, as the app spells them."""
    wanted = folded(name)
    return tuple(word for word in words_of(value) if folded(text_of(word)) == wanted)


def membership(kind: str, name: str, known: Iterable[str]) -> str:
    """`rules.group_field` of a group, in the spelling of `known` if it is there without case."""
    return spelled(group_field(kind, name), known)


def spelled(field: str, known: Iterable[str]) -> str:
    """A membership in the spelling of `known` if it is there without case, else as it is."""
    wanted = folded(field)
    return next((each for each in known if folded(each) == wanted), field)


def groups_of(rules: Sequence[Rule], to: Side, fields: Mapping[str, FieldInfo]) -> frozenset[str]:
    """The memberships (`rules.group_field`) that actions write on `to` and that stand on no field there."""
    return frozenset(
        group_field(action.name, action.value)
        for rule in rules
        if rule.to is to and rule.enabled
        for action in rule.actions
        if action.do is not Do.SET and field_of_groups(fields, action.name) is None
    )
