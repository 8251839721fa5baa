"""What one agent is shown about one call: the `Call` of docs/protocol.md.

Pure: the call and the people found for its number come in, one JSON-able dict goes out. It decides what
may be said (a withheld caller has no number and no contact, an internal call shows a colleague) and
never who is found (`contacts.match`) or who is shown it (`calls.tracker`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from linedesk.calls.model import LIVE_STATES, Call, Direction
from linedesk.numbers import Kind, Number, NumberPlan, national

Words = Callable[..., str]
"""`words("calls.withheld")`: a sentence of the message catalogue."""

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """Who the number may be, already in the protocol's shape, best first.

    Each item of `sure` and `possible` has the fields of a contact in a `Call`, `certainty` and `reason`
    included, and `pages`: the person's contacts, the one that opens first at the head. `create` are the
    new-contact pages. `company` is what all the sure ones share: `id` (None: it is no contact), `app`,
    `app_title`, `name`, `page_url`. `names` are the names of extensions.
    """

    sure: Sequence[Item] = ()
    possible: Sequence[Item] = ()
    create: Sequence[Item] = ()
    pending: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    company: Item | None = None


def other_extension(call: Call, extension: str) -> str | None:
    """On an internal call, the extension at the other end as seen from `extension`."""
    if call.direction is not Direction.INTERNAL:
        return None
    if call.called_extension and call.called_extension != extension:
        return call.called_extension
    return call.caller_extension if call.caller_extension != extension else call.called_extension


def popup(
    call: Call,
    extension: str,
    *,
    number: Number,
    known: Known,
    plan: NumberPlan,
    words: Words,
    pick: str | None = None,
    pick_is_new: bool = False,
) -> dict[str, Any]:
    """The `Call` frame for the agent at `extension`; `number` is the remote party as read.

    The agent must be one of `call.views`. `pick`: whom this agent chose for the number (`pick_is_new`: on
    this very call). Times are epoch ms.
    """
    if (view := call.view_of(extension)) is None:
        raise ValueError(f"call {call.id} was never shown to this extension")
    colleague = other_extension(call, extension)
    withheld = colleague is None and number.kind is Kind.ANONYMOUS
    shown = Known(names=known.names) if withheld or colleague is not None else known
    contact, picked = chosen(shown, pick, is_new=pick_is_new)
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
        "contact": contact,
        "picked": picked,
        "candidates": everybody(shown),
        "company": shown.company,
        "create": [] if shown.sure or picked else list(shown.create),
        # Who is told of an ended call is told nothing more of it, so nothing may look as if it would come.
        "lookup": "pending" if shown.pending and view.state in LIVE_STATES else "done",
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


def everybody(known: Known) -> list[Item]:
    """All who may be meant, best first."""
    return [*known.sure, *known.possible]


def chosen(known: Known, pick: str | None, *, is_new: bool = False) -> tuple[Item | None, bool]:
    """Whom to show, and whether the agent's own `pick` decided it.

    A pick counts while it is one of the candidates. Whom a tag of the call names for sure comes before a
    memory of the number, but not before a choice made on this call (`is_new`). Without a pick: the only sure
    contact, else the only possible one when none is sure, else nobody.
    """
    picked = with_page(everybody(known), pick)
    named = [item for item in known.sure if item.get("found_by") == "tag"]
    if picked is not None and (is_new or not named or picked in named):
        return picked, True
    few = known.sure or known.possible
    return (few[0] if len(few) == 1 else None), False


def with_page(items: Sequence[Item], contact_id: str | None) -> Item | None:
    """The person of `items` to whom this contact belongs."""
    if contact_id is None:
        return None
    return next((item for item in items if contact_id in contact_ids(item)), None)


def contact_ids(item: Item) -> frozenset[str]:
    """The ids of the contacts that are one person."""
    return frozenset({item["id"], *(page["id"] for page in item.get("pages", ()))})


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
