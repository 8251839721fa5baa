"""Screenshots of the desk in every state, without a service: the protocol is played by this script.

    .venv/bin/python web/dev/screens.py OUT_DIR [NAME_PART]

It uses the built files and the page's real CSP, and fails when the page reports an error. For people who
change the looks; the end-to-end tests use the real service.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from web.played import (
    CHROMIUM,
    COMPANY,
    CREATE,
    LONG,
    NOW,
    SEVERAL,
    TWO_APPS,
    Desk,
    call,
    contact,
    in_two_apps,
)

Act = Callable[[Page], None]
UNKNOWN = call(who=[], create=CREATE, network_name="ROSSI A")
POSSIBLE = call(
    who=[contact("Luca Bianchi", certainty="possible", reason="Switchboard of Acme in Freshdesk")],
    create=CREATE,
)
MANY = call(who=SEVERAL, queue="Support")
RTL = contact("شركة الاتصالات المتقدمة", "دبي \u202egnp.exe", reason="Mobile number in HubSpot")
XSS = contact("<img src=x onerror=alert(1)>\u202e evil", "<script>alert(1)</script>")


def _tab(name: str) -> Act:
    return lambda page: page.get_by_role("tab", name=name).click()


def _search(text: str) -> Act:
    def act(page: Page) -> None:
        page.get_by_role("combobox").fill(text)
        page.wait_for_timeout(400)
        page.get_by_role("combobox").press("ArrowDown")
        page.get_by_role("combobox").press("ArrowDown")

    return act


def _dial(text: str) -> Act:
    def act(page: Page) -> None:
        page.get_by_label("Number to dial").fill(text)
        page.get_by_role("button", name="Call", exact=True).click()

    return act


def _gear(page: Page) -> None:
    page.get_by_role("button", name="Settings").click()


def _collapse(page: Page) -> None:
    page.get_by_role("button", name="Make small").click()
    page.set_viewport_size({"width": 264, "height": 56})


STATES: dict[str, dict[str, Any]] = {
    "empty": {},
    "ringing-sure": {"calls": [call(queue="Support", via="203", via_name="Luca")]},
    "ringing-possible": {"calls": [POSSIBLE]},
    "ringing-unknown": {"calls": [UNKNOWN]},
    "ringing-pending": {"calls": [call(who=[], lookup="pending")]},
    "ringing-withheld": {"calls": [call(who=[], withheld=True, number=None, display="Number withheld")]},
    "ringing-many": {"calls": [MANY]},
    "ringing-many-ended": {"calls": [MANY | {"state": "ended", "ended_at": NOW - 1000}]},
    "ringing-crowd": {"calls": [call(who=[contact(f"Person {n} Rossi") for n in range(9)], company=COMPANY)]},
    "ringing-picked": {"calls": [call(who=SEVERAL, contact=SEVERAL[0], picked=True, company=COMPANY)]},
    "ringing-company": {"calls": [call(who=SEVERAL[:2], company=COMPANY)]},
    "ringing-two-apps": {"calls": [call(who=[TWO_APPS], company=COMPANY)]},
    "ringing-two-apps-many": {"calls": [call(who=[TWO_APPS, contact("Bruno Neri")])]},
    "ringing-blocked": {"calls": [call(who=[contact("Anna Rossi", archived=True, blocked=True)])]},
    "ringing-long-many": {
        "calls": [call(who=[contact(LONG, LONG, **in_two_apps()), contact(LONG, LONG, blocked=True)])]
    },
    "ringing-rtl-many": {"calls": [call(who=[RTL, RTL | {"id": "2", "archived": True}], company=COMPANY)]},
    "ringing-tag": {"calls": [call(who=[contact("Anna Rossi", reason="Tag customer:1042", found_by="tag")])]},
    "ringing-long": {"calls": [call(who=[contact(LONG, LONG)], queue=LONG)]},
    "ringing-rtl": {"calls": [call(who=[RTL], number="+971501234567", display="+971 50 123 4567")]},
    "ringing-markup": {"calls": [call(who=[XSS])]},
    "internal": {"calls": [call(who=[], direction="internal", number="203", display="Luca Ferrari")]},
    "outgoing": {"calls": [call(direction="outbound")]},
    "talking": {"calls": [call("talking")]},
    "three-calls": {
        "calls": [
            call("held"),
            UNKNOWN | {"id": "pbx-c3", "started_at": NOW - 4000},
            call(
                who=[contact("Jürgen Müller-Lüdenscheidt", "Stadtwerke Bad Hersfeld")],
                id="pbx-c2",
                started_at=NOW - 3000,
            ),
        ]
    },
    "ended": {"calls": [call("ended")]},
    "missed": {"calls": [call("missed")]},
    "elsewhere": {
        "calls": [call("answered-elsewhere", answered_by=["203"], answered_by_names=["Luca Ferrari"])]
    },
    "search": {"act": _search("ros")},
    "search-over": {"act": _search("mari")},
    "search-none": {"act": _search("zzz")},
    "history": {"act": _tab("History")},
    "colleagues": {"act": _tab("Colleagues")},
    "settings": {"act": _gear},
    "settings-ring": {"act": _gear, "agent": {"open_page": "ring"}, "embed": False},
    "dial-question": {"act": _dial("+44 7700 900123")},
    "dial-refused": {"act": _dial("+979 123")},
    "dial-accepted": {"act": _dial("02 1234 5678")},
    "dial-empty": {"act": _dial("")},
    "sign-in": {"signed_in": False},
    "pill": {"act": _collapse, "calls": [call("talking")]},
    "pill-ringing": {"act": _collapse, "calls": [call()]},
}


LOOKS: tuple[tuple[str, bool, tuple[int, int], bool], ...] = (
    ("light", False, (360, 560), True),
    ("dark", True, (360, 560), True),
    ("wide", False, (1180, 700), False),
)
EXPECTED = ("401", "403", "409")


def shoot(browser: Browser, out: Path, name: str) -> list[str]:
    """All looks of one state; answers what the pages complained about."""
    problems = []
    state = STATES[name]
    for look, dark, size, embed in LOOKS:
        if look == "wide" and name.startswith("pill"):
            continue
        more = {key: state[key] for key in ("agent", "signed_in") if key in state}
        desk = Desk(browser, dark=dark, size=size, embed=state.get("embed", embed), **more)
        page = desk.open(*state.get("calls", []))
        if act := state.get("act"):
            act(page)
            page.wait_for_timeout(250)
        page.screenshot(path=out / f"{name}-{look}.png")
        problems += [f"{name}: {p}" for p in desk.problems if not any(code in p for code in EXPECTED)]
        page.context.close()
    return problems


def main(out: Path, part: str = "") -> int:
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        problems = [each for name in STATES if part in name for each in shoot(browser, out, name)]
        browser.close()
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))
