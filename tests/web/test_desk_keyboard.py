"""The desk by keyboard alone: every part can be reached, used and left, and the focus is always seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from web.played import CREATE, Desk, call, contact

pytestmark = pytest.mark.browser

# The element that has the focus, its name, and whether its ring is drawn and lies inside what is shown.
FOCUS = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body) return null;
  const look = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const grow = parseFloat(look.outlineWidth) + parseFloat(look.outlineOffset);
  const ring = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
  const inside = box.left - grow >= 0 && box.right + grow <= innerWidth
    && box.top - grow >= 0 && box.bottom + grow <= innerHeight;
  const filled = at.getAttribute("role") === "separator" && look.backgroundColor !== "rgba(0, 0, 0, 0)";
  return {
    what: at.getAttribute("aria-label") || at.textContent.trim(),
    seen: (ring && inside) || filled,
  };
}"""


def walk(page: Page, most: int = 60) -> list[str]:
    """Tab through the whole desk; answers the names of what had the focus."""
    names: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            return names
        assert focus["seen"], f"no focus ring in sight on {focus['what']!r}"
        names.append(focus["what"])
    pytest.fail(f"Tab does not leave the desk: {names}")


def test_tab_reaches_every_part_and_its_ring_is_seen(browser: Browser) -> None:
    page = Desk(browser).open(call(who=[], create=CREATE))
    names = walk(page)
    wanted = ["Settings", "Make small", "Create contact in Freshdesk", "Search name, company or number"]
    wanted += ["Dial", "Number to dial", "7", "0, hold for plus", "Call"]
    assert [name for name in wanted if name not in names] == []
    assert names == list(dict.fromkeys(names))


def test_the_ring_is_seen_in_settings_history_and_sign_in(browser: Browser) -> None:
    page = Desk(browser).open()
    page.get_by_role("button", name="Settings", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert "Sign out" in walk(page)
    page = Desk(browser).open()
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_text("Show older calls")).to_be_visible()
    assert "Show older calls" in walk(page)
    page = Desk(browser, signed_in=False).open()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert "Sign in" in walk(page)


def test_the_ring_is_seen_on_the_pill(browser: Browser) -> None:
    page = Desk(browser).open(call("talking"))
    page.get_by_role("button", name="Make small").press("Enter")
    page.set_viewport_size({"width": 264, "height": 56})
    expect(page.get_by_role("button", name="Make small")).to_have_count(0)
    assert len(walk(page)) == 1
    page.get_by_role("button", name="Anna Rossi").press("Enter")
    expect(page.get_by_role("button", name="Make small")).to_be_visible()


def test_search_arrow_enter_opens_and_dials(browser: Browser) -> None:
    desk = Desk(browser, embed=False)
    page = desk.open()
    page.context.route("https://acme.example/**", lambda route: route.fulfill(body="the contact"))
    box = page.get_by_role("combobox")
    box.press_sequentially("ros")
    expect(page.get_by_text("3 of 37")).to_be_visible()
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(page.get_by_role("option", name="Call Anna Rossi, 02 1234 5678 Work")).to_have_attribute(
        "aria-selected", "true"
    )
    box.press("Enter")
    expect(page.get_by_text("Your phone rings first")).to_be_visible()
    assert [dial["number"] for dial in desk.service.dials] == ["+390212345678"]
    box.press("ArrowUp")
    with page.expect_popup() as opened:
        box.press("Enter")
    opened.value.wait_for_url("https://acme.example/contacts/1")


def test_escape_closes_the_search_and_the_focus_stays_there(browser: Browser) -> None:
    page = Desk(browser).open()
    box = page.get_by_role("combobox")
    box.press_sequentially("ros")
    expect(page.get_by_role("listbox")).to_be_visible()
    box.press("ArrowDown")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("")
    expect(box).to_be_focused()


def test_escape_closes_the_settings_and_the_focus_returns_to_the_gear(browser: Browser) -> None:
    page = Desk(browser).open()
    gear = page.get_by_role("button", name="Settings", exact=True)
    gear.press("Enter")
    page.get_by_label("When I answer").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_label("When I answer")).to_have_count(0)
    expect(gear).to_be_focused()
    gear.press("Enter")
    page.get_by_role("button", name="Close the settings").press("Enter")
    expect(gear).to_be_focused()


def test_arrows_home_and_end_move_through_the_tabs(browser: Browser) -> None:
    page = Desk(browser).open()
    page.get_by_role("tab", name="Dial").focus()
    for key, name in (
        ("ArrowRight", "History"),
        ("End", "Colleagues"),
        ("ArrowRight", "Dial"),
        ("ArrowLeft", "Colleagues"),
        ("Home", "Dial"),
    ):
        page.keyboard.press(key)
        tab = page.get_by_role("tab", name=name)
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tabpanel")).to_have_accessible_name(name)


def test_digits_typed_on_the_keys_go_into_the_number(browser: Browser) -> None:
    desk = Desk(browser)
    page = desk.open()
    page.get_by_role("button", name="5", exact=True).focus()
    page.keyboard.type("+3902x12")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Number to dial")).to_have_value("+390215")
    page.get_by_label("Number to dial").press("Enter")
    expect(page.get_by_text("Your phone rings first")).to_be_visible()
    assert [dial["number"] for dial in desk.service.dials] == ["+390215"]


def test_a_caller_among_several_is_chosen_by_keyboard(browser: Browser) -> None:
    desk = Desk(browser, embed=False)
    page = desk.open(
        call(who=[contact("Anna Rossi"), contact("Bruno Neri", page_url="https://acme.example/2")])
    )
    page.context.route("https://acme.example/**", lambda route: route.fulfill(body="the contact"))
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Bruno Neri").press("Enter")
    opened.value.wait_for_url("https://acme.example/2")
