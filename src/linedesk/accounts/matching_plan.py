"""What a file makes of the rules that name accounts: `tag_rules` and `[matching]`. Pure.

An account that is removed leaves them: one that is made later under its name is another book.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from linedesk.accounts.edge import AccountTable
from linedesk.accounts.edge_rules import MatchingTable
from linedesk.accounts.sentences import meant
from linedesk.accounts.setup import AccountSetup
from linedesk.contacts.policy import MatchPolicy
from linedesk.errors import ApplyError

_REMEDY = "Add the account in the same file, or correct the name."


def wanted_matching(
    before: MatchPolicy, table: MatchingTable, accounts: Mapping[str, AccountSetup]
) -> MatchPolicy:
    """The policy after the file, with `accounts` as they are then; raises `ApplyError`."""
    books = _books(accounts)
    if "open_first" not in table.model_fields_set:
        return MatchPolicy(tuple(name for name in before.open_first if name in books))
    for name in table.open_first:
        _check("matching.open_first", name, accounts)
    return MatchPolicy(tuple(dict.fromkeys(table.open_first)))


def settled_tag_rules(
    accounts: Mapping[str, AccountSetup], tables: Mapping[str, AccountTable], removed: Collection[str]
) -> dict[str, AccountSetup]:
    """The accounts with tag rules whose books are there; raises `ApplyError`.

    A rule for a book that is removed goes with it: without its book it would look into all of them.
    """
    settled = dict(accounts)
    for name, account in accounts.items():
        rules = account.config.get("tag_rules", []) if account.is_pbx else []
        if name in tables and "tag_rules" in tables[name].model_fields_set:
            for number, rule in enumerate(rules, 1):
                if rule["book"]:
                    _check(f"accounts.{name}.tag_rules[{number}].book", rule["book"], accounts)
        kept = [rule for rule in rules if rule["book"] not in removed]
        if kept != rules:
            settled[name] = replace(account, config={**account.config, "tag_rules": kept})
    return settled


def _check(path: str, name: str, accounts: Mapping[str, AccountSetup]) -> None:
    books = _books(accounts)
    if name in books:
        return
    if name in accounts:
        raise ApplyError(
            f"`{path}` names `{name}`, which is a PBX and no book of contacts.", remedy="Name an app account."
        )
    raise ApplyError(f"`{path}` names `{name}`, which is no account{meant(name, books)}.", remedy=_REMEDY)


def _books(accounts: Mapping[str, AccountSetup]) -> frozenset[str]:
    return frozenset(name for name, account in accounts.items() if not account.is_pbx)
