"""One call, told from its observations in the order of their time: who rings, talks, holds, has left.

Pure and deterministic: the same observations in the same order make the same story, so that late, repeated
and reordered events end alike. It does not know what was shown to whom (`tracker`), nor other calls.
The numbered rules are those of tests/data/events/README.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from linedesk.calls.facts import Said, Saying, Segment
from linedesk.calls.model import LIVE_STATES, AgentState, AgentView, Direction, LegStatus, Outcome

_SAME_END_MS = 60_000  # a second end later than this is of another call under the same id
_NO_ANSWER_CAUSES = frozenset({"16", "18", "19", "26"})


@dataclass(slots=True)
class Story:
    """Filled by `tell`; treat it as frozen once it is kept, and go on from a `copy`.

    `rung` are the agents who are called, the others call themselves. `holder` is the called agent who has
    the call now, answered in leg `line`; legs below `floor` are past, since the call was passed on by `via`.
    `ended_ms` is what history keeps; `over_ms` is the time of the body that ended the call, to compare others
    with: all bodies are dated by one clock.
    """

    views: dict[str, AgentView] = field(default_factory=dict)
    rung: set[str] = field(default_factory=set)
    answers: dict[str, tuple[int, int]] = field(default_factory=dict)
    direction: Direction | None = None
    firm: bool = False
    started_ms: int | None = None
    first_ms: int | None = None
    answered_ms: int | None = None
    ended_ms: int | None = None
    over_ms: int | None = None
    end_cause: str | None = None
    remote: str | None = None
    remote_name: str = ""
    destination: str | None = None
    caller: str | None = None
    called: str | None = None
    queue: str | None = None
    tags: tuple[str, ...] = ()
    holder: str | None = None
    line: int = -1
    floor: int = -1
    top: int = -1
    via: str | None = None

    def copy(self) -> Story:
        """An independent story that can be told further."""
        return replace(self, views=dict(self.views), rung=set(self.rung), answers=dict(self.answers))

    @property
    def live(self) -> bool:
        return self.ended_ms is None

    @property
    def talked(self) -> bool:
        return self.answered_ms is not None

    @property
    def answered_by(self) -> tuple[str, ...]:
        """In order of answering; nobody on outbound calls, where the other side answers."""
        if self.direction is Direction.OUTBOUND:
            return ()
        return tuple(sorted(self.answers, key=lambda extension: (*self.answers[extension], extension)))

    def state_of(self, extension: str) -> AgentState | None:
        view = self.views.get(extension)
        return view.state if view is not None else None

    def tell(self, said: Said) -> None:
        """Go on by one observation, which must not be older than the last one told."""
        if self.ended_ms is not None and self.over_ms is not None:
            again = said.saying is Saying.END and said.at_ms <= self.over_ms + _SAME_END_MS
            if again or said.saying is Saying.RECORD:
                self._facts(said)
                self._final_talk(said)
                self._close(self.ended_ms)
            return
        self._facts(said)
        if said.saying is Saying.ANSWERED:
            self._answered_on_phone(said)
        elif said.saying in (Saying.END, Saying.RECORD):
            self._final_talk(said)
            self.ended_ms, self.over_ms = self._end_of(said), said.at_ms
            self._close(self.ended_ms)
        else:
            for segment in said.segments:
                self._hear(segment, said.at_ms)
        self.top = max((self.top, *(each.index for each in said.segments if each.index is not None)))

    # what is said about the call as a whole

    def _facts(self, said: Said) -> None:
        self.first_ms = said.at_ms if self.first_ms is None else min(self.first_ms, said.at_ms)
        if said.started_ms is not None:
            self.started_ms = min(said.started_ms, self.started_ms or said.started_ms)
        self.end_cause = self.end_cause or said.end_cause
        for segment in said.segments:
            self._place(segment, only_missing=not self.live)

    def _place(self, segment: Segment, *, only_missing: bool) -> None:
        if segment.direction is not None and (self.direction is None or (segment.firm and not self.firm)):
            self.direction, self.firm = segment.direction, segment.firm
            self.caller = segment.caller if segment.direction is not Direction.INBOUND else None
        if segment.direction is Direction.INTERNAL and segment.called and not (only_missing and self.called):
            self.called = segment.called
        if segment.remote and not (only_missing and self.remote):
            self.remote = segment.remote
        self.remote_name = (not only_missing and segment.name) or self.remote_name or segment.name
        self.destination = self.destination or segment.destination
        self.queue = segment.queue or self.queue
        self.tags = segment.tags or self.tags

    # what is said about the agents while the call lives

    def _hear(self, segment: Segment, at_ms: int) -> None:
        if segment.index is not None and segment.index < self.floor:
            return
        if segment.caller is not None and self.direction is not Direction.INBOUND:
            self._calls(segment.caller, segment, at_ms)
        if segment.callee is not None:
            self._is_called(segment.callee, segment, at_ms)
            return
        if segment.talks and self.direction is Direction.INBOUND:
            self._talk_began(at_ms)  # somebody answered who is no agent we can name
        if segment.away and self.holder is not None and self._is_new_line(segment):
            self._leave(self.holder, at_ms)
            self._open_line(segment)

    def _is_called(self, callee: str, segment: Segment, at_ms: int) -> None:
        if self._passes_to(callee, segment):
            self._pass_on(segment, at_ms)
        if self.holder is None:
            self._ring(callee, at_ms)
            if segment.talks:
                self._answer(callee, segment.index, at_ms)
        elif self.holder == callee:
            self.line = max(self.line, -1 if segment.index is None else segment.index)
        if self.holder == callee:
            self._follow(callee, segment, at_ms)

    def _calls(self, caller: str, segment: Segment, at_ms: int) -> None:
        """The agent's own call: rings until the other side talks."""
        if caller in self.rung:
            return
        back = segment.firm and segment.callee is None and self.state_of(caller) not in LIVE_STATES
        if caller not in self.views or back:
            self._view(caller, AgentState.RINGING, at_ms)
        if segment.talks:
            self._talk_began(at_ms)
            if self.state_of(caller) is AgentState.RINGING:
                self._view(caller, AgentState.TALKING, at_ms)
        self._follow(caller, segment, at_ms)

    def _ring(self, callee: str, at_ms: int) -> None:
        """Rule 4: each local callee that appears before an answer is rung, and stays rung."""
        if self.state_of(callee) is AgentState.RINGING and callee in self.rung:
            return
        self.rung.add(callee)
        via = self.via if self.via != callee else None
        self._view(callee, AgentState.RINGING, at_ms, via=via)

    def _answer(self, callee: str, index: int | None, at_ms: int) -> None:
        self._talk_began(at_ms)
        self.answers.setdefault(callee, (max(index if index is not None else self.top, 0), at_ms))
        self.holder = callee
        self.line = max(self.top, self.line, -1 if index is None else index)
        self._view(callee, AgentState.TALKING, at_ms)
        for other in self.rung - {callee}:
            if self.state_of(other) is AgentState.RINGING:
                self._view(other, AgentState.ANSWERED_ELSEWHERE, at_ms)
        if self.caller is not None and self.state_of(self.caller) is AgentState.RINGING:
            self._view(self.caller, AgentState.TALKING, at_ms)

    def _follow(self, extension: str, segment: Segment, at_ms: int) -> None:
        """Rule 3: HOLD counts only after talk; other news of a held call leaves it held."""
        state = self.state_of(extension)
        if segment.status is LegStatus.HOLD and state is AgentState.TALKING:
            self._view(extension, AgentState.HELD, at_ms)
        elif segment.status is LegStatus.TALKING and segment.counts and state is AgentState.HELD:
            self._view(extension, AgentState.TALKING, at_ms)

    def _answered_on_phone(self, said: Said) -> None:
        """Rule 2: presence says that the extension talks; it answers only a call that rings there."""
        extension = said.extension
        if extension in self.rung and extension and self.state_of(extension) is AgentState.RINGING:
            self._answer(extension, None, said.at_ms)

    # transfers

    def _passes_to(self, callee: str, segment: Segment) -> bool:
        """Rule 5: after an answer another local callee on a new line, or one who talks, takes the call."""
        if self.holder is None:
            own = self.caller
            return self.direction is Direction.OUTBOUND and self.talked and callee != own and self.via is None
        if callee == self.holder:
            return False
        if self._is_new_line(segment):
            return True
        return segment.status is LegStatus.TALKING and (segment.index or 0) >= self.line

    def _is_new_line(self, segment: Segment) -> bool:
        """A higher leg than any known at the answer. Without indexes any other callee is a new line."""
        return segment.index is None or segment.index > self.line

    def _pass_on(self, segment: Segment, at_ms: int) -> None:
        former = self.holder or self.caller
        if former is not None:
            self._leave(former, at_ms)
            self.via = former
        self._open_line(segment)

    def _open_line(self, segment: Segment) -> None:
        self.holder = None
        self.floor = self.floor if segment.index is None else segment.index

    def _leave(self, extension: str, at_ms: int) -> None:
        if self.state_of(extension) in LIVE_STATES:
            self._view(extension, AgentState.ENDED, at_ms)

    # the end

    def _end_of(self, said: Said) -> int:
        """The end that a final body tells; it can't lie before what was said of the call while it lived."""
        heard_before = self.first_ms is not None and self.first_ms < said.at_ms
        return max(said.end_ms, self.first_ms or 0) if heard_before else said.end_ms

    def _final_talk(self, said: Said) -> None:
        """Rule 6: the final bodies tell who talked, also when the bodies in between were lost."""
        at_ms = self._end_of(said)
        late: list[str] = []
        for segment in said.segments:
            began_ms = max(at_ms - segment.talk_ms, self.first_ms or 0)
            callee, caller = segment.callee, segment.caller
            if caller is not None and self.direction is not Direction.INBOUND and caller not in self.views:
                self._view(caller, AgentState.RINGING, at_ms)
            if segment.talks:
                self._talk_began(began_ms)
            if callee is None:
                continue
            if segment.talks and callee not in self.answers:
                self.answers[callee] = (max(segment.index or 0, 0), began_ms)
                self.rung.add(callee)
                self._view(callee, AgentState.TALKING, began_ms)
                late.append(callee)
            elif callee not in self.views and not self.answers:
                self._ring(callee, at_ms)
        if late:
            for other in self.rung - set(late):
                if self.state_of(other) in (AgentState.RINGING, AgentState.MISSED):
                    self._view(other, AgentState.ANSWERED_ELSEWHERE, at_ms)

    def _close(self, at_ms: int) -> None:
        for extension, view in self.views.items():
            if view.state in LIVE_STATES:
                missed = view.state is AgentState.RINGING and extension in self.rung
                self._view(extension, AgentState.MISSED if missed else AgentState.ENDED, at_ms)

    # small things

    def _talk_began(self, at_ms: int) -> None:
        self.answered_ms = at_ms if self.answered_ms is None else min(self.answered_ms, at_ms)

    def _view(self, extension: str, state: AgentState, at_ms: int, *, via: str | None = None) -> None:
        old = self.views.get(extension)
        answered_ms = old.answered_ms if old is not None else None
        if state is AgentState.TALKING and answered_ms is None:
            answered_ms = at_ms
        self.views[extension] = AgentView(
            extension,
            state,
            at_ms,
            answered_ms=answered_ms,
            ended_ms=None if state in LIVE_STATES else at_ms,
            via=via or (old.via if old is not None else None),
        )


def told(log: Iterable[Said]) -> Story:
    """The story of observations that are already in order."""
    story = Story()
    for said in log:
        story.tell(said)
    return story


def outcome(story: Story) -> Outcome:
    """How the call went, from talk and the end cause (Q.850)."""
    if story.talked:
        return Outcome.ANSWERED
    if story.direction is not Direction.OUTBOUND:
        return Outcome.MISSED
    if story.end_cause is None or story.end_cause in _NO_ANSWER_CAUSES:
        return Outcome.NO_ANSWER
    return {"17": Outcome.BUSY, "21": Outcome.REJECTED}.get(story.end_cause, Outcome.FAILED)
