"""Addresses: what of a `tel:` or `sip:` URI is the number, and what its parameters say.

RFC 3966 (`;ext=`, `;phone-context=`, `;postd=`) and the user part of RFC 3261. A text that is no address
comes back as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from linedesk.numbers.text import clean

_SCHEME = re.compile(r"(?:url:)?(tel|telprompt|callto|fax|sms|sips?)\s*:\s*(?://)?", re.IGNORECASE)
_NAME_ADDRESS = re.compile(r".*<\s*((?:tel|sips?):[^<>]+)>[^<>]*", re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(r";\s*([a-z][\w.-]*)(?:\s*=\s*([^;]*))?(?=;|\Z)", re.IGNORECASE)
_POST_DIAL = frozenset({"ext", "postd", "extension"})


@dataclass(frozen=True, slots=True)
class Address:
    """`text` is the number's part. `ext` are the digits of `;ext=` or `;postd=`, `context` a `+` prefix.

    `nobody` says that a SIP address names no caller by its host.
    """

    text: str
    is_uri: bool = False
    ext: str | None = None
    context: str = ""
    nobody: bool = False


def unwrap(text: str) -> Address:
    """Take a cleaned text out of its address."""
    if not _may_be_address(text):
        return Address(text)
    if wrapped := _NAME_ADDRESS.fullmatch(text):
        text = wrapped[1]
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _with_parameters(text, is_uri=False) if "@" not in text else _sip(text)
    body = text[scheme.end() :]
    if scheme[1].lower().startswith("sip") or "@" in body:
        return _sip(body)
    return _with_parameters(clean(unquote(body, errors="replace")), is_uri=True)


def _may_be_address(text: str) -> bool:
    return ":" in text or ";" in text or "@" in text or "<" in text


def _sip(body: str) -> Address:
    user, at, host = body.rpartition("@")
    if not at:
        user, host = host, ""
    user = user.partition(":")[0]
    nobody = host.casefold().partition(";")[0].partition(":")[0].endswith(".invalid")
    address = _with_parameters(clean(unquote(user, errors="replace")), is_uri=True)
    return Address(address.text, True, address.ext, address.context, nobody)


def _with_parameters(text: str, *, is_uri: bool) -> Address:
    ext: str | None = None
    context = ""
    for name, value in _PARAMETER.findall(text):
        if name.lower() in _POST_DIAL:
            digits = "".join(char for char in value if char.isdecimal() or char in "*#")
            ext = ext or digits or None
        elif name.lower() == "phone-context" and value.strip().startswith("+"):
            context = value.strip()
    return Address(_PARAMETER.sub("", text).strip(), is_uri, ext, context)
