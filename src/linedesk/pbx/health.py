"""How each PBX account's call events come: which way is alive, when the last came, and what to switch on.

In memory; `restore` takes up what earlier processes counted. It decides nothing: `pace` does, from what
is known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from linedesk.accounts.model import EventsWay, PbxAccount
from linedesk.apps.base import Finding, Level
from linedesk.pbx.pace import SILENT_MS, Way, within
from linedesk.pbx.wildix.polls import TYPE
from linedesk.store import inbox
from linedesk.store.database import Database

_LOOK_ALIVE_MS = 120_000
_CALLS = "call:"
_SHOWN = 5
_SWITCH_ON = (
    "In WMS (version 6.03 or newer) switch on PBX → Features → Cloud Analytics, then add the address of "
    "/hooks/wildix/{name} under PBX → Integrations → Cloud integrations → Webhook and put its secret into "
    "the account."
)

_CHOOSE = (
    "In WMS, under PBX → Integrations → Cloud integrations, make the webhook anew with the live call events."
)


@dataclass(frozen=True, slots=True)
class PbxState:
    """Times are epoch ms of our clock, None: never.

    `webhook_ms` and `poll_ms` are when the last call event came that way, `other_ms` when the last webhook
    about something else did, `look_ms` when the PBX last answered a
    poll. `worst_delay_s`: how late polls may see a ring. `cloud`: presence tells who rings. `problem`: why
    polls fail now, in a sentence. `unseen`: extensions whose calls the PBX does not show.
    """

    webhook_ms: int | None = None
    other_ms: int | None = None
    poll_ms: int | None = None
    look_ms: int | None = None
    way: Way = Way.OFF
    worst_delay_s: float = 0.0
    cloud: bool = False
    problem: str | None = None
    unseen: tuple[str, ...] = ()

    def alive(self, now_ms: int) -> dict[str, bool]:
        """Whether webhooks came lately, and whether polls are answered."""
        return {
            "webhook": within(self.webhook_ms, now_ms, SILENT_MS),
            "polling": within(self.look_ms, now_ms, _LOOK_ALIVE_MS) and self.problem is None,
        }


class PbxHealth:
    """One per service; for use on one event loop."""

    def __init__(self) -> None:
        self._states: dict[str, PbxState] = {}

    async def restore(self, calls: Database) -> None:
        """Take up when the last events came, as far as the database counted them."""
        self.take(await calls.read(inbox.last_heard))

    def take(self, heard: Mapping[tuple[str, str], int]) -> None:
        """(account, event type) -> when the last of them was processed."""
        for (account, event_type), last_ms in heard.items():
            state = self.of(account)
            if event_type == TYPE:
                self.told(account, max(last_ms, state.poll_ms or 0))
            elif event_type.startswith(_CALLS):
                self.webhook(account, event_type, max(last_ms, state.webhook_ms or 0))
            else:
                self.webhook(account, event_type, max(last_ms, state.other_ms or 0))

    def of(self, account: str) -> PbxState:
        """What is known of this account."""
        return self._states.get(account, PbxState())

    def webhook(self, account: str, event_type: str, now_ms: int) -> None:
        """A signed webhook was accepted; only one about a call shows that calls need no polls."""
        if event_type.startswith(_CALLS):
            self._set(account, webhook_ms=now_ms)
        else:
            self._set(account, other_ms=now_ms)

    def told(self, account: str, now_ms: int) -> None:
        """A poll found news and stored it."""
        self._set(account, poll_ms=now_ms)

    def looked(self, account: str, now_ms: int) -> None:
        """The PBX answered a poll: it works."""
        self._set(account, look_ms=now_ms, problem=None)

    def polls(
        self,
        account: str,
        way: Way,
        *,
        worst_delay_s: float = 0.0,
        cloud: bool = False,
        unseen: tuple[str, ...] = (),
    ) -> None:
        """How polls go now."""
        self._set(account, way=way, worst_delay_s=worst_delay_s, cloud=cloud, unseen=unseen)
        if way is Way.OFF:
            self._set(account, problem=None)

    def failed(self, account: str, sentence: str) -> None:
        """Polls fail: why."""
        self._set(account, problem=sentence)

    def forget(self, account: str) -> None:
        """The account is gone."""
        self._states.pop(account, None)

    def document(self, account: str, now_ms: int) -> dict[str, Any]:
        """The state as JSON, with `alive`."""
        state = self.of(account)
        return {**asdict(state), "way": state.way.value, "alive": state.alive(now_ms)}

    def sentences(self, account: PbxAccount, now_ms: int) -> tuple[Finding, ...]:
        """What a person should know of this account's events, and what to do."""
        state = self.of(account.name)
        found: list[Finding | None] = [_of_webhooks(account, state, now_ms)]
        if account.events is not EventsWay.WEBHOOK:
            found.append(_of_polls(account, state, now_ms))
            found.append(_of_unseen(account, state))
        return tuple(each for each in found if each is not None)

    def _set(self, account: str, **values: Any) -> None:
        self._states[account] = replace(self.of(account), **values)


