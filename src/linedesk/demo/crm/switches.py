"""The switches of the CRM site: how its pages behave, and how its API does.

Each has the true-to-life value by default; another value is a fault, or a variant of the wire that
`crm.md` marks as unsure. Delays are seconds.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from linedesk.demo.switches import CrmSwitches

Plan = Literal["unlimited", "trial", "growth", "pro", "enterprise"]
Seconds = Annotated[float, Field(ge=0, le=3600)]
Chance = Annotated[int, Field(ge=0, le=1_000_000)]


class FreshdeskSwitches(CrmSwitches):
    """Pages and API. `plan` `unlimited` sends the headers of a very large plan and never refuses."""

    # limits
    plan: Plan = "unlimited"
    calls_per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = None
    list_calls_per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = None
    retry_after: Literal["seconds", "date", "none"] = "seconds"

    # what the wire page is unsure of
    since_spelling: Literal["_updated_since", "updated_since", "both"] = "_updated_since"
    unique_mobile: bool = False
    unique_phone: bool = False
    external_id_filter: bool = False
    duplicate_names_holder: bool = True
    last_page: Annotated[int, Field(ge=1, le=100_000)] | None = None
    search_lag_s: Seconds = 120.0
    required_custom_field: bool = False

    # faults of answers
    api_fault: Literal[
        "none",
        "401",
        "403",
        "429",
        "500",
        "502",
        "503",
        "504",
        "html",
        "error-in-200",
        "truncated",
        "hang",
        "slow",
        "reset",
    ] = "none"
    fault_after: Chance = 0
    """Requests that still get a good answer before `api_fault` begins."""
    fault_for: Chance | None = None
    """Requests that the fault hits before all is well again; null: until it is switched off."""
    api_delay_s: Seconds = 0.0

    # faults of listings
    listing_fault: Literal[
        "none", "repeat", "loop", "empty-page", "skip", "foreign-link", "duplicate-rows"
    ] = "none"
    change_mid_walk: Literal["none", "insert", "edit", "delete"] = "none"

    # faults of writes
    write_fault: Literal["none", "stored-answer-lost", "accepted-not-stored"] = "none"
    cut_text_at: Annotated[int, Field(ge=1, le=100_000)] | None = None
    reformat_numbers: bool = False
    trim_text: bool = False
