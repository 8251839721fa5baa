"""Rules and mapping rows of a connection as lines that a person reads in a diff. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from linedesk.sync.model import Connection, Direction, RowEdit, Side
from linedesk.sync.policies import Conflict
from linedesk.sync.rules import Action, All, AnyOf, Condition, Do, Not, Rule, Test, When

_PLAIN = {
    Test.HAS_PHONE: "it has a phone number",
    Test.HAS_EMAIL: "it has an e-mail address",
    Test.EXISTS: "it exists on the other side",
}
_OF_FIELD = {Test.EQUALS: "is", Test.CONTAINS: "contains", Test.ONE_OF: "is one of", Test.EMPTY: "is empty"}
_OF_RECORD = {
    Test.OWNER: "its owner is",
    Test.COMPANY: "its company is",
    Test.CREATED_SINCE: "it was created since",
    Test.CHANGED_SINCE: "it was changed since",
}
_ARROWS = {Direction.BOTH: "<->", Direction.TO_B: "->", Direction.TO_A: "<-"}


def rule_line(rule: Rule, connection: Connection) -> str:
    """What the rule does, in one line."""
    to = connection.a if rule.to is Side.A else connection.b
    when = "everything" if rule.when is None else f"if {_when(rule.when)}"
    parts = [f"to {to}: {when}", *map(_action, rule.actions)]
    return f"{_quoted(rule.name)} {'; '.join(parts)}{'' if rule.enabled else ' (switched off)'}"


def row_line(edit: RowEdit, connection: Connection) -> str:
    """What the row joins, in one line."""
    row = edit.row
    line = f"{row.a} {_ARROWS[row.direction]} {row.b}"
    if edit.off:
        return f"{line}: not used"
    told = [] if row.transform == "same" else [row.transform + _options(row.options)]
    if row.transform == "same" and row.options:
        told.append(f"same{_options(row.options)}")
    if row.conflict is not None:
        told.append(f"conflict: {_winner(row.conflict, connection)}")
    if row.blanks is not None:
        told.append(f"blanks: {row.blanks.value}")
    return f"{line}: {', '.join(told)}" if told else line


def changed_lines(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """Both lists as one, each line that went with "-" and each new one with "+"; the others are left out."""
    found: list[str] = []
    for tag, low, high, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            found += [f"- {line}" for line in before[low:high]]
            found += [f"+ {line}" for line in after[start:end]]
    return tuple(found)


def _when(when: When, *, within: bool = False) -> str:
    match when:
        case All(of):
            return _joined(of, " and ", "anything", within)
        case AnyOf(of):
            return _joined(of, " or ", "nothing", within)
        case Not(of):
            return f"not {_when(of, within=True)}"
        case Condition():
            return " ".join(_leaf(when))


def _joined(of: Sequence[When], word: str, empty: str, within: bool) -> str:
    if len(of) < 2:
        return _when(of[0], within=within) if of else empty
    text = word.join(_when(each, within=True) for each in of)
    return f"({text})" if within else text


def _leaf(condition: Condition) -> Iterator[str]:
    test, values = condition.test, ", ".join(map(_quoted, condition.values))
    if test in _PLAIN:
        yield _PLAIN[test]
    elif test is Test.MEMBER:
        yield f"it is in the {condition.field} {values}"
    elif test in _OF_RECORD:
        yield f"{_OF_RECORD[test]} {values}"
    else:
        yield condition.field
        yield _OF_FIELD[test]
        if test is not Test.EMPTY:
            yield values


def _action(action: Action) -> str:
    match action.do:
        case Do.ADD:
            text = f"put it into the {action.name} {_quoted(action.value)}"
        case Do.REMOVE:
            text = f"take it out of the {action.name} {_quoted(action.value)}"
        case Do.SET:
            text = f"set {action.name} to {_quoted(action.value)}"
    return f"{text} while the rule applies" if action.revert else text


def _options(options: Any) -> str:
    return f" {json.dumps(options, ensure_ascii=False, sort_keys=True)}" if options else ""


def _winner(conflict: Conflict, connection: Connection) -> str:
    accounts = {Conflict.A: f"{connection.a} counts", Conflict.B: f"{connection.b} counts"}
    return accounts.get(conflict, conflict.value)


def _quoted(text: str) -> str:
    """Text from a file, visible: a line stays one line."""
    shown = json.dumps(text, ensure_ascii=False)
    return shown if shown.isprintable() else json.dumps(text)
