"""Secrets at rest: the key file, rotation, keys that do not fit."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from linedesk.accounts.vault import Vault
from linedesk.errors import ConfigError, StoreError


def new_key() -> str:
    return Fernet.generate_key().decode()


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    vault = Vault([new_key()])
    blob = vault.seal("office", {"token": "access_abc"})
    assert b"access_abc" not in blob
    assert vault.unseal("office", blob) == {"token": "access_abc"}
    assert vault.unseal("office", None) == {}


def test_a_blob_serves_its_own_account_only() -> None:
    vault = Vault([new_key()])
    with pytest.raises(StoreError, match="office"):
        vault.unseal("branch", vault.seal("office", {"token": "x"}))


def test_rotation_opens_old_blobs_and_seals_with_the_newest_key() -> None:
    old_key, newest_key = new_key(), new_key()
    old, both = Vault([old_key]), Vault([newest_key, old_key])
    blob = old.seal("office", {"token": "x"})
    assert both.unseal("office", blob) == {"token": "x"}
    assert not both.is_current(blob)
    renewed = both.seal("office", both.unseal("office", blob))
    assert both.is_current(renewed)
    assert Vault([newest_key]).unseal("office", renewed) == {"token": "x"}


def test_a_key_that_does_not_fit_is_one_clear_sentence_without_the_key() -> None:
    key = new_key()
    blob = Vault([new_key()]).seal("office", {"token": "x"})
    with pytest.raises(ConfigError, match="does not fit the stored secrets of `office`") as caught:
        Vault([key]).unseal("office", blob)
    assert key not in str(caught.value)


@pytest.mark.parametrize("keys", [[], ["short"], ["not base64 at all!"], ["é" * 44]])
def test_a_malformed_key_is_refused_without_showing_it(keys: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        Vault(keys)
    assert not any(key in str(caught.value) for key in keys)


def test_the_key_file_is_made_once_with_mode_600(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    blob = Vault.open(None, folder).seal("office", {"token": "x"})
    path = folder / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault.open("", folder).unseal("office", blob) == {"token": "x"}
    assert [each.name for each in folder.iterdir()] == ["secret.key"]


def test_two_processes_at_the_first_start_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        vaults = list(threads.map(lambda _: Vault.open(None, tmp_path), range(8)))
    blob = vaults[0].seal("office", {"token": "x"})
    assert all(vault.unseal("office", blob) == {"token": "x"} for vault in vaults)


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Vault.open(None, tmp_path)
    (tmp_path / "secret.key").chmod(0o640)
    with pytest.raises(ConfigError, match="can be read by other users") as caught:
        Vault.open(None, tmp_path)
    assert "chmod 600" in caught.value.remedy


def test_the_file_may_hold_several_keys_and_comments_newest_first(tmp_path: Path) -> None:
    old_key, newest_key = new_key(), new_key()
    path = tmp_path / "secret.key"
    path.touch(mode=0o600)
    path.write_text(f"# rotated in spring\n{newest_key}\n\n{old_key}\n")
    vault = Vault.open(None, tmp_path)
    assert vault.unseal("office", Vault([old_key]).seal("office", {"a": "b"})) == {"a": "b"}
    assert vault.is_current(Vault([newest_key]).seal("office", {}))


def test_an_emptied_key_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.touch(mode=0o600)
    with pytest.raises(ConfigError, match="no key"):
        Vault.open(None, tmp_path)
    assert path.read_text() == ""


def test_the_setting_wins_over_the_file(tmp_path: Path) -> None:
    key = new_key()
    vault = Vault.open(f"{key},{new_key()}", tmp_path)
    assert not (tmp_path / "secret.key").exists()
    assert vault.is_current(Vault([key]).seal("office", {}))


def test_a_data_folder_that_is_a_file_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(ConfigError, match=r"secret\.key"):
        Vault.open(None, tmp_path / "data")
