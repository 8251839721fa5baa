"""One fixture, `rig`, for every app under contract. A new app adds its line to `RIGS`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from contract.rig_freshdesk import freshdesk_rig
from contract.rig_phonebook import phonebook_rig
from contract.rigs import MemoryRig, Rig


@asynccontextmanager
async def memory_rig() -> AsyncIterator[Rig]:
    rig = MemoryRig()
    yield rig
    await rig.close()


RIGS: Mapping[str, Callable[[], AbstractAsyncContextManager[Rig]]] = {
    "freshdesk": freshdesk_rig,
    "memory": memory_rig,
    "wildix-phonebook": phonebook_rig,
}


@pytest.fixture(params=sorted(RIGS))
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with RIGS[request.param]() as opened:
        yield opened
