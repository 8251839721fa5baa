"""What one agent is shown about one call: the `Call` of docs/protocol.md.

Pure: the call and the people found for its number come in, one JSON-able dict goes out. It decides what
may be said (a withheld caller has no number and no contact, an internal call shows a colleague) and
never who is found (`contacts.match`) or who is shown it (`calls.tracker`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from linedesk.calls.model import Call, Direction
from linedesk.numbers import Kind, Number, NumberPlan, national

Words = Callable[..., str]
"""`words("calls.withheld")`: a sentence of the message catalogue."""

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """Who the number may be, already in the protocol's shape, best first.

    Each item of `sure` and `possible` has the fields of a contact in a `Call`, `certainty` and `reason`
    included. `create` are the new-contact pages. `colleague` is a name for the other extension.
    """

    sure: Sequence[Item] = ()
    possible: Sequence[Item] = ()
    create: Sequence[Item] = ()
    pending: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


def other_extension(call: Call, extension: str) -> str | None:
    """On an internal call, the extension at the other end as seen from `extension`."""
    if call.direction is not Direction.INTERNAL:
        return None
    if call.called_extension and call.called_extension != extension:
        return call.called_extension
    return call.caller_extension if call.caller_extension != extension else call.called_extension


def popup(
    call: Call, extension: str, *, number: Number, known: Known, plan: NumberPlan, words: Words
) -> dict[str, Any]:
    """The `Call` frame for the agent at `extension`; `number` is the remote party as read.

    The agent must be one of `call.views`. Times are epoch ms.
    """
    view = call.view_of(extension)
    if view is None:
        raise ValueError(f"call {call.id} was never shown to this extension")
    colleague = other_extension(call, extension)
    withheld = colleague is None and number.kind is Kind.ANONYMOUS
    candidates = [] if withheld else [*known.sure, *known.possible]
    return {
        "id": call.id,
        "account": call.account,
        "call_id": call.call_id,
        "direction": call.direction.value,
        "state": view.state.value,
        "number": colleague or shown_number(number),
        "withheld": withheld,
        "display": _display(number, colleague, known, plan, words),
        "network_name": "" if withheld else call.remote_name,
        "contact": None if withheld else _chosen(known),
        "candidates": candidates,
        "create": [] if withheld or colleague or known.sure else list(known.create),
        "lookup": "pending" if known.pending else "done",
        "caller_extension": call.caller_extension,
        "queue": call.queue,
        "via": view.via,
        "via_name": known.names.get(view.via) if view.via else None,
        "started_at": call.started_ms,
        "answered_at": view.answered_ms,
        "ended_at": view.ended_ms,
        "answered_by": list(call.answered_by),
        "answered_by_names": [known.names.get(each, each) for each in call.answered_by],
        "actions": [],
    }


def shown_number(number: Number) -> str | None:
    """What may be shown and dialled: E.164, internal digits, or None."""
    return number.value


def _chosen(known: Known) -> Item | None:
    """The only sure contact, else the only possible one when none is sure, else nobody."""
    if known.sure:
        return known.sure[0] if len(known.sure) == 1 else None
    return known.possible[0] if len(known.possible) == 1 else None


def _display(number: Number, colleague: str | None, known: Known, plan: NumberPlan, words: Words) -> str:
    if colleague is not None:
        return known.names.get(colleague) or words("calls.internal_number", extension=colleague)
    return display_number(number, plan, words)


def display_number(number: Number, plan: NumberPlan, words: Words) -> str:
    """A number or a sentence for people: national form at home, international form abroad."""
    if number.kind is Kind.ANONYMOUS:
        return words("calls.withheld")
    if number.kind is Kind.E164 and number.value is not None:
        return national(number.value, plan.region)
    return number.value or words("calls.unknown_number")
