"""Beside a running service: what `linedesk apply` changes of numbers, a lookup finds within seconds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from linedesk.apps.http import AppHttp
from linedesk.numbers import read
from linedesk.service import Service
from linedesk.sync import details
from test_syncing_service import apply, ask, house

NUMBER = "020 7946 0991"
WHATSAPP = "0117 496 0992"


async def found(running: Service, number: str) -> list[tuple[str, str]]:
    hits = await running.directory.lookup(read(number, running.accounts.plan_of(None)), None)
    return [(each.contact.name, each.label) for each in hits.sure]


async def until(running: Service, number: str, wanted: list[tuple[str, str]]) -> None:
    seen = None
    for _ in range(300):
        seen = await found(running, number)
        if seen == wanted:
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"{number} leads to {seen}")


async def test_A22_number_fields_and_the_region_change_who_is_found_without_any_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The details of new contacts are read some seconds later, by requests that are no matter of this.
    monkeypatch.setattr(details, "_IDLE_S", 3_600)
    async with house(tmp_path, schedule=False) as (running, _, crm):
        draft = crm.book.draft()
        custom = {**draft.custom, "customer_number": WHATSAPP}
        crm.book.put(replace(draft, name="Ada Example", phone=NUMBER, custom=custom))
        await ask(running.settings, "/sync", {"connection": "customers"})
        await until(running, "+442079460991", [("Ada Example", "work")])
        assert await found(running, "+441174960992") == []
        asked: list[str] = []
        exchange = AppHttp.exchange

        async def watched(http: AppHttp, method: str, path: str, *words: Any, **more: Any) -> Any:
            asked.append(path)
            return await exchange(http, method, path, *words, **more)

        monkeypatch.setattr(AppHttp, "exchange", watched)

        await apply(
            running, '[accounts.crm]\nnumber_fields = ["phone", "custom_fields.customer_number", "mobile"]\n'
        )
        await until(running, "+441174960992", [("Ada Example", "Customer number")])

        await apply(running, '[accounts.office]\nregion = "IT"\n')
        await until(running, "+3901174960992", [("Ada Example", "Customer number")])
        assert await found(running, "+441174960992") == []
        assert asked == []
