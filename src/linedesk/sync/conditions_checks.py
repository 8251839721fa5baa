"""What is wrong with the rules of a connection, in sentences: before a run, not in the middle of it. Pure.

Needs the apps' own descriptions of their fields; the form of a rule alone is checked by `rule_documents`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from linedesk.apps.records import FieldInfo, Group
from linedesk.sync.model import Direction, MappingRow, Side
from linedesk.sync.rules import Rule


def check_rules(
    rules: Sequence[Rule],
    fields: Mapping[Side, Mapping[str, FieldInfo]],
    kinds: Mapping[Side, Collection[str]],
    direction: Direction,
    rows: Sequence[MappingRow],
) -> tuple[str, ...]:
    """One sentence for each thing that can't work; empty when all is well."""
    return ()


def check_groups(rules: Sequence[Rule], side: Side, groups: Collection[Group]) -> tuple[str, ...]:
    """Groups of `side` that rules name and that are not there, or can't be written."""
    return ()
