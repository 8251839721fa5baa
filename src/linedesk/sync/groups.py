"""Groups of an open account by name (lists, labels, tags that stand on no field), asked for once a run.

A change tells of a membership under a name of `rules.group_field`. Who is a member is the app's to say;
which memberships a rule wants is `sync.conditions` and `sync.acting`.
"""

from __future__ import annotations

from collections.abc import Iterable

from linedesk.apps.base import App, Grouping
from linedesk.apps.records import Group
from linedesk.errors import SyncImpossible
from linedesk.sync.rules import GROUP_MARK

_MADE_BY_USE = frozenset({"tag", "label"})
"""Kinds of which apps make a new one as soon as a record gets it."""


def is_membership(name: str) -> bool:
    """Whether a field of a change is a membership."""
    return name.startswith(GROUP_MARK)


def kind_and_name(field: str) -> tuple[str, str]:
    """Of `@list:Newsletter`: `list` and `Newsletter`."""
    kind, _, name = field.removeprefix(GROUP_MARK).partition(":")
    return kind, name


class Groups:
    """Those of one account, for one run. Raises `VendorError` as the app does."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._by_kind: dict[str, dict[str, Group]] = {}

    @property
    def tells_members(self) -> bool:
        """Whether the app says who is in a group."""
        return isinstance(self._app, Grouping)

    async def find(self, field: str) -> Group | None:
        """The group of a membership; one that use makes need not be there yet. None: there is none."""
        kind, name = kind_and_name(field)
        if kind not in self._by_kind:
            told = await self._app.groups(kind)
            self._by_kind[kind] = {_key(each.name): each for each in reversed(told)}
        found = self._by_kind[kind].get(_key(name))
        if found is None and kind in _MADE_BY_USE:
            return Group(id=name, name=name, kind=kind)
        return found

    async def has(self, field: str) -> bool:
        """Whether the app has such a group already."""
        group = await self.find(field)
        kind, name = kind_and_name(field)
        return group is not None and _key(name) in self._by_kind[kind]

    async def members(self, field: str) -> frozenset[str]:
        """Ids of all members; nobody is in a group that is not there. Raises `SyncImpossible`, too."""
        if not await self.has(field):
            return frozenset()
        group = await self.find(field)
        if group is None or not isinstance(self._app, Grouping):
            kind, name = kind_and_name(field)
            raise SyncImpossible(f"{self._app.account} does not tell who is in the {kind} {name}.")
        return await self._app.members(group)

    async def lacking(self, fields: Iterable[str]) -> list[str]:
        """Those of the memberships whose group the app neither has nor makes by use."""
        return [field for field in sorted(fields) if await self.find(field) is None]


def _key(name: str) -> str:
    return name.strip().casefold()
