"""The app against the demo's Freshdesk: plans, variants of the wire and its faults, by their switches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web

from contract.asking import complete, ids, made, quiet
from contract.rig_freshdesk import HELPER, FreshdeskRig, freshdesk_rig
from linedesk.apps.base import Refused, Stored
from linedesk.apps.records import Complete, Draft
from linedesk.errors import ListingBroken, VendorDuplicate, VendorError, VendorInvalid

_PLANS: Mapping[str, tuple[int, int]] = {"trial": (50, 50), "growth": (200, 20)}


def timed(rig: FreshdeskRig) -> tuple[list[float], list[float]]:
    """When each request came, and each list of contacts, on the account's own clock."""
    every: list[float] = []
    lists: list[float] = []

    def before(request: web.Request) -> None:
        every.append(rig.clock.now_ms() / 1000)
        if request.path == "/api/v2/contacts" and request.method == "GET":
            lists.append(rig.clock.now_ms() / 1000)

    rig.wire.before = before
    return every, lists


def most(times: list[float]) -> int:
    return max(sum(start <= time < start + 60 for time in times) for start in times)


@pytest.mark.parametrize("plan", sorted(_PLANS))
async def test_S22_no_minute_holds_more_than_the_plan_and_nothing_is_ever_refused(plan: str) -> None:
    async with freshdesk_rig(timeout_s=5.0) as rig:
        rig.switch(plan=plan)
        people = rig.fill(120)
        await rig.app.check()
        every, lists = timed(rig)
        total, listed = _PLANS[plan]
        while len(lists) <= listed:
            assert isinstance(await rig.app.read(None, quiet), Complete)
        while len(every) <= total:
            await rig.app.get_many(people)
        assert most(every) <= total
        assert most(lists) <= listed


async def test_a_small_plan_is_enough_for_people_while_the_background_reads() -> None:
    async with freshdesk_rig(timeout_s=5.0) as rig:
        rig.switch(plan="trial")
        people = rig.fill(80)
        await rig.app.check()
        await rig.app.get_many(people)
        before_s = rig.clock.slept_s
        await rig.app.find_by_phone(["+390200000001"])
        assert rig.clock.slept_s - before_s < 1


@pytest.mark.parametrize("fault", ["repeat", "loop", "empty-page", "skip", "foreign-link"])
async def test_S12_a_list_that_is_wrong_is_never_taken_for_a_complete_one(fault: str) -> None:
    async with freshdesk_rig() as rig:
        rig.fill(350)
        rig.switch(listing_fault=fault)
        with pytest.raises(ListingBroken, match=r"^Freshdesk \(crm\)"):
            await rig.app.read(None, quiet)


async def test_rows_that_come_twice_count_once() -> None:
    async with freshdesk_rig() as rig:
        people = rig.fill(250)
        rig.switch(listing_fault="duplicate-rows")
        try:
            reading = await rig.app.read(None, quiet)
        except ListingBroken:
            return
        assert sorted(ids(reading)) == sorted(people)


@pytest.mark.parametrize("change", ["insert", "edit", "delete"])
async def test_S15_one_change_during_a_walk_ends_in_a_complete_reading(change: str) -> None:
    async with freshdesk_rig() as rig:
        people = rig.fill(250)
        rig.switch(change_mid_walk=change)
        reading = await complete(rig.app)
        assert set(people) <= set(ids(reading))
        truth = rig.names()
        shown = {e.id: e.text("name") for e in reading.records if e.state.value == "active"}
        assert shown == truth


@pytest.mark.parametrize("spelling", ["_updated_since", "updated_since", "both"])
async def test_changes_are_read_whichever_name_the_parameter_has(spelling: str) -> None:
    async with freshdesk_rig() as rig:
        ada, _ = rig.fill(2)
        rig.switch(since_spelling=spelling)
        cursor = (await complete(rig.app)).cursor
        rig.clock.advance(3600)
        rig.rename(ada, "Renamed")
        reading = await rig.app.read(cursor, quiet)
        assert {each.id: each.text("name") for each in reading.records}[ada] == "Renamed"


async def test_a_required_custom_field_is_a_sentence_on_the_record_and_in_the_check() -> None:
    async with freshdesk_rig() as rig:
        rig.switch(required_custom_field=True)
        (outcome,) = await rig.app.create([Draft(rig.draft("Ada"))])
        assert isinstance(outcome, Refused)
        assert isinstance(outcome.error, VendorInvalid)
        assert "needs a value for the field Account manager" in str(outcome.error)
        checked = await rig.app.check()
        assert any("no new contact without Account manager" in each.sentence for each in checked.findings)
        fields = {**rig.draft("Ada"), "custom_fields.account_manager": "Grace"}
        assert (await made(rig.app, fields)).text("custom_fields.account_manager") == "Grace"


@pytest.mark.parametrize("names_holder", [True, False])
async def test_S06_a_mobile_that_another_contact_holds_is_a_duplicate(names_holder: bool) -> None:
    async with freshdesk_rig() as rig:
        rig.switch(unique_mobile=True, duplicate_names_holder=names_holder)
        first = await made(rig.app, {**rig.draft("Ada"), "mobile": "+393331234567"})
        (outcome,) = await rig.app.create([Draft({**rig.draft("Eve"), "mobile": "+393331234567"})])
        assert isinstance(outcome, Refused)
        assert isinstance(outcome.error, VendorDuplicate)
        assert outcome.holder == (first.id if names_holder else None)


@pytest.mark.parametrize("switches", [{"cut_text_at": 5}, {"reformat_numbers": True}, {"trim_text": True}])
async def test_S14_what_the_account_makes_of_a_value_is_what_is_told_as_stored(
    switches: dict[str, Any],
) -> None:
    async with freshdesk_rig() as rig:
        rig.switch(**switches)
        (outcome,) = await rig.app.create([Draft({"name": "Ada  Example ", "phone": "+39 02 1"})])
        assert isinstance(outcome, Stored)
        (read,) = await rig.app.get_many([outcome.record.id])
        assert read.fields == outcome.record.fields


async def test_a_key_without_rights_of_an_administrator_reads_all_but_the_fields() -> None:
    async with freshdesk_rig() as rig:
        people = rig.fill(3)
        helper = rig.open(rig.freshdesk._wire.base, 1.0, api_key=HELPER)
        checked = await helper.check()
        assert checked.well
        assert any("not an administrator's" in each.sentence for each in checked.findings)
        assert sorted(ids(await complete(helper))) == sorted(people)


@pytest.mark.parametrize(
    "fault", ["401", "403", "500", "502", "503", "504", "html", "error-in-200", "truncated", "reset"]
)
async def test_every_fault_of_an_answer_is_one_sentence_about_this_account(fault: str) -> None:
    async with freshdesk_rig() as rig:
        rig.fill(1)
        await rig.app.fields()
        rig.switch(api_fault=fault)
        with pytest.raises(VendorError, match=r"^Freshdesk \(crm\)") as raised:
            await rig.app.read(None, quiet)
        assert raised.value.remedy
