"""Switches of the simulators: what `GET` and `PUT /_sim/switches` read and write.

A switch has its true-to-life value by default; another value is a fault or a variant of the wire that
`wildix.md` marks as unsure. Delays are seconds and are multiplied by `time_scale`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from linedesk.errors import BadRequest

Seconds = Annotated[float, Field(ge=0, le=3600)]
Rate = Annotated[float, Field(ge=0, le=1)]


class Switches(BaseModel):
    """Base of both tables: unknown names and wrong values are refused, nothing is half applied."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def changed(self, partial: Any) -> Self:
        """This table with the named switches changed; raises `BadRequest` with one sentence."""
        if not isinstance(partial, dict):
            raise BadRequest("Send a JSON object of switches to change.")
        try:
            return type(self).model_validate({**self.model_dump(), **partial})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            name = ".".join(str(step) for step in first["loc"])
            what = "is not a switch" if first["type"] == "extra_forbidden" else first["msg"].lower()
            raise BadRequest(
                f"`{name}`: {what}.", remedy="GET /_sim/switches shows every switch with its value."
            ) from None


class PbxSwitches(Switches):
    """The PBX's switches. Section numbers are those of the wire page's tick list."""

    # time
    time_scale: Annotated[float, Field(ge=0, le=100)] = 1.0
    ring_delay_s: Seconds = 0.2
    member_gap_s: Seconds = 0.0
    agent_answer_s: Seconds = 1.0
    far_ring_s: Seconds = 0.5
    far_answer_s: Seconds = 2.0
    ring_timeout_s: Seconds = 120.0
    record_delay_s: Seconds = 60.0

    # how phones behave (11.4)
    auto_answer_agent: bool = True
    auto_answer_far: bool = True
    far_result: Literal["answer", "busy", "reject", "ring"] = "answer"
    without_device: tuple[str, ...] = ()

    # what is delivered (11.5, 11.6)
    generation: Literal["A", "B"] = "B"
    call_events: bool = True
    presence_events: bool = True
    presence_outgoing: Literal["answer", "pickup", "none"] = "answer"
    final_record: bool = True
    cloud_analytics: bool = True
    wrong_first_direction: bool = True
    first_status_hold: bool = False
    queue_members_shown: bool = True
    missed_record_without_callee: bool = True
    other_envelope_id: bool = False
    drop_start: bool = False
    caller_number: Literal["e164", "national", "prefixed"] = "e164"
    participant_fields: Literal["usual", "null", "absent"] = "usual"
    status_spelling: Literal["usual", "lower", "unknown"] = "usual"
    unknown_events: bool = False
    withheld_as: Literal["anonymous", "empty", "null", "absent"] = "anonymous"

    # how it is delivered (11.5)
    signature: Literal["right", "wrong", "missing"] = "right"
    webhook_timeout_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    retry_delays_s: Annotated[tuple[Seconds, ...], Field(max_length=3)] = (1.0, 5.0, 15.0)
    late_s: Seconds = 0.0
    duplicate_rate: Rate = 0.0
    reorder_rate: Rate = 0.0
    reorder_hold_s: Seconds = 0.5
    split_spelling: Literal["upper", "lower", "absent"] = "upper"

    # who may do what (11.1)
    wms_version: Annotated[str, Field(pattern=r"^\d+\.\d+(\.\d+)*$")] = "7.09"
    unauthorised_form: Literal["envelope", "message", "html", "empty"] = "envelope"
    contacts_scope: Literal["phonebooks", "contacts"] = "phonebooks"
    no_public_write: tuple[str, ...] = ()
    write_refused_as: Literal[400, 401, 403] = 403
    user_param: Literal["refuse", "ignore"] = "refuse"
    basic_auth: bool = False
    session_life_s: Annotated[int, Field(ge=1, le=31_536_000)] = 3600
    clock_offset_s: Annotated[float, Field(ge=-86_400, le=86_400)] = 0.0
    oauth_life_s: Annotated[int, Field(ge=1, le=31_536_000)] = 3600
    refresh_rotates: bool = True

    # the API (11.2, 11.4)
    v2_absent: bool = False
    list_calls_shape: Literal["calls", "result"] = "calls"
    list_devices_shape: Literal["plain", "result"] = "plain"
    state_spelling: Literal["lower", "upper"] = "lower"
    unknown_call: Literal[400, 404] = 404
    attended_without_call: Literal["refuse", "blind"] = "refuse"
    total_as: Literal["usual", "string", "number", "mixed"] = "usual"
    ids_as: Literal["usual", "string", "number", "mixed"] = "usual"
    error_with_200: bool = False
    error_200_paths: tuple[str, ...] = ()
    redirect_on_slash: bool = False
    api_delay_s: Seconds = 0.0
    api_fault: Literal[
        "none",
        "html",
        "500",
        "503",
        "429",
        "hang",
        "truncated",
        "drop-before-accept",
        "drop-after-accept",
        "hang-after-accept",
    ] = "none"
    api_fault_paths: tuple[str, ...] = ()
    api_fault_times: Annotated[int, Field(ge=0)] | None = None
    rate_limit_per_s: Annotated[int, Field(ge=1, le=10_000)] | None = None
    retry_after_s: Annotated[int, Field(ge=0, le=3600)] | None = None
    duplicate_email: bool = False

    # phonebooks and contacts (11.3)
    count_max: Annotated[int, Field(ge=1, le=10_000)] | None = None
    page_fault: Literal["none", "repeat", "skip-row", "empty", "total-low", "total-high"] = "none"
    json_contact: Literal["refuse", "nameless"] = "refuse"
    invalid_contact_as: Literal[400, 500] = 400
    empty_clears: bool = True
    wipe_route: bool = True
    last_update_as: Literal["datetime", "epoch_s", "epoch_ms", "iso"] = "datetime"
    last_update_zone_h: Annotated[int, Field(ge=-12, le=14)] = 0
    writes_bump_last_update: bool = True
    writes_kept: bool = True
    text_max: Annotated[int, Field(ge=1)] | None = None

    # presence (11.6)
    personal_presence_get: bool = False
    cloud_absent: bool = False


class CrmSwitches(Switches):
    """The CRM site's switches."""

    auto_sign_in: bool = True
    loader: bool = True
    page_delay_s: Seconds = 0.0
