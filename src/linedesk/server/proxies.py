"""The client's address behind proxies that the administrator trusts. Pure.

`X-Forwarded-For` is believed only as far as each hop that wrote it is trusted, read from the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from linedesk.errors import ConfigError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Networks = tuple[Network, ...]


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read `trusted_proxies`: addresses or networks. Raises `ConfigError`."""
    try:
        return tuple(ip_network(text.strip(), strict=False) for text in texts)
    except ValueError as error:
        raise ConfigError(f"`trusted_proxies` holds no address or network: {error}.") from None


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """The nearest address that is not one of our proxies, or "" when it can't be told.

    `forwarded_for` are the header's lines in their order.
    """
    address = _read(peer or "")
    if address is None:
        return ""
    hops = [hop.strip() for line in forwarded_for for hop in line.split(",")]
    while hops and _is_trusted(address, trusted):
        further = _read(hops.pop())
        if further is None:
            # A trusted proxy wrote something that is no address: the last one known is the answer.
            break
        address = further
    return str(address)


def is_this_machine(address: str) -> bool:
    """Whether `address` is loopback."""
    read = _read(address)
    return read is not None and read.is_loopback


def _read(text: str) -> Address | None:
    try:
        address = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)
