"""Listing colleagues: paging that trusts nothing, ids of any type, names that are only text."""

from __future__ import annotations

from typing import Any

import pytest

from linedesk.errors import VendorGarbled, VendorTimeout
from linedesk.pbx.base import Colleague
from pbx.wildix_server import COLLEAGUES, client_of, fake_wildix


def people(count: int) -> list[dict[str, Any]]:
    return [
        {"id": n if n % 2 else str(n), "name": f"Agent {n}", "extension": 200 + n if n % 3 else str(200 + n)}
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize("as_text", [True, False])
async def test_ids_and_totals_come_as_numbers_or_as_text(as_text: bool) -> None:
    async with fake_wildix(colleagues=people(5), total_as_text=as_text) as pbx, client_of(pbx) as client:
        found = await client.colleagues()
    assert [each.extension for each in found] == ["201", "202", "203", "204", "205"]
    assert found[0] == Colleague("1", "Agent 1", "201")
    assert len(pbx.requests) == 1


async def test_a_pbx_that_gives_fewer_than_asked_for_is_read_to_the_end() -> None:
    async with fake_wildix(colleagues=people(250), page_max=100) as pbx, client_of(pbx) as client:
        found = await client.colleagues()
    assert len(found) == 250
    assert [query["start"] for _, query, _ in pbx.requests] == ["0", "100", "200"]
    assert {query["count"] for _, query, _ in pbx.requests} == {"1500"}


async def test_the_same_page_again_and_again_is_an_error_and_ends() -> None:
    settings = {"colleagues": people(250), "page_max": 100, "repeats_pages": True}
    async with fake_wildix(**settings) as pbx, client_of(pbx) as client:
        with pytest.raises(VendorGarbled, match="same page"):
            await client.colleagues()
    assert len(pbx.requests) == 2


async def test_a_list_that_shrinks_while_it_is_read_ends() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pages = [people(3), []]

        async def shrinking(request: Any) -> Any:
            return await pbx.says({"result": {"total": 5, "records": pages.pop(0)}})(request)

        pbx.faults[COLLEAGUES] = shrinking
        assert len(await client.colleagues()) == 3


async def test_without_a_total_it_reads_until_nothing_new_comes() -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[COLLEAGUES] = pbx.says({"type": "result", "result": {"records": people(3)}})
        assert len(await client.colleagues()) == 3


async def test_only_people_with_an_extension_are_colleagues_and_their_names_are_plain_text() -> None:
    records = [
        {
            "id": 1,
            "name": "Ada\u202e\u0007 Example",
            "extension": "201",
            "role": "user",
            "email": "Ada@X.example",
        },
        {"id": 2, "name": "", "dn": "cn=Bo", "extension": "202", "role": "admin"},
        {"id": 3, "name": "Fax", "extension": "203", "role": "fax"},
        {"id": 4, "name": "Park", "extension": "204", "role": "park_orbit"},
        {"id": 5, "name": "No phone", "extension": None},
        {"id": 6, "name": None, "extension": "20"},
        "damaged",
    ]
    async with fake_wildix(colleagues=records) as pbx, client_of(pbx) as client:
        found = await client.colleagues()
    assert found == (
        Colleague("6", "20", "20"),
        Colleague("1", "Ada Example", "201", "ada@x.example", role="user"),
        Colleague("2", "cn=Bo", "202", role="admin"),
    )


@pytest.mark.parametrize("body", [{"type": "result", "result": "Success"}, {"result": {"records": {}}}, {}])
async def test_something_else_than_a_list_is_garbled(body: Any) -> None:
    async with fake_wildix() as pbx, client_of(pbx) as client:
        pbx.faults[COLLEAGUES] = pbx.says(body)
        with pytest.raises(VendorGarbled, match="list of colleagues"):
            await client.colleagues()


async def test_a_broken_connection_is_tried_again_because_reading_changes_nothing() -> None:
    async with fake_wildix(colleagues=people(2)) as pbx, client_of(pbx) as client:

        async def once(request: Any) -> Any:
            del pbx.faults[COLLEAGUES]
            return await pbx.break_in_mid_body(request)

        pbx.faults[COLLEAGUES] = once
        assert len(await client.colleagues()) == 2
    assert len(pbx.requests) == 2


async def test_a_hang_ends_at_the_deadline_and_does_not_speak_of_ringing() -> None:
    async with fake_wildix() as pbx, client_of(pbx, timeout_s=0.3) as client:
        pbx.faults[COLLEAGUES] = pbx.hang
        with pytest.raises(VendorTimeout) as caught:
            await client.colleagues()
    assert "phone" not in caught.value.remedy
