"""A task that runs beside a block of code: its error ends the block, and it ends with the block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from linedesk.errors import LinedeskError


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Run `work` as a task while the block runs; what either of them raises comes out as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(work, name=name)
            try:
                yield
            finally:
                task.cancel()
    except BaseExceptionGroup as errors:
        raise _one_of(errors) from None


def _one_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that says why: of several, the one that is made for people."""
    for error in errors.exceptions:
        if isinstance(error, LinedeskError):
            return error
    return errors.exceptions[0]
