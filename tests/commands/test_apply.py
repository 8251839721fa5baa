"""`linedesk apply` and `linedesk export` as a person runs them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands.running import Shell

SETUP = r"""
origins = ["https://crm.example.com"]
[accounts.office]
app = "wildix"
url = "https://acme.wildixin.com"
region = "IT"
internal_pattern = '\d{3}'
webhook_secret = "hook-secret-one"
token = "access_abcdefgh"
[accounts.crm]
app = "freshdesk"
url = "https://acme.freshdesk.com"
[agents.luca]
name = "Luca Rossi"
role = "agent"
account = "office"
extension = "201"
books = ["crm"]
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_apply_shows_asks_writes_and_then_has_nothing_to_change(shell: Shell) -> None:
    file = shell.file(SETUP)
    first = shell.run("apply", file, stdin="y\n")
    assert (first.code, first.err) == (0, "")
    assert "+ accounts.office" in first.out
    assert "    webhook_secret: set" in first.out
    assert "Written." in first.out
    second = shell.run("apply", file)
    assert (second.code, second.out) == (0, "Nothing to change.\n")


def test_no_is_no(shell: Shell) -> None:
    file = shell.file(SETUP)
    refused = shell.run("apply", file, stdin="n\n")
    assert refused.code == 0
    assert "Nothing was written." in refused.out
    assert shell.run("export", "--json").document["accounts"] == {}


def test_without_an_answer_nothing_is_written(shell: Shell) -> None:
    unanswered = shell.run("apply", shell.file(SETUP))
    assert unanswered.code == 1
    assert shell.run("export", "--json").document["accounts"] == {}


def test_yes_writes_without_asking_and_json_is_one_document(shell: Shell) -> None:
    file = shell.file(SETUP)
    looked = shell.run("apply", file, "--json")
    assert looked.document["applied"] is False
    assert {change["target"] for change in looked.document["changes"]} >= {"accounts.office", "agents.luca"}
    written = shell.run("apply", file, "--yes", "--json")
    assert written.document["applied"] is True
    assert written.document["changes"] == looked.document["changes"]
    again = shell.run("apply", file, "--yes", "--json")
    assert again.document == {"changes": [], "applied": False, "advice": []}


def test_an_export_applied_to_the_same_data_changes_nothing(shell: Shell) -> None:
    shell.run("apply", shell.file(SETUP), "--yes")
    exported = shell.run("export")
    assert exported.code == 0
    assert "https://linedesk.example/hooks/wildix/office" in exported.out
    assert shell.run("apply", shell.file(exported.out)).out == "Nothing to change.\n"


def test_an_export_applied_to_fresh_data_gives_the_same_export(shell: Shell, tmp_path: Path) -> None:
    shell.run("apply", shell.file(SETUP), "--yes")
    text = shell.run("export").out
    (tmp_path / "other").mkdir()
    other = Shell(tmp_path / "other")
    applied = other.run("apply", other.file(text), "--yes")
    assert applied.code == 0
    assert "`office` is not listening to calls" in applied.err
    assert other.run("export").out == re.sub("set, left out here; elsewhere: .*", "not set", text)


def test_an_export_says_how_its_secrets_get_into_other_data(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.run("apply", shell.file(SETUP), "--yes")
    text = re.sub("# .*; elsewhere: (.*)", "", shell.run("export").out)
    shown = dict(re.findall(r"# (\w+): set, left out here; elsewhere: (.*)", shell.run("export").out))
    assert shown == {
        "webhook_secret": 'webhook_secret = { env = "OFFICE_WEBHOOK_SECRET" }',
        "token": 'token = { env = "OFFICE_TOKEN" }',
    }
    monkeypatch.setenv("OFFICE_WEBHOOK_SECRET", "hook-secret-one")
    monkeypatch.setenv("OFFICE_TOKEN", "access_abcdefgh")
    table = "[accounts.office]\n"
    (tmp_path / "other").mkdir()
    other = Shell(tmp_path / "other")
    assert (
        other.run(
            "apply", other.file(text.replace(table, table + "\n".join(shown.values()) + "\n")), "--yes"
        ).code
        == 0
    )
    assert other.run("export").out == shell.run("export").out


def test_what_is_added_is_shown_in_the_order_of_the_keys_and_without_the_defaults(shell: Shell) -> None:
    ran = shell.run("apply", shell.file(SETUP), "--yes")
    office = ran.out.partition("+ accounts.office\n")[2].partition("+ ")[0].splitlines()
    assert [line.strip().partition(":")[0] for line in office] == [
        *("app", "internal_pattern", "url", "region", "webhook_secret", "token")
    ]


def test_secrets_that_others_can_read_are_named_with_the_way_out(shell: Shell) -> None:
    file = shell.file(SETUP)
    Path(file).chmod(0o640)
    ran = shell.run("apply", file, "--yes")
    assert ran.code == 0
    assert "Other users of this machine can read" in ran.err
    assert "accounts.office.webhook_secret" in ran.err
    assert f"chmod 600 {file}" in ran.err
    Path(file).write_text('[accounts.office]\ntoken = { env = "NOBODY" }\n')
    assert "Other users" not in shell.run("apply", file, "--yes").err


def test_a_file_of_a_windows_editor_is_read(shell: Shell) -> None:
    assert shell.run("apply", shell.file("\ufeff" + SETUP), "--yes").code == 0


def test_no_secret_leaves_the_house(shell: Shell) -> None:
    file = shell.file(SETUP)
    told = [shell.run("apply", file, "--json"), shell.run("apply", file, "--yes"), shell.run("export")]
    told += [
        shell.run("export", "--json"),
        shell.run("apply", shell.file("[accounts.office]\nremove = true")),
    ]
    for ran in told:
        assert "hook-secret-one" not in ran.out + ran.err
        assert "access_abcdefgh" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[accounts.office]\ncolour = 'red'", "`accounts.office.colour` is not a key that Linedesk knows"),
        ("= broken", "is not valid TOML"),
        ("[agents.luca]\nrole = 'agent'\nextension = '201'\naccount = 'nowhere'", "which is no PBX account"),
    ],
)
def test_a_wrong_file_is_one_sentence_and_exit_2(shell: Shell, text: str, sentence: str) -> None:
    ran = shell.run("apply", shell.file(text), "--yes")
    assert ran.code == 2
    assert ran.out == ""
    assert sentence in ran.err
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err


def test_a_file_that_is_not_there_is_one_sentence(shell: Shell) -> None:
    ran = shell.run("apply", str(shell.folder / "none.toml"))
    assert ran.code == 2
    assert "can't be read: No such file or directory" in ran.err


def test_a_lost_key_is_said_plainly_and_nothing_is_overwritten(shell: Shell) -> None:
    shell.run("apply", shell.file(SETUP), "--yes")
    key = shell.folder / "data" / "secret.key"
    kept = key.read_text()
    key.unlink()
    lost = shell.run("export")
    assert lost.code == 2
    assert "does not fit the stored secrets of `office`" in lost.err
    key.write_text(kept)
    assert shell.run("export").code == 0
