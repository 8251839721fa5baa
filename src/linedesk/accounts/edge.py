"""The TOML file of `linedesk apply`, checked key by key. What it means for the present setup is in `plan`.

Every key is optional here: a key that is left out changes nothing. An empty string clears a text.
An app's own keys are checked by its own settings, in `plan`: only there it is known which app it is.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from linedesk.accounts.addresses import check_account_url, check_origin
from linedesk.accounts.edge_rules import MOST_RULES, MatchingTable, RuleTable, TagRuleTable
from linedesk.accounts.edge_sync import TABLES as SYNC_TABLES
from linedesk.accounts.edge_sync import ConnectionTable, wrong_rules
from linedesk.accounts.edge_table import Table
from linedesk.accounts.keys import app_keys, every_secret_key
from linedesk.accounts.model import EventsWay, TokenKind
from linedesk.accounts.references import resolved
from linedesk.accounts.sentences import keys_of, sentence, unknown_key
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


def _password(text: str) -> str:
    if not text.isprintable() or len(text) > 256:
        raise ValueError("a password has at most 256 characters, and no control characters")
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
Password = Annotated[str, AfterValidator(_password)]
Word = Annotated[str, Field(pattern=r"^[\x21-\x7e]{0,256}$")]
Cap = Annotated[int, Field(ge=0, le=100_000)]
Hour = Annotated[int, Field(ge=0, le=23)]
Rules = Annotated[list[RuleTable], Field(max_length=MOST_RULES)]


class AccountTable(Table):
    """A PBX account's keys; those of an app's own settings are its extra ones."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    remove: bool = False
    app: str = ""
    url: Annotated[str, AfterValidator(_or_empty(_address))] = ""
    enabled: bool = True
    region: Region = ""
    internal_pattern: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_pattern)] = ""
    outside_line: Annotated[str, Field(pattern=r"^[0-9]{0,5}$")] = ""
    prefix_rules: Rules = Field(default_factory=list)
    dial_rules: Rules = Field(default_factory=list)
    tag_rules: Annotated[list[TagRuleTable], Field(max_length=MOST_RULES)] = Field(default_factory=list)
    webhook_secret: Secret = ""
    webhook_secret_previous: Secret = ""
    token: Secret = ""
    token_kind: Annotated[TokenKind, Field(strict=False)] = TokenKind.SIMPLE
    oauth_client_id: Word = ""
    oauth_client_secret: Secret = ""
    oauth_refresh_token: Secret = ""
    s2s_app_id: Word = ""
    s2s_app_name: Annotated[str, Field(max_length=128)] = ""
    s2s_secret: Secret = ""
    login: Word = ""
    password: Password = ""
    allow_password: bool = False
    sign_in_client_id: Word = ""
    sign_in_client_secret: Secret = ""
    events: Annotated[EventsWay, Field(strict=False)] = EventsWay.AUTO
    cloud_url: Annotated[str, AfterValidator(_or_empty(_address))] = ""
    requests_per_s: Annotated[int, Field(ge=1, le=50)] = 5
    private: bool = False

    def given(self) -> dict[str, Any]:
        """The keys that stand in the file, an app's own included."""
        return {**super().given(), **(self.model_extra or {})}


class AgentTable(Table):
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


class DiallingTable(Table):
    stopped: bool = False
    countries: list[Region] = Field(default_factory=list)
    denied_prefixes: list[Prefix] = Field(default_factory=list)
    allowed_prefixes: list[Prefix] = Field(default_factory=list)
    per_minute: Cap = 0
    per_hour: Cap = 0
    per_day: Cap = 0
    night_per_hour: Cap = 0
    night_from_hour: Hour = 0
    night_to_hour: Hour = 0
    per_destination_per_hour: Cap = 0
    at_once: Cap = 0
    company_per_hour: Cap = 0


class SetupFile(Table):
    origins: list[Annotated[str, AfterValidator(check_origin)]] | None = None
    accounts: dict[Annotated[str, AfterValidator(_name)], AccountTable] = Field(default_factory=dict)
    connections: dict[Annotated[str, AfterValidator(_name)], ConnectionTable] = Field(default_factory=dict)
    agents: dict[Annotated[str, AfterValidator(check_login)], AgentTable] = Field(default_factory=dict)
    dialling: DiallingTable = DiallingTable()
    matching: MatchingTable = MatchingTable()


_TABLES: Mapping[str, type[BaseModel]] = {
    **SYNC_TABLES,
    "": SetupFile,
    "accounts.prefix_rules": RuleTable,
    "accounts.dial_rules": RuleTable,
    "accounts.tag_rules": TagRuleTable,
    "agents": AgentTable,
    "dialling": DiallingTable,
    "matching": MatchingTable,
}


def parse(text: str, where: str, folder: Path | None = None) -> SetupFile:
    """The file's content, or `ApplyError` with a sentence for each wrong key; `where` names the file.

    Secrets by reference are read now; `folder` is where a relative path of one begins.
    """
    try:
        document = resolved(tomllib.loads(text), every_secret_key(), folder or Path(), os.environ)
        file = SetupFile.model_validate(document)
    except tomllib.TOMLDecodeError as error:
        raise ApplyError(f"{where} is not valid TOML: {error}.") from None
    except ValidationError as error:
        items = error.errors(include_url=False, include_input=False)
        sentences = [sentence(dict(item), _TABLES) for item in items]
        raise ApplyError(f"{where}: {'; '.join(dict.fromkeys(sentences))}.") from None
    wrong = [each for name, table in file.accounts.items() for each in _of_app(name, table.model_extra or {})]
    wrong += wrong_rules(file.connections)
    if wrong:
        raise ApplyError(f"{where}: {'; '.join(wrong)}.")
    return file


def _of_app(account: str, extra: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with an account's keys that are an app's own, as far as no app must be known for it."""
    known, secrets = app_keys(), every_secret_key()
    for key, value in sorted(extra.items()):
        path = f"accounts.{account}.{key}"
        if key not in known:
            yield unknown_key(path, {*known, *keys_of(AccountTable)})
        elif key in secrets and not _is_secret_text(value):
            # The value itself stays out of the sentence.
            yield f"`{path}`: a secret is a text of at most 4096 characters, without control characters"


def _is_secret_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 4096 and value.isprintable()
