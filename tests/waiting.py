"""Waiting for what another process or a browser does by itself: until it is so, and never a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable

WITHIN_S = 15.0


def _nap() -> None:
    time.sleep(0.02)


def eventually(
    look: Callable[[], object],
    wanted: object,
    *,
    pause: Callable[[], object] = _nap,
    within_s: float = WITHIN_S,
) -> None:
    """Look again and again until `look()` is `wanted`; after `within_s` seconds the last look is asserted.

    Playwright's plain interface takes up what the browser said only within its own calls: a look at what its
    handlers collected needs a `pause` that is one of them (`page.wait_for_timeout`).
    """
    end = time.monotonic() + within_s
    while (seen := look()) != wanted and time.monotonic() < end:
        pause()
    assert seen == wanted
