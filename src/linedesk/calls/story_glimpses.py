"""How a story goes on by what a poll saw: each extension's own part, and nothing about anybody else's.

Pure. A poll sees one extension's calls; that a call is not among them any more ends this one part.
"""

from __future__ import annotations

from dataclasses import dataclass

from linedesk.calls.facts import Said, Saying, Segment
from linedesk.calls.model import LIVE_STATES, AgentState, AgentView, Direction, Glimpse, LegStatus
from linedesk.calls.story_parts import StoryParts


@dataclass(slots=True)
class GlimpsedStory(StoryParts):
    """The part of a story that polls tell."""

    def _glimpsed(self, said: Said, glimpse: Glimpse) -> None:
        """Until webhooks name an agent a poll may tell the part of its extension; then it only annotates."""
        extension = glimpse.extension
        self.aliases.add(glimpse.handle)
        if not self.live:
            return
        if said.saying is Saying.END:
            if self.handles.get(extension, glimpse.handle) == glimpse.handle:
                self.handles.pop(extension, None)
                self._part_gone(extension, said.at_ms)
            return
        self.handles[extension] = glimpse.handle
        if not self.hooked and glimpse.drives:
            self._facts(said)
            for segment in said.segments:
                self._drive(extension, segment, glimpse, said.at_ms)
            return
        rings = extension in self.rung and self.state_of(extension) is AgentState.RINGING
        if rings and any(segment.talks for segment in said.segments):
            self._answer(extension, None, said.at_ms)

    def _drive(self, extension: str, segment: Segment, glimpse: Glimpse, at_ms: int) -> None:
        """Take over the part as it was seen; a state that is not understood leaves a live part as it is."""
        own = segment.caller == extension and self.direction is not Direction.INBOUND
        if not own:
            self.rung.add(extension)
        before = self.state_of(extension)
        if segment.talks or segment.status is LegStatus.HOLD:
            began_ms = min(glimpse.answered_ms or at_ms, at_ms)
            self._talk_began(began_ms)
            if (answerer := segment.callee if own else extension) is not None:
                self.answers.setdefault(answerer, (0, began_ms))
            self._lost_by(self.gone.keys() & self.rung - self.answers.keys(), at_ms)
            if before not in (AgentState.TALKING, AgentState.HELD):
                self._view(extension, AgentState.TALKING, began_ms)
            self._follow(extension, segment, at_ms)
        elif before not in LIVE_STATES:
            self._view(extension, AgentState.RINGING, at_ms)

    def _part_gone(self, extension: str, at_ms: int) -> None:
        view = self.views.get(extension)
        if view is None or view.state not in LIVE_STATES:
            return
        self.gone[extension] = view
        state = AgentState.ENDED
        if view.state is AgentState.RINGING and extension in self.rung:
            state = AgentState.ANSWERED_ELSEWHERE if self._taken_since(view) else AgentState.MISSED
        self._view(extension, state, at_ms)
        if not any(each.state in LIVE_STATES for each in self.views.values()):
            self.gone_ms = at_ms

    def _taken_since(self, ring: AgentView) -> bool:
        """Did somebody else take this ring? Who talked before it may only have passed the call on."""
        talks = any(self.state_of(each) in (AgentState.TALKING, AgentState.HELD) for each in self.answers)
        return talks or any(began_ms >= ring.since_ms for _, began_ms in self.answers.values())
