"""One fixture, `rig`, for every app under contract. A new app adds its line to `RIGS`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import stamina

from contract.rig_freshdesk import freshdesk_rig
from contract.rig_phonebook import phonebook_rig
from contract.rigs import MemoryRig, Rig


@asynccontextmanager
async def memory_rig(timeout_s: float = 1.0, **settings: Any) -> AsyncIterator[Rig]:
    rig = MemoryRig(**settings)
    yield rig
    await rig.close()


RIGS: Mapping[str, Callable[..., AbstractAsyncContextManager[Rig]]] = {
    "freshdesk": freshdesk_rig,
    "memory": memory_rig,
    "wildix-phonebook": phonebook_rig,
}


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Repeats of a request come at once; what is waited for by the clock, the rig's clock lets pass."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture(params=sorted(RIGS))
async def impatient_rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A rig whose requests have half a second."""
    async with RIGS[request.param](timeout_s=0.5) as opened:
        yield opened


@pytest.fixture(params=sorted(RIGS))
def opened(request: pytest.FixtureRequest) -> Callable[..., AbstractAsyncContextManager[Rig]]:
    """Opens a rig with settings of the test's choice."""
    return RIGS[request.param]


@pytest.fixture(params=sorted(RIGS))
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with RIGS[request.param]() as opened:
        yield opened
