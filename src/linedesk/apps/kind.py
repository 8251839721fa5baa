"""What an app is to the registry: its pages, the keys of its accounts, and how an account is opened.

An app is one module that offers a `KIND`, and one line in `registry`. Nothing else names an app.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from linedesk.addresses import Reach
from linedesk.apps.base import App
from linedesk.apps.info import AppInfo
from linedesk.clock import Clock
from linedesk.numbers.model import NumberPlan
from linedesk.sync.model import MappingRow

_MOST_FIELDS = 50
_LONGEST = 200


class AppSettings(BaseModel):
    """Base of an app's own keys in an account's table (`url`, `app` and `enabled` are common to all).

    A field of type `SecretStr` is a secret: sealed in the database, never exported. Each field has a
    description and a default; the pages build their form from it. A value that only its owner can give
    (an API key) has the default None and is named by `missing`. `number_fields` every app has: it passes
    them to `apps.number_fields`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number_fields: tuple[str, ...] = Field(
        default=(),
        description="Fields that hold numbers of a contact. Empty: every phone field, custom ones included.",
    )

    @field_validator("number_fields", mode="before")
    @classmethod
    def _names(cls, given: object) -> tuple[str, ...]:
        names = given if isinstance(given, list | tuple) else [None]
        texts = [
            name.strip() for name in names if isinstance(name, str) and 0 < len(name.strip()) <= _LONGEST
        ]
        if len(texts) != len(names) or len(texts) > _MOST_FIELDS:
            raise ValueError(
                f'must be a list of at most {_MOST_FIELDS} names of fields, such as ["phone", "mobile"]'
            )
        return tuple(dict.fromkeys(texts))

    def missing(self) -> tuple[str, ...]:
        """Names of keys without which the account can't be opened."""
        return tuple(
            name
            for name, info in type(self).model_fields.items()
            if getattr(self, name) is None and info.annotation == SecretStr | None
        )


@dataclass(frozen=True, slots=True)
class AccountContext:
    """What an account is opened with. `who` begins sentences ("Freshdesk (crm)").

    `pbx`: gives the open client of a PBX account, for apps that live on one
    (`pbx.wildix.client.WildixClient`); raises `ConfigError`. `plan`: how numbers are read where the app
    stores them without a country.
    """

    name: str
    who: str
    url: str
    settings: Any
    plan: NumberPlan
    clock: Clock
    timeout_s: float
    reach: Reach
    pbx: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class AppKind:
    """One app. `open` raises `ConfigError`; without it the app is only a name with pages (a CSV file).

    `needs_url`: the account has an address of its own. `pbx_key`: the setting that names a PBX account.
    `place_keys`: further settings that tell one book from another (its address always does).
    `phonebook_rows`: the default mapping with the Wildix phonebook, this app as side A.
    `phone_book`: its contacts are there to ring with a name; one without a number is not made in it (H19).
    """

    info: AppInfo
    settings: type[AppSettings] | None = None
    open: Callable[[AccountContext], App] | None = None
    needs_url: bool = True
    pbx_key: str | None = None
    place_keys: tuple[str, ...] = ()
    phonebook_rows: tuple[MappingRow, ...] = ()
    phone_book: bool = False

    def secret_fields(self) -> tuple[str, ...]:
        """The keys that are sealed."""
        fields = self.settings.model_fields if self.settings is not None else {}
        return tuple(name for name, info in fields.items() if "SecretStr" in str(info.annotation))

    def defaults(self) -> Mapping[str, Any]:
        """Every key that is not a secret, with its default as a JSON value."""
        if self.settings is None:
            return {}
        secrets = set(self.secret_fields())
        return {
            name: value
            for name, value in self.settings().model_dump(mode="json").items()
            if name not in secrets
        }
