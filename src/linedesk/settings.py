"""Settings of the process, and only of the process.

Sources, later ones win: defaults, config.toml, environment (`LINEDESK_…`), a secrets folder (one file
a setting, named by `LINEDESK_SECRETS_DIR`), the command line. Accounts, agents and rules live in the
database (`linedesk apply`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from linedesk.errors import ConfigError

SECRETS_DIR = "LINEDESK_SECRETS_DIR"
_PREFIX = "linedesk_"


class Settings(BaseSettings):
    """Every setting with its default; units are in the names."""

    model_config = SettingsConfigDict(env_prefix="LINEDESK_", extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8420, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field(
        "", description="The address browsers and the PBX use, https:// in production. Empty: host and port."
    )
    data_dir: Path = Field(Path("data"), description="Folder of the databases and the secret key.")
    secret_key: SecretStr | None = Field(
        None,
        description="Keys that encrypt secrets at rest, newest first, separated by commas. "
        "Empty: the file secret.key in the data folder, made with mode 600 at first start.",
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="Addresses or networks whose X-Forwarded-For is believed."
    )
    log_format: Literal["console", "json"] = Field("console", description="How log lines look.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    hook_body_max_bytes: int = Field(262_144, ge=1024, description="Largest webhook body accepted.")
    request_body_max_bytes: int = Field(65_536, ge=1024, description="Largest body of any other request.")
    inbox_keep_days: int = Field(7, ge=1, description="How long raw events are kept.")
    activity_keep_days: int = Field(
        365, ge=1, description="How long it is kept what syncs did and found; the journal stays."
    )
    history_keep_days: int = Field(
        365, ge=1, description="How long the call history and the dial attempts are kept."
    )
    call_silence_s: int = Field(
        14_400, ge=60, description="A live call without news for this long is closed."
    )
    ring_silence_s: int = Field(
        180,
        ge=30,
        description="Popups of a call that only rings close after this long without news; its history row "
        "follows half an hour later, unless the PBX speaks of it again.",
    )
    popup_max_age_s: int = Field(
        900, ge=10, description="An event older than this opens no popup; it is still recorded."
    )
    token_minutes: int = Field(15, ge=1, description="Life of an agent's token for the API and the socket.")
    session_hours: int = Field(12, ge=1, description="Longest life of a browser session.")
    session_idle_minutes: int = Field(120, ge=1, description="A browser session unused for this long ends.")
    socket_queue_frames: int = Field(
        64, ge=4, description="Frames kept for a slow browser before its socket is cut and resyncs."
    )
    socket_hello_s: float = Field(10.0, gt=0, description="Time for a socket's first frame.")
    pbx_timeout_s: float = Field(10.0, gt=0, description="Deadline of one request to a PBX.")
    app_timeout_s: float = Field(30.0, gt=0, description="Deadline of one request to a CRM or other app.")
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token for /metrics. Empty: only from this machine."
    )

    @property
    def base_url(self) -> str:
        """The public address without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        """An environment variable or a secrets file holds a list as text, separated by commas."""
        if not isinstance(value, str):
            return value
        return [part for each in value.strip("[]").split(",") if (part := each.strip().strip("\"'"))]

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: list[str]) -> list[str]:
        for text in value:
            try:
                ip_network(text.strip(), strict=False)
            except ValueError:
                raise ValueError(f"{text!r} is no address or network") from None
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # `load_settings` reads the sources, once and in its order; a second validation must not read again.
        return (init_settings,)


def load_settings(path: Path | None = None, *, secrets_dir: Path | None = None, **overrides: Any) -> Settings:
    """Read `path` (TOML), the environment and the secrets folder; `overrides` are the command line's and win.

    `secrets_dir` is used instead of the folder that the environment names. An override of None is none.
    Raises `ConfigError` with one sentence that names each wrong value or unknown key and where it stands.
    """
    file = _read_toml(path) if path is not None else {}
    if path is not None and isinstance(file.get("data_dir"), str):
        # A folder in the file is meant relative to the file, wherever the command is run from.
        file["data_dir"] = str(path.parent / file["data_dir"])
    folder = secrets_dir or (Path(named) if (named := os.environ.get(SECRETS_DIR)) else None)
    sources: list[tuple[str, Mapping[str, Any]]] = [
        (str(path), file),
        ("the environment", EnvSettingsSource(Settings)()),
        (str(folder), _read_secrets(folder) if folder is not None else {}),
        ("the command line", {name: value for name, value in overrides.items() if value is not None}),
    ]
    merged = {name: value for _, values in sources for name, value in values.items()}
    origins = {name: where for where, values in sources for name in values}
    # Told apart here: pydantic-settings takes some names that begin with `_` as instructions to itself.
    unknown = [
        f"{origins[name]}: `{name}` is not a setting" for name in merged.keys() - Settings.model_fields
    ]
    if unknown:
        raise ConfigError("; ".join(sorted(unknown)) + ".")
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise ConfigError(_sentence(error, origins)) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path} is not there.", remedy="Copy config.example.toml to it, or leave --config out."
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{path} can't be read: {error.strerror}.",
            remedy="Name a file with --config that Linedesk's user may read.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from None


def _read_secrets(folder: Path) -> dict[str, str]:
    """The files of `folder` that are named like a setting, or `linedesk_` and a setting, which wins."""
    found: dict[str, str] = {}
    try:
        names = {file.name.lower(): file for file in folder.iterdir()}
        for setting in Settings.model_fields:
            file = names.get(_PREFIX + setting) or names.get(setting)
            if file is not None:
                found[setting] = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        at = getattr(error, "filename", None) or folder
        raise ConfigError(
            f"The secrets folder can't be used: {at}: {reason}.",
            remedy=f"Set {SECRETS_DIR} to a folder with one file a setting, which Linedesk's user may read.",
        ) from None
    return found


def _sentence(error: ValidationError, origins: Mapping[str, str]) -> str:
    parts = []
    for item in error.errors(include_url=False, include_input=False):
        name = str(item["loc"][0]) if item["loc"] else "the file"
        message = item["msg"].removeprefix("Value error, ")
        parts.append(f"{origins.get(name, 'the settings')}: `{name}`: {message[:1].lower()}{message[1:]}")
    return "; ".join(parts) + "."
