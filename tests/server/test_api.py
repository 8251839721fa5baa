"""The HTTP API: who may ask, what is checked, what is answered."""

from __future__ import annotations

from typing import Any

import pytest

from linedesk.agents.sessions import BROWSER
from linedesk.errors import ConfirmationNeeded, DestinationDenied, NotSignedIn
from server.house import LUCA, MIA, PASSWORD, House, item


async def ask(house: House, method: str, path: str, **options: Any) -> tuple[int, Any]:
    async with house.http.request(method, house.base + path, **options) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else None


async def test_user_and_password_for_a_token_that_works(house: House) -> None:
    status, document = await ask(house, "POST", "/api/session", json={"user": "luca", "password": PASSWORD})
    assert status == 200
    assert document["expires_at"] == house.clock.now_ms() + 15 * 60_000
    headers = {"Authorization": f"Bearer {document['token']}"}
    assert (await ask(house, "GET", "/api/me", headers=headers))[1]["id"] == LUCA.id


async def test_repeated_failures_are_throttled(house: House) -> None:
    answers = [
        await ask(house, "POST", "/api/session", json={"user": "luca", "password": "no"}) for _ in range(6)
    ]
    assert [status for status, _ in answers] == [401] * 5 + [429]
    assert answers[-1][1]["error"]["code"] == "too_many"
    assert house.sign_in.addresses[0] == "127.0.0.1"


async def test_ending_the_session_ends_the_token(house: House) -> None:
    headers = await house.bearer()
    assert (await ask(house, "DELETE", "/api/session", headers=headers))[0] == 204
    status, document = await ask(house, "GET", "/api/me", headers=headers)
    assert (status, document["error"]["code"]) == (401, "not_signed_in")


async def test_a_code_is_good_once(house: House) -> None:
    status, document = await ask(house, "POST", "/api/session/code", headers=await house.bearer())
    assert status == 200
    assert document["expires_at"] == house.clock.now_ms() + 60_000
    assert (await house.tokens.take_code(document["code"])).agent_id == LUCA.id
    with pytest.raises(NotSignedIn):
        await house.tokens.take_code(document["code"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/session"),
        ("POST", "/api/session/code"),
        ("GET", "/api/me"),
        ("PATCH", "/api/me"),
        ("GET", "/api/contacts?q=a"),
        ("GET", "/api/lookup?number=1"),
        ("GET", "/api/history"),
        ("GET", "/api/colleagues"),
        ("POST", "/api/calls"),
    ],
)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic bHVjYTpwdw=="])
async def test_no_answer_without_a_good_token(
    house: House, method: str, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    # A cookie is no bearer token: the API does not look at it.
    headers |= await house.cookie()
    status, document = await ask(house, method, path, headers=headers)
    assert (status, document["error"]["code"]) == (401, "not_signed_in")
    assert house.people.asked == []
    assert house.dialling.dialled == []


async def test_own_settings_change_and_every_socket_hears(house: House) -> None:
    heard: list[Any] = []

    class Ear:
        def deliver(self, frame: Any) -> None:
            heard.append(frame)

        def close(self, code: str, message: str) -> None:
            raise AssertionError(code + message)

    house.bus.subscribe(LUCA.id, Ear())
    headers = await house.bearer()
    status, document = await ask(house, "PATCH", "/api/me", headers=headers, json={"open_page": "ring"})
    assert (status, document["open_page"]) == (200, "ring")
    assert heard == [{"type": "me", "agent": document}]
    assert (await ask(house, "GET", "/api/me", headers=headers))[1] == document
    status, document = await ask(house, "PATCH", "/api/me", headers=headers, json={"open_page": "always"})
    assert (status, document["error"]["code"]) == (400, "bad_request")
    assert "open_page" in document["error"]["message"]


async def test_search_lookup_history_and_colleagues_ask_as_the_agent(house: House) -> None:
    headers = await house.bearer(MIA)
    status, document = await ask(house, "GET", "/api/contacts?q=anna&limit=5", headers=headers)
    assert (status, document["total"], document["more"]) == (200, 3, True)
    await ask(house, "GET", "/api/lookup?number=%2B390212345678", headers=headers)
    assert house.people.asked == [(MIA.id, "anna"), (MIA.id, "+390212345678")]
    await ask(house, "GET", "/api/history?limit=7&before=123&missed=1", headers=headers)
    await ask(house, "GET", "/api/history", headers=headers)
    assert house.history.asked == [(MIA.id, 7, 123, True), (MIA.id, 20, None, False)]
    _, document = await ask(house, "GET", "/api/colleagues", headers=headers)
    assert document == {"items": [{"extension": "201", "name": "Luca Rossi"}]}


async def test_a_lookup_says_whom_the_agent_chose_and_with_explain_why(house: House) -> None:
    anna = item("Anna", id="c1")
    house.people.found["sure"] = [anna, item("Bea", id="c2")]
    house.choosing.chosen[LUCA.id, "+390212345678"] = "c1"
    path, headers = "/api/lookup?number=%2B390212345678", await house.bearer()
    _, document = await ask(house, "GET", path, headers=headers)
    assert (document["picked"], "explain" in document) == ("c1", False)
    _, document = await ask(house, "GET", f"{path}&explain=0", headers=headers)
    assert "explain" not in document
    _, document = await ask(house, "GET", f"{path}&explain=1", headers=headers)
    assert document["explain"]["kind"] == "e164"
    assert house.people.asked[-1] == (LUCA.id, "explain +390212345678 c1")


@pytest.mark.parametrize(
    "path",
    [
        "/api/contacts?limit=0",
        "/api/contacts?limit=51",
        "/api/contacts?limit=many",
        f"/api/contacts?q={'x' * 201}",
        "/api/lookup",
        "/api/lookup?number=",
        "/api/lookup?number=1&explain=yes",
        "/api/history?before=-1",
        "/api/history?missed=maybe",
    ],
)
async def test_a_wrong_query_is_told_by_name(house: House, path: str) -> None:
    status, document = await ask(house, "GET", path, headers=await house.bearer())
    assert (status, document["error"]["code"]) == (400, "bad_request")
    assert "`" in document["error"]["message"]
    assert "x" * 201 not in document["error"]["message"]


@pytest.mark.parametrize(
    "written", ["+390212345678", "%2B390212345678", "tel:%2B390212345678", "%20390212345678"]
)
async def test_a_plus_that_a_link_lost_is_found_again(house: House, written: str) -> None:
    await ask(house, "GET", f"/api/lookup?number={written}", headers=await house.bearer())
    assert house.people.asked == [(LUCA.id, "+390212345678")]


async def test_C08_a_dial_goes_on_with_its_key_and_its_own_agent(house: House) -> None:
    headers = {**await house.bearer(), "Idempotency-Key": "key-1"}
    body = {"number": "+39 02 1234 5678", "origin": "search", "confirm": True}
    status, document = await ask(house, "POST", "/api/calls", headers=headers, json=body)
    assert (status, document) == (202, {"request": "request-key-1"})
    assert house.dialling.dialled == [(LUCA.id, "+39 02 1234 5678", "key-1", "search", True)]
    assert house.metric("linedesk_dials_total", state="accepted") == 1


@pytest.mark.parametrize(
    ("with_session", "given", "passed_on"),
    [
        (True, "dialpad", "dialpad"),
        (False, "dialpad", "client"),
        (True, "page", "page"),
        (False, "page", "page"),
        (False, "colleague", "colleague"),
    ],
)
async def test_only_a_browsers_token_speaks_for_the_dialpad(
    house: House, with_session: bool, given: str, passed_on: str
) -> None:
    value, _ = await house.sessions.start(LUCA.id, BROWSER)
    session = (await house.sessions.check(value, BROWSER)).hash if with_session else None
    headers = {"Authorization": f"Bearer {await house.token(session=session)}", "Idempotency-Key": "k"}
    status, _ = await ask(
        house, "POST", "/api/calls", headers=headers, json={"number": "*21#", "origin": given}
    )
    assert status == 202
    assert house.dialling.dialled == [(LUCA.id, "*21#", "k", passed_on, False)]


async def test_a_client_can_not_name_an_origin_of_the_inside(house: House) -> None:
    headers = {**await house.bearer(), "Idempotency-Key": "k"}
    body = {"number": "201", "origin": "client"}
    status, _ = await ask(house, "POST", "/api/calls", headers=headers, json=body)
    assert status == 400


@pytest.mark.parametrize("key", [None, "", "x" * 201, "tab\there"])
async def test_C08_no_dial_without_a_fitting_key(house: House, key: str | None) -> None:
    headers = await house.bearer() | ({} if key is None else {"Idempotency-Key": key})
    status, document = await ask(
        house, "POST", "/api/calls", headers=headers, json={"number": "+390212345678"}
    )
    assert (status, document["error"]["code"]) == (400, "bad_request")
    assert house.dialling.dialled == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": ""},
        {"number": 39},
        {"number": "1", "origin": "robot"},
        {"number": "1", "confirm": "yes"},
        [],
        None,
    ],
)
async def test_no_dial_with_a_wrong_body(house: House, body: Any) -> None:
    headers = {**await house.bearer(), "Idempotency-Key": "k"}
    status, document = await ask(house, "POST", "/api/calls", headers=headers, json=body)
    assert (status, document["error"]["code"]) == (400, "bad_request")
    assert house.dialling.dialled == []


