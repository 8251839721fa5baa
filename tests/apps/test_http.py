"""What the apps share of HTTP: a sentence for every status, patience in the background, no secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from apps.freshdesk_house import Fault, Flying, says
from linedesk.addresses import Reach
from linedesk.apps.base import Refused, Unsure
from linedesk.apps.http import AppHttp, Remedies, object_in, one_line, rows_in
from linedesk.budget_learned import LearnedBudget
from linedesk.errors import (
    VendorAuth,
    VendorBusy,
    VendorError,
    VendorForbidden,
    VendorGarbled,
    VendorNotFound,
    VendorRefused,
    VendorRouteMissing,
    VendorTimeout,
    VendorUnreachable,
)
from linedesk.net import HttpClient, Reply

WHO = "The CRM (crm)"
REMEDIES = Remedies(credential="Make a new key.", rights="Give it the right.", address="Correct the address.")
OK = says(200, {"id": 1})


class Server:
    """Gives `answers` in turn, the last one again and again."""

    def __init__(self, answers: tuple[Fault, ...]) -> None:
        self.answers = list(answers)
        self.seen: list[str] = []
        self.clock = Flying()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request.method)
        await request.read()
        return await (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])(request)


@asynccontextmanager
async def asking(*answers: Fault, timeout_s: float = 5.0) -> AsyncIterator[tuple[Server, AppHttp]]:
    server = Server(answers)
    site = web.Application()
    site.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    http = AppHttp(
        HttpClient(url, who=WHO, timeout_s=timeout_s, reach=Reach(loopback=True)),
        LearnedBudget(server.clock, WHO, limit=100),
        server.clock,
        headers={"Authorization": "Bearer planted"},
        remedies=REMEDIES,
        judge=lambda _reply: None,
        secrets=("planted",),
    )
    try:
        yield server, http
    finally:
        await http.close()
        await runner.cleanup()


async def broken(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@pytest.mark.parametrize(
    ("status", "error", "remedy"),
    [
        (400, VendorRefused, "Correct the record"),
        (401, VendorAuth, "new key"),
        (403, VendorForbidden, "the right"),
        (404, VendorNotFound, "gone"),
        (405, VendorRouteMissing, "address"),
        (418, VendorRefused, "Correct the record"),
        (429, VendorBusy, "Linedesk goes on"),
        (500, VendorError, "again"),
        (502, VendorTimeout, "again"),
        (503, VendorBusy, "Wait"),
        (504, VendorTimeout, "again"),
    ],
)
async def test_every_status_is_one_clear_sentence_with_a_remedy(
    status: int, error: type[VendorError], remedy: str
) -> None:
    async with asking(says(status)) as (_, http):
        with pytest.raises(VendorError) as raised:
            await http.ask("/x", interactive=True)
    assert type(raised.value) is error
    assert str(raised.value).startswith(WHO)
    if status != 429:  # by then the gate is closed, and says so itself
        assert f"(HTTP {status})" in str(raised.value)
    assert remedy in raised.value.remedy


@pytest.mark.parametrize("status", [200, 403, 404])
async def test_a_web_page_is_no_answer(status: int) -> None:
    async with asking(says(status, text="<html>Sign in", kind="text/html")) as (_, http):
        with pytest.raises(VendorGarbled, match="a web page instead of data"):
            rows_in(await http.ask("/x"))


@pytest.mark.parametrize("text", ["", '{"id": 1', "null", "5", '["x"]', "[[1]]"])
async def test_what_is_neither_object_nor_list_is_told_apart(text: str) -> None:
    async with asking(says(200, text=text)) as (_, http):
        reply = await http.ask("/x")
        for read in (object_in, rows_in):
            with pytest.raises(VendorGarbled, match=r"^The CRM \(crm\)") as raised:
                read(reply)
            assert "PBX" not in raised.value.remedy


@pytest.mark.parametrize("fault", [says(502), says(503, Retry_After="60"), says(504), broken])
async def test_background_reads_are_patient_and_people_are_not_kept_waiting(fault: Fault) -> None:
    async with asking(fault, fault, OK) as (server, http):
        before_ms = server.clock.now_ms()
        await http.ask("/x")
        assert len(server.seen) == 3
        assert server.clock.now_ms() - before_ms >= 5_000


async def test_a_pause_that_is_too_long_is_not_waited_for() -> None:
    async with asking(says(503, Retry_After="3600")) as (server, http):
        with pytest.raises(VendorBusy, match="asks to wait 3600 s"):
            await http.ask("/x")
        assert len(server.seen) == 1


async def test_patience_ends() -> None:
    async with asking(says(504)) as (server, http):
        with pytest.raises(VendorTimeout):
            await http.ask("/x")
        assert len(server.seen) == 4


async def test_S22_after_a_429_the_gate_says_when_to_go_on() -> None:
    async with asking(says(429, Retry_After="45"), OK) as (server, http):
        before_ms = server.clock.now_ms()
        assert isinstance(await http.write("POST", "/x", {}), dict)
        assert server.clock.now_ms() - before_ms >= 45_000
        assert server.seen == ["POST", "POST"]


@pytest.mark.parametrize("fault", [broken, says(500), says(503), says(504), says(200, text="{")])
async def test_S06_a_write_without_a_whole_answer_is_unsure_and_was_sent_once(fault: Fault) -> None:
    async with asking(fault, OK) as (server, http):
        outcome = await http.write("POST", "/x", {})
        assert isinstance(outcome, Unsure)
        assert outcome.error.remedy
        assert server.seen == ["POST"]


@pytest.mark.parametrize("status", [400, 404, 405, 409, 415])
async def test_S16_a_write_that_is_refused_is_an_outcome(status: int) -> None:
    async with asking(says(status)) as (_, http):
        assert isinstance(await http.write("PUT", "/x", {}), Refused)


async def test_a_write_that_never_left_is_raised() -> None:
    async with asking(OK) as (_, http):
        await http.close()
    gone = HttpClient("http://127.0.0.1:9", who=WHO, timeout_s=1.0, reach=Reach(loopback=True))
    clock = Flying()
    http = AppHttp(gone, LearnedBudget(clock, WHO), clock, headers={}, remedies=REMEDIES, judge=_unread)
    with pytest.raises(VendorUnreachable) as raised:
        await http.write("POST", "/x", {})
    assert "PBX" not in raised.value.remedy
    await http.close()


def _unread(_reply: Reply) -> None:
    """No reading of its own."""


@given(st.text(max_size=400))
def test_words_of_others_are_one_short_visible_line(text: str) -> None:
    line = one_line(text + " the-secret " + text, ("the-secret",))
    assert len(line) <= 200
    assert "the-secret" not in line
    assert line == " ".join(line.split())
    assert not set(line) & set("\n\r\u2028\u202e\x00")


@pytest.mark.parametrize("value", [None, 5, [], {}])
def test_words_that_are_no_text_are_none(value: Any) -> None:
    assert one_line(value) == ""
