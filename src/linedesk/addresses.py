"""Which addresses an outgoing connection may go to, so that a setting can't aim Linedesk at its own network.

An address is checked after the name was resolved, and the connection goes to the very address that was
checked. Nothing here opens a connection.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from linedesk.errors import ConfigError, VendorUnreachable

Address = IPv4Address | IPv6Address

_PREMISES = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
# Metadata services of clouds that sit inside ranges which a company may use itself.
_METADATA = frozenset({ip_address("100.100.100.200"), ip_address("fd00:ec2::254")})
# Carry an IPv4 address inside; `ipaddress` knows the mapped, 6to4 and Teredo ones.
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("::/96"))
_SITE_LOCAL = IPv6Network("fec0::/10")  # retired, but some routers still carry it


@dataclass(frozen=True, slots=True)
class Reach:
    """Where one account may connect to.

    `private`: the account says that its system stands in the company's own network. `loopback`: the
    service itself is only on this machine (the demo), so that its partners may be here too.
    """

    private: bool = False
    loopback: bool = False

    def allows(self, address: Address) -> bool:
        """Whether a connection to `address` may be opened."""
        if address.is_loopback:
            return self.private or self.loopback
        if address in _METADATA or address in _SITE_LOCAL or _carries_ipv4(address):
            return False
        if any(address in network for network in _PREMISES):
            return self.private
        special = (
            address.is_multicast or address.is_reserved or address.is_link_local or address.is_unspecified
        )
        return address.is_global and not special

    def check_url(self, url: str) -> None:
        """Raise `ConfigError` unless `url` is https with a host (http: on this machine) and a fit port."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ConfigError(f"{url!r} is not an address.") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ConfigError(f"{url!r} must be https:// and a host, without `?` and `#`.")
        if parts.username is not None or parts.password is not None:
            raise ConfigError("An account's address must hold no user name and no password.")
        here = _is_loopback(parts.hostname)
        if parts.scheme == "http" and not here:
            raise ConfigError(f"{url!r} must use https, since the token would travel in the clear.")
        if not here and port is not None and port != 443 and port < 1024:
            raise ConfigError(f"{url!r} must use port 443 or one from 1024 up.")

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """The allowed addresses of `host`, in the resolver's order; raises `VendorUnreachable`."""
        addresses = [host] if _is_address(host) else await _looked_up(host, port)
        allowed = tuple(text for text in addresses if self.allows(ip_address(text)))
        if not allowed:
            raise VendorUnreachable(
                f"The address of {host} is on this machine or in a private network, which is not allowed.",
                remedy="If the system really stands there, put `private = true` into its account.",
            )
        return allowed


async def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise VendorUnreachable(
            f"The name {host} can't be found.",
            remedy="Check the address of the account, and this machine's DNS.",
        ) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_address(host: str) -> bool:
    """Whether the host is an address itself: asking the resolver would only cost a change of threads."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _carries_ipv4(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return False
    known = address.ipv4_mapped or address.sixtofour or address.teredo
    return known is not None or any(address in network for network in _TRANSLATED)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
