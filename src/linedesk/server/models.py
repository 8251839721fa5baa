"""The bodies of the HTTP API as pydantic models: they check what comes in and describe what goes out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

END_OF_TIME_MS = 253_402_300_799_000  # the last second of 9999; SQL holds no number of any size
OpenPageName = Literal["ring", "answer", "click", "never"]
DialOrigin = Literal["dialpad", "search", "history", "page", "colleague"]
Slot = Field("main", pattern=r"^[a-z0-9]{1,16}$", description="Which of several widgets on one page.")


class In(BaseModel):
    """A request. Fields that are not known are ignored, so that a newer client works too."""

    model_config = ConfigDict(strict=True, frozen=True)


class Credentials(In):
    user: str = Field(min_length=1, max_length=128)
    password: str = Field(min_length=1, max_length=1024)


class CodeExchange(In):
    code: str = Field(min_length=1, max_length=512)
    slot: str = Slot


class SlotChoice(In):
    slot: str | None = Field(None, pattern=r"^[a-z0-9]{1,16}$")


class OwnSettings(In):
    open_page: OpenPageName


class DialBody(In):
    number: str = Field(min_length=1, max_length=128)
    origin: DialOrigin = "page"
    confirm: bool = False


class PickBody(In):
    number: str = Field(min_length=1, max_length=128)
    contact: str = Field(min_length=1, max_length=200, description="The `id` of a contact.")


class Query(BaseModel):
    """A query string: texts are read as numbers and switches."""

    model_config = ConfigDict(frozen=True)


class SearchQuery(Query):
    q: str = Field("", max_length=200)
    limit: int = Field(20, ge=1, le=50)


class NumberQuery(Query):
    number: str = Field(min_length=1, max_length=128)


class LookupQuery(NumberQuery):
    explain: Literal["0", "1"] = Field(
        "0", description="1: also how it was looked up, and why each won or lost."
    )


class HistoryQuery(Query):
    limit: int = Field(20, ge=1, le=50)
    before: int | None = Field(
        None, ge=0, le=END_OF_TIME_MS, description="Only calls that ended before this, epoch ms."
    )
    missed: Literal["0", "1"] = Field("0", description="1: only missed calls.")


class ErrorDetail(BaseModel):
    code: str
    message: str
    remedy: str


class ErrorAnswer(BaseModel):
    error: ErrorDetail


class TokenAnswer(BaseModel):
    token: str
    expires_at: int = Field(description="Epoch ms.")


class CodeAnswer(BaseModel):
    code: str
    expires_at: int = Field(description="Epoch ms.")


class MeAnswer(BaseModel):
    id: str
    login: str
    name: str
    role: Literal["agent", "viewer", "operator", "owner"]
    account: str | None
    extension: str | None
    open_page: OpenPageName
    region: str


class NumberItem(BaseModel):
    e164: str = Field(description="What to dial: E.164, or the digits of an internal number.")
    label: str
    display: str
    ext: str | None = Field(description="An extension, or digits to send after the answer.")


class ItemPage(BaseModel):
    id: str
    app: str
    app_title: str
    account: str
    page_url: str | None


class Item(BaseModel):
    id: str
    app: str
    app_title: str
    name: str
    company: str
    page_url: str | None
    pages: list[ItemPage]
    type: Literal["person", "company"]
    archived: bool
    blocked: bool
    numbers: list[NumberItem]
    emails: list[str]


class Create(BaseModel):
    app: str
    label: str
    url: str


class SearchAnswer(BaseModel):
    items: list[Item]
    total: int
    total_exact: bool
    more: bool


class FoundItem(Item):
    certainty: Literal["sure", "possible"]
    found_by: Literal["number", "tag"]
    reason: str


class Company(BaseModel):
    id: str | None
    app: str
    app_title: str
    name: str
    page_url: str | None


class LookupColleague(BaseModel):
    extension: str
    name: str


class Reading(BaseModel):
    value: str
    certain: bool


class LookupKey(BaseModel):
    key: str
    certainty: Literal["sure", "possible"]


class Candidate(BaseModel):
    """Why one contact won or lost; `place` is its entry's in the list, None for who is not in it."""

    id: str
    name: str
    type: Literal["person", "company"]
    app: str
    app_title: str
    account: str
    number: str | None
    label: str
    key: str | None
    verdict: Literal["sure", "possible", "rejected"]
    why: str
    place: int | None
    reasons: list[str]


class Explanation(BaseModel):
    kind: str
    notes: list[str]
    readings: list[Reading]
    keys: list[LookupKey]
    switchboards: list[str]
    candidates: list[Candidate]


class LookupAnswer(BaseModel):
    number: str | None
    kind: Literal["e164", "extension", "short", "emergency", "anonymous", "invalid"]
    display: str
    sure: list[FoundItem]
    possible: list[FoundItem]
    create: list[Create]
    company: Company | None
    colleague: LookupColleague | None
    picked: str | None
    explain: Explanation | None = None


class PickAnswer(BaseModel):
    number: str | None
    contact: FoundItem


class HistoryRow(BaseModel):
    id: str
    direction: Literal["inbound", "outbound", "internal"]
    state: str
    outcome: str
    number: str | None
    display: str
    name: str
    contact: FoundItem | None
    picked: bool = Field(description="The contact is the one that the agent chose for the number.")
    queue: str | None
    answered_by: list[str]
    answered_by_names: list[str]
    started_at: int
    answered_at: int | None
    ended_at: int


class HistoryAnswer(BaseModel):
    items: list[HistoryRow]
    more: bool


class ColleagueItem(BaseModel):
    extension: str
    name: str


class ColleaguesAnswer(BaseModel):
    items: list[ColleagueItem]


class DialAccepted(BaseModel):
    request: str
    notice: str | None = None


class HookAnswer(BaseModel):
    status: Literal["stored", "duplicate"]


class AppHookAnswer(BaseModel):
    status: Literal["heard"]


class HealthAnswer(BaseModel):
    status: str
