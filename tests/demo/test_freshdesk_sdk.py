"""The community client python-freshdesk works against the simulated Freshdesk: a stranger's judgement."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from freshdesk.api import API
from freshdesk.v2.errors import (
    FreshdeskAccessDenied,
    FreshdeskBadRequest,
    FreshdeskNotFound,
    FreshdeskRateLimited,
    FreshdeskServerError,
    FreshdeskUnauthorized,
)

from demo.freshdesk import ADA, ADMIN, HELPER, Freshdesk, freshdesk
from linedesk.clock import ManualClock


def client(desk: Freshdesk, key: str = ADMIN) -> Any:
    # The client insists on the vendor's domain, so it is turned to the simulator afterwards.
    api = API("acme.freshdesk.com", key)
    api._api_prefix = f"{desk.url}/api/v2/"
    return api


async def call(work: Callable[[], Any]) -> Any:
    """The client blocks, so it works in a thread."""
    return await asyncio.to_thread(work)


async def test_the_client_walks_all_pages_and_reads_one_contact() -> None:
    async with freshdesk(people=250) as desk:
        api = client(desk)
        everybody = await call(api.contacts.list_contacts)
        assert len(everybody) == 250
        ada = await call(lambda: api.contacts.get_contact(ADA))
        assert (ada.name, ada.phone) == ("Ada Lindqvist", "020 7946 0018")
        assert ada.created_at < ada.updated_at or ada.created_at == ada.updated_at


async def test_the_client_lists_what_changed() -> None:
    clock = ManualClock()
    async with freshdesk(clock=clock) as desk:
        api = client(desk)
        await call(lambda: api.contacts.update_contact(ADA, job_title="Owner"))
        changed = await call(lambda: api.contacts.list_contacts(_updated_since="2025-11-24T15:59:00Z"))
        assert [each.id for each in changed] == [ADA]


async def test_the_client_makes_changes_deletes_and_restores() -> None:
    async with freshdesk() as desk:
        api = client(desk)
        made = await call(lambda: api.contacts.create_contact(name="Nina New", email="nina@example.test"))
        await call(lambda: api.contacts.update_contact(made.id, mobile="+44 7700 900321"))
        assert (await call(lambda: api.contacts.get_contact(made.id))).mobile == "+44 7700 900321"
        await call(lambda: api.contacts.soft_delete_contact(made.id))
        deleted = await call(lambda: api.contacts.list_contacts(state="deleted"))
        assert [each.id for each in deleted] == [made.id]
        await call(lambda: api.contacts.restore_contact(made.id))
        assert made.id in {each.id for each in await call(api.contacts.list_contacts)}


async def test_the_client_filters_and_searches() -> None:
    async with freshdesk() as desk:
        desk.switch(search_lag_s=0, external_id_filter=True)
        api = client(desk)
        await call(lambda: api.contacts.update_contact(ADA, tags=["vip"], unique_external_id="ld-1"))
        for wanted in (
            {"email": "ada@example.test"},
            {"phone": "020 7946 0018"},
            {"mobile": "+44 7700 900018"},
            {"unique_external_id": "ld-1"},
        ):
            assert [each.id for each in await call(partial(api.contacts.list_contacts, **wanted))] == [ADA]
        for query in ("\"tag:'vip'\"", "\"phone:'020 7946 0018' OR mobile:'+1'\""):
            # The client has no search for contacts of its own, but it sends any request.
            found = await call(partial(api._get, "search/contacts", params={"query": query}))
            assert (found["total"], [each["id"] for each in found["results"]]) == (1, [ADA])


async def test_the_client_reads_the_fields_and_one_company() -> None:
    async with freshdesk() as desk:
        api = client(desk)
        fields = await call(lambda: api._get("contact_fields"))
        names = {each["name"]: each for each in fields}
        assert names["name"]["required_for_agents"]
        assert names["loyalty_level"]["choices"] == ["Gold", "Silver", "Bronze"]
        ada = await call(lambda: api.contacts.get_contact(ADA))
        company = await call(lambda: api.companies.get_company(ada.company_id))
        assert company.name == "Northgate Lanterns Ltd"


async def test_the_client_is_told_how_long_to_wait() -> None:
    clock = ManualClock()
    async with freshdesk(clock=clock) as desk:
        desk.switch(plan="trial")
        api = client(desk)
        for _ in range(50):
            await desk.ask("GET", f"/contacts/{ADA}", status=200)
        with pytest.raises(FreshdeskRateLimited) as refused:
            await call(lambda: api.contacts.get_contact(ADA))
        said = re.search(r"(\d+) seconds", str(refused.value))
        assert said is not None
        wait_s = int(said[1])
        assert 0 < wait_s <= 60
        clock.advance(wait_s)
        assert (await call(lambda: api.contacts.get_contact(ADA))).id == ADA


async def test_the_client_reads_companies_and_makes_tickets() -> None:
    async with freshdesk() as desk:
        api = client(desk)
        companies = await call(api.companies.list_companies)
        assert "Northgate Lanterns Ltd" in {each.name for each in companies}
        ticket = await call(
            lambda: api.tickets.create_ticket("Call", description="x", requester_id=ADA, source=3, status=5)
        )
        assert (ticket.requester_id, ticket.source, ticket.status) == (ADA, "phone", "closed")


async def test_the_client_tells_the_refusals_apart() -> None:
    async with freshdesk() as desk:
        with pytest.raises(FreshdeskUnauthorized):
            await call(lambda: client(desk, "wrong").contacts.get_contact(ADA))
        with pytest.raises(FreshdeskNotFound):
            await call(lambda: client(desk).contacts.get_contact(1))
        with pytest.raises(FreshdeskBadRequest):
            await call(lambda: client(desk).contacts.create_contact(name=""))
        with pytest.raises(FreshdeskAccessDenied):
            await call(lambda: client(desk, HELPER)._get("contact_fields"))
        desk.switch(api_fault="503")
        with pytest.raises(FreshdeskServerError):
            await call(lambda: client(desk).contacts.get_contact(ADA))
        desk.switch(api_fault="429")
        with pytest.raises(FreshdeskRateLimited):
            await call(lambda: client(desk).contacts.get_contact(ADA))
