"""The desk with its inbox on real databases: what is posted in, what each agent is sent, and a restart."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from linedesk.agents.model import Agent, Role
from linedesk.agents.roster import Roster
from linedesk.apps.registry import REGISTRY
from linedesk.bus.base import Frame
from linedesk.bus.local import LocalBus
from linedesk.calls.choosing import Choosing
from linedesk.calls.desk import Desk
from linedesk.calls.intake import Intake
from linedesk.calls.model import TrackerLimits
from linedesk.calls.picks import Picks
from linedesk.calls.recent import Recent
from linedesk.clock import ManualClock
from linedesk.contacts.directory import Directory
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.contacts.people import People
from linedesk.contacts.policy import TagRule
from linedesk.messages import Catalogue
from linedesk.numbers import NumberPlan
from linedesk.pbx.wildix.events import decode
from linedesk.store import agents as agent_rows
from linedesk.store.migrate import Stores, open_stores

NOW_MS = 1_764_000_000_000
PLAN = NumberPlan("GB", internal_pattern=r"\d{3}")
ADA = "+442079460018"
LUCA = Agent("luca", "luca", "Luca", Role.AGENT, account="office", extension="201")
MIA = Agent("mia", "mia", "Mia", Role.AGENT, account="office", extension="202", books=frozenset({"other"}))
FAR = Agent("far", "far", "Far", Role.AGENT, account="branch", extension="201")
BOOK = [
    Contact("crm:1", "crm", "freshdesk", "1", "Ada Example", numbers=(ContactNumber(ADA, "work"),)),
]


class Screen:
    """One agent's socket: the frames in the order in which they came."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def deliver(self, frame: Frame) -> None:
        self.frames.append(frame)

    def close(self, code: str, message: str) -> None:
        raise AssertionError(f"closed: {code} {message}")

    @property
    def states(self) -> list[str]:
        return [f"{frame['call']['call_id']}:{frame['call']['state']}" for frame in self.frames]


class NoMeter:
    def event(self, account: str, event_type: str, known: bool) -> None:
        pass

    def popup_delay(self, seconds: float) -> None:
        pass

    def lookup_delay(self, seconds: float) -> None:
        pass


class House:
    """A started desk. `work` hands every waiting body to it, as the worker task does."""

    def __init__(self, stores: Stores, roster: Roster) -> None:
        self.stores, self.roster = stores, roster
        self.open = {"office", "branch"}
        self.clock, self.bus = ManualClock(NOW_MS), LocalBus()
        words = Catalogue.load("en").text
        self.directory = Directory(stores.books)
        self.people = People(self.directory, self, REGISTRY, lambda _: PLAN, words)
        self.picks = Picks(stores.books, self.clock)
        self.tag_rules: tuple[TagRule, ...] = ()
        self.desk = Desk(
            calls=stores.calls,
            clock=self.clock,
            bus=self.bus,
            people=self.people,
            picks=self.picks,
            tag_rules=lambda _: self.tag_rules,
            roster=roster,
            plan_of=lambda _: PLAN,
            plans=lambda: {"office": PLAN, "branch": PLAN},
            is_open=lambda account: account in self.open,
            decode=decode,
            words=words,
            limits=TrackerLimits(),
            meter=NoMeter(),
        )
        self.intake = Intake(stores.calls, self.clock, self.desk)
        self.choosing = Choosing(self.picks, self.people, self.desk, lambda _: PLAN)
        self.recent = Recent(
            stores.calls,
            people=self.people,
            picks=self.picks,
            roster=roster,
            plan_of=lambda _: PLAN,
            words=words,
        )
        self.screens = {agent.id: Screen() for agent in (LUCA, MIA, FAR)}
        for agent_id, screen in self.screens.items():
            self.bus.subscribe(agent_id, screen)

    def apps(self) -> tuple[Any, ...]:
        return ()

    async def post(self, body: dict[str, Any] | bytes, account: str = "office") -> bool:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.intake.accept(account, "webhook", raw)

    async def work(self) -> None:
        await self.intake.work_off()


@asynccontextmanager
async def open_house(folder: Path) -> AsyncIterator[House]:
    """A process's life on `folder`: open it twice for a restart."""
    stores = await open_stores(folder)
    roster = Roster(stores.books)

    def seed(c: Any) -> None:
        if not agent_rows.all_agents(c):
            for agent in (LUCA, MIA, FAR):
                agent_rows.add(c, agent, None, 0)

    await stores.books.write(seed)
    await roster.refresh()
    house = House(stores, roster)
    await house.directory.put(BOOK, PLAN)
    await house.desk.start()
    await house.intake.start()
    try:
        yield house
    finally:
        await house.desk.close()
        await stores.close()


def body(
    call_id: str,
    kind: str,
    at_ms: int,
    *,
    callee: str | None = "201",
    status: str = "RINGING",
    talk_ms: int = 0,
    tags: Sequence[Any] = (),
    phone: str | None = ADA,
    name: str = "ADA",
) -> dict[str, Any]:
    """A body of generation B of a call from Ada."""
    flow: dict[str, Any] = {
        "flowIndex": 0,
        "talkTime": talk_ms,
        "caller": {"type": "REMOTE", "phone": phone, "name": name},
        "destination": "+442079460100",
        "status": status,
        "tags": list(tags),
    }
    if callee is not None:
        flow["callee"] = {"type": "LOCAL", "phone": callee, "userExtension": callee}
    trigger = {"start": "call.start", "update": "call.update"}.get(kind)
    event = "call:live:progress" if trigger else "call:live:completed"
    data = {"id": call_id, "event": "call", "eventTrigger": trigger, "flows": [flow], "endCause": "16"}
    return {"id": call_id, "time": NOW_MS + at_ms, "type": event, "data": data}
