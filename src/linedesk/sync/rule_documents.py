"""Rules as documents, for TOML, JSON and the database, and back, exactly. Pure.

A condition's form is `condition_documents`. Whether an app has the fields and groups that a rule names is
checked by `conditions_checks`, when the app is there to be asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from linedesk.sync.condition_documents import when_from_document, when_to_document
from linedesk.sync.document_words import keys, listed, name_of, scalar, switch, table, word
from linedesk.sync.model import Side
from linedesk.sync.rules import Action, Do, Rule

_RULE = ("name", "to", "when", "actions", "enabled")
_MOST = 100
"""So many rules of a connection, and so many actions of a rule."""


def rules_to_document(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """One table for each rule; `to` is the side ("a", "b"), and what is as usual is left out."""
    return [_rule_document(rule) for rule in rules]


def rules_from_document(items: object, sides: Mapping[str, Side]) -> tuple[Rule, ...]:
    """What `rules_to_document` wrote, or what a person did; `sides`: what `to` may say.

    Raises `ValueError` with a sentence that begins with the path in backticks; paths count from 1.
    """
    rules: list[Rule] = []
    for path, item in listed(items, "rules", _MOST):
        rule = _rule(table(item, path), path, sides)
        if rule.name in {each.name for each in rules}:
            raise ValueError(f'`{path}.name`: there is a rule "{rule.name}" already; each needs its own name')
        rules.append(rule)
    return tuple(rules)


def _rule_document(rule: Rule) -> dict[str, Any]:
    document: dict[str, Any] = {"name": rule.name, "to": rule.to.value}
    if rule.when is not None:
        document["when"] = when_to_document(rule.when)
    if rule.actions:
        document["actions"] = [_action_document(action) for action in rule.actions]
    if not rule.enabled:
        document["enabled"] = False
    return document


def _rule(item: Mapping[str, Any], path: str, sides: Mapping[str, Side]) -> Rule:
    keys(item, path, _RULE, needed=("name", "to"))
    when = item.get("when")
    actions = listed(item.get("actions", []), f"{path}.actions", _MOST)
    return Rule(
        name_of(item["name"], f"{path}.name"),
        sides[word(item["to"], f"{path}.to", sides)],
        None if when is None else when_from_document(when, f"{path}.when"),
        tuple(_action(table(each, at), at) for at, each in actions),
        switch(item.get("enabled", True), f"{path}.enabled"),
    )


def _action_document(action: Action) -> dict[str, Any]:
    of = "value" if action.do is Do.SET else "name"
    document: dict[str, Any] = {action.do.value: action.name, of: action.value}
    return {**document, "revert": True} if action.revert else document


def _action(item: Mapping[str, Any], path: str) -> Action:
    given = [each for each in Do if each.value in item]
    if len(given) != 1:
        keys(item, path, (*Do, "name", "value", "revert"))
        raise ValueError(f"`{path}`: an action has exactly one of `add`, `remove` and `set`")
    do = given[0]
    of = "value" if do is Do.SET else "name"
    keys(item, path, (do.value, of, "revert"), needed=(of,))
    value = scalar(item[of], f"{path}.{of}") if do is Do.SET else name_of(item[of], f"{path}.{of}")
    revert = switch(item.get("revert", False), f"{path}.revert")
    return Action(do, name_of(item[do.value], f"{path}.{do.value}"), value, revert)
