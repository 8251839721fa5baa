"""One simulated call as data, and its JSON form. What happens to it is in `machine.py`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class Phase(StrEnum):
    """`SETUP`: in the PBX, no phone rings. `PICKUP`: click-to-dial rings the agent's own phone first."""

    SETUP = "setup"
    PICKUP = "pickup"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Part:
    """A flow that a transfer has closed: the fields of `SimCall` that were its own."""

    party: str | None
    destination: str
    members: tuple[str, ...]
    answered_by: str | None
    answered_ms: int | None
    hold_ms: int
    flow_started_ms: int
    ended_ms: int
    split: str | None

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Part:
        return cls(**{**document, "members": tuple(document["members"])})


@dataclass(frozen=True, slots=True)
class SimCall:
    """`id` is the webhook's, `sip_call_id` call control's; they differ, as on the real PBX.

    `caller` is a number as the wire writes it (None: withheld) or the calling extension. `members` are the
    extensions that are to ring, `rung` those that did, `refused` those that said no. `click` calls began by
    call control; `dialled` tells that an outgoing call has reached its destination. Times are epoch ms;
    `last_ms` is the `time` of the call's newest body.

    A transfer closes a flow (`parts`) and opens the next: `split` tells how ("blind", "attended"), `party`
    who is its caller where that is no longer the call's own. A consultation ends `merged_into` another call.
    """

    id: str
    sip_call_id: str
    kind: Kind
    generation: str
    caller: str | None
    destination: str
    started_ms: int
    members: tuple[str, ...] = ()
    name: str = ""
    queue: str | None = None
    click: bool = False
    dialled: bool = False
    phase: Phase = Phase.SETUP
    rung: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    answered_by: str | None = None
    answered_ms: int | None = None
    held_since_ms: int | None = None
    hold_ms: int = 0
    ended_ms: int | None = None
    end_cause: str | None = None
    end_by: str | None = None
    last_ms: int = 0
    parts: tuple[Part, ...] = ()
    party: str | None = None
    split: str | None = None
    flow_started_ms: int | None = None
    merged_into: str | None = None
    shown_number: str = ""
    digits: str = ""

    @property
    def live(self) -> bool:
        return self.phase is not Phase.ENDED

    @property
    def agent(self) -> str | None:
        """The local caller's extension; None on an inbound call, and once that caller has passed it on."""
        if self.kind is Kind.INBOUND or (self.kind is Kind.OUTBOUND and self.party is not None):
            return None
        return self.party or self.caller

    @property
    def began_ms(self) -> int:
        """When the present flow began."""
        return self.started_ms if self.flow_started_ms is None else self.flow_started_ms

    def flows(self) -> tuple[SimCall, ...]:
        """The call as it was in each of its flows, the present one last."""
        before = [replace(self, parts=self.parts[:at], **asdict(part)) for at, part in enumerate(self.parts)]
        return (*before, self)

    def next_flow(self, split: str, at_ms: int, **fields: Any) -> SimCall:
        """The call after a transfer at `at_ms`: `fields` are those of the new flow."""
        held = self.hold_ms + (at_ms - self.held_since_ms if self.held_since_ms is not None else 0)
        part = Part(
            self.party,
            self.destination,
            self.members,
            self.answered_by,
            self.answered_ms,
            held,
            self.began_ms,
            at_ms,
            self.split,
        )
        empty = {"refused": (), "answered_by": None, "answered_ms": None, "held_since_ms": None, "hold_ms": 0}
        new = {"split": split, "flow_started_ms": at_ms, "last_ms": at_ms, "dialled": True}
        return replace(self, parts=(*self.parts, part), **{**empty, **new, **fields})

    @property
    def ringing_now(self) -> tuple[str, ...]:
        """Extensions whose phone rings at this moment."""
        if self.phase is Phase.PICKUP and self.caller is not None:
            return (self.caller,)
        if self.phase is not Phase.RINGING:
            return ()
        return tuple(each for each in self.rung if each not in self.refused)

    def involves(self, extension: str) -> bool:
        """Whether this user has a channel in the call now."""
        if not self.live:
            return False
        return extension in {self.agent, self.answered_by, *self.ringing_now}

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> SimCall:
        lists = {name: tuple(document[name]) for name in ("members", "rung", "refused")}
        kinds = {"kind": Kind(document["kind"]), "phase": Phase(document["phase"])}
        parts = {"parts": tuple(Part.from_json(each) for each in document.get("parts", ()))}
        return cls(**{**document, **lists, **kinds, **parts})
