"""Linedesk: caller popups, click-to-call and contact sync for the Wildix PBX."""

__version__ = "0.1.0"
