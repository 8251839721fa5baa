"""Where the browser ends after a consent for `linedesk connect`: a page that says where its address goes."""

from __future__ import annotations

from pathlib import Path

from linedesk.accounts.connecting import Connecting
from linedesk.accounts.model import OAuthClient, PbxAccount
from linedesk.numbers.model import NumberPlan
from server.browser import Browser
from server.house import open_house


async def test_the_page_says_where_its_address_goes_and_signs_nobody_in(tmp_path: Path) -> None:
    account = PbxAccount(
        "office", "https://p.example", NumberPlan("IT"), application=OAuthClient("desk", "secret-1")
    )
    state = Connecting(account, "").state
    async with open_house(tmp_path) as house:
        page = await Browser(house).get(f"/sign-in/wildix/done?code=one-time-code&state={state}")
    assert page.status == 200
    assert "linedesk connect" in page.text
    assert page.set_cookies == []
    # What the page holds could be sent on; the code is in its address alone.
    assert "one-time-code" not in page.text
    assert state not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
