"""The demo's sync as a person sees it: edited on the CRM's page, then in the phonebook and in the popup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Demo, start_demo
from e2e.desks import in_crm

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e-sync"), pytest.mark.timeout(120)]

ADA = "+442079460018"
SYNCED_MS = 30_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo as `make demo` starts it: syncs run by themselves."""
    running = start_demo(tmp_path_factory.mktemp("synced"), contacts=30, schedule=True)
    yield running
    running.stop()


def shows(page: Page, name: str) -> None:
    """The phonebook's page, which looks again by itself, comes to show the name."""
    expect(page.get_by_role("rowheader", name=name, exact=True)).to_have_count(1, timeout=SYNCED_MS)


def test_a_contact_edited_in_the_crm_appears_in_the_phonebook_and_in_the_popup(
    browser: Any, demo: Demo
) -> None:
    luca = in_crm(browser, demo)
    pbx = luca.context.new_page()
    pbx.goto(f"{demo.pbx}/phonebook/{demo.ready['pbx']['phonebook']}")
    shows(pbx, "Ada Lindqvist")
    luca.page.get_by_role("link", name="Ada Lindqvist").first.click()
    luca.page.get_by_role("link", name="Edit").click()
    luca.page.get_by_label("Name", exact=True).fill("Adaline Lindqvist-Moore")
    luca.page.get_by_role("button", name="Save changes").click()
    shows(pbx, "Adaline Lindqvist-Moore")
    demo.ring(ADA, "201")
    expect(luca.card("Adaline Lindqvist-Moore")).to_have_count(1)
    luca.close()
