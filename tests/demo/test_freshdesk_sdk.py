"""The community client python-freshdesk works against the simulated Freshdesk: a stranger's judgement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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
