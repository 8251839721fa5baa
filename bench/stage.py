"""Sets the stage of a measurement: a data folder with agents, tokens and contacts, and the service on it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from linedesk.agents.tokens import API, Tokens
from linedesk.clock import SystemClock
from linedesk.contacts.model import Contact, ContactNumber
from linedesk.numbers import NumberPlan
from linedesk.parts import opened_parts
from linedesk.settings import load_settings

SECRET = "a-webhook-secret-of-the-benchmark"
ACCOUNT = "office"
FIRST_EXTENSION = 10_000
PLAN = NumberPlan(region="GB", internal_pattern=r"\d{5}")


@dataclass(frozen=True, slots=True)
class Stage:
    """`tokens` by extension; `url` of the running service."""

    url: str
    tokens: dict[str, str]


def contacts(count: int) -> Iterator[Contact]:
    """`count` people with two numbers each; number i is +44 20 and eight digits."""
    for i in range(count):
        numbers = (ContactNumber(number_of(i), "work"), ContactNumber(f"+44121{5_000_000 + i:07d}", "home"))
        yield Contact(f"crm:{i}", "crm", "freshdesk", str(i), f"Person {i} Example", numbers=numbers)


def number_of(index: int) -> str:
    """The work number of contact `index`."""
    return f"+4420{70_000_000 + index:08d}"


async def prepare(
    folder: Path, agents: int, contact_count: int, more: str = "", plan: NumberPlan = PLAN
) -> dict[str, str]:
    """Fill a data folder; answers a token for each extension. `more` is set up too, as text for `apply`."""
    lines = [
        f'[accounts.{ACCOUNT}]\napp = "wildix"\nurl = "http://127.0.0.1:9"\nregion = "{plan.region}"',
        f"internal_pattern = '{plan.internal_pattern}'\nwebhook_secret = \"{SECRET}\"",
        '[accounts.crm]\napp = "freshdesk"\nurl = "https://bench.freshdesk.com"',
    ]
    lines.append(more)
    for i in range(agents):
        extension = FIRST_EXTENSION + i
        lines.append(
            f'[agents.a{extension}]\nname = "Agent {extension}"\nrole = "agent"\n'
            f'account = "{ACCOUNT}"\nextension = "{extension}"'
        )
    file = folder / "bench.toml"
    file.touch(0o600)  # it holds secrets
    file.write_text("\n".join(lines))
    (folder / "config.toml").write_text('data_dir = "data"\nport = 0\nlog_level = "warning"\n')
    await _run("apply", str(file), "--yes", "--config", str(folder / "config.toml"))
    async with opened_parts(load_settings(folder / "config.toml"), SystemClock()) as parts:
        # As in a folder that a service ran on: what comes in now is no book of an older version.
        await parts.reshow().step()
        await parts.directory.put(contacts(contact_count), plan)
        await parts.roster.refresh()
        minted, tokens = {}, Tokens(parts.stores.books, SystemClock())
        for agent in parts.roster.all():
            minted[str(agent.extension)] = (await tokens.mint(agent.id, API, None))[0]
        return minted


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[str]:
    """`linedesk serve` in its own process; gives its address."""
    async with serving(folder) as (url, _):
        yield url


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[str, int]]:
    """The same; gives its address and the id of its process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "linedesk",
        "serve",
        "--config",
        str(folder / "config.toml"),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(120):
            while True:
                line = (await process.stderr.readline()).decode()
                if not line:
                    raise RuntimeError("the service did not start")
                if "listens at " in line:
                    break
        yield line.rsplit(" ", 1)[1].strip(), process.pid
    finally:
        process.terminate()
        await process.wait()


async def _run(*arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "linedesk", *arguments, stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait() != 0:
        raise RuntimeError(f"linedesk {arguments[0]} failed")


def ring(call: int, extension: str, caller: str, now_ms: int) -> bytes:
    """The body of a call that rings `extension`, of the current generation."""
    call_id = f"bench_{call}"
    flow = {
        "flowIndex": 0,
        "duration": 0,
        "connectTime": 0,
        "talkTime": 0,
        "waitTime": 0,
        "caller": {"type": "REMOTE", "phone": caller, "name": "Ada Example", "role": "CLIENT"},
        "callee": {"type": "LOCAL", "phone": extension, "name": "Agent", "userExtension": extension},
        "destination": "+442079460100",
        "direction": "INBOUND",
        "remotePhone": caller,
        "status": "RINGING",
        "tags": [],
        "flags": [],
    }
    data = {"id": call_id, "event": "call", "eventTrigger": "call.start", "flows": [flow]}
    body = {
        "id": call_id,
        "pbx": "000000000042",
        "company": "bench",
        "time": now_ms,
        "type": "call:live:progress",
        "integrationId": "ab12cd",
        "data": data,
    }
    return json.dumps(body).encode()


def sign(body: bytes) -> str:
    """As Wildix signs: lower-case hex HMAC-SHA256 over the raw bytes."""
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
