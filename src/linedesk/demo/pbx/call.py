"""One simulated call as data, and its JSON form. What happens to it is in `machine.py`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
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
class SimCall:
    """`id` is the webhook's, `sip_call_id` call control's; they differ, as on the real PBX.

    `caller` is a number as the wire writes it (None: withheld) or the calling extension. `members` are the
    extensions that are to ring, `rung` those that did, `refused` those that said no. `click` calls began by
    call control; `dialled` tells that an outgoing call has reached its destination. Times are epoch ms;
    `last_ms` is the `time` of the call's newest body.
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

    @property
    def live(self) -> bool:
        return self.phase is not Phase.ENDED

    @property
    def agent(self) -> str | None:
        """The local caller's extension; None on an inbound call."""
        return None if self.kind is Kind.INBOUND else self.caller

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
        return cls(**{**document, **lists, **kinds})
