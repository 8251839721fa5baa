"""The TOML file of `linedesk apply`, checked key by key. What it means for the present setup is in `plan`.

Every key is optional here: a key that is left out changes nothing. An empty string clears a text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from linedesk.accounts.addresses import check_account_url, check_origin
from linedesk.accounts.model import TokenKind
from linedesk.agents.model import OpenPage, Role
from linedesk.agents.rules import check_email, check_extension, check_login, check_name
from linedesk.errors import ApplyError
from linedesk.numbers.plans import territory

_ACCOUNT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_SECRET = re.compile(r"[\x21-\x7e]{8,4096}")


def _name(text: str) -> str:
    if not _ACCOUNT_NAME.fullmatch(text):
        raise ValueError(f"{text!r} must be 1 to 32 of a-z 0-9 _ - with a letter or digit first")
    return text


def _secret(text: str) -> str:
    if not _SECRET.fullmatch(text):
        # The value itself stays out of the sentence.
        raise ValueError("a secret has 8 to 4096 visible ASCII characters and no spaces")
    return text


def _or_empty(check: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: check(text) if text else text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


def _address(text: str) -> str:
    return check_account_url(text, path_allowed=True)


def _region(text: str) -> str:
    region = text.upper()
    if territory(region) is None:
        raise ValueError(f"{text!r} must be a country of ISO 3166 with a numbering plan, such as 'IT'")
    return region


Region = Annotated[str, Field(max_length=8), AfterValidator(_region)]
Prefix = Annotated[str, Field(pattern=r"^\+[0-9]{1,14}$")]
Secret = Annotated[str, AfterValidator(_or_empty(_secret))]
Cap = Annotated[int, Field(ge=0, le=100_000)]
Hour = Annotated[int, Field(ge=0, le=23)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def given(self) -> dict[str, Any]:
        """The keys that stand in the file, with their values."""
        return {name: getattr(self, name) for name in self.model_fields_set if name != "remove"}


class RuleTable(_Table):
    prefix: Annotated[str, Field(pattern=r"^[+0-9]{1,15}$")]
    replace: Annotated[str, Field(pattern=r"^\+?[0-9]{0,15}$")] = ""
    min_digits: Annotated[int, Field(ge=1, le=20)] = 8


class AccountTable(_Table):
    remove: bool = False
    app: str = ""
    url: Annotated[str, AfterValidator(_or_empty(_address))] = ""
    enabled: bool = True
    region: Region = ""
    internal_pattern: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_pattern)] = ""
    outside_line: Annotated[str, Field(pattern=r"^[0-9]{0,5}$")] = ""
    prefix_rules: Annotated[list[RuleTable], Field(max_length=50)] = []
    webhook_secret: Secret = ""
    webhook_secret_previous: Secret = ""
    token: Secret = ""
    token_kind: Annotated[TokenKind, Field(strict=False)] = TokenKind.SIMPLE
    private: bool = False


class AgentTable(_Table):
    remove: bool = False
    name: Annotated[str, AfterValidator(check_name)] = ""
    role: Annotated[Role, Field(strict=False)] = Role.AGENT
    account: str = ""
    extension: Annotated[str, AfterValidator(_or_empty(check_extension))] = ""
    email: Annotated[str, AfterValidator(_or_empty(check_email))] = ""
    user_id: Annotated[str, Field(pattern=r"^[\x21-\x7e]{0,128}$")] = ""
    books: list[str] | Literal["all"] = "all"
    open_page: Annotated[OpenPage, Field(strict=False)] = OpenPage.ON_CLICK
    active: bool = True


class DiallingTable(_Table):
    stopped: bool = False
    countries: list[Region] = []
    denied_prefixes: list[Prefix] = []
    allowed_prefixes: list[Prefix] = []
    per_minute: Cap = 0
    per_hour: Cap = 0
    per_day: Cap = 0
    night_per_hour: Cap = 0
    night_from_hour: Hour = 0
    night_to_hour: Hour = 0
    per_destination_per_hour: Cap = 0
    at_once: Cap = 0
    company_per_hour: Cap = 0


class SetupFile(_Table):
    origins: list[Annotated[str, AfterValidator(check_origin)]] | None = None
    accounts: dict[Annotated[str, AfterValidator(_name)], AccountTable] = {}
    agents: dict[Annotated[str, AfterValidator(check_login)], AgentTable] = {}
    dialling: DiallingTable = DiallingTable()


def parse(text: str, where: str) -> SetupFile:
    """The file's content, or `ApplyError` with a sentence for each wrong key; `where` names the file."""
    try:
        return SetupFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ApplyError(f"{where} is not valid TOML: {error}.") from None
    except ValidationError as error:
        sentences = [_sentence(dict(item)) for item in error.errors(include_url=False, include_input=False)]
        raise ApplyError(f"{where}: {'; '.join(dict.fromkeys(sentences))}.") from None


def _sentence(item: dict[str, Any]) -> str:
    path = _path(item["loc"])
    if item["type"] == "extra_forbidden":
        return f"`{path}` is not a key that Linedesk knows"
    if item["type"] == "value_error":
        return f"`{path}`: {item['ctx']['error']}"
    if item["type"] == "missing":
        return f"`{path}` is missing"
    message: str = item["msg"]
    return f"`{path}`: {message[0].lower()}{message[1:]}"


def _path(steps: tuple[int | str, ...]) -> str:
    # Pydantic's own steps ("[key]", the branch of a union) mean nothing to the reader of the file.
    skipped = {"[key]", "literal['all']"}
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step + 1}]"
        elif step not in skipped and not step.startswith(("list[", "function-")):
            path += f".{step}" if path else step
    return path or "the file"
