"""What a story of one call holds, and the smallest steps it is told in: a fact, a ring, an answer.

Pure. When which step is taken is decided in `story` (webhooks) and `story_glimpses` (polls).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from linedesk.calls.facts import Said, Segment
from linedesk.calls.model import LIVE_STATES, AgentState, AgentView, Direction, LegStatus

_TAGS_MAX = 50


@dataclass(slots=True)
class StoryParts:
    """Filled by `Story.tell`; treat it as frozen once it is kept, and go on from a `copy`.

    `rung` are the agents who are called, the others call themselves. `holder` is the called agent who has
    the call now, answered in leg `line`; legs below `floor` are past, since the call was passed on by `via`.
    `ended_ms` is what history keeps; `over_ms` is the time of the body that ended the call, to compare others
    with: all bodies are dated by one clock.

    `heard`: a webhook told of the call; `hooked`: one named an agent, and polls only annotate from then on.
    `handles` are the ids for call control by extension, `aliases` all other ids of the call. `gone` are the
    parts that a poll saw end, as they were before; `gone_ms` when the last of them did and nobody was left.
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
    flow_tags: dict[int, tuple[str, ...]] = field(default_factory=dict)
    holder: str | None = None
    line: int = -1
    floor: int = -1
    top: int = -1
    via: str | None = None
    heard: bool = False
    hooked: bool = False
    handles: dict[str, str] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)
    gone: dict[str, AgentView] = field(default_factory=dict)
    gone_ms: int | None = None

    def copy(self) -> Self:
        """An independent story that can be told further."""
        return replace(
            self,
            views=dict(self.views),
            rung=set(self.rung),
            answers=dict(self.answers),
            handles=dict(self.handles),
            aliases=set(self.aliases),
            gone=dict(self.gone),
            flow_tags=dict(self.flow_tags),
        )

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
        self._tag(segment)

    def _tag(self, segment: Segment) -> None:
        """Each flow has its own tags, the newest said; the call has them all, those of older flows first."""
        if not segment.tags:
            return
        self.flow_tags[-1 if segment.index is None else segment.index] = segment.tags
        said = (tag for _, tags in sorted(self.flow_tags.items()) for tag in tags)
        self.tags = tuple(dict.fromkeys(said))[-_TAGS_MAX:]

    # one agent's part

    def _ring(self, callee: str, at_ms: int) -> None:
        """Rule 4: each local callee that appears before an answer is rung, and stays rung."""
        if self.state_of(callee) in LIVE_STATES and callee in self.rung:
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
        self._lost_by(self.rung - {callee}, at_ms)
        if self.caller is not None and self.state_of(self.caller) is AgentState.RINGING:
            self._view(self.caller, AgentState.TALKING, at_ms)

    def _follow(self, extension: str, segment: Segment, at_ms: int) -> None:
        """Rule 3: HOLD counts only after talk; other news of a held call leaves it held."""
        state = self.state_of(extension)
        if segment.status is LegStatus.HOLD and state is AgentState.TALKING:
            self._view(extension, AgentState.HELD, at_ms)
        elif segment.status is LegStatus.TALKING and segment.counts and state is AgentState.HELD:
            self._view(extension, AgentState.TALKING, at_ms)

    def _lost_by(self, others: set[str], at_ms: int) -> None:
        """Somebody else answered: those who still ring, and those whose ring a poll saw end before."""
        for other in others:
            missed = other in self.gone and self.state_of(other) is AgentState.MISSED
            if missed or self.state_of(other) is AgentState.RINGING:
                self._view(other, AgentState.ANSWERED_ELSEWHERE, at_ms)

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
        if state in LIVE_STATES:
            self.gone_ms = None
