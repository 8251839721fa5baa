"""`linedesk connect`: an administrator of the PBX consents, and the account keeps what comes of it."""

from __future__ import annotations

from pathlib import Path

import click

from linedesk.accounts.apply import Applier
from linedesk.accounts.connecting import REDIRECT_PATH, Connecting, Consent
from linedesk.accounts.edge import SetupFile
from linedesk.accounts.model import PbxAccount
from linedesk.accounts.service import Accounts
from linedesk.accounts.vault import Vault
from linedesk.clock import SystemClock
from linedesk.commands.apply import open_vault
from linedesk.commands.books import actor, config_option, with_books
from linedesk.errors import ConfigError
from linedesk.parts import is_loopback
from linedesk.settings import Settings
from linedesk.store.database import Database


@click.command()
@click.argument("account")
@click.option("--redirect-uri", help="One of the application's redirect URIs in WMS, if it has another.")
@click.option("--yes", is_flag=True, help="Keep it without asking whether it is the right person.")
@config_option
def connect(account: str, redirect_uri: str | None, yes: bool, config: Path | None) -> None:
    """Connect the PBX ACCOUNT through its OAuth 2.0 application: sign in, consent, paste the address."""

    async def run(settings: Settings, books: Database) -> None:
        vault = open_vault(settings)
        found = await _account(account, books, vault)
        going = Connecting(found, redirect_uri or settings.base_url + REDIRECT_PATH)
        _explain(going)
        consent = await going.finish(
            going.code_in(click.prompt("Address", type=str)),
            timeout_s=settings.pbx_timeout_s,
            clock=SystemClock(),
            loopback=is_loopback(settings.host),
        )
        if not yes and not click.confirm(f"The PBX says: {consent.who}. Act as this user?", default=True):
            click.echo("Nothing was kept.")
            return
        await _keep(found, consent, Applier(books, vault, SystemClock()))
        click.echo(f"Connected. Linedesk acts on {account} as {consent.who}.")
        if not consent.me.admin:
            click.echo(
                "This user is no administrator: dialling for others and changing phonebooks may be refused. "
                "`linedesk check` says more.",
                err=True,
            )

    with_books(config, run)


async def _account(name: str, books: Database, vault: Vault) -> PbxAccount:
    accounts = Accounts(books, vault, SystemClock())
    await accounts.refresh()
    found = accounts.pbx(name)
    if found is None:
        known = ", ".join(each.name for each in accounts.all_pbx()) or "none yet"
        raise ConfigError(
            f"There is no PBX account {name}, or it is switched off.", remedy=f"PBX accounts are: {known}."
        )
    return found


def _explain(going: Connecting) -> None:
    click.echo(
        f"1. In WMS the application must have this redirect URI: {going.redirect_uri}\n"
        f"2. Open this address in a browser, sign in as an administrator of the PBX, and allow it:\n"
        f"   {going.address}\n"
        "3. Paste the whole address of the page that the browser is then sent to. It does not matter if\n"
        "   that page can't be shown."
    )


async def _keep(account: PbxAccount, consent: Consent, applier: Applier) -> None:
    """As if an administrator had written it into a file: with its audit row, and told to the service."""
    table = {"oauth_refresh_token": consent.refresh_token}
    file = SetupFile.model_validate({"accounts": {account.name: table}})
    await applier.write(file, await applier.plan(file), actor())
