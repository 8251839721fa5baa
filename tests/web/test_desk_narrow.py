"""The desk in the narrowest frames the loader makes: on a telephone's page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from web.played import CREATE, LONG, Desk, call, contact

pytestmark = pytest.mark.browser

# Everything that reaches over the right edge, and every text that is cut though it is ours and not a name.
MEASURE = """() => {
  const out = [];
  const edge = document.documentElement.clientWidth;
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      const clipped = element.closest(".sr") || element.parentElement?.closest(".cut");
      if (box.width && box.right > edge + 0.5 && !clipped)
        out.push(`${element.localName} ${element.className} reaches to ${Math.round(box.right)} of ${edge}`);
      if (element.matches("button .cut, [role=tab] .cut") && element.scrollWidth > element.clientWidth)
        out.push(`"${element.textContent}" is cut`);
      if (element.matches("input") && element.placeholder && element.clientWidth) {
        const pen = document.createElement("canvas").getContext("2d");
        const look = getComputedStyle(element);
        pen.font = look.font;
        const room = element.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight);
        if (pen.measureText(element.placeholder).width > room) out.push(`"${element.placeholder}" is cut`);
      }
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document);
  return out;
}"""


def assert_fits(page: Page) -> None:
    assert page.evaluate(MEASURE) == []
    main = "document.querySelector('ld-desk').shadowRoot.querySelector('main')"
    assert page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth")


@pytest.mark.parametrize("width", [336, 296])
def test_everything_fits_a_narrow_frame(browser: Browser, width: int) -> None:
    desk = Desk(browser, size=(width, 560))
    page = desk.open(
        call(who=[contact(LONG, LONG)], queue=LONG), call(who=[], create=CREATE, id="pbx-c2", started_at=9)
    )
    for tab in ("Dial", "History", "Colleagues"):
        page.get_by_role("tab", name=tab).click()
        inside = page.get_by_role("tabpanel", name=tab)
        expect(inside.get_by_role("button" if tab == "Dial" else "listitem").first).to_be_visible()
        assert_fits(page)
    page.get_by_role("combobox").fill("ros")
    page.get_by_role("option").first.wait_for()
    assert_fits(page)
    page.get_by_role("button", name="Settings", exact=True).click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert_fits(page)


def test_every_key_of_the_dialpad_can_be_pressed_in_a_narrow_frame(browser: Browser) -> None:
    page = Desk(browser, size=(296, 560)).open()
    for key in ("3", "6", "9", "#"):
        page.get_by_role("button", name=key, exact=True).click(position={"x": 60, "y": 20})
    expect(page.get_by_label("Number to dial")).to_have_value("369#")
