"""Settings of the process, and only of the process.

Sources, later ones win: defaults, config.toml, environment (`LINEDESK_…`), a secrets folder (one file
a setting). Accounts, agents and rules live in the database (`linedesk apply`).
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from linedesk.errors import ConfigError


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
    trusted_proxies: list[str] = Field(
        default_factory=list, description="Addresses or networks whose X-Forwarded-For is believed."
    )
    log_format: Literal["console", "json"] = Field("console", description="How log lines look.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    hook_body_max_bytes: int = Field(262_144, ge=1024, description="Largest webhook body accepted.")
    request_body_max_bytes: int = Field(65_536, ge=1024, description="Largest body of any other request.")
    inbox_keep_days: int = Field(7, ge=1, description="How long raw events are kept.")
    history_keep_days: int = Field(
        365, ge=1, description="How long the call history and the dial attempts are kept."
    )
    call_silence_s: int = Field(
        14_400, ge=60, description="A live call without news for this long is closed."
    )
    ring_silence_s: int = Field(
        180, ge=30, description="A call that only rings and has no news for this long is closed."
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
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token for /metrics. Empty: only from this machine."
    )

    @property
    def base_url(self) -> str:
        """The public address without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The file comes in by `init_settings`, so it must be weaker than the environment here.
        return file_secret_settings, env_settings, init_settings


def load_settings(path: Path | None = None, *, secrets_dir: Path | None = None, **overrides: Any) -> Settings:
    """Read `path` (TOML), the environment and `secrets_dir`; `overrides` come from the command line and win.

    Raises `ConfigError` with one line for each wrong value or unknown key.
    """
    data = _read_toml(path) if path is not None else {}
    if path is not None and isinstance(data.get("data_dir"), str):
        # A folder in the file is meant relative to the file, wherever the command is run from.
        data["data_dir"] = str(path.parent / data["data_dir"])
    known = {name: value for name, value in overrides.items() if value is not None}
    where = str(path) if path is not None else "the settings"
    try:
        settings = Settings(**data, _secrets_dir=secrets_dir)  # type: ignore[call-arg]
        return settings if not known else Settings.model_validate({**_as_input(settings), **known})
    except ValidationError as error:
        raise ConfigError(f"{where}: {_sentence(error)}") from None


def _as_input(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in Settings.model_fields}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path} is not there.", remedy="Copy config.example.toml to it, or leave --config out."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from None


def _sentence(error: ValidationError) -> str:
    parts = []
    for item in error.errors(include_url=False, include_input=False):
        name = ".".join(str(step) for step in item["loc"]) or "the file"
        if item["type"] == "extra_forbidden":
            parts.append(f"`{name}` is not a setting")
        else:
            parts.append(f"`{name}`: {item['msg'].lower()}")
    return "; ".join(parts) + "."
