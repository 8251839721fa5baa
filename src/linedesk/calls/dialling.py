"""Click-to-call: one click, at most one call, and a record of every attempt.

The attempt is judged, counted and stored in one transaction before the PBX is asked. What the PBX said is
stored as the answer of its key, so that a repetition gets it again and never dials again, also after a
restart: then nobody knows whether the PBX was asked, and the answer says so.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from linedesk.agents.grants import OwnDial
from linedesk.agents.model import Agent
from linedesk.calls.guard import DialCounts, DialPolicy, Verdict, judge
from linedesk.clock import Clock
from linedesk.errors import (
    BadRequest,
    ConfigError,
    ConfirmationNeeded,
    Conflict,
    DialRefused,
    LinedeskError,
    NumberUnreadable,
    StoreError,
    VendorAuth,
    VendorBusy,
    VendorError,
    VendorForbidden,
    VendorNotFound,
    VendorRefused,
    VendorRouteMissing,
    VendorTimeout,
    VendorUnreachable,
)
from linedesk.numbers import Kind, Number, NumberPlan, mask, read
from linedesk.pbx.base import DialRequest, Pbx
from linedesk.store import dials
from linedesk.store.database import Database
from linedesk.store.dials import DialRow, DialState

log = structlog.get_logger(__name__)

_SAME_CLICK_MS = 3_000
_TEXT_MAX = 200
_KEY = re.compile(r"[!-~]{1,200}")
# After one of these the PBX certainly places no call; after any other failure it may.
_CERTAIN = (
    VendorUnreachable,
    VendorAuth,
    VendorForbidden,
    VendorRouteMissing,
    VendorNotFound,
    VendorBusy,
    VendorRefused,
)


@dataclass(frozen=True, slots=True)
class DialAnswer:
    """The HTTP answer of a dial, the same for the same key: 202 `{"request", "number", "price_class"}`, with
    `notice` if the agent should know something, or an error's status and body. `request_id` is empty when
    nothing was recorded."""

    request_id: str
    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request as it came, with what is needed to judge it."""

    request_id: str
    agent: Agent
    text: str
    key: str
    origin: str
    confirm: bool


def _nobody(_account: str, _extension: str) -> bool:
    return False


async def _no_grant(_agent_id: str, _account: str, _request: DialRequest) -> OwnDial:
    return OwnDial()


def _machine_hour(now_ms: int) -> int:
    """The hour (0 to 23) of this machine's own time zone."""
    return datetime.fromtimestamp(now_ms / 1000, tz=UTC).astimezone().hour


