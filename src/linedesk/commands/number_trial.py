"""What `linedesk number` tells of a text: how a PBX reads it, what finds it, and what would be dialled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from linedesk.commands.json_lines import shown
from linedesk.numbers import (
    Kind,
    Number,
    NumberPlan,
    PrefixRule,
    country,
    international,
    lookup_keys,
    national,
    price_class,
    read,
    to_dial,
)
from linedesk.numbers.pbx import rule_for

_KIND_WORDS = {
    Kind.E164: "public number",
    Kind.EXTENSION: "internal number",
    Kind.SHORT: "short or feature code, dialled as it is",
    Kind.EMERGENCY: "emergency number, dialled as it is",
    Kind.ANONYMOUS: "no caller id",
    Kind.INVALID: "cannot be read as a number",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One text as the PBX of a plan takes it.

    `rule` is the prefix rule that changed how it is read, `line_off` says that the outside line's digits
    were taken off (or may have to be). `dialled` is None for what is not dialled; `dial_rule` is the rule
    for dialling that changed it.
    """

    text: str
    number: Number
    rule: PrefixRule | None
    line_off: bool
    dialled: str | None
    dial_rule: PrefixRule | None


def trial(text: str, plan: NumberPlan) -> Trial:
    """Try `text` with all that the PBX adds, and find out which of it made a difference."""
    number = read(text, plan)
    unruled = _sense(read(text, replace(plan, rules=())))
    rule = next((r for r in plan.rules if _sense(read(text, replace(plan, rules=(r,)))) != unruled), None)
    line_off = _sense(read(text, replace(plan, outside_line=""))) != _sense(number)
    if number.value is None:
        return Trial(text, number, rule, line_off, None, None)
    dialled, before = to_dial(number, plan), to_dial(number, replace(plan, dial_rules=()))
    dial_rule = rule_for(before, plan.dial_rules) if dialled != before else None
    return Trial(text, number, rule, line_off, dialled, dial_rule)


def document(tried: Trial) -> dict[str, Any]:
    """A trial for scripts."""
    number = tried.number
    return {
        "text": tried.text,
        "kind": number.kind.value,
        "value": number.value,
        "ext": number.ext,
        "candidates": list(number.candidates),
        "possible": list(number.possible),
        "keys": [{"key": key.text, "certainty": key.certainty.value} for key in lookup_keys(number)],
        "rule": _rule_document(tried.rule),
        "outside_line_taken_off": tried.line_off,
        "dialled": tried.dialled,
        "dial_rule": _rule_document(tried.dial_rule),
    }


def sentences(tried: Trial, plan: NumberPlan) -> Iterator[str]:
    """A trial for people, line by line."""
    number = tried.number
    where = f" in {plan.region.upper()}" if number.kind is Kind.INVALID else ""
    yield f"{shown(tried.text)}: {_KIND_WORDS[number.kind]}{where}"
    if tried.rule is not None:
        yield f"  rule       {_rule_words(tried.rule)}, before it is read"
    if tried.line_off:
        yield f"  line       the outside line {plan.outside_line} is taken off, or may have to be"
    if number.kind is Kind.E164 and number.value is not None:
        yield f"  number     {number.value} ({country(number.value) or 'no country'})"
        forms = dict.fromkeys([national(number.value, plan.region), international(number.value)])
        yield f"  shown as   {' or '.join(forms)}"
        yield f"  price      {price_class(number.value).value.replace('_', ' ')}"
    if tried.dialled is not None:
        by = f" ({_rule_words(tried.dial_rule)})" if tried.dial_rule is not None else ""
        yield f"  dialled    {tried.dialled}{by}"
    if number.ext:
        yield f"  extension  {number.ext}, sent after the answer"
    if number.partial:
        yield "  left out   digits that may mean something else: who dials is asked first"
    yield from _others(number)
    keys = ", ".join(f"{key.text} ({key.certainty.value})" for key in lookup_keys(number))
    yield f"  looked up  {keys or 'never: it matches nobody'}"


def _others(number: Number) -> Iterator[str]:
    for candidate in number.candidates[1:]:
        also = "perhaps" if candidate in number.possible else "also"
        yield f"  {also:<10} {candidate}"


def _sense(number: Number) -> tuple[Kind, str | None, Sequence[str]]:
    return number.kind, number.value, number.candidates


def _rule_words(rule: PrefixRule) -> str:
    if not rule.prefix:
        return f"{rule.replace} is put in front"
    return f"{rule.prefix} becomes {rule.replace}" if rule.replace else f"{rule.prefix} goes"


def _rule_document(rule: PrefixRule | None) -> dict[str, Any] | None:
    if rule is None:
        return None
    return {
        "prefix": rule.prefix,
        "replace": rule.replace,
        "min_digits": rule.min_digits,
        "max_digits": rule.max_digits,
    }
