"""Lines for a terminal: names, ids and reasons come from outside, and none may steer it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

_SHOWN = 20


def plain(line: str) -> str:
    """Nothing may move the cursor, turn the text round or pass for a line of its own."""
    return "".join(each if each.isprintable() else " " for each in line)


def say(lines: Iterable[str]) -> None:
    """Print these, each as one line."""
    click.echo("\n".join(plain(line) for line in lines))


def first_ones(lines: Sequence[str], shown: int = _SHOWN) -> list[str]:
    """The first few, and how many more there are."""
    more = [f"  and {len(lines) - shown:,} more; --json shows them all."] if len(lines) > shown else []
    return [*lines[:shown], *more]


def counted(count: int, noun: str) -> str:
    """`1 contact`, `1,200 contacts`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def instant(at_ms: int) -> str:
    """A time of ours, to the second, UTC."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def changed(fields: Mapping[str, Any]) -> str:
    """`phone: (empty) -> +390212345678; …`."""
    return "; ".join(
        f"{name}: {shown_value(pair[0])} -> {shown_value(pair[1])}" for name, pair in fields.items()
    )


def shown_value(value: Any) -> str:
    """A value as JSON has it, on one line: `+39… (mobile)`, `vip, newsletter`, `(empty)`."""
    if isinstance(value, list):
        return ", ".join(shown_value(each) for each in value) or "(empty)"
    if isinstance(value, dict):
        label = value.get("label")
        return f"{value.get('value')} ({label})" if label else str(value.get("value"))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "(empty)" if value is None or value == "" else " ".join(str(value).split())
