"""The simulated PBX itself: carries out deeds on calls, keeps time, says what happened.

`machine.py` decides, `state.py` remembers, `courier.py` delivers. Every public method saves before it
returns, so a call that was placed survives a kill of the process.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from linedesk.clock import Clock
from linedesk.demo.pbx.bodies import conference_presence, presence, stranger, user_presence
from linedesk.demo.pbx.call import Kind, Phase, SimCall
from linedesk.demo.pbx.courier import Courier
from linedesk.demo.pbx.machine import Deed, Machine, Step
from linedesk.demo.pbx.paging import Pages
from linedesk.demo.pbx.shelves import COLLEAGUES_BOOK
from linedesk.demo.pbx.state import FAMILIES, Integration, Mood, State, Timer
from linedesk.demo.pbx.transfer import attended, blind
from linedesk.demo.pbx.users import COMPANY, House
from linedesk.errors import BadRequest, NotFound

_SPACING = re.compile(r"[\s().\-/]")
_DIALABLE = re.compile(r"\+?[0-9*#]{2,30}")
_WITHHELD = frozenset({"anonymous", "withheld", ""})
_NAME_MAX = 500


@dataclass(frozen=True, slots=True)
class Placed:
    """What somebody asked for: see `POST /_sim/calls`."""

    caller: str
    to: tuple[str, ...]
    queue: str | None = None
    name: str = ""
    generation: str | None = None


class Exchange:
    """One PBX. `run` is its owned task."""

    def __init__(self, state: State, house: House, clock: Clock) -> None:
        self.state = state
        self.house = house
        self.courier = Courier(state, clock)
        self.pages = Pages()
        self._clock = clock
        self._changed = asyncio.Event()

    def read_directory(self) -> None:
        """Let the book of colleagues be what the users are, as its LDAP job does."""
        people = [
            {"name": user.name, "extension": user.extension, "email": user.email, "type": "internal"}
            for user in self.house.users.values()
        ]
        self.state.books.set_source(COLLEAGUES_BOOK, people)
        self.state.books.run_import(COLLEAGUES_BOOK, self.now_ms() // 1000)

    @property
    def _machine(self) -> Machine:
        return Machine(self.house, self.state.switches)

    def now_ms(self) -> int:
        return self._clock.now_ms()

    def integrate(self, url: str, families: tuple[str, ...] = FAMILIES) -> Integration:
        """Create the webhook integration anew: a new id, a new secret. What the old one has made is still
        delivered."""
        number = self.state.next_number()
        integration = Integration(f"int{number:04d}", url, secrets.token_hex(24), families)
        self.state.integrations = {integration.id: integration}
        self.state.save()
        return integration

    def call(self, call_id: str) -> SimCall:
        """By the webhook's id or by `sipCallId`; raises `NotFound`."""
        found = self.state.calls.get(call_id) or next(
            (call for call in self.state.calls.values() if call.sip_call_id == call_id), None
        )
        if found is None:
            raise NotFound("There is no such call on the simulated PBX.")
        return found

    def place(self, placed: Placed) -> SimCall:
        """A phone somewhere is picked up and dials; raises `BadRequest` for a call that cannot be."""
        caller = _number(placed.caller)
        if caller is not None and self.house.user(caller) is not None:
            return self._place_from(caller, placed)
        if caller is not None and not _DIALABLE.fullmatch(caller):
            raise BadRequest('`from` must be a number, an extension or "anonymous".')
        members, queue = self._targets(placed)
        return self._begin(Kind.INBOUND, caller, members[0], placed, members=members, queue=queue)

    def click_to_dial(self, extension: str, destination: str) -> SimCall:
        """Call control: `extension`'s own phone rings first, then `destination` is dialled."""
        wanted = self._dialable(destination)
        internal = self.house.user(wanted) is not None and wanted != extension
        return self._begin(
            Kind.INTERNAL if internal else Kind.OUTBOUND,
            extension,
            wanted,
            Placed(extension, (wanted,)),
            members=(wanted,) if internal else (),
            click=True,
        )

    def answer(self, call_id: str, by: str | None = None) -> SimCall:
        call = self.call(call_id)
        return self._apply(self._machine.answer(call, by, self.now_ms()))

    def reject(self, call_id: str, by: str | None = None) -> SimCall:
        call = self.call(call_id)
        return self._apply(self._machine.reject(call, by, self.now_ms()))

    def hang_up(self, call_id: str, by: str = "CALLER") -> SimCall:
        call = self.call(call_id)
        return self._apply(self._machine.end(call, self.now_ms(), by=by))

    def hold(self, call_id: str) -> SimCall:
        return self._apply(self._machine.hold(self.call(call_id), self.now_ms()))

    def resume(self, call_id: str) -> SimCall:
        return self._apply(self._machine.resume(self.call(call_id), self.now_ms()))

    def transfer(self, call_id: str, by: str, destination: str) -> SimCall:
        """Blind: the call rings at the destination and `by` is out of it. Raises `Conflict`, `BadRequest`."""
        return self._apply(
            blind(self._machine, self.call(call_id), by, self._dialable(destination), self.now_ms())
        )

    def join(self, call_id: str, consultation: str, by: str) -> SimCall:
        """Attended: whom `by` consults takes over the call, and the consultation ends."""
        steps = attended(self._machine, self.call(call_id), self.call(consultation), by, self.now_ms())
        moved = self._apply(steps[0])
        self._apply(steps[1])
        return moved

    def relabel(self, call_id: str, name: str, number: str) -> SimCall:
        return self._apply(self._machine.relabel(self.call(call_id), name[:_NAME_MAX], number, self.now_ms()))

    def press(self, call_id: str, digits: str) -> SimCall:
        """Tones sent into the call; nobody is told of them."""
        call = self.call(call_id)
        return self._apply(Step(replace(call, digits=(call.digits + digits)[-_NAME_MAX:])))

    def presence_of(self, extension: str) -> str:
        """The telephony presence: registered, ringing, talking, or rt for both."""
        return self._presence_of(extension)

    def set_mood(self, extension: str, mood: Mood) -> None:
        """The user's own presence; raises `NotFound` for an unknown extension."""
        user = self.house.user(extension)
        if user is None:
            raise NotFound("There is no such user on the simulated PBX.")
        self.state.moods[extension] = mood
        if self.state.switches.presence_events:
            body = user_presence(user, asdict(mood), self.state.next_number(), self.now_ms())
            self.courier.submit(f"mood-{extension}", body)
        self.state.save()

    def tell_conference(self, extension: str, status: str) -> None:
        """Say by webhook that a user is in a meeting or has left it; raises `NotFound`."""
        user = self.house.user(extension)
        if user is None:
            raise NotFound("There is no such user on the simulated PBX.")
        if self.state.switches.presence_events:
            body = conference_presence(user, status, self.state.next_number(), self.now_ms())
            self.courier.submit(f"mood-{extension}", body)
        self.state.save()

    def calls_of(self, extension: str) -> list[SimCall]:
        return [call for call in self.state.calls.values() if call.involves(extension)]

    async def run(self) -> None:
        """Keep time and deliver, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.courier.run(), name="demo-pbx-courier")
            group.create_task(self._keep_time(), name="demo-pbx-time")

    def _dialable(self, destination: str) -> str:
        wanted = _number(destination)
        if wanted is None or not _DIALABLE.fullmatch(wanted):
            raise BadRequest("The destination is not a number.")
        return wanted

    def _place_from(self, extension: str, placed: Placed) -> SimCall:
        if len(placed.to) != 1 or placed.queue is not None:
            raise BadRequest("A call from an extension goes to one number or extension.")
        wanted = _number(placed.to[0])
        if wanted is None or not _DIALABLE.fullmatch(wanted):
            raise BadRequest("`to` must be a number or an extension.")
        if wanted == extension:
            raise BadRequest("An extension cannot call itself.")
        if self.house.user(wanted) is not None:
            return self._begin(Kind.INTERNAL, extension, wanted, placed, members=(wanted,))
        return self._begin(Kind.OUTBOUND, extension, wanted, placed)

    def _targets(self, placed: Placed) -> tuple[tuple[str, ...], str | None]:
        names = placed.to
        if len(names) == 1 and self.house.user(names[0]) is None:
            queue = self.house.queue(names[0])
            if queue is None:
                raise BadRequest(f"`to`: the simulated PBX has no extension or queue {names[0][:40]!r}.")
            return queue.members, placed.queue or queue.name
        unknown = [name for name in names if self.house.user(name) is None]
        if unknown or not names:
            raise BadRequest(
                f"`to`: the simulated PBX has no extension {', '.join(unknown)[:80] or 'given'}."
            )
        queue_name = placed.queue or (next(iter(self.house.queues.values())).name if len(names) > 1 else None)
        return tuple(dict.fromkeys(names)), queue_name

    def _begin(
        self,
        kind: Kind,
        caller: str | None,
        destination: str,
        placed: Placed,
        *,
        members: tuple[str, ...] = (),
        queue: str | None = None,
        click: bool = False,
    ) -> SimCall:
        number, now_ms = self.state.next_number(), self.now_ms()
        digest = hashlib.sha256(f"{self.state.seed}:{number}:{now_ms}".encode()).hexdigest()
        call = SimCall(
            id=f"{COMPANY}_{now_ms // 1000}.{number}",
            sip_call_id=f"{digest[:16]}@127.0.0.1",
            kind=kind,
            generation=placed.generation or self.state.switches.generation,
            caller=caller,
            destination=destination,
            started_ms=now_ms,
            members=members,
            name=placed.name[:_NAME_MAX],
            queue=queue,
            click=click,
        )
        return self._apply(self._machine.begin(call, now_ms))

    def _apply(self, step: Step) -> SimCall:
        call, sw = step.call, self.state.switches
        self.state.calls[call.id] = call
        if sw.call_events:
            for body in step.bodies:
                self.courier.submit(call.id, body)
                if sw.unknown_events:
                    self.courier.submit(call.id, stranger(body))
        for later in step.later:
            due_ms = self.now_ms() + round(later.after_s * sw.time_scale * 1000)
            self.state.timers.append(Timer(due_ms, call.id, later.deed.value))
        if not call.live:
            self._drop_timers(call)
        self._tell_presence(call)
        self.state.save()
        self._changed.set()
        return call

    def _drop_timers(self, call: SimCall) -> None:
        self.state.timers = [
            timer
            for timer in self.state.timers
            if timer.call_id != call.id or timer.deed == Deed.RECORD.value
        ]

    def _tell_presence(self, call: SimCall) -> None:
        former = [who for part in call.parts for who in (part.answered_by, part.party, *part.members)]
        concerned = {call.agent, call.caller, *call.members, call.answered_by, *former} - {None}
        for extension in sorted(each for each in concerned if each is not None):
            user, status = self.house.user(extension), self._presence_of(extension)
            if user is None or self.state.presence.get(extension, "registered") == status:
                continue
            self.state.presence[extension] = status
            if self.state.switches.presence_events:
                at_ms = max(self.now_ms(), call.last_ms + 1)
                self.courier.submit(call.id, presence(user, status, self.state.next_number(), at_ms))

    def _presence_of(self, extension: str) -> str:
        live = [call for call in self.state.calls.values() if call.live]
        rings = any(extension in call.ringing_now for call in live)
        if any(
            extension == call.answered_by or (extension == call.agent and self._agent_talks(call))
            for call in live
        ):
            return "rt" if rings else "talking"
        return "ringing" if rings else "registered"

    def _agent_talks(self, call: SimCall) -> bool:
        rule = self.state.switches.presence_outgoing
        if rule == "pickup" and call.phase is Phase.RINGING:
            return True
        return rule != "none" and call.phase in {Phase.TALKING, Phase.HELD}

    async def _keep_time(self) -> None:
        while True:
            self._changed.clear()
            now_ms = self.now_ms()
            due = [timer for timer in self.state.timers if timer.due_ms <= now_ms]
            for timer in sorted(due, key=lambda each: each.due_ms):
                if timer in self.state.timers:
                    self.state.timers.remove(timer)
                    self._fire(timer)
            if not due:
                await self._wait()

    def _fire(self, timer: Timer) -> None:
        call = self.state.calls.get(timer.call_id)
        if call is None:
            return
        machine = self._machine
        deeds: dict[Deed, Callable[[SimCall, int], Step]] = {
            Deed.RING: machine.ring,
            Deed.PICK_UP: machine.pick_up,
            Deed.FAR_RINGS: machine.far_rings,
            Deed.FAR_RESULT: machine.far_result,
            Deed.TIME_OUT: machine.time_out,
            Deed.RECORD: machine.record,
        }
        self._apply(deeds[Deed(timer.deed)](call, self.now_ms()))

    async def _wait(self) -> None:
        """Until the next timer is due or a new one was set."""
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._changed.wait())]
        if self.state.timers:
            next_ms = min(timer.due_ms for timer in self.state.timers)
            seconds = max(0, next_ms - self.now_ms()) / 1000
            waits.append(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


def _number(text: str) -> str | None:
    """Spacing out; None for a withheld number."""
    bare = _SPACING.sub("", text)
    return None if bare.lower() in _WITHHELD else bare
