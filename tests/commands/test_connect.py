"""`linedesk connect` against the simulated PBX: the grant is kept, and everything else is one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from commands.running import Ran, Shell
from demo.rig import Rig, rig
from linedesk.accounts.connecting import Connecting
from linedesk.clock import SystemClock
from linedesk.parts import opened_parts
from linedesk.settings import load_settings

STATE = "connect.of-this-test"
BACK = "https://linedesk.example/sign-in/wildix/done"


@dataclass
class Desk:
    """A data folder with the account `office`, and the PBX with its application."""

    shell: Shell
    pbx: Rig
    application: dict[str, str]

    async def run(self, *arguments: str, stdin: str = "") -> Ran:
        return await asyncio.to_thread(self.shell.run, *arguments, stdin=stdin)

    async def consent(self, extension: str = "100", answer: str = "allow") -> str:
        """What an administrator says on the PBX's page; the address the browser is sent to."""
        form = {
            "response_type": "code",
            "client_id": self.application["client_id"],
            "redirect_uri": BACK,
            "state": STATE,
            "extension": extension,
            "answer": answer,
        }
        url = f"{self.pbx.pbx.url}/authorization/oauth2"
        async with self.pbx.http.post(url, data=form, allow_redirects=False) as reply:
            return str(reply.headers["Location"])

    async def identity(self) -> str:
        """As whom the PBX knows the account's credential; "" when it has none."""
        settings = load_settings(self.shell.config)
        async with opened_parts(settings, SystemClock()) as parts:
            report = await parts.checkup(serving=False).run()
        return report.accounts[0].identity


@asynccontextmanager
async def desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    # The state is known beforehand, so that the person can consent before the command waits.
    monkeypatch.setattr("linedesk.commands.connect.Connecting", partial(Connecting, state=STATE))
    async with rig() as pbx:
        app: dict[str, Any] = await pbx.sim("POST", "oauth", {"redirect_uris": [BACK]})
        made = Desk(Shell(folder), pbx, app)
        text = (
            f'[accounts.office]\napp = "wildix"\nurl = "{pbx.pbx.url}"\ncloud_url = "{pbx.pbx.url}"\n'
            f'region = "GB"\nrequests_per_s = 50\noauth_client_id = "{app["client_id"]}"\n'
            f'oauth_client_secret = "{app["client_secret"]}"\n'
        )
        applied = await made.run("apply", made.shell.file(text), "--yes")
        assert "run `linedesk connect office`" in applied.err
        yield made


async def test_the_account_acts_as_whoever_consented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(tmp_path, monkeypatch) as here:
        assert await here.identity() == ""
        address = await here.consent()
        ran = await here.run("connect", "office", stdin=f"{address}\ny\n")
        assert (ran.code, ran.err) == (0, "")
        assert BACK in ran.out
        assert f"{here.pbx.pbx.url}/authorization/oauth2?" in ran.out
        assert "The PBX says: Admin, extension 100. Act as this user?" in ran.out
        assert "Connected." in ran.out
        assert "extension 100" in await here.identity()
        # The refresh token changed by that use, and the new one was kept.
        assert "extension 100" in await here.identity()
        exported = (await here.run("export")).out
        assert "oauth_refresh_token: set" in exported
        assert here.application["client_secret"] not in exported + ran.out


async def test_no_means_that_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(tmp_path, monkeypatch) as here:
        ran = await here.run("connect", "office", stdin=f"{await here.consent()}\nn\n")
        assert ran.code == 0
        assert "Nothing was kept." in ran.out
        assert await here.identity() == ""


async def test_a_user_who_is_no_administrator_is_kept_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, monkeypatch) as here:
        ran = await here.run("connect", "office", "--yes", stdin=f"{await here.consent('201')}\n")
        assert ran.code == 0
        assert "no administrator" in ran.err
        assert "extension 201" in await here.identity()


async def test_what_goes_wrong_is_one_sentence_and_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, monkeypatch) as here:
        used = await here.consent()
        assert (await here.run("connect", "office", stdin=f"{used}\nn\n")).code == 0
        for pasted, sentence in (
            (await here.consent(answer="deny"), "gave no consent (access_denied)"),
            (used, "refused the sign-in"),
            (f"{BACK}?code=abc&state=connect.other", "not the address"),
        ):
            ran = await here.run("connect", "office", "--yes", stdin=f"{pasted}\n")
            assert ran.code == 2
            assert sentence in ran.err
            assert ran.err.count("\n") == 1
        assert await here.identity() == ""
        nobody = await here.run("connect", "nobody")
        assert (nobody.code, "PBX accounts are: office." in nobody.err) == (2, True)
