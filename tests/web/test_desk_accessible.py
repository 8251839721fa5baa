"""The desk's states under axe, the accessibility checker: none of its rules may be broken, light or dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from web.played import COMPANY, CREATE, NOW, ROOT, SEVERAL, TWO_APPS, Desk, call, contact

pytestmark = pytest.mark.browser

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
RUN = """async () => {
  const { violations, passes } = await axe.run(document, { resultTypes: ["violations"] });
  const broken = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.flat().join(" > ")}: ${node.failureSummary}`));
  return { broken, passed: passes.length };
}"""
POSSIBLE = call(who=[contact("Luca Bianchi", certainty="possible")], create=CREATE)
UNKNOWN = call(who=[], create=CREATE, network_name="ROSSI A")
MANY = call(who=[TWO_APPS, *SEVERAL[1:]], company=COMPANY)
PICKED = call(who=SEVERAL, contact=SEVERAL[2], picked=True, company=COMPANY)
CROWD = call(who=[contact(f"Person {n}") for n in range(8)])
THREE = (
    call("held", queue="Support"),
    UNKNOWN | {"id": "pbx-c2", "started_at": NOW - 3000},
    call("missed", id="pbx-c3", started_at=NOW - 2000),
)


def _tab(name: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel").get_by_role("listitem").first).to_be_visible()

    return act


def _search(text: str, said: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_role("combobox").fill(text)
        expect(page.get_by_text(said)).to_be_visible()
        page.get_by_role("combobox").press("ArrowDown")

    return act


def _dial(text: str, said: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_label("Number to dial").fill(text)
        page.get_by_role("button", name="Call", exact=True).click()
        expect(page.get_by_text(said)).to_be_visible()

    return act


def _gear(page: Page) -> None:
    page.get_by_role("button", name="Settings", exact=True).click()


def _collapse(page: Page) -> None:
    page.get_by_role("button", name="Make small").click()
    page.set_viewport_size({"width": 264, "height": 56})


STATES: dict[str, dict[str, Any]] = {
    "empty": {},
    "empty-page": {"embed": False, "size": (1180, 700)},
    "ringing-sure": {"calls": (call(queue="Support", via="203"),)},
    "ringing-possible": {"calls": (POSSIBLE,)},
    "ringing-unknown": {"calls": (UNKNOWN,)},
    "ringing-withheld": {"calls": (call(who=[], withheld=True, number=None, display="Number withheld"),)},
    "ringing-many": {"calls": (MANY,)},
    "ringing-crowd": {"calls": (CROWD,)},
    "ringing-two-apps": {"calls": (call(who=[TWO_APPS]),)},
    "picked": {"calls": (PICKED,)},
    "talking": {"calls": (call("talking"),)},
    "ended": {"calls": (call("ended"),)},
    "three-calls": {"calls": THREE},
    "three-calls-page": {"calls": THREE, "embed": False, "size": (1180, 700)},
    "search": {"act": _search("ros", "3 of 37")},
    "search-over": {"act": _search("mari", "5 of more than 1,000")},
    "search-none": {"act": _search("zzz", "Nobody found.")},
    "history": {"act": _tab("History")},
    "colleagues": {"act": _tab("Colleagues")},
    "settings": {"act": _gear},
    "settings-page": {"act": _gear, "embed": False, "agent": {"open_page": "ring"}},
    "dial-question": {"act": _dial("+44 7700 900123", "Call anyway")},
    "dial-refused": {"act": _dial("+979 123", "may not be called")},
    "dial-empty": {"act": _dial("", "Type or paste a number, then press Call.")},
    "sign-in": {"signed_in": False},
    "pill": {"calls": (call("talking"),), "act": _collapse},
    "pill-empty": {"act": _collapse},
}


@pytest.mark.parametrize("name", STATES)
def test_no_rule_of_axe_is_broken(browser: Browser, name: str) -> None:
    state = dict(STATES[name])
    calls, act = state.pop("calls", ()), state.pop("act", None)
    assert AXE.is_file(), "Install the browser's tools first: make setup"
    page = Desk(browser, **state).open(*calls)
    if act:
        act(page)
    page.evaluate(AXE.read_text())
    found = {}
    looks: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for look in looks:
        page.emulate_media(color_scheme=look, reduced_motion="reduce")
        found[look] = page.evaluate(RUN)
    page.context.close()
    assert {look: each["broken"] for look, each in found.items()} == {"light": [], "dark": []}
    assert all(each["passed"] > 10 for each in found.values())
