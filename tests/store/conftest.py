"""Databases on the newest schema, in a folder of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from linedesk.store.migrate import Stores, open_stores


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    stores = await open_stores(tmp_path / "data")
    yield stores
    await stores.close()
