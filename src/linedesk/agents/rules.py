"""Rules about agents that hold however they are made: by `linedesk user`, by `apply`, by a page. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from linedesk.agents.model import Agent
from linedesk.errors import UserError

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_EXTENSION = re.compile(r"[0-9]{1,15}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_NAME_MAX = 120
# Isolates, overrides and marks: they could make a name read as something else.
_DIRECTION_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def check_login(text: str) -> str:
    """`text` if it can be a sign-in name, else `ValueError`."""
    if not _LOGIN.fullmatch(text):
        raise ValueError(
            f"{text!r} must be 1 to 64 of a-z 0-9 . _ @ + - in small letters, a letter or digit first"
        )
    return text


def check_extension(text: str) -> str:
    """`text` if it can be an extension, else `ValueError`."""
    if not _EXTENSION.fullmatch(text):
        raise ValueError(f"{text!r} must be an extension: digits only, 15 at most")
    return text


def check_email(text: str) -> str:
    """`text` if it can be an e-mail address, else `ValueError`."""
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise ValueError(f"{text!r} is not an e-mail address")
    return text


def check_name(text: str) -> str:
    """A person's name without white space around it, else `ValueError`."""
    name = text.strip()
    if not name or len(name) > _NAME_MAX:
        raise ValueError(f"a name has 1 to {_NAME_MAX} characters")
    if any(each in _DIRECTION_CONTROLS or unicodedata.category(each) in {"Cc", "Cs"} for each in name):
        raise ValueError("a name holds no control characters")
    return name


def settle(agents: Mapping[str, Agent], pbx: Collection[str]) -> dict[str, Agent]:
    """`agents` by login, with their extensions made consistent; `pbx` are the names of PBX accounts.

    An extension without an account belongs to the only PBX account. An agent who is switched off gives
    the extension up when another one takes it. Raises `UserError` for an account that is not there and
    for an extension that two active agents claim.
    """
    settled = {login: _with_account(agent, pbx) for login, agent in agents.items()}
    for login, agent in settled.items():
        if agent.account is not None and agent.account not in pbx:
            raise UserError(
                f"Agent `{login}` is in account `{agent.account}`, which is no PBX account.",
                remedy="Name a PBX account that exists, or add it with `linedesk apply`.",
            )
    active = _holders(agent for agent in settled.values() if agent.active)
    off: set[tuple[str, str]] = set()
    for login, agent in settled.items():
        place = _place(agent)
        if place is None or agent.active:
            continue
        # Of several who are off only one may keep it: the table holds each extension once.
        if place in active or place in off:
            settled[login] = replace(agent, extension=None)
        off.add(place)
    return settled


def _with_account(agent: Agent, pbx: Collection[str]) -> Agent:
    if agent.account is None and agent.extension is not None and len(pbx) == 1:
        return replace(agent, account=next(iter(pbx)))
    return agent


def _holders(agents: Iterable[Agent]) -> dict[tuple[str, str], str]:
    holders: dict[tuple[str, str], str] = {}
    for agent in agents:
        place = _place(agent)
        if place is None:
            continue
        if place in holders:
            raise UserError(
                f"Extension {place[1]} of `{place[0]}` can't be both `{holders[place]}` and `{agent.login}`.",
                remedy="Give one of them another extension, or switch one off with `linedesk user off`.",
            )
        holders[place] = agent.login
    return holders


def _place(agent: Agent) -> tuple[str, str] | None:
    if agent.account is None or agent.extension is None:
        return None
    return agent.account, agent.extension


def must_sign_in_again(before: Agent, after: Agent) -> bool:
    """Whether the change ends the agent's tokens and sessions: other rights, or other calls to see."""
    return (before.role, before.account, before.extension, before.books, before.active) != (
        after.role,
        after.account,
        after.extension,
        after.books,
        after.active,
    )
