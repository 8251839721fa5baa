"""The decoder: both generations, presence, and every odd thing a body may hold."""

from __future__ import annotations

import contextlib
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linedesk.calls.model import CallEvent, LegStatus, PresenceEvent, Stage, Telephony
from linedesk.errors import HookNotJson
from linedesk.pbx.wildix.events import Decoded, decode
from linedesk.pbx.wildix.fields import clean_name, time_ms, whole
from tracking import Watcher, names, script


def _decode(body: Any) -> Decoded:
    return decode("a", json.dumps(body).encode())


def _call(body: dict[str, Any]) -> CallEvent:
    event = _decode(body).event
    assert isinstance(event, CallEvent)
    return event


def _body(kind: str = "call:update", **data: Any) -> dict[str, Any]:
    return {"id": "e1", "time": 1764000000100, "type": kind, "data": data}


def test_generation_a_is_one_leg_without_an_index() -> None:
    first, second = _call(script("01-inbound-answered-a")[0]), _call(script("01-inbound-answered-a")[1])
    assert (first.stage, first.at_ms, first.call_id) == (
        Stage.START,
        1764000000100,
        "gb_w000042_1764000000.11",
    )
    assert first.legs[0].index is None
    assert first.legs[0].callee is None
    callee = second.legs[0].callee
    assert callee is not None
    assert (callee.local, callee.extension, callee.email) == (True, "201", "luca@example.test")
    assert second.legs[0].status is LegStatus.UNKNOWN


def test_generation_b_is_a_leg_for_each_flow() -> None:
    event = _call(script("08-blind-transfer")[-1])
    assert (event.stage, [leg.index for leg in event.legs], event.end_cause) == (Stage.END, [0, 1], "16")
    assert [leg.talk_ms for leg in event.legs] == [29_600, 40_000]
    assert event.started_ms == 1764000000000


@pytest.mark.parametrize(
    ("kind", "trigger", "stage"),
    [("call:start", None, Stage.START), ("call:update", None, Stage.UPDATE), ("call:end", None, Stage.END),
     ("call:live:progress", "call.start", Stage.START), ("call:live:progress", "call.update", Stage.UPDATE),
     ("call:live:completed", "call.start", Stage.END), ("call:live:interrupted", None, Stage.END),
     ("call:completed", None, Stage.RECORD)],
)  # fmt: skip
def test_stage_of_each_type(kind: str, trigger: str | None, stage: Stage) -> None:
    assert _call(_body(kind, eventTrigger=trigger)).stage is stage


def test_data_id_is_preferred_to_the_envelope_id() -> None:
    assert _call(_body(id="call-7")).call_id == "call-7"
    assert _call(_body(id=None)).call_id == "e1"
    assert _call(_body(id=17)).call_id == "17"


def test_telephony_presence() -> None:
    body = {"id": "p", "time": 5, "type": "presence:telephony",
            "data": {"extension": 201, "status": "Talking", "sourceId": 77}}  # fmt: skip
    assert _decode(body).event == PresenceEvent("a", 5, Telephony.TALKING, "201", None, "77")
    body["data"] = {"extension": "201", "status": "rt"}
    event = _decode(body).event
    assert isinstance(event, PresenceEvent)
    assert event.status is Telephony.OTHER


@pytest.mark.parametrize("kind", ["presence:user", "presence:conference", "call:live:transcription"])
def test_known_types_that_say_nothing_about_a_call(kind: str) -> None:
    assert _decode(_body(kind)) == Decoded(None, kind, known=True)


def test_an_unknown_type_is_named_and_makes_no_event() -> None:
    assert _decode(_body("chat:message")) == Decoded(None, "chat:message", known=False)


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"\xff\xfe", b"[]", b"null", b"3", b'{"type":"call:start"}', b'{"data":{}}',
     b'{"type":"call:start","data":[]}', b'{"type":null,"data":{}}', b"[" * 100_000, b'{"type":'],
)  # fmt: skip
def test_a_body_without_an_envelope_is_refused_in_one_sentence(body: bytes) -> None:
    with pytest.raises(HookNotJson) as caught:
        decode("a", body)
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("time", [None, "soon", -5, True, 1e400, [], "9" * 5000])
def test_a_call_without_a_time_or_an_id_is_known_and_makes_no_event(time: Any) -> None:
    body = _body()
    body["time"] = time
    assert _decode(body) == Decoded(None, "call:update", known=True)
    assert _decode({"type": "call:update", "time": 5, "data": {}}).event is None


def test_K01_markup_in_a_name_stays_text_and_direction_characters_go() -> None:
    party = {
        "type": "REMOTE",
        "phone": "+442079460018",
        "name": "\u202e<img src=x onerror=alert(1)>\x00\u2066 \n Bob",
    }
    caller = _call(_body(caller=party)).legs[0].caller
    assert caller is not None
    assert caller.name == "<img src=x onerror=alert(1)> Bob"


