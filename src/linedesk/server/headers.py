"""Which security headers an answer carries, as data. Pure; `middleware.py` puts them on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

COMMON: Mapping[str, str] = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": (
            "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
            "gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
        ),
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Permitted-Cross-Domain-Policies": "none",
    }
)
NO_STORE = "no-store"
SERVER = "linedesk"  # and no version, for nobody needs it
HSTS = "max-age=31536000"

API_CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """What one HTML page may do.

    `ancestors`: origins whose pages may frame it (none: nobody). `form_targets`: where its forms may
    lead, own origin included or not; `script` False: no script at all. `opener_policy` is COOP.
    """

    ancestors: Collection[str] = ()
    form_targets: tuple[str, ...] = ("'self'",)
    script: bool = False
    opener_policy: str = "same-origin"

    def csp(self, nonce: str) -> str:
        """The Content-Security-Policy with this answer's nonce."""
        targets = " ".join(self.form_targets) or "'none'"
        ancestors = " ".join(sorted(self.ancestors)) or "'none'"
        parts = [
            "default-src 'none'",
            "base-uri 'none'",
            "style-src 'self'",
            "img-src 'self' data:",
            f"form-action {targets}",
            f"frame-ancestors {ancestors}",
        ]
        if self.script:
            parts += [
                f"script-src 'nonce-{nonce}'",
                "connect-src 'self'",
                "font-src 'self'",
                "media-src 'self'",
                "manifest-src 'self'",
                "worker-src 'self'",
                "require-trusted-types-for 'script'",
                "trusted-types lit-html linedesk",
            ]
        return "; ".join(parts)

    def headers(self, nonce: str) -> dict[str, str]:
        """Every header that depends on the page."""
        framed = bool(self.ancestors)
        headers = {
            "Content-Security-Policy": self.csp(nonce),
            "Cross-Origin-Opener-Policy": self.opener_policy,
        }
        if framed:
            # A page that demands CORP of what it frames must still be able to hold the widget.
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        else:
            headers["X-Frame-Options"] = "DENY"
        return headers
