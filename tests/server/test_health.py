"""Alive, ready, counted; and the address the service binds."""

from __future__ import annotations

from pathlib import Path

import pytest

from linedesk.errors import ConfigError, PortInUse
from linedesk.server.listen import listening
from server.house import House, open_house


async def test_ready_names_what_is_not(house: House) -> None:
    async with house.http.get(f"{house.base}/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ready"})
    house.ready["intake"] = False
    async with house.http.get(f"{house.base}/readyz") as answer:
        assert (answer.status, await answer.json()) == (503, {"status": "not ready", "failing": ["intake"]})
    async with house.http.get(f"{house.base}/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_metrics_are_for_this_machine(house: House) -> None:
    house.services.metrics.event("office", "call:live", known=True)
    house.services.metrics.event("office", "made up by a stranger", known=False)
    house.services.metrics.popup_delay(0.004)
    async with house.http.get(f"{house.base}/metrics") as answer:
        text = await answer.text()
        assert answer.status == 200
    assert 'linedesk_events_total{account="office",type="call:live"} 1.0' in text
    assert 'type="unknown"' in text
    assert "stranger" not in text
    assert 'linedesk_popup_delay_seconds_bucket{le="0.005"} 1.0' in text
    async with house.http.get(f"{house.base}/metrics", headers={"X-Forwarded-For": "127.0.0.1"}) as answer:
        assert answer.status == 403, "a proxy that is not trusted makes everyone look local"


async def test_a_metrics_token_is_asked_for_once_it_is_set(tmp_path: Path) -> None:
    async with open_house(tmp_path, metrics_token="measure") as house:
        for token, status in ((None, 401), ("wrong", 401), ("measure", 200)):
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            async with house.http.get(f"{house.base}/metrics", headers=headers) as answer:
                assert answer.status == status


async def test_a_port_in_use_is_one_sentence(house: House) -> None:
    port = int(house.base.rpartition(":")[2])
    with pytest.raises(PortInUse, match=str(port)):
        async with listening(house.app, "127.0.0.1", port):
            pass


async def test_an_address_of_another_machine_is_one_sentence(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        app = house.app
    with pytest.raises(ConfigError, match="can't listen"):
        async with listening(app, "192.0.2.1", 0):
            pass
