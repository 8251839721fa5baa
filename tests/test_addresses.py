"""Outgoing connections: which addresses are refused, and that the checked address is the one used."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linedesk.addresses import Reach
from linedesk.errors import ConfigError, VendorUnreachable

PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:4700::1111"]
PREMISES = ["10.1.2.3", "172.16.0.1", "192.168.1.20", "100.64.0.1", "fd12:3456::1"]
LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1"]
NEVER = [
    "169.254.169.254",
    "169.254.1.1",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.216.34",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fec0::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_always_allowed(text: str) -> None:
    assert Reach().allows(ip_address(text))
    assert Reach(private=True, loopback=True).allows(ip_address(text))


@pytest.mark.parametrize("text", PREMISES)
def test_addresses_of_the_premises_need_the_accounts_word(text: str) -> None:
    assert not Reach().allows(ip_address(text))
    assert not Reach(loopback=True).allows(ip_address(text))
    assert Reach(private=True).allows(ip_address(text))


@pytest.mark.parametrize("text", LOOPBACK)
def test_loopback_needs_the_accounts_word_or_a_service_on_loopback(text: str) -> None:
    assert not Reach().allows(ip_address(text))
    assert Reach(private=True).allows(ip_address(text))
    assert Reach(loopback=True).allows(ip_address(text))


@pytest.mark.parametrize("text", NEVER)
def test_metadata_link_local_and_hidden_ipv4_are_never_allowed(text: str) -> None:
    assert not Reach(private=True, loopback=True).allows(ip_address(text))


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_gets_through_inside_an_ipv6_one(address: Any) -> None:
    for text in (f"::ffff:{address}", f"64:ff9b::{address}", f"::{address}"):
        inside = ip_address(text)
        assert not Reach(private=True).allows(inside) or inside.is_loopback


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_without_the_accounts_word_only_global_addresses_are_allowed(address: Any) -> None:
    if Reach().allows(address):
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize(
    "url",
    [
        "http://pbx.example",
        "http://192.168.1.20",
        "ftp://pbx.example",
        "https://",
        "pbx.example",
        "https://user:pw@pbx.example",
        "https://pbx.example?x=1",
        "https://pbx.example#x",
        "https://pbx.example:22",
        "https://pbx.example:99999",
        "http://127.0.0.1.evil.example",
    ],
)
def test_unfit_urls_are_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Reach(private=True).check_url(url)
    assert "pw" not in caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        "https://pbx.example",
        "https://pbx.example:8443",
        "https://pbx.example/base",
        "http://127.0.0.1:80",
        "http://[::1]:5000",
        "http://localhost:1",
    ],
)
def test_fit_urls_pass(url: str) -> None:
    Reach().check_url(url)


async def test_a_name_that_leads_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, "192.168.1.20", "::ffff:10.0.0.1")
    with pytest.raises(VendorUnreachable) as caught:
        await Reach().resolve("pbx.example", 443)
    assert "private = true" in caught.value.remedy


async def test_of_several_addresses_only_the_allowed_ones_are_left_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _answer(monkeypatch, "10.0.0.1", "1.1.1.1", "1.1.1.1", "2606:4700::1111")
    assert await Reach().resolve("pbx.example", 443) == ("1.1.1.1", "2606:4700::1111")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example"])
async def test_a_name_that_can_not_be_found_says_so(host: str) -> None:
    with pytest.raises(VendorUnreachable, match="can't be found"):
        await Reach().resolve(host, 443)


def _answer(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    async def getaddrinfo(_host: str, port: int, **_rest: Any) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in text else socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port))
            for text in addresses
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
