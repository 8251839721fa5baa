"""One Chromium for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from web.played import CHROMIUM, STATIC


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert (STATIC / "widget.js").is_file(), "Build the browser's files first: make setup"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        yield browser
        browser.close()
