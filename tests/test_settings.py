"""Settings of the process: sources, their order, and clear words for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from linedesk.errors import ConfigError
from linedesk.settings import load_settings


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
