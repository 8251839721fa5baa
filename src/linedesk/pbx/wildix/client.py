"""The PBX port on a Wildix PBX: one signed-in account, with a part for each thing it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from linedesk.accounts.model import PbxAccount
from linedesk.calls.model import Telephony
from linedesk.clock import Clock
from linedesk.errors import VendorAuth
from linedesk.pbx.base import Colleague, DialAccepted, DialRequest, LiveCall, Me
from linedesk.pbx.wildix.acting import Acting
from linedesk.pbx.wildix.callcontrol import CallControl, CallReading, Device
from linedesk.pbx.wildix.contacts import Contacts
from linedesk.pbx.wildix.dial import Dialling
from linedesk.pbx.wildix.exchange import Exchange, Traffic
from linedesk.pbx.wildix.oauth import Grant, OnGrant
from linedesk.pbx.wildix.opening import Opening, Planes
from linedesk.pbx.wildix.people import People
from linedesk.pbx.wildix.phonebooks import Phonebooks
from linedesk.pbx.wildix.presence import presences


class WildixClient:
    """One signed-in PBX account, as `pbx.base.Pbx`; `await close()` at the end.

    `own_user`: the credential is an agent's own, and calls ring that agent's phone only. `traffic`: whose
    budget its requests go by.
    """

    def __init__(
        self,
        account: str,
        planes: Planes,
        clock: Clock,
        *,
        own_user: bool = False,
        traffic: Traffic,
    ) -> None:
        self._planes = planes
        self._traffic = traffic
        self._cloud: Exchange | None = None
        self._own_user = own_user
        self._people = People(account, planes.pbx, planes.key_name)
        # A key that is no user's may act for all, so nobody is asked whose it is.
        asks = planes.key_name is None
        self._acting = Acting(planes.pbx.who, self._people.me, clock) if asks else None
        self._calls = CallReading(planes.pbx)
        self._dialling = Dialling(account, planes.pbx, self._people.dialplan_of)
        self.account = account
        self.who = planes.pbx.who
        self.phonebooks = Phonebooks(planes.pbx)
        self.contacts = Contacts(planes.pbx)

    @classmethod
    def for_account(
        cls,
        account: PbxAccount,
        *,
        timeout_s: float,
        clock: Clock,
        loopback: bool = False,
        on_grant: OnGrant | None = None,
        traffic: Traffic | None = None,
    ) -> WildixClient:
        """A client for a configured account; raises `ConfigError` for a missing or unfit credential.

        `loopback` is that of `addresses.Reach`. `on_grant` is awaited when the PBX gave a new refresh
        token, before anything uses it. `traffic`: what other clients of the same PBX share.
        """
        traffic = traffic or Traffic(account.requests_per_s)
        how = Opening(account, timeout_s, clock, loopback, on_grant, traffic)
        return cls(account.name, how.for_account(), clock, traffic=traffic)

    @classmethod
    def for_agent(
        cls,
        account: PbxAccount,
        grant: Grant,
        *,
        timeout_s: float,
        clock: Clock,
        loopback: bool = False,
        on_grant: OnGrant | None = None,
        traffic: Traffic | None = None,
    ) -> WildixClient:
        """A client with an agent's own grant; raises `ConfigError` when the account has no sign-in."""
        traffic = traffic or Traffic(account.requests_per_s)
        how = Opening(account, timeout_s, clock, loopback, on_grant, traffic)
        return cls(account.name, how.for_agent(grant), clock, own_user=True, traffic=traffic)

    @property
    def requests_per_s(self) -> float:
        """What background work of the present use gets of the budget in the long run."""
        return self._traffic.background_per_s

    @property
    def refresh_token(self) -> str | None:
        """The present refresh token of an OAuth grant, None for other credentials."""
        session = self._planes.session
        return session.grant.refresh_token if session is not None else None

    async def dial(self, request: DialRequest) -> DialAccepted:
        """Ring the extension's own phone, then call the destination. One call at most, whatever happens.

        `VendorForbidden` where the credential may not act for this extension.
        """
        self._dialling.check(request)
        if self._own_user or await self._is_own(request.extension, interactive=True):
            return await self._dialling.for_own_user(request)
        return await self._dialling.for_extension(request)

    async def colleagues(self) -> tuple[Colleague, ...]:
        """Every user of the PBX that has an extension, by extension."""
        return await self._people.colleagues()

    async def me(self) -> Me:
        """Who the credential belongs to; `extension` None for a key that is no user's."""
        return await self._people.me()

    async def ping(self) -> None:
        """Reach the PBX with the credential; raises the `VendorError` that says what is wrong."""
        await self._people.ping()

    async def version(self) -> str | None:
        """The PBX's version; None where it doesn't tell it."""
        return await self._people.version()

    async def probe(self, extension: str) -> CallControl:
        """Whether call control is there for this credential, seen by the devices of `extension`."""
        return await self._calls.probe(extension, await self._people.me())

    async def live_calls(self, extension: str, *, interactive: bool = False) -> tuple[LiveCall, ...]:
        """The calls of one user now; `VendorRouteMissing` on a PBX that is too old, and `VendorForbidden`
        where the credential may not act for this extension."""
        await self._is_own(extension, interactive=interactive)
        return await self._calls.live_calls(extension, interactive=interactive)

    async def devices(self, extension: str) -> tuple[Device, ...]:
        """The devices of one user."""
        return await self._calls.devices(extension)

    async def presences(self, extensions: Sequence[str]) -> Mapping[str, Telephony]:
        """What each user's devices do, from the cloud; users that it doesn't know are left out.

        Raises `VendorAuth` or `VendorForbidden` for a credential that does not reach the cloud.
        """
        if self._cloud is None and self._planes.open_cloud is not None:
            self._cloud = self._planes.open_cloud()
        if self._cloud is None:
            raise VendorAuth(
                f"The credential of {self.who} is none of the Wildix cloud's.",
                remedy="For presence from the cloud, use a company API key with the scope `stream:read`.",
            )
        return await presences(self._cloud, extensions)

    async def close(self) -> None:
        """Close every connection."""
        await self._planes.pbx.close()
        if self._cloud is not None:
            await self._cloud.close()

    async def _is_own(self, extension: str, *, interactive: bool) -> bool:
        """Whether `extension` is the credential's own; raises `VendorForbidden` for one it can't act for."""
        return self._acting is not None and await self._acting.is_own(extension, interactive=interactive)
