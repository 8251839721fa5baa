"""An account's app is opened once, again when the account changed, and closed when no run needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from pydantic import Field, SecretStr, field_validator

from linedesk.accounts.model import AppAccount, PbxAccount
from linedesk.accounts.service import Accounts
from linedesk.apps.base import App
from linedesk.apps.info import AppInfo
from linedesk.apps.kind import AccountContext, AppKind, AppSettings
from linedesk.apps.opened import OpenApps
from linedesk.clock import ManualClock
from linedesk.errors import ConfigError
from linedesk.numbers.model import NumberPlan

SECRET = "planted-Secret-91"
ITALY, BRITAIN = NumberPlan("IT"), NumberPlan("GB")
CRM = AppAccount("crm", "toy", "https://toy.example", config={"size": 3}, secrets={"api_key": SECRET})


class ToySettings(AppSettings):
    api_key: SecretStr | None = Field(default=None, description="Key.")
    size: int = Field(default=1, ge=1, description="Size.")
    pbx: str = Field(default="", description="The PBX.")
    private: bool = Field(default=False, description="In the office's own network.")

    @field_validator("api_key")
    @classmethod
    def _long(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < 4:
            raise ValueError("Is too short")
        return key


class ToyApp:
    """Knows whether it was closed; `gate` keeps a close waiting."""

    def __init__(self, context: AccountContext, gate: asyncio.Event | None) -> None:
        self.context = context
        self.closed = 0
        self._gate = gate

    async def close(self) -> None:
        self.closed += 1
        if self._gate is not None:
            await self._gate.wait()


@dataclass
class Known:
    """The accounts as `Accounts` answers them."""

    apps: dict[str, AppAccount] = field(default_factory=lambda: {"crm": CRM})
    plans: dict[str, NumberPlan] = field(default_factory=lambda: {"office": ITALY, "london": BRITAIN})

    def app(self, name: str) -> AppAccount | None:
        account = self.apps.get(name)
        return account if account is not None and account.enabled else None

    def pbx(self, name: str) -> PbxAccount | None:
        return PbxAccount(name, "https://p.example", self.plans[name]) if name in self.plans else None

    def plan_of(self, name: str | None) -> NumberPlan:
        return self.plans.get(name or "", next(iter(self.plans.values())))


@dataclass
class Bench:
    known: Known
    apps: OpenApps
    made: list[ToyApp]

    def toy(self, name: str = "crm") -> ToyApp:
        return cast("ToyApp", self.apps.app(name))

    def change(self, **values: Any) -> None:
        self.known.apps["crm"] = replace(self.known.apps["crm"], **values)


def make(*, opens: Callable[[AccountContext], App] | None = None, gate: asyncio.Event | None = None) -> Bench:
    made: list[ToyApp] = []

    def opened(context: AccountContext) -> App:
        made.append(ToyApp(context, gate))
        return cast("App", made[-1])

    kinds = {
        "toy": AppKind(AppInfo("toy", "Toy"), ToySettings, opens or opened, pbx_key="pbx"),
        "pages": AppKind(AppInfo("pages", "Pages")),
    }
    known = Known()
    apps = OpenApps(
        cast("Accounts", known), kinds, ManualClock(), pbx=lambda name: name, timeout_s=7, loopback=True
    )
    return Bench(known, apps, made)


@pytest.fixture
def bench() -> Bench:
    return make()


def test_an_app_is_opened_when_first_asked_for_and_once(bench: Bench) -> None:
    assert bench.made == []
    assert bench.toy() is bench.toy()
    [app] = bench.made
    assert (app.context.name, app.context.who, app.context.url) == ("crm", "Toy (crm)", CRM.url)
    assert app.context.settings.size == 3
    assert app.context.settings.api_key.get_secret_value() == SECRET
    assert app.context.timeout_s == 7
    assert (app.context.reach.private, app.context.reach.loopback) == (False, True)
    assert bench.apps.kind_of("crm").info.name == "toy"


def test_an_account_in_the_offices_own_network_may_be_reached_there(bench: Bench) -> None:
    bench.change(config={"private": True})
    assert bench.toy().context.reach.private


@pytest.mark.parametrize(
    "values",
    [{"url": "https://b.example"}, {"config": {"size": 4}}, {"secrets": {"api_key": "another-one"}}],
    ids=["url", "config", "secret"],
)
async def test_a_changed_account_is_opened_again_and_the_old_app_closed(
    bench: Bench, values: dict[str, Any]
) -> None:
    before = bench.toy()
    bench.change(**values)
    after = bench.toy()
    assert after is not before
    assert before.closed == 0
    await bench.apps.refresh()
    assert (before.closed, after.closed) == (1, 0)
    assert bench.toy() is after
    await bench.apps.refresh()
    assert before.closed == 1


async def test_an_account_that_stays_the_same_keeps_its_app(bench: Bench) -> None:
    before = bench.toy()
    bench.known.apps["crm"] = replace(CRM)
    await bench.apps.refresh()
    assert bench.toy() is before
    assert before.closed == 0


async def test_another_number_plan_of_its_pbx_opens_it_again(bench: Bench) -> None:
    bench.change(config={"pbx": "london"})
    before = bench.toy()
    assert before.context.plan == bench.apps.plan_of("crm") == BRITAIN
    bench.known.plans["office"] = NumberPlan("FR")
    assert bench.toy() is before
    bench.known.plans["london"] = NumberPlan("IE")
    assert bench.toy() is not before


def test_an_account_of_no_pbx_reads_numbers_as_the_first_pbx_does(bench: Bench) -> None:
    assert bench.toy().context.plan == ITALY
    assert bench.apps.plan_of("gone") == ITALY


async def test_S16_a_busy_accounts_app_is_closed_when_its_run_has_ended(bench: Bench) -> None:
    before = bench.toy()
    bench.change(url="https://b.example")
    await bench.apps.refresh(busy={"crm"})
    after = bench.toy()
    assert before.closed == 0
    await bench.apps.tidy(busy={"crm"})
    assert before.closed == 0
    await bench.apps.tidy()
    assert (before.closed, after.closed) == (1, 0)


async def test_S16_the_app_of_a_removed_account_is_closed_and_no_longer_given(bench: Bench) -> None:
    app = bench.toy()
    del bench.known.apps["crm"]
    with pytest.raises(ConfigError, match="There is no account crm, or it is switched off"):
        bench.apps.app("crm")
    await bench.apps.refresh(busy={"crm"})
    assert app.closed == 0
    await bench.apps.refresh()
    assert app.closed == 1


async def test_an_account_that_is_switched_off_is_closed(bench: Bench) -> None:
    app = bench.toy()
    bench.change(enabled=False)
    await bench.apps.refresh()
    assert app.closed == 1


async def test_close_closes_every_app_once_the_busy_ones_too(bench: Bench) -> None:
    first = bench.toy()
    bench.change(url="https://b.example")
    await bench.apps.refresh(busy={"crm"})
    second = bench.toy()
    await bench.apps.close()
    await bench.apps.close()
    assert (first.closed, second.closed) == (1, 1)


async def test_two_at_once_close_each_app_once() -> None:
    gate = asyncio.Event()
    bench = make(gate=gate)
    old = []
    for number in range(3):
        old.append(bench.toy())
        bench.change(url=f"https://{number}.example")
    bench.toy()
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(bench.apps.refresh())
        await asyncio.sleep(0)
        gate.set()
    assert [app.closed for app in old] == [1, 1, 1]


@pytest.mark.parametrize(
    ("account", "sentence", "remedy"),
    [
        (replace(CRM, secrets={}), "Toy (crm) has no api key.", "`accounts.crm.api_key`"),
        (replace(CRM, config={"size": 0}), "Toy (crm): `size`: input should be greater", "linedesk apply"),
        (replace(CRM, config={"colour": 1}), "Toy (crm): `colour`: extra inputs", "linedesk apply"),
        (replace(CRM, secrets={"api_key": "abc"}), "Toy (crm): `api_key`: is too short.", "linedesk apply"),
        (AppAccount("crm", "pages", ""), "Pages (crm) can't be synced", "contacts import"),
        (
            AppAccount("crm", "hubspot", ""),
            "is of the app hubspot, which this version does not know",
            "Update",
        ),
    ],
)
def test_what_can_not_be_opened_is_one_sentence_that_says_what_to_do(
    bench: Bench, account: AppAccount, sentence: str, remedy: str
) -> None:
    bench.known.apps["crm"] = account
    with pytest.raises(ConfigError) as caught:
        bench.apps.app("crm")
    assert sentence in caught.value.message
    assert remedy in caught.value.remedy
    assert SECRET not in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("wrong", [{"api_key": f"{SECRET}"}, {"api_key": 5}, {"api_key": [SECRET]}])
def test_no_secret_is_ever_in_an_error(bench: Bench, wrong: dict[str, Any]) -> None:
    bench.known.apps["crm"] = replace(CRM, config={"size": "many"}, secrets=wrong)
    with pytest.raises(ConfigError) as caught:
        bench.apps.app("crm")
    shown = f"{caught.value.message} {caught.value.remedy} {caught.value.__cause__!r}"
    assert SECRET not in shown
    assert caught.value.__suppress_context__


def test_a_pbx_is_no_book_of_contacts(bench: Bench) -> None:
    with pytest.raises(ConfigError, match="office is a PBX, not a book of contacts"):
        bench.apps.app("office")
    with pytest.raises(ConfigError, match="There is no account nobody"):
        bench.apps.kind_of("nobody")


def test_an_app_that_refuses_to_open_is_asked_again_after_a_change() -> None:
    def refuse(context: AccountContext) -> App:
        if context.settings.size == 3:
            raise ConfigError("Size 3 is taken.")
        return cast("App", ToyApp(context, None))

    bench = make(opens=refuse)
    with pytest.raises(ConfigError, match="Size 3 is taken"):
        bench.apps.app("crm")
    bench.change(config={"size": 4})
    assert bench.toy().context.settings.size == 4


def test_a_change_that_can_not_be_opened_does_not_give_the_old_app(bench: Bench) -> None:
    bench.toy()
    bench.change(secrets={})
    with pytest.raises(ConfigError, match="has no api key"):
        bench.apps.app("crm")
