"""The PBX port: what Linedesk asks of a telephone system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DialRequest:
    """Ring `extension`'s own phone, then call `destination` (digits as the PBX wants them)."""

    extension: str
    destination: str


@dataclass(frozen=True, slots=True)
class DialAccepted:
    """The PBX took the request. `route` names the way used; it says nothing about an answer."""

    route: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """A user of the PBX. `extension` is what is dialled; `id` is the PBX's own."""

    id: str
    name: str
    extension: str
    email: str | None = None


class Pbx(Protocol):
    """One signed-in PBX. Every method has a deadline and raises only `VendorError`s."""

    async def dial(self, request: DialRequest) -> DialAccepted:
        """Click-to-dial. Never tried twice after a time-out: the call may be ringing."""
        ...

    async def colleagues(self) -> tuple[Colleague, ...]: ...
