"""Who is calling, from the simulated PBX to the chooser and back: picks, doubt and `/open`, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Demo
from e2e.desks import in_crm, in_own_tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

SHARED = "+442079460044"
SHARED_SHOWN = "020 7946 0044"
SWITCHBOARD = "+493023125814"
COMPANY = "Havelufer Präzisionswerkzeuge GmbH"
AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
CHOSEN = "Your choice for this number"


@pytest.fixture
def unpicked(quiet: Demo) -> Iterator[Demo]:
    """The shared demo in which nobody has chosen anybody, before and after."""
    forget_all(quiet)
    yield quiet
    forget_all(quiet)


def forget_all(demo: Demo) -> None:
    for extension in ("201", "202"):
        with demo.api(extension) as api:
            for number in (SHARED, SWITCHBOARD):
                api.delete("/api/picks", params={"number": number}).raise_for_status()


def owners(demo: Demo, number: str) -> list[dict[str, Any]]:
    with demo.api("201") as api:
        found: list[dict[str, Any]] = api.get("/api/lookup", params={"number": number}).json()["sure"]
    assert len(found) == 2, found
    return found


def broken_rules(page: Page) -> list[str]:
    """What the accessibility checker says of this page."""
    page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate("async () => (await axe.run(document)).violations.map((one) => one.id)")
    return found


def test_C01_a_shared_number_is_chosen_once_remembered_and_forgotten(browser: Any, unpicked: Demo) -> None:
    rosa, paolo = sorted(owners(unpicked, SHARED), key=lambda each: str(each["name"]), reverse=True)
    luca, mia = in_crm(browser, unpicked), in_own_tab(browser, unpicked, "202")
    first = unpicked.ring(SHARED, ["201", "202"])
    card = luca.card(SHARED_SHOWN)
    expect(card.get_by_role("listitem")).to_have_count(2)
    expect(card.get_by_role("link", name=f"Open {rosa['company']}")).to_be_visible()
    card.get_by_role("button", name=f"Choose {rosa['name']} for this number").click()
    expect(luca.card(rosa["name"])).to_contain_text(CHOSEN)
    # A choice is one agent's: the other still chooses for herself.
    expect(mia.card(SHARED_SHOWN).get_by_role("listitem")).to_have_count(2)
    unpicked.steer(first, "hangup")
    unpicked.hang_up_all()
    luca.page.reload()
    expect(luca.desk.get_by_text("Luca Agent")).to_be_visible()
    unpicked.ring(SHARED, "201")
    card = luca.card(CHOSEN)
    expect(card.get_by_role("heading")).to_have_text(rosa["name"])
    card.get_by_text("Open contact").click()
    luca.page.wait_for_url(rosa["page_url"])
    luca.card(CHOSEN).get_by_role("button", name="Choose again").click()
    expect(luca.card(SHARED_SHOWN).get_by_role("link", name=re.compile(paolo["name"]))).to_be_visible()
    luca.close()
    mia.close()


def test_C05_a_possible_company_becomes_the_person_with_one_click(browser: Any, unpicked: Demo) -> None:
    luca = in_crm(browser, unpicked)
    unpicked.ring(SWITCHBOARD, "201")
    card = luca.card(f"Possibly {COMPANY}")
    expect(card).to_contain_text(f"Switchboard of {COMPANY}")
    expect(card).to_contain_text("Create contact")
    card.get_by_role("button", name="This is the company").click()
    card = luca.card(CHOSEN)
    expect(card.get_by_role("heading")).to_have_text(COMPANY)
    card.get_by_role("button", name="Take the choice back").click()
    expect(luca.card(f"Possibly {COMPANY}")).to_be_visible()
    luca.close()


def test_C01_open_asks_once_then_leads_to_the_choice_until_it_is_forgotten(
    browser: Any, unpicked: Demo
) -> None:
    rosa = max(owners(unpicked, SHARED), key=lambda each: str(each["name"]))
    mia = in_own_tab(browser, unpicked, "202")
    address = f"{unpicked.service}/open?number=%2B{SHARED[1:]}"
    mia.page.goto(address)
    expect(mia.page.get_by_role("listitem")).to_have_count(2)
    assert broken_rules(mia.page) == []
    mia.page.get_by_role("button", name=f"Choose {rosa['name']} for this number").click()
    mia.page.wait_for_url(rosa["page_url"])
    mia.page.goto(address)
    mia.page.wait_for_url(rosa["page_url"])
    # A link that wants the chooser gets it, with the choice said and the way out of it.
    mia.page.goto(f"{address}&choose=1")
    expect(mia.page.get_by_role("listitem").filter(has_text=CHOSEN)).to_contain_text(rosa["name"])
    assert broken_rules(mia.page) == []
    mia.page.get_by_role("button", name=f"Forget the choice of {rosa['name']}").click()
    expect(mia.page.get_by_text(CHOSEN)).to_have_count(0)
    mia.page.goto(address)
    expect(mia.page.get_by_role("listitem")).to_have_count(2)
    mia.close()


def test_C4_open_never_leads_to_a_page_that_is_only_possible(browser: Any, unpicked: Demo) -> None:
    mia = in_own_tab(browser, unpicked, "202")
    mia.page.goto(f"{unpicked.service}/open?number=%2B{SWITCHBOARD[1:]}")
    entry = mia.page.get_by_role("listitem")
    expect(entry).to_contain_text(f"Possibly {COMPANY}")
    expect(entry).to_contain_text(f"Switchboard of {COMPANY}")
    expect(mia.page.get_by_role("link", name=re.compile("Create contact"))).to_be_visible()
    assert broken_rules(mia.page) == []
    mia.close()
