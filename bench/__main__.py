"""`make bench`: every figure beside its floor, in one table. `--quick` for a short look."""

from __future__ import annotations

import asyncio
import sys

from bench import planning, popup, pure, syncing
from bench.table import show


async def main() -> None:
    """Run all measurements, one after the other."""
    quick = "--quick" in sys.argv
    rows = [
        await popup.measure(
            agents=50 if quick else 500,
            contact_count=5_000 if quick else 100_000,
            rounds=100 if quick else 2_000,
            rate=50,
        ),
        await syncing.measure(
            agents=20 if quick else 100,
            contact_count=5_000 if quick else 20_000,
            synced=1_000 if quick else 10_000,
            rounds=100 if quick else 1_500,
            rate=20 if quick else 25,
        ),
        *planning.measure(5_000 if quick else 100_000, 3),
        *pure.measure(100 if quick else 2_000),
    ]
    show("Linedesk", rows)


if __name__ == "__main__":
    asyncio.run(main())
