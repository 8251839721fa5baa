"""One call, told from its observations in the order of their time: who rings, talks, holds, has left.

Pure and deterministic: the same observations in the same order make the same story, so that late, repeated
and reordered events end alike. It does not know what was shown to whom (`tracker`), nor other calls.
The numbered rules are those of tests/data/events/README.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from linedesk.calls.facts import Said, Saying, Segment
from linedesk.calls.model import LIVE_STATES, AgentState, Direction, LegStatus, Outcome
from linedesk.calls.story_glimpses import GlimpsedStory

_SAME_END_MS = 60_000  # a second end later than this is of another call under the same id
_NO_ANSWER_CAUSES = frozenset({"16", "18", "19", "26"})


@dataclass(slots=True)
class Story(GlimpsedStory):
    """One call as told so far. It knows who rings, talks, holds and has left."""

    def tell(self, said: Said) -> None:
        """Go on by one observation, which must not be older than the last one told."""
        if said.glimpse is not None:
            self._glimpsed(said, said.glimpse)
            return
        if said.alias is not None:
            self.aliases.add(said.alias)
        self.heard = self.heard or said.saying is not Saying.ANSWERED
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
                self._back(segment)
                self._hear(segment, said.at_ms)
            self.hooked = self.hooked or any(map(self._names_agent, said.segments))
        self.top = max((self.top, *(each.index for each in said.segments if each.index is not None)))

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
            if segment.talks or self.state_of(callee) is not AgentState.RINGING:
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

    def _answered_on_phone(self, said: Said) -> None:
        """Rule 2: presence says that the extension talks; it answers only a call that rings there."""
        extension = said.extension
        if extension in self.rung and extension and self.state_of(extension) is AgentState.RINGING:
            self._answer(extension, None, said.at_ms)

    def _back(self, segment: Segment) -> None:
        """A webhook names an agent whose part a poll saw end: the PBX knows better."""
        if not self.gone or (segment.index is not None and segment.index < self.floor):
            return
        for extension in (segment.callee, segment.caller):
            if extension in self.gone and (self.holder in (None, extension) or extension == self.caller):
                self.views[extension] = self.gone.pop(extension)
                self.gone_ms = None

    def _names_agent(self, segment: Segment) -> bool:
        return segment.callee is not None or (
            segment.caller is not None and self.direction is not Direction.INBOUND
        )

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
