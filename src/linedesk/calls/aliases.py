"""Whether observations under different ids are of one call: seen by a webhook and by a poll, or by two polls.

Pure. A poll's id for a call is not the webhook's, and each phone of one call may have its own. What they
share is extension, number and start (design 3b); a call to a group may be told by other members of it, so an
inbound call is also known by its number and start alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from linedesk.calls.facts import Said, Saying
from linedesk.calls.model import Direction
from linedesk.calls.records import ANONYMOUS, Record, party_of
from linedesk.numbers.model import NumberPlan
from linedesk.numbers.plans import territory

_START_NEAR_MS = 10_000
_CLOCKS_MS = 2_000  # our clock and the PBX's may differ by this much


@dataclass(frozen=True, slots=True)
class _Traits:
    """`polled`: a poll said it. `began_ms` is the span in which the call began; its first is None if that may
    be long ago."""

    extensions: frozenset[str]
    polled: bool
    inbound: bool
    number: str | None
    began_ms: tuple[int | None, int]


def same_call(said: Said, records: Iterable[Record], plan: NumberPlan) -> Record | None:
    """The record that `said` belongs to although it has another id; None: it is a call of its own."""
    traits = _traits_of(said, plan)
    fitting = [record for record in records if _free(record, said) and _fits(record, traits, plan)]
    start_ms = traits.began_ms[1]
    return min(fitting, key=lambda record: _distance(record, traits, start_ms), default=None)


def opens(said: Said) -> bool:
    """Whether a call that was not known may begin with it: of what polls say, only where they drive."""
    return said.glimpse is None or (said.glimpse.drives and said.saying is not Saying.END)


def _free(record: Record, said: Said) -> bool:
    """A webhook's id joins only what polls alone told; one extension has one poll's id in a call."""
    glimpse = said.glimpse
    if glimpse is None:
        return not record.story.heard
    mine = (each.glimpse for each in record.log if each.glimpse is not None)
    return all(each.extension != glimpse.extension or each.handle == glimpse.handle for each in mine)


def _fits(record: Record, traits: _Traits, plan: NumberPlan) -> bool:
    if _was_over(record, traits) or not _agree(_number(record), traits.number, plan):
        return False
    near = _near(_began(record), traits.began_ms)
    if traits.extensions & _extensions(record):
        return near or any(_near(span, traits.began_ms) for span in _parts_began(record, traits))
    if not traits.inbound or record.call.direction is Direction.INTERNAL:
        return False
    if traits.number in (None, ANONYMOUS):
        # A withheld caller is known by the moment alone, and only while one of the two tells no agent.
        return near and not (traits.extensions and _extensions(record))
    # A group rings and each of the two told of other members, or the call is passed on to one more.
    return (near and record.call.direction is Direction.INBOUND) or _passed_on(record, traits)


def _agree(one: str | None, other: str | None, plan: NumberPlan) -> bool:
    """Are these one number? Equal, or one is in full what the other dials at home.

    A number that the numbering plan does not know yet can't be read without its country, so one source may
    tell it in full and the other only as it was dialled.
    """
    if one == other or one is None or other is None:
        return one == other
    full, dialled = (one, other) if one.startswith("+") else (other, one)
    home = territory(plan.region)
    if home is None or not full.startswith("+") or dialled.startswith("+"):
        return False
    digits = "".join(each for each in dialled if each.isascii() and each.isdigit())
    return home.is_possible(home.national(digits)) and full == f"+{home.calling_code}{home.national(digits)}"


def _was_over(record: Record, traits: _Traits) -> bool:
    """Was the call over before this one began, as far as is known?"""
    if record.over_ms is None:
        return False
    first_ms, last_ms = traits.began_ms
    if traits.polled and record.story.heard and record.story.live:
        # A poll closed it, no webhook did: it may just pass from one phone to the next.
        return record.over_ms < (first_ms if first_ms is not None else last_ms) - _START_NEAR_MS
    return record.over_ms < last_ms - _CLOCKS_MS


def _passed_on(record: Record, traits: _Traits) -> bool:
    """Webhooks tell of the call while a poll sees its caller on one more phone: they will name it too."""
    return traits.polled and record.story.heard and record.story.live


def _parts_began(record: Record, traits: _Traits) -> list[tuple[int, int]]:
    """When these agents' parts began, of a call that was passed on to them later."""
    views = (view for view in record.call.views if view.extension in traits.extensions)
    times = (at_ms for view in views for at_ms in (view.since_ms, view.answered_ms) if at_ms is not None)
    return [(at_ms, at_ms) for at_ms in times]


def _distance(record: Record, traits: _Traits, start_ms: int) -> tuple[bool, int, str]:
    return not traits.extensions & _extensions(record), abs(record.opened_ms - start_ms), record.id


def _near(one: tuple[int | None, int], other: tuple[int | None, int]) -> bool:
    early, late = (one, other) if one[1] <= other[1] else (other, one)
    return late[0] is None or late[0] <= early[1] + _START_NEAR_MS


def _traits_of(said: Said, plan: NumberPlan) -> _Traits:
    named = [each for segment in said.segments for each in (segment.caller, segment.callee) if each]
    direction = next((each.direction for each in said.segments if each.direction is not None), None)
    if direction is Direction.INTERNAL:
        called = next((each.called for each in said.segments if each.called), None)
        number = called
    else:
        remote = next((each.remote for each in said.segments if each.remote), None)
        number = party_of(remote, plan)
    if said.glimpse is not None:
        named.append(said.glimpse.extension)
    return _Traits(
        extensions=frozenset(named),
        polled=said.glimpse is not None,
        inbound=direction in (None, Direction.INBOUND),
        number=number,
        began_ms=_span(said),
    )


def _span(said: Said) -> tuple[int | None, int]:
    start_ms = min(said.at_ms, said.started_ms or said.at_ms)
    if said.glimpse is None:
        return start_ms, start_ms
    return said.glimpse.since_ms, start_ms


def _began(record: Record) -> tuple[int | None, int]:
    if record.story.heard:
        return record.call.started_ms, record.call.started_ms
    return min((_span(said) for said in record.log), key=lambda span: span[1])


def _number(record: Record) -> str | None:
    return record.story.called if record.call.direction is Direction.INTERNAL else record.call.party


def _extensions(record: Record) -> frozenset[str]:
    story = record.story
    return frozenset(story.views) | {each for each in (story.caller, story.called) if each}
