"""Delivers webhook bodies: signs the raw bytes, waits 5 s, tries again up to three times, then gives up.

One lane a call keeps its bodies in order, so that one slow receiver does not hold up other calls. Faults
(duplicates, reordering, bad signatures) are drawn from the seed and the delivery's number, never from time.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
from collections import deque
from dataclasses import replace
from typing import Any

import aiohttp
import structlog

from linedesk.clock import Clock
from linedesk.demo.pbx.state import Delivery, State

log = structlog.get_logger(__name__)


def sign(secret: str, body: bytes) -> str:
    """`x-signature`: lower-case hex HMAC-SHA256 of the raw body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Courier:
    """`submit` queues (the caller saves the state), `run` is the owned task that delivers."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._inbox: asyncio.Queue[Delivery] = asyncio.Queue()
        self._lanes: dict[str, deque[Delivery]] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        for delivery in state.deliveries.values():
            self._put(delivery)  # what an earlier process left undone

    def submit(self, lane: str, body: dict[str, Any]) -> None:
        """Queue one body for every integration."""
        sw = self._state.switches
        if not sw.cloud_analytics:
            return
        family = _family(str(body["type"]))
        for integration in self._state.integrations.values():
            if family not in integration.families:
                continue
            text = json.dumps(
                {**body, "integrationId": integration.id}, ensure_ascii=False, separators=(",", ":")
            )
            due_ms = self._clock.now_ms() + round(sw.late_s * sw.time_scale * 1000)
            delivery = Delivery(
                self._state.next_number(),
                lane,
                integration.id,
                text,
                due_ms,
                url=integration.url,
                secret=integration.secret,
            )
            self._state.deliveries[delivery.id] = delivery
            self._put(delivery)

    async def settled(self) -> None:
        """Return once nothing is on its way (what waits for a retry counts as on its way)."""
        await self._idle.wait()

    async def run(self) -> None:
        """Deliver for ever."""
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
            while True:
                delivery = await self._inbox.get()
                lane = self._lanes.get(delivery.lane)
                if lane is not None:
                    lane.append(delivery)
                    continue
                self._lanes[delivery.lane] = deque([delivery])
                group.create_task(self._serve(delivery.lane, session, group))

    def _put(self, delivery: Delivery) -> None:
        self._idle.clear()
        self._inbox.put_nowait(delivery)

    async def _serve(self, name: str, session: aiohttp.ClientSession, group: asyncio.TaskGroup) -> None:
        lane = self._lanes[name]
        while lane:
            delivery = lane.popleft()
            if self._holds_back(delivery):
                await self._sleep(self._state.switches.reorder_hold_s)
                while lane:
                    await self._bring(lane.popleft(), session, group)
            await self._bring(delivery, session, group)
        del self._lanes[name]
        self._check_idle()

    async def _bring(
        self, delivery: Delivery, session: aiohttp.ClientSession, group: asyncio.TaskGroup
    ) -> None:
        wait_ms = delivery.due_ms - self._clock.now_ms()
        if wait_ms > 0:
            await self._clock.sleep(wait_ms / 1000)
        sw = self._state.switches
        if await self._post(delivery, session):
            if self._dice(delivery, "duplicate") < sw.duplicate_rate:
                await self._post(delivery, session)
            self._done(delivery)
            return
        if delivery.attempts >= len(sw.retry_delays_s):
            self._state.lost += 1
            log.warning("webhook_lost", lane=delivery.lane, attempts=delivery.attempts + 1)
            self._done(delivery)
            return
        delay_s = sw.retry_delays_s[delivery.attempts] * sw.time_scale
        due_ms = self._clock.now_ms() + round(delay_s * 1000)
        again = replace(delivery, attempts=delivery.attempts + 1, due_ms=due_ms)
        self._state.deliveries[again.id] = again
        self._state.save()
        # Apart from its lane: later bodies of the call do not wait for a retry.
        group.create_task(self._retry(again, session, group))

    async def _retry(
        self, delivery: Delivery, session: aiohttp.ClientSession, group: asyncio.TaskGroup
    ) -> None:
        await self._bring(delivery, session, group)
        self._check_idle()

    async def _post(self, delivery: Delivery, session: aiohttp.ClientSession) -> bool:
        # Made anew meanwhile, the old one's bodies are still on their way, signed with the old secret.
        present = self._state.integrations.get(delivery.integration)
        url, secret = (present.url, present.secret) if present else (delivery.url, delivery.secret)
        if not url:
            return True  # from before bodies knew where they go
        body = delivery.body.encode()
        headers = {"Content-Type": "application/json", "User-Agent": "wildix-demo/1"}
        if self._state.switches.signature != "missing":
            wrong = self._state.switches.signature == "wrong"
            headers["x-signature"] = sign(secret + ("-wrong" if wrong else ""), body)
        try:
            async with asyncio.timeout(self._state.switches.webhook_timeout_s):
                async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                    return 200 <= answer.status < 300
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    def _holds_back(self, delivery: Delivery) -> bool:
        rate = self._state.switches.reorder_rate
        return delivery.attempts == 0 and self._dice(delivery, "reorder") < rate

    def _dice(self, delivery: Delivery, what: str) -> float:
        return random.Random(f"{self._state.seed}:{what}:{delivery.id}").random()

    def _done(self, delivery: Delivery) -> None:
        self._state.deliveries.pop(delivery.id, None)
        self._state.save()

    def _check_idle(self) -> None:
        if not self._state.deliveries:
            self._idle.set()

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds * self._state.switches.time_scale)


def _family(kind: str) -> str:
    """Of which of the families that WMS lets one choose an event is."""
    return "analytics" if kind == "call:completed" else kind.partition(":")[0]
