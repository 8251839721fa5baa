"""Everything the simulated PBX must not forget when its process is killed: one file, and the phonebooks'
own database beside it, because a book is too big to be written anew with each call.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from linedesk.demo.files import read_json, write_json
from linedesk.demo.pbx.auth import Token
from linedesk.demo.pbx.books import Books
from linedesk.demo.pbx.call import SimCall
from linedesk.demo.pbx.doors import Doors
from linedesk.demo.switches import PbxSwitches

_ENDED_KEPT = 100

FAMILIES = ("call", "presence", "analytics")
"""The events that an integration may choose."""


@dataclass(frozen=True, slots=True)
class Integration:
    """One webhook integration. Re-creating it makes a new id and a new secret, as in WMS.

    `families`: of which events it hears (call, presence, analytics).
    """

    id: str
    url: str
    secret: str
    families: tuple[str, ...] = FAMILIES

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Integration:
        return cls(**{**document, "families": tuple(document.get("families", FAMILIES))})


@dataclass(frozen=True, slots=True)
class Timer:
    """`deed` of `call_id` is due at `due_ms`."""

    due_ms: int
    call_id: str
    deed: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One body on its way to one integration. `lane` keeps the bodies of a call in order.

    `url` and `secret` are those of the integration when the body was made: it may be gone meanwhile.
    """

    id: int
    lane: str
    integration: str
    body: str
    due_ms: int
    attempts: int = 0
    url: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Mood:
    """What a user has set: `status` is available, away, dnd or mur; `until` as it was written."""

    status: str = "available"
    message: str = ""
    until: str = ""


@dataclass(slots=True)
class State:
    """The PBX's memory. Whoever changes it calls `save` before telling anybody."""

    path: Path | None
    seed: int = 1
    counter: int = 0
    switches: PbxSwitches = field(default_factory=PbxSwitches)
    calls: dict[str, SimCall] = field(default_factory=dict)
    presence: dict[str, str] = field(default_factory=dict)
    timers: list[Timer] = field(default_factory=list)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    integrations: dict[str, Integration] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    doors: Doors = field(default_factory=Doors)
    moods: dict[str, Mood] = field(default_factory=dict)
    active_devices: dict[str, str] = field(default_factory=dict)
    lost: int = 0
    books: Books = field(default_factory=Books)

    @classmethod
    def open(cls, path: Path | None, seed: int = 1) -> State:
        """What an earlier process left at `path`; without one (or without a path), a new PBX."""
        document = read_json(path) if path is not None else None
        books = Books(path.with_name(f"{path.stem}-books.db") if path is not None else None)
        if document is None:
            return cls(path, seed, books=books)
        return cls(
            path,
            seed=document["seed"],
            counter=document["counter"],
            switches=PbxSwitches.model_validate(document["switches"]),
            calls={each["id"]: SimCall.from_json(each) for each in document["calls"]},
            presence=dict(document["presence"]),
            timers=[Timer(**each) for each in document["timers"]],
            deliveries={each["id"]: Delivery(**each) for each in document["deliveries"]},
            integrations={each["id"]: Integration.from_json(each) for each in document["integrations"]},
            tokens={each["text"]: Token.from_json(each) for each in document["tokens"]},
            doors=Doors.from_json(document["doors"]) if "doors" in document else Doors(),
            moods={each: Mood(**mood) for each, mood in document.get("moods", {}).items()},
            active_devices=dict(document.get("active_devices", {})),
            lost=document["lost"],
            books=books,
        )

    def next_number(self) -> int:
        """A number that no call, body or integration had before."""
        self.counter += 1
        return self.counter

    def save(self) -> None:
        """Write it all; the oldest ended calls are forgotten."""
        ended = [call.id for call in self.calls.values() if not call.live]
        waiting = {timer.call_id for timer in self.timers}
        for call_id in [each for each in ended[:-_ENDED_KEPT] if each not in waiting]:
            del self.calls[call_id]
        if self.path is not None:
            write_json(self.path, self._document())

    def _document(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "counter": self.counter,
            "switches": self.switches.model_dump(mode="json"),
            "calls": [call.as_json() for call in self.calls.values()],
            "presence": self.presence,
            "timers": [asdict(each) for each in self.timers],
            "deliveries": [asdict(each) for each in self.deliveries.values()],
            "integrations": [asdict(each) for each in self.integrations.values()],
            "tokens": [each.as_json() for each in self.tokens.values()],
            "doors": self.doors.as_json(),
            "moods": {each: asdict(mood) for each, mood in self.moods.items()},
            "active_devices": self.active_devices,
            "lost": self.lost,
        }
