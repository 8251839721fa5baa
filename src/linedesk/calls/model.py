"""Words of a call: what the PBX said (events in) and what Linedesk knows (calls, effects out).

Pure data. `pbx.wildix.events` makes the events, `calls.tracker` turns them into calls and effects,
`calls.popup` into what one agent is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class AgentState(StrEnum):
    """What one agent is shown about one call."""

    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"
    ANSWERED_ELSEWHERE = "answered-elsewhere"
    MISSED = "missed"


LIVE_STATES = frozenset({AgentState.RINGING, AgentState.TALKING, AgentState.HELD})


class Outcome(StrEnum):
    ANSWERED = "answered"
    MISSED = "missed"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    REJECTED = "rejected"
    FAILED = "failed"


class LegStatus(StrEnum):
    """`status` of a leg as far as it says something; every other spelling is `UNKNOWN`."""

    UNKNOWN = "unknown"
    RINGING = "ringing"
    TALKING = "talking"
    HOLD = "hold"


class Stage(StrEnum):
    """`START` may open a new incarnation; `END` is final; `RECORD` is the late final record."""

    START = "start"
    UPDATE = "update"
    END = "end"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a leg. Everything may be missing on the wire; without a type (`typed` False) `local` is
    only what the other fields let one think, and a phone that is an internal number decides."""

    local: bool
    phone: str | None = None
    name: str | None = None
    company: str | None = None
    email: str | None = None
    user_id: str | None = None
    extension: str | None = None
    typed: bool = True


@dataclass(frozen=True, slots=True)
class Leg:
    """One flow of a call. `index` rises with each transfer; None where the wire has no index."""

    index: int | None
    caller: Party | None
    callee: Party | None
    destination: str | None
    status: LegStatus = LegStatus.UNKNOWN
    talk_ms: int = 0
    queue: str | None = None
    service_number: str | None = None
    remote_phone: str | None = None
    missed: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a poll adds to an event: it saw the call among those of one `extension`, or no more among them.

    `handle` is the id for call control. The call was not there at `since_ms`, the look before (None: there
    was none). `answered_ms` is set once it talks. `drives`: no webhook tells of the call, so this may open
    it; else it only annotates and closes what webhooks opened. Times are epoch ms of our clock.
    """

    extension: str
    handle: str
    since_ms: int | None = None
    answered_ms: int | None = None
    drives: bool = False


@dataclass(frozen=True, slots=True)
class CallEvent:
    """What one body said about one call. `at_ms` is the envelope's time (epoch ms, the PBX's clock);
    `started_ms` and `ended_ms` are the call's own times where the body tells them. `glimpse`: a poll said it,
    of one extension's part only; then an end is the end of that part, and times are of our clock."""

    account: str
    call_id: str
    stage: Stage
    at_ms: int
    legs: tuple[Leg, ...]
    end_cause: str | None = None
    end_by: str | None = None
    started_ms: int | None = None
    source: str = "webhook"
    ended_ms: int | None = None
    glimpse: Glimpse | None = None


class Telephony(StrEnum):
    REGISTERED = "registered"
    RINGING = "ringing"
    TALKING = "talking"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PresenceEvent:
    """`presence:telephony`: what the PBX says about one user's devices."""

    account: str
    at_ms: int
    status: Telephony
    extension: str | None
    email: str | None = None
    user_id: str | None = None
    source: str = "webhook"


Event = CallEvent | PresenceEvent


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent's part in a call. `via` is the extension that passed the call on to this one."""

    extension: str
    state: AgentState
    since_ms: int
    answered_ms: int | None = None
    ended_ms: int | None = None
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call as known now.

    `id` is opaque, URL-safe and unique over all PBXs and incarnations; `call_id` is the wire's.
    `remote` is the outside party's number as the wire wrote it (None: withheld or not known yet); on
    internal calls None. `caller_extension` and `called_extension` are set on internal calls, the first
    also on outbound ones. `remote_name` is network text: never markup, never used for matching.
    `party` is what history keeps: the remote number in E.164 (else as text), `anonymous`, or the called
    extension. `handles` are (extension, id for call control) as the newest polls of a live call named them.
    `views` are, in a `ViewChanged` and of a live call, the agents who were shown the call; in a
    `HistoryWritten` all agents who had a part in it, in the order in which they appeared.
    """

    id: str
    account: str
    call_id: str
    direction: Direction
    started_ms: int
    remote: str | None = None
    remote_name: str = ""
    destination: str | None = None
    caller_extension: str | None = None
    called_extension: str | None = None
    queue: str | None = None
    tags: tuple[str, ...] = ()
    answered_ms: int | None = None
    ended_ms: int | None = None
    answered_by: tuple[str, ...] = ()
    outcome: Outcome | None = None
    party: str = ""
    views: tuple[AgentView, ...] = ()
    handles: tuple[tuple[str, str], ...] = ()

    def view_of(self, extension: str) -> AgentView | None:
        """This agent's part, if the agent was shown the call."""
        return next((view for view in self.views if view.extension == extension), None)


@dataclass(frozen=True, slots=True)
class ViewChanged:
    """Show `extension` the call as it is now: its state, or a fact on its popup, changed."""

    call: Call
    extension: str


@dataclass(frozen=True, slots=True)
class HistoryWritten:
    """The ended call's one history row, new or completed by a late body (same `call.id`)."""

    call: Call


Effect = ViewChanged | HistoryWritten


@dataclass(frozen=True, slots=True)
class TrackerLimits:
    """Times of the tracker, all in ms.

    `popup_max_age_ms`: an older event opens no popup. `ring_grace_ms`: how long after a silent ring was
    closed its history row waits, since the PBX may speak of it again; `gone_grace_ms` the same after a poll
    found the call gone, before webhooks told its end. `compact_after_ms`: an ended call
    without news for this long keeps only what refuses a replay, until `keep_ended_ms`.
    """

    popup_max_age_ms: int = 900_000
    call_silence_ms: int = 14_400_000
    ring_silence_ms: int = 180_000
    new_incarnation_ms: int = 60_000
    keep_ended_ms: int = 86_400_000
    ring_grace_ms: int = 1_800_000
    gone_grace_ms: int = 60_000
    compact_after_ms: int = 600_000
