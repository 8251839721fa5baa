"""The index over links says of every record what going through all links says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.sync.model import Link, LinkState, Side
from linedesk.sync.ties import Ties, ties_of

IDS = st.sampled_from("123456")


def link(number: str, a_id: str, b_id: str) -> Link:
    return Link(number, a_id, b_id, {}, LinkState.ACTIVE)


def fits(links: dict[str, Link], new: Link) -> bool:
    """Two links never name one record."""
    return all(
        each.id == new.id or (each.a_id != new.a_id and each.b_id != new.b_id) for each in links.values()
    )


@settings(max_examples=60)
@given(st.lists(st.builds(link, IDS, IDS, IDS), max_size=12), st.integers(0, 12))
async def test_S6_every_record_is_found_in_the_link_that_names_it(steps: list[Link], known: int) -> None:
    links: dict[str, Link] = {}
    for step in steps[:known]:
        if fits(links, step):
            links[step.id] = step
    ties: Ties = await ties_of(links)
    for step in steps[known:]:
        if fits(links, step):
            ties.add(step)
    for record in "123456":
        on_a = next((each.id for each in links.values() if each.a_id == record), None)
        on_b = next((each.id for each in links.values() if each.b_id == record), None)
        assert (ties.link_id(Side.A, record), ties.link_id(Side.B, record)) == (on_a, on_b)
        assert ties.is_free(Side.A, record, but=record) is (on_a in (None, record))
        assert ties.get(record) is links.get(record)
