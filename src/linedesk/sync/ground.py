"""What a run stands on: a connection with the rules that count, its two open sides, and its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from linedesk.apps.base import App
from linedesk.errors import SyncImpossible
from linedesk.sync import merge
from linedesk.sync.acting_checks import check_groups
from linedesk.sync.conditions import Judge
from linedesk.sync.copies import View
from linedesk.sync.groups import Groups, is_membership, kind_and_name
from linedesk.sync.memberships import groups_of
from linedesk.sync.merge import Lanes
from linedesk.sync.model import Connection, Known, Link, MappingRow, Side
from linedesk.sync.sides import Openers, OpenSide, open_sides, rows_between, rules_between
from linedesk.sync.slices import Breather
from linedesk.sync.writing_parts import Target


@dataclass(frozen=True, slots=True)
class Ground:
    """`connection` has its rules filled in: its own, or the usual ones."""

    connection: Connection
    sides: Mapping[Side, OpenSide]
    rows: tuple[MappingRow, ...]
    groups: Mapping[Side, Groups]

    def account(self, side: Side) -> str:
        return self.sides[side].app.account

    def apps(self) -> dict[str, App]:
        """The apps that the run works with, by account."""
        return {each.app.account: each.app for each in self.sides.values()}

    def targets(self) -> dict[Side, Target]:
        """Where writes go."""
        return {
            side: Target(each.app, side, self.connection.external_ids, self.groups[side])
            for side, each in self.sides.items()
        }

    def lanes(self, known: Mapping[Side, Known]) -> dict[Side, Lanes]:
        """The rows towards each side that the connection writes."""
        pair = merge.rows_between(self.rows, known[Side.A], known[Side.B], self.connection)
        return {side: pair.to(side) for side in Side}

    def unread(self) -> dict[Side, Known]:
        """Both sides before anything of them was read: their fields are known."""
        return {side: each.known(View()) for side, each in self.sides.items()}

    def left_s(self, side: Side, requests: float) -> float:
        """How long the budget of a side makes so many writes take."""
        capabilities = self.sides[side].app.capabilities
        return requests * capabilities.requests_per_write / capabilities.requests_per_s

    async def members(self, side: Side, links: Iterable[Link]) -> dict[str, frozenset[str]]:
        """Who is in the groups of this side that rules ask for or that actions did something about.

        Raises `VendorError`, and `SyncImpossible` for a group that is not there or can't be written.
        """
        ruled = self._groups_of_rules(side)
        await self._check(side, ruled)
        done, breather = set[str](), Breather()
        for link in links:
            for each in link.applied.values():
                if each.side is side and is_membership(each.field):
                    done.add(each.field)
            await breather.rest()
        return {field: await self.groups[side].members(field) for field in sorted(ruled | done)}

    async def check_groups(self, side: Side) -> None:
        """Whether the groups that rules name are there and can be written; raises as `members` does."""
        await self._check(side, self._groups_of_rules(side))

    async def _check(self, side: Side, ruled: Iterable[str]) -> None:
        groups, account = self.groups[side], self.account(side)
        lacking = await groups.lacking(ruled)
        if lacking:
            kind, name = kind_and_name(lacking[0])
            raise SyncImpossible(
                f"{account} has no {kind} {name}, which a rule of {self.connection.name} names.",
                remedy="Make it there, or correct the rule with `linedesk apply`.",
            )
        found = [group for field in ruled if (group := await groups.find(field)) is not None]
        fixed = check_groups(self.connection.rules, side, self.sides[side].fields, found)
        if fixed:
            raise SyncImpossible(f"The rules of {self.connection.name} can't work: {' '.join(fixed)}")

    def _groups_of_rules(self, side: Side) -> frozenset[str]:
        rules, each = self.connection.rules, self.sides[side]
        asked = Judge(rules, side.other, each.known(View())).groups()
        return asked | groups_of(rules, side, each.fields)


async def open_ground(connection: Connection, openers: Openers) -> Ground:
    """Open both sides and judge mapping and rules; raises `SyncImpossible` and `VendorError`."""
    sides = await open_sides(connection, openers)
    rows = rows_between(connection, sides)
    rules = rules_between(connection, sides, rows)
    groups = {side: Groups(each.app) for side, each in sides.items()}
    return Ground(replace(connection, rules=rules), sides, rows, groups)
