"""One client for each PBX account, made anew when the account changes."""

from __future__ import annotations

from linedesk.accounts.model import PbxAccount
from linedesk.accounts.service import Accounts
from linedesk.errors import ConfigError
from linedesk.pbx.base import Pbx
from linedesk.pbx.wildix.client import WildixClient


class Lines:
    """`refresh` after the accounts changed; `close` at the end.

    `loopback`: the service itself listens on this machine only, so a PBX may be there too (the demo).
    """

    def __init__(self, accounts: Accounts, *, timeout_s: float, loopback: bool) -> None:
        self._accounts = accounts
        self._timeout_s = timeout_s
        self._loopback = loopback
        self._clients: dict[str, tuple[PbxAccount, WildixClient]] = {}
        self.problems: dict[str, str] = {}
        """Account name -> why it can't be dialled with, in a sentence."""

    def pbx(self, account: str) -> Pbx:
        """The PBX of this account; `ConfigError` when it has no token to dial with."""
        held = self._clients.get(account)
        if held is not None:
            return held[1]
        if account in self.problems:
            raise ConfigError(f"Linedesk can't dial with {account}: {self.problems[account]}")
        raise ConfigError(
            f"The PBX account {account} has no token, so Linedesk can't dial for it.",
            remedy="Make a token in WMS under Integrations, then `linedesk apply` it.",
        )

    async def refresh(self) -> None:
        """Open clients for new and changed accounts, close those of accounts that are gone."""
        wanted = {account.name: account for account in self._accounts.all_pbx() if account.token}
        for name in [name for name, (account, _) in self._clients.items() if wanted.get(name) != account]:
            _, client = self._clients.pop(name)
            await client.close()
        self.problems.clear()
        for name, account in wanted.items():
            if name not in self._clients:
                self._open(name, account)

    def _open(self, name: str, account: PbxAccount) -> None:
        try:
            client = WildixClient.for_account(account, timeout_s=self._timeout_s, loopback=self._loopback)
        except ConfigError as error:
            # One account that can't be used must not keep the others, or the webhooks, from working.
            self.problems[name] = error.message
        else:
            self._clients[name] = (account, client)

    async def close(self) -> None:
        """Close every client."""
        for _, client in self._clients.values():
            await client.close()
        self._clients.clear()
