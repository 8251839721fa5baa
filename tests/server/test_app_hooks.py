"""Webhooks of apps with contacts: each judged by its app, capped, and heard by the schedule at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from contract.memory import MemoryApp
from linedesk.apps.base import App, Hint, HookRequest
from linedesk.apps.hearing import Hearing
from linedesk.clock import ManualClock
from linedesk.errors import BadSignature, ConfigError, HookNotJson, UnknownAccount
from server.house import House, open_house


class Ringing(MemoryApp):
    """An app that sends webhooks: `{"ids": […]}` with its own word in a header."""

    def hints(self, request: HookRequest, now_ms: int) -> tuple[Hint, ...]:
        if request.headers.get("x-word") != f"open sesame {request.method} {request.url}":
            raise BadSignature("The word is wrong.")
        try:
            ids = json.loads(request.body)["ids"]
        except ValueError:
            raise HookNotJson("The body is not JSON.") from None
        return (Hint(tuple(ids)),) if ids else ()


def hearing(changed: list[str]) -> Hearing:
    clock = ManualClock()
    apps: dict[str, App] = {"crm": Ringing(clock, account="crm"), "dumb": MemoryApp(clock, account="dumb")}

    def app_of(name: str) -> App:
        if name not in apps:
            raise ConfigError(f"There is no account {name}.")
        return apps[name]

    return Hearing(clock, app_of, changed.append)


def request_of(body: bytes, word: str = "open sesame POST https://pbx.example/hooks/app/crm") -> HookRequest:
    return HookRequest("POST", "https://pbx.example/hooks/app/crm", {"x-word": word}, body)


def test_a_hint_names_its_account_and_an_empty_one_nobody() -> None:
    changed: list[str] = []
    assert hearing(changed).hear("crm", request_of(b'{"ids": ["1", "2"]}')) == 2
    assert changed == ["crm"]
    assert hearing(changed).hear("crm", request_of(b'{"ids": []}')) == 0
    assert changed == ["crm"]


@pytest.mark.parametrize("account", ["dumb", "nobody"])
def test_an_account_whose_app_sends_none_is_as_unknown_as_one_that_is_not_there(account: str) -> None:
    changed: list[str] = []
    with pytest.raises(UnknownAccount) as refused:
        hearing(changed).hear(account, request_of(b"{}"))
    assert refused.value.message == "No account with webhooks has this name."
    assert changed == []


@pytest.fixture
def changed() -> list[str]:
    return []


async def post(
    house: House, body: bytes, headers: Mapping[str, str], account: str = "crm"
) -> tuple[int, Any]:
    url = f"{house.base}/hooks/app/{account}"
    async with house.http.post(url, data=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_good_webhook_is_heard_with_the_full_public_address(
    tmp_path: Path, changed: list[str]
) -> None:
    async with open_house(tmp_path, app_hooks=hearing(changed)) as house:
        word = f"open sesame POST {house.base}/hooks/app/crm?x=%20y"
        status, answer = await post(house, b'{"ids": ["1"]}', {"X-Word": word}, "crm?x=%20y")
        assert (status, answer) == (200, {"status": "heard"})
        assert changed == ["crm"]
        assert house.metric("linedesk_hooks_total", result="heard") == 1


async def test_a_bad_one_is_refused_by_its_app_and_nothing_is_nudged(
    tmp_path: Path, changed: list[str]
) -> None:
    async with open_house(tmp_path, app_hooks=hearing(changed)) as house:
        word = {"X-Word": f"open sesame POST {house.base}/hooks/app/crm"}
        wanted = {
            "hook_bad_signature": (401, b'{"ids": ["1"]}', {"X-Word": "guessed"}, "crm"),
            "hook_not_json": (400, b"{", word, "crm"),
            "hook_unknown_account": (404, b"{}", word, "nobody"),
            "hook_too_large": (413, b"x" * 2_000_000, word, "crm"),
        }
        for code, (status, body, headers, account) in wanted.items():
            got, answer = await post(house, body, headers, account)
            assert (got, answer["error"]["code"]) == (status, code)
        assert changed == []
