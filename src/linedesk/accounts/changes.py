"""The difference between two setups, as people read it and as the audit keeps it. Pure; shows no secret."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from linedesk.accounts.connection_lines import changed_lines, row_line, rule_line
from linedesk.accounts.connection_table import connection_table
from linedesk.accounts.keys import default_values, secret_keys
from linedesk.accounts.moved import forgotten_pairs
from linedesk.accounts.setup import AccountSetup, Setup, stored_matching
from linedesk.agents.model import Agent
from linedesk.agents.rules import must_sign_in_again
from linedesk.sync.model import Connection, Side
from linedesk.sync.policies import Deletes

_MARKS = {"add": "+", "change": "~", "remove": "-"}
_USUAL_AGENT = {"books": "all", "open_page": "click", "active": True}


class Kind(StrEnum):
    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """JSON values; None: not there. A secret is only ever `set` or `changed`.

    `usual`: `after` is the default. `told`: of a list of tables, those that went and came, in lines.
    """

    name: str
    before: Any
    after: Any
    secret: bool = False
    usual: bool = False
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is added, changed or removed; `target` is its path in the file."""

    kind: Kind
    target: str
    fields: tuple[FieldChange, ...]
    note: str = ""

    def lines(self) -> list[str]:
        """For a terminal: what happens to which key; of what is added, the defaults go without saying."""
        lines = [f"{_MARKS[self.kind]} {self.target}"]
        if self.kind is not Kind.REMOVE:
            told = [each for each in self.fields if self.kind is not Kind.ADD or not each.usual]
            lines += [line for each in told for line in _lines(self.kind, each)]
        return [*lines, *([f"    ({self.note})"] if self.note else [])]

    def as_json(self) -> dict[str, Any]:
        """One entry of `linedesk apply --json`."""
        fields = {each.name: [each.before, each.after] for each in self.fields}
        return {"action": self.kind.value, "target": self.target, "fields": fields, "note": self.note}


def changes(before: Setup, after: Setup) -> tuple[Change, ...]:
    """All changes, in the order of the file: origins, accounts, connections, agents, dialling, matching."""
    forgotten = forgotten_pairs(before, after)
    found = _fields("origins", {"origins": sorted(before.origins)}, {"origins": sorted(after.origins)})
    for name in sorted({*before.accounts, *after.accounts}):
        old, new = before.accounts.get(name), after.accounts.get(name)
        usual = default_values(new.app) if new is not None else {}
        found += _fields(
            f"accounts.{name}",
            _account(old),
            _account(new),
            secrets=_secrets(old, new),
            usual=usual,
            note=_account_note(forgotten.get(name, ())),
        )
    for name in sorted({*before.connections, *after.connections}):
        one, other = before.connections.get(name), after.connections.get(name)
        found += _fields(
            f"connections.{name}",
            _connection(one),
            _connection(other),
            note=_connection_note(one, other),
            usual=_connection(Connection("", "", "")),
            told=_told(one, other),
        )
    for login in sorted({*before.agents, *after.agents}):
        was, will = before.agents.get(login), after.agents.get(login)
        note = "must sign in again on every device" if was and will and must_sign_in_again(was, will) else ""
        found += _fields(f"agents.{login}", _agent(was), _agent(will), note=note, usual=_USUAL_AGENT)
    found += _fields("dialling", before.dialling.to_document(), after.dialling.to_document())
    found += _fields("matching", stored_matching(before.matching), stored_matching(after.matching))
    return tuple(found)


def _fields(
    target: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    secrets: tuple[FieldChange, ...] = (),
    note: str = "",
    usual: Mapping[str, Any] | None = None,
    told: Mapping[str, tuple[str, ...]] | None = None,
) -> list[Change]:
    if before is None and after is None:
        return []
    old, new, defaults = before or {}, after or {}, usual or {}
    fields = tuple(
        FieldChange(
            name,
            old.get(name),
            new.get(name),
            usual=name in defaults and defaults[name] == new.get(name),
            told=(told or {}).get(name, ()),
        )
        for name in dict.fromkeys((*new, *old))
        if old.get(name) != new.get(name)
    )
    kind = Kind.ADD if before is None else Kind.REMOVE if after is None else Kind.CHANGE
    if kind is Kind.CHANGE and not fields and not secrets:
        return []
    return [Change(kind, target, fields + secrets, note)]


