"""The connection tables of the file of `linedesk apply`, checked key by key.

The file says `from` and `to` where the sync says side A and side B. What a table means for a stored
connection is in `connection_plan`; rules are checked in `sync.rule_documents`, which owns their form.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from linedesk.accounts.edge_table import Table
from linedesk.accounts.sentences import meant
from linedesk.sync.model import PairBy, Side
from linedesk.sync.policies import Blanks, Deletes
from linedesk.sync.rule_documents import rules_from_document
from linedesk.sync.transforms import TRANSFORMS

MOST_RULES = 100
MOST_ROWS = 200
_LEAST_EVERY_S = 10
_LONGEST_TAG = 100
_DEEPEST = 4

ConflictWord = Literal["newest", "from", "to", "ask"]
SideWord = Literal["from", "to"]
RowDirectionWord = Literal["both", "to", "from"]


def _rhythm(seconds: int) -> int:
    if 0 < seconds < _LEAST_EVERY_S:
        raise ValueError(f"must be 0 (only on command) or at least {_LEAST_EVERY_S} seconds")
    return seconds


def _direction(text: str) -> str:
    if text not in {"two-way", "one-way"}:
        raise ValueError(f"{text!r} must be 'two-way' or 'one-way'{meant(text, ('two-way', 'one-way'))}")
    return text


def _tag(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("must be a tag of visible characters")
    try:
        marks = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        plain = text.format(account="")
    except (ValueError, KeyError, IndexError, AttributeError):
        marks, plain = {""}, ""
    if marks - {"account"} or "{" in plain or "}" in plain:
        raise ValueError("only {account} may stand in braces")
    return text


def _each_once(words: list[PairBy]) -> list[PairBy]:
    if len(set(words)) < len(words):
        raise ValueError("names a way twice")
    return words


def _transform(name: str) -> str:
    if name not in TRANSFORMS:
        known = ", ".join(TRANSFORMS)
        raise ValueError(f"there is no transform {name!r}{meant(name, TRANSFORMS)}; there are {known}")
    return name


def _options(given: dict[str, Any]) -> dict[str, Any]:
    if not _is_plain(given, _DEEPEST):
        raise ValueError("takes texts, whole or decimal numbers, true, false, and lists and tables of them")
    return given


def _is_plain(value: object, depth: int) -> bool:
    match value:
        case str() | bool() | int():
            return True
        case float():
            return math.isfinite(value)
        case list():
            return depth > 0 and all(_is_plain(each, depth - 1) for each in value)
        case dict():
            return depth > 0 and all(_is_plain(each, depth - 1) for each in value.values())
    return False


Ways = Annotated[list[Annotated[PairBy, Field(strict=False)]], AfterValidator(_each_once)]
FieldName = Annotated[str, Field(min_length=1, max_length=500)]


class MappingTable(Table):
    """One custom row. `from` and `to` name fields of the accounts that the connection names so."""

    source: Annotated[FieldName, Field(alias="from")]
    target: Annotated[FieldName, Field(alias="to")]
    direction: RowDirectionWord = "both"
    transform: Annotated[str, AfterValidator(_transform)] = "same"
    options: Annotated[dict[str, Any], AfterValidator(_options)] = Field(default_factory=dict)
    conflict: ConflictWord | None = None
    blanks: Annotated[Blanks | None, Field(strict=False)] = None
    off: bool = False


class BrakesTable(Table):
    """As `sync.policies.Brakes`."""

    deletes_percent: Annotated[int, Field(ge=0, le=100)] = 0
    deletes: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    creates: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    blanks: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class ConnectionTable(Table):
    """`from` is side A, `to` is side B; one-way, only side B is written."""

    remove: bool = False
    source: Annotated[str, Field(alias="from")] = ""
    target: Annotated[str, Field(alias="to")] = ""
    direction: Annotated[str, AfterValidator(_direction)] = "one-way"
    every_s: Annotated[int, Field(ge=0, le=604_800), AfterValidator(_rhythm)] = 60
    enabled: bool = True
    external_ids: bool = True
    conflict: ConflictWord = "newest"
    tie: SideWord = "from"
    blanks: Annotated[Blanks, Field(strict=False)] = Blanks.CLEARED
    deletes: Annotated[Deletes, Field(strict=False)] = Deletes.NEVER
    delete_tag: Annotated[str, Field(max_length=_LONGEST_TAG), AfterValidator(_tag)] = "-"
    pass_on: bool = False
    pair_by: Ways = Field(default_factory=list)
    brakes: BrakesTable = BrakesTable()
    rules: Annotated[list[dict[str, Any]], Field(max_length=MOST_RULES)] = Field(default_factory=list)
    mapping: Annotated[list[MappingTable], Field(max_length=MOST_ROWS)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_row_for_two_fields(self) -> ConnectionTable:
        seen: dict[tuple[str, str], int] = {}
        for at, row in enumerate(self.mapping, start=1):
            first = seen.setdefault((row.source, row.target), at)
            if first != at:
                raise ValueError(f"`mapping[{at}]` joins the same two fields as `mapping[{first}]`; keep one")
        return self


TABLES: Mapping[str, type[BaseModel]] = {
    "connections": ConnectionTable,
    "connections.mapping": MappingTable,
    "connections.brakes": BrakesTable,
}
"""The models by the path of their tables, for sentences about a wrong key."""


def wrong_rules(tables: Mapping[str, ConnectionTable]) -> Iterator[str]:
    """What is wrong with the form of each table's rules. Which accounts they may name, the plan knows."""
    for name, table in tables.items():
        # Any name counts as an account here.
        named = {str(rule.get("to")): Side.B for rule in table.rules}
        try:
            rules_from_document(table.rules, named)
        except ValueError as error:
            yield rule_sentence(name, error)


def rule_sentence(connection: str, error: ValueError) -> str:
    """The sentence of `rules_from_document`, with the whole path, and without a full stop."""
    return str(error).removesuffix(".").replace("`", f"`connections.{connection}.", 1)
