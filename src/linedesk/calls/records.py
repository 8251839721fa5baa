"""One call as the tracker keeps it: its observations, its story, and what its agents were shown.

Pure. A record is never altered; each change makes a new one.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from linedesk.calls.facts import Said, Saying
from linedesk.calls.model import LIVE_STATES, AgentState, AgentView, Call, Direction
from linedesk.calls.story import Story, outcome, told
from linedesk.numbers.model import Kind, NumberPlan
from linedesk.numbers.read import read

ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Record:
    """One incarnation of a call.

    `opened_ms` is the time of the first body (PBX's clock), `heard_ms` when we last heard of it (our
    clock). `log` is in order. `shown` is the last state that each agent was shown. `call` is the whole
    truth with every agent's part. `swept_ms` is set when silence closed it, not the PBX. `written` means
    that history has its row.
    """

    id: str
    account: str
    call_id: str
    opened_ms: int
    heard_ms: int
    log: tuple[Said, ...]
    story: Story
    shown: Mapping[str, AgentState]
    call: Call
    swept_ms: int | None = None
    written: bool = False

    @property
    def live(self) -> bool:
        return self.call.ended_ms is None

    @property
    def over_ms(self) -> int | None:
        """When it was over by the time of the bodies, which is the clock that bodies are compared by."""
        known = (self.story.over_ms, self.swept_ms, self.story.gone_ms)
        return next((at_ms for at_ms in known if at_ms is not None), None)

    def public(self) -> Call:
        """The call with the parts of those agents only who were shown it."""
        return replace(self.call, views=tuple(v for v in self.call.views if v.extension in self.shown))

    def state_at(self, extension: str, at_ms: int) -> AgentState | None:
        """What the agent's part was at a moment, as far as is known now."""
        if at_ms >= self.log[-1].at_ms:
            return self.story.state_of(extension)
        return told(said for said in self.log if said.at_ms <= at_ms).state_of(extension)

    def rings(self, extension: str, at_ms: int) -> bool:
        """Did this call ring the extension, as its callee or as its own call, at that moment?"""
        if at_ms < self.opened_ms and at_ms < self.log[0].at_ms:
            return False
        ended_ms = self.call.ended_ms
        if ended_ms is not None and at_ms >= ended_ms:
            return False
        return self.state_at(extension, at_ms) is AgentState.RINGING


def opened(
    key: tuple[str, str], log: tuple[Said, ...], now_ms: int, plan: NumberPlan, taken: Collection[str] = ()
) -> Record:
    """A new record of the observations `log` (in order, at least one), with an id that is not `taken`."""
    account, call_id = key
    opened_ms = log[0].at_ms
    story = told(log)
    text = f"{account}\0{call_id}\0{opened_ms}"
    record_id = _hashed(text)
    while record_id in taken:
        text += "\0"
        record_id = _hashed(text)
    empty = Call(record_id, account, call_id, Direction.INBOUND, opened_ms)
    call = derive(empty, story, plan, None)
    return Record(record_id, account, call_id, opened_ms, now_ms, log, story, {}, call)


def without(record: Record, said: Collection[Said], plan: NumberPlan) -> Record:
    """The record as if it had never heard `said`, which must leave something; its id stays."""
    log = tuple(each for each in record.log if each not in said)
    story = told(log)
    call = derive(record.call, story, plan, record.swept_ms)
    return replace(record, opened_ms=min(record.opened_ms, log[0].at_ms), log=log, story=story, call=call)


def added(record: Record, said: Said, now_ms: int, plan: NumberPlan) -> Record | None:
    """The record with one observation more, or None if it was there already."""
    if said in record.log:
        return None
    last = record.log[-1]
    swept_ms = record.swept_ms
    if said.at_ms > last.at_ms:
        log = _appended(record.log, said)
        story = record.story.copy()
        story.tell(said)
        if said.saying in (Saying.START, Saying.UPDATE) and record.story.live:
            swept_ms = None  # silence was our guess; the PBX says that the call lives
    else:
        log = _inserted(record.log, said)
        story = told(log)
    call = derive(record.call, story, plan, swept_ms)
    return replace(record, heard_ms=now_ms, log=log, story=story, call=call, swept_ms=swept_ms)


