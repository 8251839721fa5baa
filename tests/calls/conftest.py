"""The dialling service that the dialling tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from calls.dial_house import House
from linedesk.store.migrate import open_stores


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    stores = await open_stores(tmp_path / "data")
    built = House(stores.calls)
    yield built
    built.pbx.gate.set()
    for service in built.made:
        await service.close()
    await stores.close()
