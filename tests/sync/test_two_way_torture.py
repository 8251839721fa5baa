"""S3 S4 S6: the real process of a two-way sync, ended by SIGKILL at random moments of its life.

5 kills as a rule; `make torture` makes 50. The seed of a run is in the text of a failure, and
`LINEDESK_TORTURE_SEED` takes it again.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from linedesk.demo.web import bind, port_of
from sync.kill_world import BOOK, WARM_UP, set_up, syncs, world
from sync.torture_world import Crowd, TwoWayWorld, killed_run, whole_runs

KILLS = 50 if os.environ.get("LINEDESK_TORTURE") == "1" else 5
SEED = int(os.environ.get("LINEDESK_TORTURE_SEED", "0")) or random.SystemRandom().randint(1, 1_000_000)


@pytest.mark.timeout(30 + 20 * KILLS)
@pytest.mark.parametrize("external_ids", [True, False], ids=["ids", "no-ids"])
async def test_S03_S04_S06_killed_at_random_moments_it_loses_and_doubles_nothing(
    tmp_path: Path, external_ids: bool
) -> None:
    chance = random.Random(SEED)
    async with syncs() as forks, world(tmp_path, _ports(), TwoWayWorld) as here:
        here.pbx.books.add_phonebook(BOOK)
        await set_up(here, external_ids=external_ids)
        crowd = Crowd(here, SEED)
        crowd.add()
        assert await forks.run(here, WARM_UP) == 0
        kills, runs = 0, 0
        while kills < KILLS:
            for _ in range(chance.randint(1, 2)):
                crowd.add()
            for _ in range(chance.randint(0, 4)):
                crowd.edit()
            before = crowd.seen()
            kills += await killed_run(forks, here, chance)
            crowd.check_nothing_is_lost(before)
            runs += 1
            assert runs < 6 * KILLS + 10, f"too few of the runs were killed, seed {SEED}"
            if chance.random() < 0.5:
                continue  # the next run is killed in its recovery
            before = crowd.seen()
            *_, last = await whole_runs(forks, here, 3)
            crowd.check_nothing_is_lost(before)
            assert (last["state"], last["writes"]) == ("done", 0), f"S02, seed {SEED}"
            crowd.check_at_rest()
        await whole_runs(forks, here, 2)
        crowd.check_at_rest()


def _ports() -> tuple[int, int]:
    sockets = bind(0), bind(0)
    ports = port_of(sockets[0]), port_of(sockets[1])
    for each in sockets:
        each.close()
    return ports
