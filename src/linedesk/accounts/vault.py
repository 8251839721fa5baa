"""Encryption of secrets at rest: MultiFernet, the newest key first, each blob bound to its owner."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from linedesk.errors import ConfigError, StoreError

KEY_FILE = "secret.key"
_MAKE_ONE = (
    "Make a key with: python -c "
    "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
)


class Vault:
    """Seals with the first key, opens with any of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are Fernet keys, newest first. Raises `ConfigError` for none or a malformed one."""
        if not keys:
            raise ConfigError("`secret_key` holds no key.", remedy=_MAKE_ONE)
        try:
            fernets = [Fernet(key.encode("utf-8")) for key in keys]
        except ValueError:
            raise ConfigError(
                "`secret_key` holds something that is not a key (32 bytes in URL-safe base64).",
                remedy=_MAKE_ONE,
            ) from None
        self._newest = fernets[0]
        self._all = MultiFernet(fernets)

    @classmethod
    def open(cls, setting: str | None, data_dir: Path) -> Vault:
        """The vault of the setting (keys separated by commas), else of `secret.key` in `data_dir`.

        The file holds one key a line, newest first, and is made with mode 600 if it is not there.
        """
        if setting is not None and setting.strip():
            return cls(_split(setting.replace(",", "\n")))
        return cls(_split(_read_or_make(data_dir / KEY_FILE)))

    def seal(self, owner: str, values: Mapping[str, str]) -> bytes:
        """Encrypt `values` for `owner` (the account's name)."""
        return self._newest.encrypt(json.dumps({"owner": owner, "values": dict(values)}).encode("utf-8"))

    def unseal(self, owner: str, blob: bytes | None) -> dict[str, str]:
        """What was sealed for `owner`; nothing for None. Raises `ConfigError` if no key fits."""
        if blob is None:
            return {}
        try:
            document = json.loads(self._all.decrypt(blob))
        except InvalidToken:
            raise ConfigError(
                f"The secret key does not fit the stored secrets of `{owner}`.",
                remedy="Put the key back that belongs to this data folder (`secret_key`, or the file "
                "secret.key of the backup); a new key can't open what an old one closed.",
            ) from None
        if document["owner"] != owner:
            raise StoreError(
                f"The stored secrets of `{owner}` belong to `{document['owner']}`.",
                remedy="Someone changed the database by hand; restore a backup.",
            )
        values: dict[str, str] = document["values"]
        return values

    def is_current(self, blob: bytes) -> bool:
        """Whether the newest key closed it."""
        try:
            self._newest.decrypt(blob)
        except InvalidToken:
            return False
        return True


def _split(text: str) -> list[str]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _read_or_make(path: Path) -> str:
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            raise ConfigError(
                f"{path} can be read by other users of this machine.", remedy=f"Run: chmod 600 {path}"
            )
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The key file {path} can't be read or made: {error}.",
            remedy="Check the rights of the data folder, or set `secret_key`.",
        ) from None


def _make(path: Path) -> None:
    """Write the key under another name and link it: whoever sees the file sees all of it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike a rename, a link never replaces a key that another process made meanwhile.
            os.link(draft, path)
        except FileExistsError:
            return
        _sync_folder(path.parent)
    finally:
        draft.unlink()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
