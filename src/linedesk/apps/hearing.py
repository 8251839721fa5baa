"""Webhooks of apps: each app judges its own, and what it hints at is read anew. Nothing is taken as true.

A hint only makes the next sync come at once; polling goes on, so that one that was lost costs a minute.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from linedesk.apps.base import App, Hooked, HookRequest
from linedesk.clock import Clock
from linedesk.errors import ConfigError, UnknownAccount

log = structlog.get_logger(__name__)


class Hearing:
    """`app_of` opens an account or raises `ConfigError`; `changed` is told an account with news."""

    def __init__(self, clock: Clock, app_of: Callable[[str], App], changed: Callable[[str], None]) -> None:
        self._clock = clock
        self._app_of = app_of
        self._changed = changed

    def hear(self, account: str, request: HookRequest) -> int:
        """Take in one webhook; answers how many records it hints at.

        Raises `UnknownAccount` for an account that is not there or whose app sends none, `BadSignature` and
        `HookNotJson` as its app judges.
        """
        try:
            app = self._app_of(account)
        except ConfigError:
            raise UnknownAccount("No account with webhooks has this name.") from None
        if not isinstance(app, Hooked):
            raise UnknownAccount("No account with webhooks has this name.")
        ids = [each for hint in app.hints(request, self._clock.now_ms()) for each in hint.ids]
        if ids:
            log.debug("app_hook", account=account, records=len(ids))
            self._changed(account)
        return len(ids)
