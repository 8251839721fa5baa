"""Pictures of what people see, from the running demo, into artifacts/ (`make screenshots` takes some of them
into the README). Each is checked for sideways scrolling too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Demo
from e2e.desks import in_crm, in_own_tab
from e2e.test_calls import ADA, contact_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e-pictures")]

FOLDER = Path(__file__).parents[2] / "artifacts" / "screenshots"


def picture(page: Page, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")  # a fade is shown at its end
    wide = page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth")
    assert not wide, f"{name} scrolls sideways"


def test_the_desk_in_the_crm_while_it_rings(browser: Any, quiet: Demo) -> None:
    luca = in_crm(browser, quiet, viewport={"width": 1200, "height": 760})
    ada = contact_of(quiet, "201", ADA)
    quiet.ring(ADA, "201")
    expect(luca.card(ada["name"])).to_contain_text("Incoming")
    picture(luca.page, "crm-ringing")
    luca.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1100])
def test_the_desk_of_its_own(browser: Any, quiet: Demo, scheme: Any, width: int) -> None:
    mia = in_own_tab(browser, quiet, "202", viewport={"width": width, "height": 700}, color_scheme=scheme)
    name = f"{scheme}-{width}"
    picture(mia.page, f"desk-empty-{name}")
    ada = contact_of(quiet, "202", ADA)
    call = quiet.ring(ADA, "202")
    expect(mia.card(ada["name"])).to_contain_text("Incoming")
    picture(mia.page, f"desk-ringing-{name}")
    quiet.steer(call, "answer")
    expect(mia.card(ada["name"])).to_contain_text("Talking")
    quiet.ring("anonymous", "202")
    quiet.ring("+442079460995", "202")
    expect(mia.cards()).to_have_count(3)
    picture(mia.page, f"desk-three-calls-{name}")
    quiet.hang_up_all()
    mia.tab("History")
    expect(mia.desk.get_by_role("tabpanel").get_by_role("listitem").first).to_be_visible()
    picture(mia.page, f"desk-history-{name}")
    mia.desk.get_by_label("Search name, company or number").fill("mar")
    expect(mia.desk.get_by_role("option").first).to_be_visible()
    picture(mia.page, f"desk-search-{name}")
    mia.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_start_page_and_the_control_page(browser: Any, quiet: Demo, scheme: Any) -> None:
    for width in (360, 1400):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        for path, name in (("/", "start"), ("/control", "control")):
            # A page of its own: a poll of the page before, cut off by leaving it, would never be finished.
            page = context.new_page()
            with page.expect_response(re.compile("/_sim/calls$")) as calls:
                page.goto(quiet.crm + path)
            calls.value.finished()
            if name == "control":
                expect(page.locator("#switches").locator("input, select").first).to_be_visible()
            picture(page, f"{name}-{scheme}-{width}")
        context.close()