def _of_webhooks(account: PbxAccount, state: PbxState, now_ms: int) -> Finding | None:
    if account.events is EventsWay.POLLING:
        return None
    remedy = _SWITCH_ON.format(name=account.name)
    # Polls do the work meanwhile, so it is a hint then.
    lacking = Level.HINT if state.alive(now_ms)["polling"] else Level.MISSING
    if not account.listening:
        return Finding(
            lacking, f"{account.name} has no webhook secret, so no webhook can be accepted.", remedy
        )
    if state.webhook_ms is None:
        if state.other_ms is not None:
            sentence = f"Webhooks come from {account.name}, but none of them is about a call."
            return Finding(lacking, sentence, _CHOOSE)
        return Finding(lacking, f"No webhook has come from {account.name} yet.", remedy)
    age = _age(now_ms - state.webhook_ms)
    if state.alive(now_ms)["webhook"]:
        return Finding(Level.OK, f"Webhooks arrive from {account.name}: the last one came {age} ago.")
    return Finding(
        Level.HINT,
        f"The last webhook from {account.name} came {age} ago.",
        "If there were calls since, look at it in WMS under PBX → Integrations → Cloud integrations.",
    )


def _of_polls(account: PbxAccount, state: PbxState, now_ms: int) -> Finding:
    name = account.name
    if (trouble := _trouble_of_polls(account, state, now_ms)) is not None:
        return trouble
    if state.way is Way.OFF:
        return Finding(Level.HINT, f"Linedesk does not look up the calls of {name} now.")
    last = f" The last news came {_age(now_ms - state.poll_ms)} ago." if state.poll_ms is not None else ""
    if state.way is Way.WATCH:
        return Finding(Level.OK, f"Polling only watches over the live calls of {name}.{last}")
    if not state.worst_delay_s:
        return Finding(Level.OK, f"Polling of {name} waits until an agent signs in.{last}")
    means = "presence from the cloud" if state.cloud else "the calls of each signed-in agent in turn"
    sentence = (
        f"Linedesk polls {name} ({means}): a ring shows after {state.worst_delay_s:g} s at the latest.{last}"
    )
    return Finding(Level.OK, sentence)


def _trouble_of_polls(account: PbxAccount, state: PbxState, now_ms: int) -> Finding | None:
    """Why polls see nothing now; None: they do what they should."""
    name = account.name
    level = Level.HINT if state.alive(now_ms)["webhook"] else Level.MISSING
    if account.credential is None:
        sentence = f"{name} has no credential, so Linedesk can't look up calls where no webhook comes."
        return Finding(level, sentence, "Put a token into the account.")
    if state.problem is not None:
        return Finding(level, f"Linedesk can't look up the calls of {name}: {state.problem}")
    late = state.look_ms is not None and not within(state.look_ms, now_ms, _LOOK_ALIVE_MS)
    if late and state.worst_delay_s and state.look_ms is not None:
        quiet = _age(now_ms - state.look_ms)
        return Finding(
            level, f"{name} has answered no poll for {quiet}: calls that come meanwhile show late."
        )
    return None


def _of_unseen(account: PbxAccount, state: PbxState) -> Finding | None:
    if not state.unseen or state.problem is not None:
        return None
    some = ", ".join(state.unseen[:_SHOWN])
    more = f" and {len(state.unseen) - _SHOWN} more" if len(state.unseen) > _SHOWN else ""
    return Finding(
        Level.HINT,
        f"{account.name} doesn't show Linedesk the calls of {some}{more}, so polling can't see them ring.",
        "Use a company API key with `callcontrol:read` or the token of an administrator, and look that each "
        "agent's extension is one of the PBX.",
    )


def _age(age_ms: int) -> str:
    seconds = max(0, age_ms) // 1000
    for length, word in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= length:
            count = seconds // length
            return f"{count} {word}{'s' if count != 1 else ''}"
    return "a moment"