def test_a_name_that_repeats_the_number_is_no_name() -> None:
    caller = _call(_body(caller={"phone": "+33199001234", "name": "+33199001234"})).legs[0].caller
    assert caller is not None
    assert caller.name is None


def test_party_without_a_type_is_marked_as_a_guess() -> None:
    event = _call(_body(caller={"phone": "+33199001234"}, callee={"userExtension": "201"}))
    caller, callee = event.legs[0].caller, event.legs[0].callee
    assert caller is not None
    assert callee is not None
    assert (caller.local, caller.typed, callee.local, callee.typed) == (False, False, True, False)


def test_a_flow_without_an_index_has_its_place_in_the_list() -> None:
    assert [leg.index for leg in _call(_body(flows=[{"flowIndex": None}, 7, {"flowIndex": "x"}])).legs] == [
        0,
        1,
    ]


@given(st.text(max_size=400))
def test_a_cleaned_name_is_short_harmless_and_stays_as_it_is(name: str) -> None:
    clean = clean_name(name)
    assert len(clean) <= 200
    assert clean == clean.strip() == clean_name(clean)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in clean)
    steering = {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}
    assert not any(unicodedata.bidirectional(char) in steering for char in clean)


def test_emoji_with_a_joiner_and_the_word_null_survive() -> None:
    assert clean_name("\U0001f469\u200d\U0001f4bb Mia") == "\U0001f469\u200d\U0001f4bb Mia"
    assert clean_name("null") == "null"


def test_times_and_whole_numbers() -> None:
    assert time_ms("2025-11-24T16:00:00.100Z") == 1764000000100
    assert time_ms("2025-11-24T16:00:00") is None
    assert (whole("12"), whole(3.6), whole(float("nan")), whole(True), whole("1.5")) == (
        12,
        4,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("beside_flows", [False, True])
def test_tags_are_whole_bounded_and_plain_in_both_generations(beside_flows: bool) -> None:
    odd: list[Any] = [
        "vip",
        "vip",
        "a\u202eb\x00c\r\nd",
        "<b>x</b>",
        "x" * 121,
        "y" * 10_240,
        "\x00",
        "",
        None,
        {},
        [],
        4711,
    ]
    a = _call(_body(tags=odd)).legs[0].tags
    data: dict[str, Any] = {"flows": [{"flowIndex": 0}, {"flowIndex": 1, "tags": ["own"]}]}
    data |= {"tags": odd} if beside_flows else {}
    data["flows"][0]["tags"] = [] if beside_flows else odd
    first, second = _call(_body("call:live:progress", **data)).legs
    assert a == first.tags
    assert second.tags == ((*a, "own") if beside_flows else ("own",))
    assert a[0] == "vip"
    assert a[-2:] == ("<b>x</b>", "4711")
    assert len(a) == 4
    assert all(tag.isprintable() and len(tag) <= 120 for tag in a)


def test_of_a_thousand_tags_fifty_are_read() -> None:
    assert len(_call(_body(tags=[f"t{n}" for n in range(1_000)])).legs[0].tags) == 50


@pytest.mark.parametrize("tags", [None, "vip", 7, {"a": 1}, True])
def test_tags_that_are_no_list_are_none(tags: Any) -> None:
    assert _call(_body(tags=tags)).legs[0].tags == ()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["201", "LOCAL", "+442079460018", "HOLD", "call.start"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_FIELDS = [
    "flows", "caller", "callee", "type", "phone", "name", "userExtension", "userId", "email", "role",
    "status", "talkTime", "flowIndex", "destination", "remotePhone", "tags", "queueName", "start", "endCause",
    "id", "extension", "sourceId", "eventTrigger", "startTime", "endTime", "time",
]  # fmt: skip


@st.composite
def _nearly(draw: st.DrawFn) -> dict[str, Any]:
    """A real body with some of its fields, at any depth, replaced by anything."""
    body = json.loads(json.dumps(draw(st.sampled_from([each for name in names() for each in script(name)]))))

    def spoil(node: Any) -> Any:
        if isinstance(node, dict):
            known = {key: spoil(value) for key, value in node.items()}
            for key in draw(st.lists(st.sampled_from(_FIELDS), max_size=2)):
                known[key] = draw(_json)
            return known
        return [spoil(each) for each in node] if isinstance(node, list) else node

    body["data"] = spoil(body["data"])
    body["time"] = draw(st.just(body["time"]) | _json)
    return dict(body)


@settings(max_examples=50, deadline=None)
@given(st.lists(_nearly(), min_size=1, max_size=4))
def test_nearly_right_bodies_never_raise_in_decoder_or_tracker(bodies: list[dict[str, Any]]) -> None:
    watcher = Watcher()
    for body in bodies:
        decoded = _decode(body)
        assert decoded.known
        watcher.feed(body)
    watcher.sweep(2_000_000_000_000)


@given(st.binary(max_size=60))
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    with contextlib.suppress(HookNotJson):
        assert decode("a", body).event_type