def _account(account: AccountSetup | None) -> dict[str, Any] | None:
    return None if account is None else {"app": account.app, **account.config}


def _secrets(before: AccountSetup | None, after: AccountSetup | None) -> tuple[FieldChange, ...]:
    old = before.secrets if before is not None else {}
    new = after.secrets if after is not None else {}
    either = after or before
    return tuple(
        FieldChange(
            name,
            "set" if name in old else None,
            ("changed" if name in old else "set") if name in new else None,
            secret=True,
        )
        for name in secret_keys(either.app if either is not None else "")
        if old.get(name) != new.get(name)
    )


def _account_note(connections: Sequence[str]) -> str:
    if not connections:
        return ""
    names = ", ".join(f"`{each}`" for each in connections)
    return f"another book: the pairs of {names} are forgotten and looked for anew"


def _connection(connection: Connection | None) -> dict[str, Any] | None:
    """The table with each brake by itself, as it is changed by itself."""
    if connection is None:
        return None
    table = connection_table(connection)
    brakes = table.pop("brakes")
    return {**table, **{f"brakes.{name}": value for name, value in brakes.items()}}


def _told(before: Connection | None, after: Connection | None) -> dict[str, tuple[str, ...]]:
    """Rules and rows that went and came, one line each."""
    rules = [[rule_line(each, one) for each in one.rules] if one else [] for one in (before, after)]
    rows = [[row_line(each, one) for each in one.rows] if one else [] for one in (before, after)]
    return {"rules": changed_lines(*rules), "mapping": changed_lines(*rows)}


def _connection_note(before: Connection | None, after: Connection | None) -> str:
    if before is None:
        # Whoever means to look at a preview first must hear of it before the service is at work.
        return _begins(after) if after is not None and after.enabled and after.every_s else ""
    if after is None:
        return "its pairs are forgotten; no contact is removed on either side"
    if (before.a, before.b) != (after.a, after.b):
        return "other accounts: the pairs found so far are forgotten and looked for anew"
    return _goes_further(before, after)


def _goes_further(before: Connection, after: Connection) -> str:
    """What a change makes possible that never happened before."""
    told = []
    if after.direction.writes(Side.A) and not before.direction.writes(Side.A):
        told.append(
            f"`{after.a}` is written too from now on; `linedesk sync {after.name} --preview` shows what"
        )
    if after.deletes is Deletes.PROPAGATE and before.deletes is not Deletes.PROPAGATE:
        told.append("who is deleted on one side will be deleted on the other")
    return "; ".join(told)


def _begins(connection: Connection) -> str:
    written = [f"`{name}`" for side, name in _accounts(connection) if connection.direction.writes(side)]
    return (
        f"a running service writes into {' and '.join(written)} at once, and then each "
        f"{connection.every_s} s; to see a preview first, set `every_s = 0`"
    )


def _accounts(connection: Connection) -> tuple[tuple[Side, str], ...]:
    return ((Side.A, connection.a), (Side.B, connection.b))


def _agent(agent: Agent | None) -> dict[str, Any] | None:
    if agent is None:
        return None
    return {
        "name": agent.name,
        "role": agent.role.value,
        "account": agent.account,
        "extension": agent.extension,
        "email": agent.email,
        "user_id": agent.user_id,
        "books": "all" if agent.books is None else sorted(agent.books),
        "open_page": agent.open_page.value,
        "active": agent.active,
    }


def _lines(kind: Kind, change: FieldChange) -> list[str]:
    if not change.told:
        return [f"    {change.name}: {_shown(kind, change)}"]
    return [f"    {change.name}:", *(f"        {line}" for line in change.told)]


def _shown(kind: Kind, change: FieldChange) -> str:
    if change.secret:
        return "cleared" if change.after is None else str(change.after)
    if kind is Kind.ADD:
        return _text(change.after)
    return f"{_text(change.before)} -> {_text(change.after)}"


def _text(value: Any) -> str:
    """A JSON value, as it may stand in the file."""
    match value:
        case None:
            text = "(none)"
        case bool():
            text = "true" if value else "false"
        case str() if not value.isprintable() or "'" in value:
            text = json.dumps(value)
        case str():
            text = f"'{value}'"
        case list():
            text = f"[{', '.join(map(_text, value))}]"
        case dict():
            text = f"{{ {', '.join(f'{key} = {_text(each)}' for key, each in value.items())} }}"
        case _:
            text = str(value)
    return text