class Dialling:
    """One per service; `await close()` at the end.

    `live_calls(account, extension)` counts the calls that extension is in now. `is_internal(account,
    extension)` knows colleagues: a page may only hold extensions that it knows. `local_hour` turns epoch
    ms into the hour that the night limits are for. `own` dials with the agent's own grant
    (`agents.grants.Grants.dial`); without one the account's credential does.
    """

    def __init__(
        self,
        calls: Database,
        clock: Clock,
        *,
        pbx_of: Callable[[str], Pbx],
        plan_of: Callable[[str], NumberPlan],
        policy: Callable[[], DialPolicy],
        live_calls: Callable[[str, str], int],
        is_internal: Callable[[str, str], bool] = _nobody,
        local_hour: Callable[[int], int] = _machine_hour,
        own: Callable[[str, str, DialRequest], Awaitable[OwnDial]] = _no_grant,
    ) -> None:
        self._calls = calls
        self._clock = clock
        self._pbx_of = pbx_of
        self._plan_of = plan_of
        self._policy = policy
        self._live_calls = live_calls
        self._is_internal = is_internal
        self._local_hour = local_hour
        self._own = own
        # request id -> set once its outcome is stored; an id that is not here is not being dialled
        self._running: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[DialAnswer]] = set()
        self._closed = False

    async def dial(self, agent: Agent, text: str, key: str, origin: str, confirm: bool = False) -> DialAnswer:
        """Ring the agent's phone and call `text`; see `DialAnswer`.

        Refusals and failures are answers too. Raises `BadRequest` for an unfit key, `Conflict` for a key
        that was used for another number, `StoreError` when the attempt can't be recorded: then nothing
        was dialled. Goes on to its end when the caller is cancelled.
        """
        if not _KEY.fullmatch(key):
            raise BadRequest("The Idempotency-Key must be 1 to 200 visible ASCII characters.")
        if self._closed:
            return _stopping()
        ask = _Ask(secrets.token_urlsafe(12), agent, text, key, origin, confirm)
        task = asyncio.create_task(self._attempt(ask), name=f"dial:{ask.request_id}")
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        # Not awaited itself: a browser that goes away must not stop a call half-way.
        await asyncio.wait({task})
        return _stopping() if task.cancelled() else task.result()

    async def close(self) -> None:
        """Stop what runs; its outcome stays unknown. Later requests are answered without dialling."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _forget(self, task: asyncio.Task[DialAnswer]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        # A wrong request is the client's mistake and its answer says so.
        if error is not None and not isinstance(error, BadRequest | Conflict):
            log.warning("dial_failed", error_code=getattr(error, "code", type(error).__name__))

    async def _attempt(self, ask: _Ask) -> DialAnswer:
        # Known as running before its row can be seen, so that nobody takes the row for a dead one.
        done = self._running[ask.request_id] = asyncio.Event()
        try:
            row = await self._calls.write(lambda c: self._claim(c, ask))
            if row.id == ask.request_id and row.state == DialState.STARTED:
                row = await self._place(row)
        finally:
            del self._running[ask.request_id]
            done.set()
        return await self._answer(row)

    def _claim(self, c: Connection, ask: _Ask) -> DialRow:
        """In one transaction: the earlier attempt this one repeats, or a new row, started or refused."""
        earlier = dials.by_key(c, ask.agent.id, ask.key)
        if earlier is not None:
            if earlier.number_raw != ask.text[:_TEXT_MAX]:
                raise Conflict("This Idempotency-Key was already used for another number.")
            if earlier.state != DialState.ASKED or not ask.confirm:
                return earlier
            dials.free_key(c, earlier.id)
        row = self._new_row(c, ask)
        dials.add(c, row)
        return row

    def _new_row(self, c: Connection, ask: _Ask) -> DialRow:
        agent, now_ms = ask.agent, self._clock.now_ms()
        row = DialRow(
            id=ask.request_id,
            agent_id=agent.id,
            account=agent.account,
            extension=agent.extension,
            idempotency_key=ask.key,
            number_raw=ask.text[:_TEXT_MAX],
            origin=ask.origin[:_TEXT_MAX],
            state=DialState.STARTED,
            at_ms=now_ms,
        )
        try:
            return self._judged(c, row, ask, now_ms)
        except DialRefused as error:
            state = DialState.ASKED if isinstance(error, ConfirmationNeeded) else DialState.REFUSED
            return _answered(row, state, error)

    def _judged(self, c: Connection, row: DialRow, ask: _Ask, now_ms: int) -> DialRow:
        account, extension = ask.agent.account, ask.agent.extension
        if not account or not extension:
            raise DialRefused(
                "There is no phone for your name yet, so no call can be made.",
                remedy="Ask an owner of Linedesk to give you an extension.",
            )
        if len(ask.text) > _TEXT_MAX:
            raise NumberUnreadable("This text is too long for a number.")
        plan = self._plan_of(account)
        number = read(ask.text, plan)
        verdict = self._verdict(ask, number, plan, DialCounts(), now_ms)
        row = replace(row, destination=verdict.destination, price_class=verdict.price_class.value)
        for other in dials.may_ring(
            c,
            agent_id=ask.agent.id,
            account=account,
            extension=extension,
            destination=verdict.destination,
            since_ms=now_ms - _SAME_CLICK_MS,
        ):
            if other.at_ms >= now_ms - _SAME_CLICK_MS or other.id in self._running:
                return replace(row, state=DialState.SAME, answer={"same_as": other.id})
        counts = dials.counts(c, agent_id=ask.agent.id, destination=verdict.destination, now_ms=now_ms)
        # A call just asked for may be among the live ones or not yet: the greater count has none twice.
        live = max(counts.live, self._live_calls(account, extension))
        self._verdict(ask, number, plan, replace(counts, live=live), now_ms)
        return row

    def _verdict(
        self, ask: _Ask, number: Number, plan: NumberPlan, counts: DialCounts, now_ms: int
    ) -> Verdict:
        known = (
            number.kind is Kind.EXTENSION
            and number.value is not None
            and self._is_internal(ask.agent.account or "", number.value)
        )
        return judge(
            self._rules(),
            number,
            plan,
            ask.origin,
            counts=counts,
            confirmed=ask.confirm,
            local_hour=self._local_hour(now_ms),
            known_internal=known,
        )

    def _rules(self) -> DialPolicy:
        try:
            return self._policy()
        except LinedeskError as error:
            # Rules that can't be read must not open the line, nor block an emergency call.
            log.exception("dial_rules_unreadable", reason=error.message)
            return DialPolicy(stopped=True)

    async def _place(self, row: DialRow) -> DialRow:
        """Ask the PBX and store what it said."""
        body = {"request": row.id, "number": row.destination, "price_class": row.price_class}
        try:
            if (notice := await self._ring(row)) is not None:
                body["notice"] = notice
            ended = replace(row, state=DialState.ACCEPTED, answer=body, answer_status=202)
        except LinedeskError as error:
            unsure = isinstance(error, VendorError) and not isinstance(error, _CERTAIN)
            ended = _answered(row, DialState.UNKNOWN if unsure else DialState.FAILED, error)
        log.info(
            "dialled",
            request=row.id,
            account=row.account,
            extension=row.extension,
            number=mask(row.destination or ""),
            state=str(ended.state),
            error_code=ended.error_code,
        )
        try:
            await self._store(ended)
        except StoreError as error:
            # The call is made or refused whatever the disk says; a repetition hears that it is not known.
            log.exception("dial_outcome_not_stored", request=row.id, reason=error.message)
        return ended

    async def _ring(self, row: DialRow) -> str | None:
        """Dial as the agent, else with the account's credential; answers what the agent should know."""
        account, request = row.account or "", DialRequest(row.extension or "", row.destination or "")
        own = await self._own(row.agent_id, account, request)
        if own.accepted is None:
            try:
                await self._pbx_of(account).dial(request)
            except ConfigError as error:
                # There is no other credential, so the agent's own is what helps.
                error.remedy = own.notice or error.remedy
                raise
        return own.notice

    async def _store(self, row: DialRow) -> None:
        status, answer = row.answer_status or 500, row.answer or {}
        await self._calls.write(
            lambda c: dials.finish(
                c, row.id, DialState(row.state), status=status, answer=answer, error_code=row.error_code
            )
        )

    async def _answer(self, row: DialRow) -> DialAnswer:
        """The answer of a row, once there is one."""
        if row.state == DialState.SAME:
            row = await self._read(str((row.answer or {}).get("same_as")), row)
        if row.state == DialState.STARTED:
            if (running := self._running.get(row.id)) is not None:
                await running.wait()
            row = await self._read(row.id, row)
        if row.state in {DialState.STARTED, DialState.SAME} or row.answer is None:
            row = _answered(row, DialState.UNKNOWN, _not_known())
            await self._store(row)
        return DialAnswer(row.id, row.answer_status or 500, row.answer or {})

    async def _read(self, row_id: str, otherwise: DialRow) -> DialRow:
        return await self._calls.read(lambda c: dials.by_id(c, row_id)) or otherwise


def _answered(row: DialRow, state: DialState, error: LinedeskError) -> DialRow:
    return replace(
        row, state=state, error_code=error.code, answer=error.as_json(), answer_status=error.status
    )


def _not_known() -> LinedeskError:
    return VendorTimeout(
        "Linedesk was stopped while it placed this call; whether the PBX makes it is not known."
    )


def _stopping() -> DialAnswer:
    error = VendorTimeout("Linedesk is being stopped; whether the PBX makes this call is not known.")
    return DialAnswer("", error.status, error.as_json())
