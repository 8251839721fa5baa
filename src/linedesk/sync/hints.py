"""What works in a connection, and hardly as somebody meant it: sentences for `linedesk check`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from linedesk.apps.base import Removal, Vanished
from linedesk.sync.conditions import unruled
from linedesk.sync.model import Connection, MappingRow, RowEdit, Side
from linedesk.sync.policies import Deletes
from linedesk.sync.sides import OpenSide, usual_rows

_TAG = "tag"


def hints(connection: Connection, sides: Mapping[Side, OpenSide]) -> tuple[str, ...]:
    """One sentence each; empty when nothing is odd."""
    kinds = {side: each.kind for side, each in sides.items()}
    fields = {side: each.fields for side, each in sides.items()}
    accounts = {Side.A: connection.a, Side.B: connection.b}
    return (
        *unruled(connection.rules, connection.direction, accounts),
        *idle_edits(usual_rows(kinds, fields), connection.rows),
        *(sentence for side in Side for sentence in _deletes(connection, side, sides)),
    )


def idle_edits(usual: Sequence[MappingRow], edits: Sequence[RowEdit]) -> tuple[str, ...]:
    """A sentence for each edit that switches off a default row that there is not."""
    keys = {row.key for row in usual}
    return tuple(
        f"There is no default row from {edit.row.a} to {edit.row.b} that could be switched off."
        for edit in edits
        if edit.off and edit.row.key not in keys
    )


def _deletes(connection: Connection, side: Side, sides: Mapping[Side, OpenSide]) -> Iterator[str]:
    """What becomes of a delete that is to be carried to `side`."""
    if not connection.direction.writes(side) or connection.deletes is Deletes.NEVER:
        return
    target, source = sides[side], sides[side.other]
    account = target.app.account
    can = target.app.capabilities
    if connection.deletes is Deletes.PROPAGATE and can.removal is Removal.NONE:
        yield f"{account} lets nothing be deleted, so what is deleted in {source.app.account} stays there."
    kinds = {*can.group_kinds, *(info.group_kind for info in target.fields.values())}
    if connection.deletes is Deletes.TAG and _TAG not in kinds:
        yield f"{account} has no tags, so nothing marks what was deleted in {source.app.account}."
    seen = source.app.capabilities
    if seen.vanished is Vanished.ABSENT and seen.complete_scan_s is not None:
        yield (
            f"What is deleted in {source.app.account} shows only in a reading of the whole account, "
            f"each {seen.complete_scan_s:g} s."
        )
