"""The bus within one process."""

from __future__ import annotations

from linedesk.bus.base import Frame
from linedesk.bus.local import LocalBus


class Ear:
    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.closed: list[tuple[str, str]] = []

    def deliver(self, frame: Frame) -> None:
        self.frames.append(frame)

    def close(self, code: str, message: str) -> None:
        self.closed.append((code, message))


class Leaver(Ear):
    """Leaves the bus in the middle of a delivery."""

    def __init__(self, bus: LocalBus) -> None:
        super().__init__()
        self.bus = bus

    def deliver(self, frame: Frame) -> None:
        super().deliver(frame)
        self.bus.unsubscribe("luca", self)


def test_C12_a_frame_reaches_every_socket_of_its_agent_and_no_other() -> None:
    bus, luca_1, luca_2, mia = LocalBus(), Ear(), Ear(), Ear()
    bus.subscribe("luca", luca_1)
    bus.subscribe("luca", luca_2)
    bus.subscribe("mia", mia)
    assert bus.publish("luca", {"type": "call"}) == 2
    assert luca_1.frames == luca_2.frames == [{"type": "call"}]
    assert mia.frames == []
    assert bus.publish("nobody", {"type": "call"}) == 0


def test_C01_a_socket_that_subscribes_twice_hears_once() -> None:
    bus, ear = LocalBus(), Ear()
    bus.subscribe("luca", ear)
    bus.subscribe("luca", ear)
    assert bus.publish("luca", {"type": "me"}) == 1
    assert len(ear.frames) == 1


def test_cut_closes_the_agents_sockets_only() -> None:
    bus, luca, mia = LocalBus(), Ear(), Ear()
    bus.subscribe("luca", luca)
    bus.subscribe("mia", mia)
    assert bus.cut("luca", "revoked", "Signed out.") == 1
    assert luca.closed == [("revoked", "Signed out.")]
    assert mia.closed == []


def test_leaving_in_the_middle_of_a_delivery_disturbs_no_one() -> None:
    bus, after = LocalBus(), Ear()
    bus.subscribe("luca", Leaver(bus))
    bus.subscribe("luca", after)
    assert bus.publish("luca", {"type": "me"}) == 2
    assert bus.publish("luca", {"type": "me"}) == 1
    assert len(after.frames) == 2


def test_unsubscribing_the_unknown_is_no_error() -> None:
    LocalBus().unsubscribe("luca", Ear())
