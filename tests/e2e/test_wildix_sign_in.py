"""Signing in with Wildix in a real browser, on the phone system's own pages, and dialling as oneself.

The account's own token is taken away: who still dials does it as himself.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Demo, start_demo
from e2e.desks import AtDesk, in_own_tab, new_context

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e-wildix"), pytest.mark.timeout(150)]

GONE = "access_taken-away"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo whose account has a token that the phone system does not know."""
    folder: Path = tmp_path_factory.mktemp("wildix")
    running = start_demo(folder / "data", contacts=20)
    try:
        setup = folder / "without.toml"
        account = running.ready["hook"]["url"].rpartition("/")[2]
        setup.write_text(f'[accounts.{account}]\ntoken = "{GONE}"\n', encoding="utf-8")
        setup.chmod(0o600)
        command = [sys.executable, "-m", "linedesk", "apply", str(setup), "--yes"]
        subprocess.run([*command, "--config", running.ready["config"]], check=True, timeout=60)
        yield running
    finally:
        running.stop()


@pytest.fixture(autouse=True)
def no_calls(demo: Demo) -> Iterator[None]:
    """Between two tests every call ends."""
    yield
    demo.hang_up_all()


def to_consent(browser: Any, demo: Demo, path: str = "/agent") -> Page:
    """A fresh browser, nobody's yet, on the phone system's page, sent there by Linedesk's sign-in page."""
    page: Page = new_context(browser).new_page()
    page.goto(f"{demo.service}{path}")
    page.get_by_role("link", name="Wildix").click()
    page.wait_for_url(f"{demo.pbx}/authorization/oauth2?**")
    return page


def consent(page: Page, extension: str, answer: str = "Allow") -> None:
    page.get_by_label("Signed in as").select_option(extension)
    page.get_by_role("button", name=answer, exact=True).click()


def dial(at: AtDesk, number: str) -> None:
    at.desk.get_by_label("Number to dial").fill(number)
    at.desk.get_by_role("button", name="Call", exact=True).click()


def test_an_agent_signs_in_on_the_phone_systems_page_and_dials_as_himself(browser: Any, demo: Demo) -> None:
    page = to_consent(browser, demo)
    expect(page.get_by_role("heading", name="Linedesk")).to_be_visible()
    consent(page, "202")
    page.wait_for_url(f"{demo.service}/agent")
    mia = AtDesk(page.context, page, page)
    expect(page.get_by_text("Mia", exact=False).first).to_be_visible()
    number = demo.fresh_number()
    dial(mia, number)
    expect(mia.card(number).filter(has_text="Outgoing")).to_have_count(1)
    [call] = demo.live_calls()
    assert call["from"] == "202"
    mia.close()


def test_without_it_nobody_dials_here_and_the_sentence_says_why(browser: Any, demo: Demo) -> None:
    luca = in_own_tab(browser, demo, "201")
    dial(luca, demo.fresh_number())
    expect(luca.desk.get_by_role("alert").filter(has_text=re.compile("token"))).to_be_visible()
    assert demo.live_calls() == []
    luca.close()


def test_who_does_not_allow_it_is_not_in_and_can_begin_again(browser: Any, demo: Demo) -> None:
    page = to_consent(browser, demo)
    consent(page, "203", "Do not allow")
    page.wait_for_url(f"{demo.service}/sign-in/wildix/done?**")
    expect(page.get_by_text("didn't allow Linedesk")).to_be_visible()
    back = page.url
    page.goto(f"{demo.service}/agent")
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto(back)
    expect(page.get_by_text("used already")).to_be_visible()
    page.context.close()


def test_a_user_of_the_phone_system_who_is_no_agent_stays_outside(browser: Any, demo: Demo) -> None:
    page = to_consent(browser, demo)
    consent(page, "100")
    expect(page.get_by_text("no agent for that")).to_be_visible()
    page.goto(f"{demo.service}/agent")
    expect(page.get_by_label("Password")).to_be_visible()
    page.context.close()


def test_the_answer_to_one_browser_signs_no_other_in(browser: Any, demo: Demo) -> None:
    page = to_consent(browser, demo)
    asked = page.evaluate("() => Object.fromEntries(new FormData(document.querySelector('form')))")
    said = {**asked, "extension": "203", "answer": "allow"}
    reply = page.request.post(f"{demo.pbx}/authorization/oauth2", form=said, max_redirects=0)
    answer = reply.headers["location"]
    thief = new_context(browser).new_page()
    thief.goto(answer)
    expect(thief.get_by_text("another browser")).to_be_visible()
    thief.goto(f"{demo.service}/agent")
    expect(thief.get_by_label("Password")).to_be_visible()
    thief.context.close()
    page.goto(answer)
    page.wait_for_url(f"{demo.service}/agent")
    page.context.close()
