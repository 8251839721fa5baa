"""The links of a connection with an index of the records that they name, for who looks many of them up."""

from __future__ import annotations

from linedesk.sync.model import Link, Side
from linedesk.sync.parts import LIGHT, in_parts
from linedesk.sync.planning import in_slices


class Ties:
    """Over a dict of links by id, which `add` keeps up to date. Two links never name one record (S6)."""

    def __init__(self, links: dict[str, Link]) -> None:
        """Nothing is known of `links` yet: use `ties_of`."""
        self._links = links
        self._on_a, self._on_b = dict[str, str](), dict[str, str]()
        self._ids = {Side.A: self._on_a, Side.B: self._on_b}

    def get(self, link_id: str) -> Link | None:
        return self._links.get(link_id)

    def link_id(self, side: Side, record_id: str) -> str | None:
        """The link that names this record; None: it is free."""
        return self._ids[side].get(record_id)

    def is_free(self, side: Side, record_id: str, but: str) -> bool:
        """Whether no link names this record, `but` that one."""
        return self.link_id(side, record_id) in (None, but)

    def add(self, link: Link) -> None:
        """A link that is new, or that names other records by now."""
        old = self._links.get(link.id)
        if old is not None and old is not link:
            for side in Side:
                if self._ids[side].get(_end(old, side)) == link.id:
                    del self._ids[side][_end(old, side)]
        self._links[link.id] = link
        self.enter(link)

    def enter(self, link: Link) -> None:
        """Index a link that the dict holds."""
        self._on_a[link.a_id] = link.id
        self._on_b[link.b_id] = link.id


async def ties_of(links: dict[str, Link]) -> Ties:
    """The index over `links`, made in slices."""
    ties = Ties(links)
    await in_slices(in_parts(links.values(), ties.enter, LIGHT))
    return ties


def _end(link: Link, side: Side) -> str:
    return link.a_id if side is Side.A else link.b_id
