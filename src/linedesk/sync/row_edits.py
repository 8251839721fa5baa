"""What an administrator changed of a default mapping, laid on top of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from linedesk.sync.model import MappingRow, RowEdit


def edited(rows: Sequence[MappingRow], edits: Sequence[RowEdit]) -> tuple[MappingRow, ...]:
    """`rows` with the edits: a row of the same two fields is replaced where it stands or switched off, any
    other one is added behind. Of two edits of the same two fields the later one counts.
    """
    changed = {edit.row.key: edit for edit in edits}
    kept = [changed[row.key].row if row.key in changed else row for row in rows if not _is_off(row, changed)]
    usual = {row.key for row in rows}
    added = [edit.row for key, edit in changed.items() if key not in usual and not edit.off]
    return (*kept, *added)


def _is_off(row: MappingRow, changed: dict[str, RowEdit]) -> bool:
    return row.key in changed and changed[row.key].off
