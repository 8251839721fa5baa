"""What a request is for, and how much of a provider's budget each kind may have. No counting, no waiting.

Whoever begins a piece of work says once what it is for; every request that the work leads to, in whatever
adapter and in tasks of its own, is counted for that. A person who waits for a single request (a popup, a
click) says so at the request itself, which counts more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum


class Use(StrEnum):
    """What a request is for; shares are of the provider's whole budget.

    `PERSON`: somebody waits for this one, all of it. `WORK`: what a person started, or what a call needs;
    all but a fifth. `SCHEDULE`: a run that nobody asked for, half. `SCAN`: a whole reading that only shows
    what is gone, a quarter. `DETAILS`: what listings leave out, read in the background, a quarter.
    """

    PERSON = "person"
    WORK = "work"
    SCHEDULE = "schedule"
    SCAN = "scan"
    DETAILS = "details"


_present: ContextVar[Use] = ContextVar("linedesk_use", default=Use.WORK)


def present_use() -> Use:
    """What the requests of this task are for; `WORK` where nobody said."""
    return _present.get()


@contextmanager
def used_for(use: Use) -> Iterator[None]:
    """The requests inside are for this, also those of tasks that are started inside."""
    before = _present.set(use)
    try:
        yield
    finally:
        _present.reset(before)


@contextmanager
def scanning() -> Iterator[None]:
    """A whole reading that nobody waits for goes by a budget of its own; in another run it is part of it."""
    with used_for(Use.SCAN if present_use() is Use.SCHEDULE else present_use()):
        yield


def kept_for_people(limit: int) -> int:
    """How many of a budget are for people only."""
    return min(max(limit // 5, 1), limit - 1)


def share_of(use: Use, limit: int) -> int:
    """How many of a budget of `limit` may be for this use; 1 at least, or it would never come to its end."""
    if use is Use.PERSON:
        return limit
    behind_people = limit - kept_for_people(limit)
    if use is Use.WORK:
        return behind_people
    return max(min(limit // (2 if use is Use.SCHEDULE else 4), behind_people), 1)
