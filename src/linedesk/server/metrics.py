"""What the service counts, for Prometheus. The registry is passed in; no number or name is a label."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_DELAY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """One per service. Also the `Meter` of `calls.desk`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._events = Counter(
            "linedesk_events", "Decoded PBX events by type.", ["account", "type"], registry=registry
        )
        self._hooks = Counter(
            "linedesk_hooks",
            "Webhook bodies: stored, duplicate, or the code of a refusal.",
            ["result"],
            registry=registry,
        )
        self._popup_delay = Histogram(
            "linedesk_popup_delay_seconds",
            "From a webhook's arrival to the frame for the agent.",
            buckets=_DELAY_BUCKETS_S,
            registry=registry,
        )
        self._lookup_delay = Histogram(
            "linedesk_lookup_delay_seconds",
            "From the question who calls to the directory's answer.",
            buckets=_DELAY_BUCKETS_S,
            registry=registry,
        )
        self._sockets = Gauge("linedesk_sockets", "Agent sockets that are signed in.", registry=registry)
        self._sockets_cut = Counter(
            "linedesk_sockets_cut", "Agent sockets closed by the service.", ["code"], registry=registry
        )
        self._dials = Counter("linedesk_dials", "Dials by their answer.", ["state"], registry=registry)

    def event(self, account: str, event_type: str, known: bool) -> None:
        """One decoded event. Unknown types share a label: their names come from outside."""
        self._events.labels(account, event_type if known else "unknown").inc()

    def popup_delay(self, seconds: float) -> None:
        """Time from a body's arrival to its frames."""
        self._popup_delay.observe(seconds)

    def lookup_delay(self, seconds: float) -> None:
        """Time until it was known who calls; the popup does not wait for it."""
        self._lookup_delay.observe(seconds)

    def hook(self, result: str) -> None:
        """`stored`, `duplicate`, or an error code."""
        self._hooks.labels(result).inc()

    def socket_opened(self) -> None:
        self._sockets.inc()

    def socket_closed(self) -> None:
        self._sockets.dec()

    def socket_cut(self, code: str) -> None:
        """The service closed a socket; `code` is the error code that was sent."""
        self._sockets_cut.labels(code).inc()

    def dial(self, state: str) -> None:
        """`accepted`, or the error code of a refusal."""
        self._dials.labels(state).inc()

    def exposition(self) -> bytes:
        """The text format of Prometheus."""
        return generate_latest(self._registry)
