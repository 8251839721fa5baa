"""Settings of the process: sources, their order, and clear words for what is wrong."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from linedesk.errors import ConfigError
from linedesk.settings import Settings, load_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, 'port = 1000\nhost = "::1"\n')
    assert load_settings(path).port == 1000
    monkeypatch.setenv("LINEDESK_PORT", "2000")
    settings = load_settings(path)
    assert (settings.port, settings.host) == (2000, "::1")
    assert load_settings(path, port=3000).port == 3000


def test_a_folder_in_the_file_is_meant_from_the_file(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, 'data_dir = "here"')).data_dir == tmp_path / "here"


def test_a_secret_may_come_from_a_folder_of_files(tmp_path: Path) -> None:
    (tmp_path / "linedesk_metrics_token").write_text("s3cret\n")
    token = load_settings(secrets_dir=tmp_path).metrics_token
    assert token is not None
    assert token.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(token)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot = 1", "`prot` is not a setting"),
        ("port = 70000", "`port`"),
        ('log_level = "loud"', "`log_level`"),
        ("port = ", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_one_clear_sentence_with_its_path(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert words in caught.value.message
    assert str(path) in caught.value.message
    assert "Traceback" not in caught.value.message
    assert caught.value.remedy


def test_a_file_that_is_not_there_says_what_to_copy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / "none.toml")
    assert "config.example.toml" in caught.value.remedy


def test_the_public_url_or_else_host_and_port_is_the_base() -> None:
    assert load_settings(public_url="https://desk.example/").base_url == "https://desk.example"
    assert load_settings(port=99).base_url == "http://127.0.0.1:99"


@pytest.mark.parametrize("port", [70_000, "many"])
def test_an_override_is_checked_like_any_other_value(port: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEDESK_PORT", "2000")
    with pytest.raises(ConfigError, match="the command line: `port`"):
        load_settings(port=port)


def test_an_override_that_is_no_setting_is_refused() -> None:
    with pytest.raises(ConfigError, match="the command line: `prot` is not a setting"):
        load_settings(prot=1)


def test_settings_are_not_read_again_when_they_are_validated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(port=3000)
    monkeypatch.setenv("LINEDESK_PORT", "2000")
    assert Settings.model_validate(settings.model_dump()).port == 3000


def test_a_folder_instead_of_the_file_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)
    assert caught.value.message == f"{tmp_path} can't be read: Is a directory."


def test_a_file_that_may_not_be_read_is_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "port = 1")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    # A mode would not stop the superuser, whom the tests may run as.
    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(ConfigError, match=r"config\.toml can't be read: Permission denied"):
        load_settings(path)


@pytest.mark.parametrize("key", ["_secrets_dir", "_env_file", "_env_prefix", "_case_sensitive", "Port"])
def test_a_key_that_only_the_library_knows_is_no_setting(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match=f"`{key}` is not a setting"):
        load_settings(write(tmp_path, f'{key} = "x"'))


@pytest.mark.parametrize("text", ["abc", "10.0.0.1,nowhere", '["10.0.0.1", "nowhere"]'])
def test_proxies_in_the_environment_that_are_no_addresses_are_one_clear_sentence(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEDESK_TRUSTED_PROXIES", text)
    with pytest.raises(ConfigError, match=r"the environment: `trusted_proxies`: .* is no address or network"):
        load_settings()


@pytest.mark.parametrize("text", ["10.0.0.1, ::1/128", '["10.0.0.1","::1/128"]'])
def test_proxies_in_the_environment_are_a_list(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEDESK_TRUSTED_PROXIES", text)
    assert load_settings().trusted_proxies == ["10.0.0.1", "::1/128"]


def test_a_wrong_value_is_told_with_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, 'log_level = "loud"')
    monkeypatch.setenv("LINEDESK_PORT", "many")
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert "the environment: `port`" in caught.value.message
    assert f"{path}: `log_level`" in caught.value.message


def test_the_environment_names_the_secrets_folder_which_wins_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "metrics_token").write_text("plain\n")
    (secrets / "LINEDESK_SECRET_KEY").write_text("key\n")
    (secrets / "something_else").write_text("not ours")
    monkeypatch.setenv("LINEDESK_SECRETS_DIR", str(secrets))
    monkeypatch.setenv("LINEDESK_METRICS_TOKEN", "weaker")
    settings = load_settings(write(tmp_path, 'metrics_token = "weakest"'))
    assert settings.metrics_token is not None
    assert settings.metrics_token.get_secret_value() == "plain"
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == "key"
    (secrets / "linedesk_metrics_token").write_text("prefixed\n")
    again = load_settings().metrics_token
    assert again is not None
    assert again.get_secret_value() == "prefixed"


def test_a_secrets_folder_that_is_not_there_is_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINEDESK_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(ConfigError, match=r"secrets folder can't be used: .*none: No such file") as caught:
        load_settings()
    assert "LINEDESK_SECRETS_DIR" in caught.value.remedy


def test_a_secrets_file_that_is_no_text_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigError, match="it is no text"):
        load_settings(secrets_dir=tmp_path)


@pytest.mark.parametrize("name", ["config.example.toml", "docs/administrators.md"])
def test_the_secrets_folder_is_documented(name: str) -> None:
    assert "LINEDESK_SECRETS_DIR" in (Path(__file__).parents[1] / name).read_text()


def test_an_ipv6_host_is_in_brackets() -> None:
    assert load_settings(host="::1", port=99).base_url == "http://[::1]:99"
