"""Exactly one socket of an agent opens pages by itself."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from linedesk.server.openers import Openers


def test_the_last_focused_wins_and_the_one_before_takes_over() -> None:
    openers = Openers[str]()
    assert openers.join("a", visible=True) == {"a": True}
    assert openers.join("b", visible=True) == {"a": False, "b": True}
    assert openers.focus("a") == {"b": False, "a": True}
    assert openers.focus("a") == {}
    assert openers.join("c", visible=True) == {"c": False}
    assert openers.leave("c") == {}
    assert openers.leave("a") == {"b": True}
    assert openers.leave("b") == {}
    assert openers.opener is None


def test_without_a_focus_the_last_visible_wins_over_a_later_hidden_one() -> None:
    openers = Openers[str]()
    openers.join("visible", visible=True)
    assert openers.join("hidden", visible=False) == {"hidden": False}
    assert openers.opener == "visible"


def test_twelve_sockets_have_exactly_one_opener() -> None:
    openers, told = Openers[int](), dict[int, bool]()
    for socket in range(12):
        told |= openers.join(socket, visible=socket % 2 == 0)
    assert [socket for socket, opens in told.items() if opens] == [10]


class OneOpener(RuleBasedStateMachine):
    """Whatever joins, focuses and leaves: the sockets' own belief is always exactly one opener."""

    sockets: Bundle[int] = Bundle("sockets")

    def __init__(self) -> None:
        super().__init__()
        self.openers = Openers[int]()
        self.belief: dict[int, bool] = {}
        self.serial = 0

    @rule(target=sockets, visible=st.booleans())
    def join(self, visible: bool) -> int:
        self.serial += 1
        self.belief |= self.openers.join(self.serial, visible=visible)
        return self.serial

    @rule(socket=sockets)
    def focus(self, socket: int) -> None:
        self.belief |= self.openers.focus(socket)
        assert self.openers.opener == socket

    @rule(socket=consumes(sockets))
    def leave(self, socket: int) -> None:
        moved = self.openers.leave(socket)
        assert socket not in moved
        del self.belief[socket]
        self.belief |= moved

    @invariant()
    def exactly_one(self) -> None:
        believers = [socket for socket, opens in self.belief.items() if opens]
        assert len(believers) == (1 if self.belief else 0)


TestOneOpener = OneOpener.TestCase
