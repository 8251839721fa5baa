"""What writes are made of: their targets, how many go at once, and the memberships among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from math import ceil

from linedesk.apps.base import App
from linedesk.apps.records import Value
from linedesk.sync.groups import Groups, is_membership
from linedesk.sync.model import Change, Link, Op, Problem, Side

Tally = Counter[tuple[Side, Op]]
"""How many changes there are of each side and kind."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where writes of one side go: the open app with its groups, and whether it keeps Linedesk's ids."""

    app: App
    side: Side
    external_ids: bool
    groups: Groups

    def external_id(self, change: Change) -> str | None:
        """Linedesk's id to be put on the record, where connection and app keep one."""
        keeps = self.external_ids and self.app.capabilities.external_id_field is not None
        return change.link_id if keeps else None


@dataclass(slots=True)
class Written:
    """What became of the writes. `changes` are those that were done, with the ids of what was made; `tally`
    counts them.

    `adopt`: creates that were refused because another record, by id, holds the value. `unsure`: their
    answers were lost; the next run looks for them. `stale`: their records were changed since the reading.
    `late`: put off, since the app may not show yet what became of its records. Both are planned anew.
    """

    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stale: list[Change] = field(default_factory=list)
    late: list[Change] = field(default_factory=list)
    adopt: list[tuple[Change, str]] = field(default_factory=list)
    unsure: list[Change] = field(default_factory=list)
    tally: Tally = field(default_factory=Counter)
    _places: dict[tuple[str, Side], int] = field(default_factory=dict)

    def has_link(self, link_id: str) -> bool:
        """Whether anything was written for this link."""
        return any((link_id, side) in self._places for side in Side)

    def done(self, change: Change) -> None:
        """Add what was done; a second part of one change joins its first."""
        key = (change.link_id, change.side)
        place = self._places.get(key)
        if place is None:
            self._places[key] = len(self.changes)
            self.changes.append(change)
            self.tally[change.side, change.op] += 1
            return
        first = self.changes[place]
        self.changes[place] = replace(
            first, fields={**first.fields, **change.fields}, applied={**first.applied, **change.applied}
        )


def about(change: Change) -> tuple[Side, str]:
    """Where a person looks when it fails: the record it comes from, of a delete the one it removes."""
    if change.op is Op.DELETE and change.record_id is not None:
        return change.side, change.record_id
    return change.side.other, change.source_id


def record_part(change: Change, link: Link | None) -> Change | None:
    """The change without its memberships; None: it is nothing else."""
    names = [name for name in change.fields if is_membership(name)]
    if not names:
        return change
    if len(names) == len(change.fields) and change.op is Op.UPDATE:
        return None
    theirs = {key for name in names for key in _actions_on(name, change, link)}
    return replace(
        change,
        fields={name: pair for name, pair in change.fields.items() if name not in names},
        applied={key: each for key, each in change.applied.items() if key not in theirs},
    )


def membership_parts(change: Change, link: Link | None) -> list[Change]:
    """Each membership as a change of its own; `change` names its record."""
    return [
        replace(
            change,
            op=Op.UPDATE,
            fields={name: pair},
            applied={key: change.applied[key] for key in _actions_on(name, change, link)},
            notes=(),
        )
        for name, pair in change.fields.items()
        if is_membership(name) and change.op is not Op.DELETE
    ]


def _actions_on(name: str, change: Change, link: Link | None) -> list[str]:
    """Keys of the actions that are about this membership; one that is taken back is known by the link."""
    found = []
    for key, each in change.applied.items():
        known = each or (link.applied.get(key) if link is not None else None)
        if known is not None and known.field == name:
            found.append(key)
    return found


def after_of(change: Change) -> dict[str, Value]:
    """What is sent, by field."""
    return {name: after for name, (_, after) in change.fields.items()}


def batch_size(change: Change, targets: Mapping[Side, Target]) -> int:
    """How many changes like this one the app takes at once."""
    return _batch(change.op, targets[change.side])


def _batch(op: Op, target: Target) -> int:
    capabilities = target.app.capabilities
    sizes = {
        Op.CREATE: capabilities.create_batch,
        Op.UPDATE: capabilities.update_batch,
        Op.DELETE: capabilities.delete_batch,
    }
    return sizes[op]


def requests_needed(
    tally: Tally, targets: Mapping[Side, Target], sides: Collection[Side] = tuple(Side)
) -> float:
    """About how many writes so many changes cost, a batch counted once; what each costs is the app's to say.

    A look before a write counts as the part of a write that it costs.
    """
    return sum(
        ceil(count / _batch(op, targets[side])) * (1.0 + _look(op, targets[side]))
        for (side, op), count in tally.items()
        if side in sides
    )


def look_cost(change: Change, targets: Mapping[Side, Target]) -> float:
    """What the look before a write like this one costs, as a part of the write."""
    return _look(change.op, targets[change.side])


def _look(op: Op, target: Target) -> float:
    capabilities = target.app.capabilities
    is_made = op is Op.CREATE
    is_checked = op is Op.UPDATE and capabilities.versions
    return 0.0 if is_made or is_checked else 1 / capabilities.requests_per_write