def swept(record: Record, now_ms: int) -> Record:
    """The record closed for want of news; the end is the silence's, by the PBX's clock."""
    ended_ms = record.log[-1].at_ms + max(0, now_ms - record.heard_ms)
    call = _ended_by_silence(record.call, record.story, ended_ms)
    return replace(record, call=call, swept_ms=ended_ms)


def derive(before: Call, story: Story, plan: NumberPlan, swept_ms: int | None) -> Call:
    """What the story says, as a `Call`; `before` gives the identity and saves reading the number again."""
    direction = story.direction or Direction.INBOUND
    same = before.remote == story.remote and before.party and before.direction is direction
    if direction is Direction.INTERNAL:
        party = story.called or ANONYMOUS
    else:
        party = before.party if same else party_of(story.remote, plan)
    known = (story.started_ms, story.first_ms, story.ended_ms)
    times = [at_ms for at_ms in known if at_ms is not None]
    call = Call(
        id=before.id,
        account=before.account,
        call_id=before.call_id,
        direction=direction,
        # No call starts after its first body or its end: then its own time is of another clock.
        started_ms=min(times, default=before.started_ms),
        remote=None if direction is Direction.INTERNAL else story.remote,
        remote_name=story.remote_name,
        destination=story.destination,
        caller_extension=story.caller,
        called_extension=story.called if direction is Direction.INTERNAL else None,
        queue=story.queue,
        tags=story.tags,
        answered_ms=story.answered_ms,
        ended_ms=story.ended_ms,
        answered_by=story.answered_by,
        outcome=None if story.live else outcome(story),
        party=party,
        views=tuple(story.views.values()),
        handles=tuple(sorted(story.handles.items())),
    )
    closed_ms = swept_ms if swept_ms is not None else story.gone_ms
    if story.live and closed_ms is not None:
        return _ended_by_silence(call, story, closed_ms)
    return call


def _ended_by_silence(call: Call, story: Story, ended_ms: int) -> Call:
    views = tuple(_closed(view, view.extension in story.rung, ended_ms) for view in call.views)
    return replace(call, ended_ms=ended_ms, outcome=outcome(story), views=views)


def _closed(view: AgentView, rung: bool, at_ms: int) -> AgentView:
    if view.state not in LIVE_STATES:
        return view
    missed = rung and view.state is AgentState.RINGING
    state = AgentState.MISSED if missed else AgentState.ENDED
    return replace(view, state=state, since_ms=at_ms, ended_ms=at_ms)


def _appended(log: tuple[Said, ...], said: Said) -> tuple[Said, ...]:
    # The middle one of three equal observations says nothing: a long call's log stays short.
    if len(log) >= 2 and log[-1].same_as(said) and log[-2].same_as(said):
        return (*log[:-1], said)
    return (*log, said)


def _inserted(log: tuple[Said, ...], said: Said) -> tuple[Said, ...]:
    """In its place by time; only what was said at the same instant needs the total order."""
    first = bisect_left(log, said.at_ms, key=lambda each: each.at_ms)
    last = bisect_right(log, said.at_ms, key=lambda each: each.at_ms)
    moment = sorted((*log[first:last], said), key=lambda each: each.order)
    return (*log[:first], *moment, *log[last:])


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def party_of(remote: str | None, plan: NumberPlan) -> str:
    """An outside number as history keeps it: E.164, else as text, else `anonymous`."""
    number = read(remote, plan)
    if number.kind is Kind.ANONYMOUS:
        return ANONYMOUS
    return number.value or (remote or "").strip() or ANONYMOUS