async def test_a_refused_dial_is_answered_as_the_guard_said_and_counted(house: House) -> None:
    headers = {**await house.bearer(), "Idempotency-Key": "k"}
    house.dialling.refusal = ConfirmationNeeded("This number is unusual.")
    status, document = await ask(house, "POST", "/api/calls", headers=headers, json={"number": "+3999"})
    assert (status, document["error"]["code"]) == (409, "confirmation_needed")
    house.dialling.refusal = DestinationDenied("Premium numbers are refused.")
    await ask(house, "POST", "/api/calls", headers=headers, json={"number": "+3999"})
    assert house.metric("linedesk_dials_total", state="destination_denied") == 1


async def test_a_body_over_the_cap_and_one_that_is_no_json(house: House) -> None:
    headers = {**await house.bearer(), "Idempotency-Key": "k", "Content-Type": "application/json"}
    status, document = await ask(house, "POST", "/api/calls", headers=headers, data=b"x" * 65_537)
    assert (status, document["error"]["code"]) == (413, "too_large")
    status, document = await ask(house, "POST", "/api/calls", headers=headers, data=b"[" * 60_000)
    assert (status, document["error"]["code"]) == (400, "bad_request")


async def test_an_agent_switched_off_has_no_answer(house: House) -> None:
    headers = await house.bearer()
    del house.roster.agents[LUCA.id]
    assert (await ask(house, "GET", "/api/me", headers=headers))[0] == 401


async def test_unknown_addresses_and_methods_are_json_errors(house: House) -> None:
    status, document = await ask(house, "GET", "/api/nothing")
    assert (status, document["error"]["code"]) == (404, "not_found")
    status, document = await ask(house, "PUT", "/api/me")
    assert (status, document["error"]["code"]) == (405, "bad_request")
