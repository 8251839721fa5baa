"""What a person is told of how call events come, and what to switch on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from calls.desk_house import body, open_house
from linedesk.accounts.model import EventsWay
from linedesk.apps.base import Level
from linedesk.pbx.health import PbxHealth
from linedesk.pbx.pace import Way
from pbx.polled import ACCOUNT, NOW_MS

HOOKED = replace(ACCOUNT, webhook_secrets=("secret",))
MINUTE = 60_000


def _said(health: PbxHealth, account: object = HOOKED) -> list[tuple[Level, str]]:
    return [(each.level, each.sentence) for each in health.sentences(account, NOW_MS)]  # type: ignore[arg-type]


def test_where_no_webhook_ever_came_the_wms_screens_are_named() -> None:
    health = PbxHealth()
    webhooks, polls = health.sentences(HOOKED, NOW_MS)
    assert webhooks.level is Level.MISSING
    for part in (
        "6.03",
        "PBX → Features → Cloud Analytics",
        "Cloud integrations → Webhook",
        "/hooks/wildix/office",
    ):
        assert part in webhooks.remedy
    assert polls.level is Level.HINT


def test_where_polls_do_the_work_missing_webhooks_are_a_hint() -> None:
    health = PbxHealth()
    health.polls("office", Way.DRIVE, worst_delay_s=13.4)
    health.looked("office", NOW_MS - 2000)
    health.told("office", NOW_MS - 3 * MINUTE)
    assert _said(health) == [
        (Level.HINT, "No webhook has come from office yet."),
        (Level.OK, "Linedesk polls office (the calls of each signed-in agent in turn): a ring shows after "
                   "13.4 s at the latest. The last news came 3 minutes ago."),
    ]  # fmt: skip


def test_a_pbx_that_puts_polls_off_for_minutes_is_not_said_to_show_rings_at_once() -> None:
    health = PbxHealth()
    health.polls("office", Way.DRIVE, worst_delay_s=1.0)
    health.looked("office", NOW_MS - 5 * MINUTE)
    level, sentence = _said(health)[1]
    assert (level, "answered no poll for 5 minutes" in sentence) == (Level.MISSING, True)


def test_webhooks_that_arrive_are_well_and_polls_only_watch() -> None:
    health = PbxHealth()
    health.webhook("office", "call:live:progress", NOW_MS - 61_000)
    health.polls("office", Way.WATCH)
    assert _said(health) == [
        (Level.OK, "Webhooks arrive from office: the last one came 1 minute ago."),
        (Level.OK, "Polling only watches over the live calls of office."),
    ]
    assert health.document("office", NOW_MS)["alive"] == {"webhook": True, "polling": False}


def test_webhooks_about_other_things_do_not_count_as_call_events() -> None:
    health = PbxHealth()
    health.webhook("office", "presence:telephony", NOW_MS)
    assert health.of("office").webhook_ms is None
    finding = health.sentences(HOOKED, NOW_MS)[0]
    assert (finding.level, "none of them is about a call" in finding.sentence) == (Level.MISSING, True)
    assert "live call events" in finding.remedy


def test_webhooks_that_stopped_are_dated() -> None:
    health = PbxHealth()
    health.webhook("office", "call:start", NOW_MS - 50 * 60 * MINUTE)
    assert _said(health)[0] == (Level.HINT, "The last webhook from office came 2 days ago.")


@pytest.mark.parametrize(
    ("account", "level", "part"),
    [
        (ACCOUNT, Level.MISSING, "has no webhook secret"),
        (replace(HOOKED, credential=None), Level.MISSING, "has no credential"),
    ],
)
def test_what_the_account_lacks_is_said(account: object, level: Level, part: str) -> None:
    assert any(each is level and part in sentence for each, sentence in _said(PbxHealth(), account))


def test_an_account_set_to_one_way_is_told_of_that_way_only() -> None:
    health = PbxHealth()
    assert len(health.sentences(replace(HOOKED, events=EventsWay.WEBHOOK), NOW_MS)) == 1
    (polls,) = health.sentences(replace(HOOKED, events=EventsWay.POLLING), NOW_MS)
    assert "look up" in polls.sentence


def test_a_poll_that_fails_says_why_until_it_works() -> None:
    health = PbxHealth()
    health.polls("office", Way.DRIVE, worst_delay_s=1.0)
    health.failed("office", "office refused the token.")
    level, sentence = _said(health)[1]
    assert (level, sentence) == (
        Level.MISSING,
        "Linedesk can't look up the calls of office: office refused the token.",
    )
    health.looked("office", NOW_MS)
    assert _said(health)[1][0] is Level.OK


async def test_after_a_restart_the_last_events_are_known(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        await house.post(body("c1", "start", 0))
        poll = {"type": "linedesk:poll", "time": NOW_MS, "data": {}}
        await house.intake.accept("office", "polling", json.dumps(poll).encode())
        await house.work()
        health = PbxHealth()
        await health.restore(house.stores.calls)
        state = health.of("office")
        assert (state.webhook_ms, state.poll_ms) == (NOW_MS, NOW_MS)
        assert health.of("branch").webhook_ms is None
