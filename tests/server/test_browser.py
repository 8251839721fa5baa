"""What only a real browser shows: our own policy lets our pages work, and the widget's window signs it in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, Frame, Page, async_playwright

from linedesk.errors import ConfirmationNeeded
from linedesk.server.assets import Assets
from linedesk.server.listen import listening
from server.house import LUCA, PASSWORD, House, item, open_house, until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

# The system's Chromium where there is one, else the one that Playwright installed.
CHROMIUM = path if (path := Path("/usr/bin/chromium")).exists() else None


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, assets=Assets.of_the_package(), socket_hello_s=10.0) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as play:
        running = await play.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        yield running
        await running.close()


def listen_for_faults(page: Page) -> list[str]:
    """Whatever the page's policy blocks, or its script throws."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "olicy" in message.text else None)
    return faults


async def widget(page: Page) -> Frame:
    """The loader's frame; it is in a shadow tree that selectors do not reach."""
    await until(lambda: [frame for frame in page.frames if "embed=1" in frame.url])
    return next(frame for frame in page.frames if "embed=1" in frame.url)


async def sign_in(page: Page) -> None:
    await page.fill("#user", "luca")
    await page.fill("#password", PASSWORD)
    await page.click("button[type=submit]")


async def test_sign_in_leads_to_a_desk_that_works_under_its_policy(house: House, browser: Browser) -> None:
    page = await browser.new_page()
    faults = listen_for_faults(page)
    await page.goto(f"{house.base}/agent")
    await sign_in(page)
    await page.wait_for_url("**/agent")
    await until(lambda: len(house.sockets) == 1)
    await page.get_by_text(LUCA.name).wait_for()
    assert faults == []


async def test_the_dial_page_asks_twice_where_it_must_and_dials(house: House, browser: Browser) -> None:
    page = await browser.new_page()
    faults = listen_for_faults(page)
    await page.goto(f"{house.base}/dial?number=%2B390212345678")
    await sign_in(page)
    house.dialling.refusal = ConfirmationNeeded("This number is unusual.")
    await page.get_by_role("button", name="Call 02 1234 5678").click()
    assert not any(confirm for *_, confirm in house.dialling.dialled)
    await page.get_by_role("button", name="anyway").click()
    await page.get_by_role("heading", name="Your phone rings now").wait_for()
    assert [confirm for *_, confirm in house.dialling.dialled] == [False, True]
    assert faults == []


async def test_sign_in_from_open_reaches_a_contact_on_another_site(house: House, browser: Browser) -> None:
    page = await browser.new_page()
    async with crm_site(house) as crm:
        house.people.found = {"sure": [item("Anna", f"{crm}/a/contacts/7")]}
        await page.goto(f"{house.base}/open?number=%2B390212345678")
        await sign_in(page)
        await page.wait_for_url(f"{crm}/a/contacts/7")


async def test_the_widget_on_another_site_is_signed_in_by_its_window_and_stays_so(
    house: House, browser: Browser
) -> None:
    page = await browser.new_page()
    async with crm_site(house) as crm:
        await page.goto(f"{crm}/ticket")
        async with page.expect_popup() as opened:
            await (await widget(page)).get_by_role("button", name="Sign in").first.click()
        window = await opened.value
        faults = listen_for_faults(window)
        await sign_in(window)
        await until(lambda: len(house.sockets) == 1)
        await until(window.is_closed)
        assert faults == []
        await page.reload()
        await (await widget(page)).get_by_text(LUCA.name).wait_for()
        await until(lambda: len(house.sockets) == 1)


async def test_a_page_that_is_not_listed_can_not_hold_the_widget(house: House, browser: Browser) -> None:
    page = await browser.new_page()
    async with crm_site(house) as crm:
        house.accounts.listed = frozenset()
        # The browser asks for the desk and puts an error in its place: only then nothing more can come.
        await page.goto(f"{crm}/ticket")
        await until(lambda: any(frame.url.startswith("chrome-error:") for frame in page.frames))
        assert not any(frame.url.startswith(house.base) for frame in page.frames)
        assert len(house.sockets) == 0


@asynccontextmanager
async def crm_site(house: House) -> AsyncIterator[str]:
    """A page of another site (`localhost`; the service is at `127.0.0.1`) with the loader in it."""

    async def page(_request: web.Request) -> web.Response:
        html = f'<!doctype html><title>CRM</title><script src="{house.base}/widget.js" defer></script>'
        return web.Response(text=html, content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", page)
    async with listening(app, "127.0.0.1", 0) as port:
        origin = f"http://localhost:{port}"
        house.accounts.listed = frozenset({origin})
        yield origin
