"""What will not work in a connection, in sentences, as far as no app must be asked for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from linedesk.accounts.setup import AccountSetup
from linedesk.apps.records import FieldInfo
from linedesk.apps.registry import REGISTRY
from linedesk.sync.conditions import check_rules, unruled, usual_rules
from linedesk.sync.conditions_trees import conditions
from linedesk.sync.hints import idle_edits
from linedesk.sync.mapping_checks import check_rows
from linedesk.sync.model import Connection, Side
from linedesk.sync.row_edits import edited
from linedesk.sync.rules import Do, Test
from linedesk.sync.sides import usual_rows

Told = Mapping[str, tuple[FieldInfo, ...]]
"""By account, the fields that it told last; empty when it never did."""


def rule_advice(connection: Connection) -> list[str]:
    """Directions for which there is no rule, and rules for a direction that there is not."""
    accounts = {Side.A: connection.a, Side.B: connection.b}
    sentences = list(unruled(connection.rules, connection.direction, accounts))
    sentences += [
        f'Rule "{rule.name}" goes to {accounts[rule.to]}, which a one-way connection does not write: take '
        "the rule out, or make the connection two-way."
        for rule in connection.rules
        if not connection.direction.writes(rule.to)
    ]
    return [f"The connection `{connection.name}`: {sentence}" for sentence in sentences]


def field_advice(
    connections: Iterable[Connection], accounts: Mapping[str, AccountSetup], told: Told
) -> list[str]:
    """What the apps' fields, as they were told last, make impossible. `linedesk check` asks them anew."""
    sentences: list[str] = []
    for each in connections:
        if each.enabled and told.get(each.a) and told.get(each.b):
            sentences += [f"The connection `{each.name}`: {one}" for one in _misfits(each, accounts, told)]
    return sentences


def _misfits(connection: Connection, accounts: Mapping[str, AccountSetup], told: Told) -> list[str]:
    names = {Side.A: connection.a, Side.B: connection.b}
    kinds = {side: REGISTRY[accounts[name].app] for side, name in names.items()}
    fields = {side: {info.name: info for info in told[name]} for side, name in names.items()}
    usual = usual_rows(kinds, fields)
    rows = edited(usual, connection.rows)
    wrong = list(check_rows(rows, fields[Side.A], fields[Side.B], connection.direction))
    phone_books = [side for side, kind in kinds.items() if kind.phone_book]
    rules = connection.rules or usual_rules(connection.direction, phone_books)
    ruled = tuple(rule for rule in rules if connection.direction.writes(rule.to))
    if not wrong:
        groups = dict.fromkeys(Side, _kinds_named(connection))
        wrong += check_rules(ruled, fields, groups, connection.direction, rows)
    return [*wrong, *idle_edits(usual, connection.rows)]


def _kinds_named(connection: Connection) -> frozenset[str]:
    """Which kinds of groups an app has is told only when it is open; those that are named count till then."""
    acted = {each.name for rule in connection.rules for each in rule.actions if each.do is not Do.SET}
    asked = {
        each.field for rule in connection.rules for each in conditions(rule.when) if each.test is Test.MEMBER
    }
    return frozenset(acted | asked)
