"""When polls drive, whom to look at next, and how late a ring may then be seen.

Pure arithmetic. Who asks the PBX is `polling`; what the answers mean `pbx.wildix.polls`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from linedesk.accounts.model import EventsWay, PbxAccount

SHARE = 0.6
"""Of an account's requests a second; the rest is for people and the sync."""
FAST_S = 1.0
WATCH_S = 30.0
CLOUD_MOST = 500
SILENT_MS = 600_000
HOLD_MS = 3_000


class Way(StrEnum):
    """What polls are for.

    `OFF`: nothing is asked. `WATCH`: webhooks arrive, so only calls that live are looked at now and then, to
    close what lost its end. `DOUBT`: webhooks came once and are silent, which a quiet hour may be: polls
    drive a call that was seen for `HOLD_MS` without a webhook. `DRIVE`: polls open, change and close calls.
    """

    OFF = "off"
    WATCH = "watch"
    DOUBT = "doubt"
    DRIVE = "drive"


def way_of(account: PbxAccount, webhook_ms: int | None, now_ms: int) -> Way:
    """`webhook_ms`: when the last webhook came, None: never. With `AUTO` polls drive until one arrives."""
    if not account.enabled or account.credential is None or account.events is EventsWay.WEBHOOK:
        return Way.OFF
    if account.events is EventsWay.POLLING or not account.listening or webhook_ms is None:
        return Way.DRIVE
    return Way.WATCH if within(webhook_ms, now_ms, SILENT_MS) else Way.DOUBT


def within(at_ms: int | None, now_ms: int, span_ms: float) -> bool:
    """Whether `at_ms` was less than `span_ms` ago. A moment that lies ahead is none: the clock was set back,
    and nothing may wait until it comes there again."""
    return at_ms is not None and 0 <= now_ms - at_ms < span_ms


def rate_of(account: PbxAccount) -> float:
    """Requests a second that polls may use."""
    return max(account.requests_per_s, 1) * SHARE


def worst_delay_s(phones: int, rate_per_s: float, *, busy: int = 0, cloud: bool = False) -> float:
    """How long after its begin a ring is seen at the latest, up to tenths of a second.

    `phones` are looked at in turn; `busy` of them more often, for at most half of the requests. With `cloud`
    one request tells who rings for 500 phones, and one look more tells the call; a phone that is busy already
    rings once more without another presence, so `busy` are those that are looked at in turn then.
    """
    if not phones and not busy:
        return 0.0
    if cloud:
        queries = math.ceil(phones / CLOUD_MOST)
        round_s = max(FAST_S, (queries + 1) / rate_per_s)
        delay_s = round_s + 1 / rate_per_s
        if busy:
            # Of each round the presences take their part first.
            left_per_s = max(rate_per_s - queries / round_s, rate_per_s / 4)
            delay_s = max(delay_s, (busy + 1) / left_per_s)
    else:
        left_per_s = rate_per_s - min(busy / FAST_S, rate_per_s / 2) if phones > busy else rate_per_s
        delay_s = max(FAST_S, max(phones - busy, 1) / left_per_s)
    return math.ceil(round(delay_s * 10, 6)) / 10


@dataclass(frozen=True, slots=True)
class Due:
    """How often a phone is looked at, and whether ahead of others every second time."""

    every_s: float
    first: bool = False


def next_phone(
    due: Mapping[str, Due], looked_ms: Mapping[str, int | None], now_ms: int, *, turn: int
) -> str | None:
    """The phone that waits longest among those that are due; None: nobody is.

    In even turns those that go first, if one is due; so neither kind can starve the other.
    """
    waiting = [each for each, wish in due.items() if _is_due(looked_ms.get(each), wish, now_ms)]
    ahead = [each for each in waiting if due[each].first]
    behind = [each for each in waiting if not due[each].first]
    chosen = (ahead or behind) if turn % 2 == 0 else (behind or ahead)

    def last_look(phone: str) -> tuple[int, str]:
        at_ms = looked_ms.get(phone) or 0
        return at_ms if at_ms <= now_ms else 0, phone

    return min(chosen, key=last_look, default=None)


def _is_due(looked_ms: int | None, wish: Due, now_ms: int) -> bool:
    return not within(looked_ms, now_ms, wish.every_s * 1000)


def in_turn(phones: Iterable[str], busy: Iterable[str]) -> dict[str, Due]:
    """Without the cloud: busy phones each second and first, the others as often as the rate lets them."""
    return dict.fromkeys(phones, Due(FAST_S)) | dict.fromkeys(busy, Due(FAST_S, first=True))
