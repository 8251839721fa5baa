"""`linedesk replay FILE.jsonl`: recorded webhook bodies through decoder and tracker, without a service.

Bodies are taken in the order of the file; the clock is the newest envelope time so far.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from linedesk.calls.facts import extension_of
from linedesk.calls.model import (
    Call,
    CallEvent,
    Effect,
    Event,
    HistoryWritten,
    Party,
    TrackerLimits,
    ViewChanged,
)
from linedesk.calls.tracker import TrackerState, feed
from linedesk.calls.who import AgentIndex
from linedesk.errors import HookNotJson, UserError
from linedesk.numbers.model import NumberPlan
from linedesk.numbers.plans import territory
from linedesk.pbx.wildix.events import decode
from linedesk.settings import load_settings

_ACCOUNT = "replay"
_LINE_MAX_BYTES = 4 << 20


@dataclass(slots=True)
class Replay:
    """What came out: by agent the states shown, and the rows of history by call id, in order of writing."""

    agents: dict[str, list[str]] = field(default_factory=dict)
    history: dict[str, Call] = field(default_factory=dict)
    bodies: int = 0
    unknown: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The document of the contract (`agents`, `history`)."""
        return {
            "agents": {extension: self.agents[extension] for extension in sorted(self.agents)},
            "history": [
                {
                    "direction": call.direction.value,
                    "party": call.party,
                    "answered_by": list(call.answered_by),
                    "outcome": call.outcome.value if call.outcome is not None else None,
                }
                for call in self.history.values()
            ],
        }


def replayed(lines: Iterator[tuple[int, bytes]], plan: NumberPlan) -> Replay:
    """Replay numbered lines. Raises `UserError` with the number of a line that holds no event."""
    replay, state, clock_ms = Replay(), TrackerState.empty(), 0
    who, limits, plans = AgentIndex(), TrackerLimits(), {_ACCOUNT: plan}
    for number, line in lines:
        try:
            decoded = decode(_ACCOUNT, line)
        except HookNotJson as error:
            raise UserError(
                f"Line {number} is damaged: {error.message}",
                remedy="Each line must be one whole webhook body.",
            ) from None
        replay.bodies += 1
        if not decoded.known:
            replay.unknown[decoded.event_type] = replay.unknown.get(decoded.event_type, 0) + 1
        event = decoded.event
        if event is None:
            continue
        clock_ms = max(clock_ms, event.at_ms)
        for extension in _extensions(event, who, plan):
            replay.agents.setdefault(extension, [])
        state, effects = feed(state, event, clock_ms, who, plans, limits)
        for effect in effects:
            _note(replay, effect)
    return replay


def _extensions(event: Event, who: AgentIndex, plan: NumberPlan) -> Iterator[str]:
    if not isinstance(event, CallEvent):
        if event.extension:
            yield event.extension
        return
    parties: list[Party | None] = [side for leg in event.legs for side in (leg.caller, leg.callee)]
    for party in parties:
        extension = extension_of(party, event.account, who, plan)
        if extension is not None:
            yield extension


def _note(replay: Replay, effect: Effect) -> None:
    if isinstance(effect, HistoryWritten):
        replay.history[effect.call.id] = effect.call
    elif isinstance(effect, ViewChanged):
        view = effect.call.view_of(effect.extension)
        shown = replay.agents.setdefault(effect.extension, [])
        entry = f"{effect.call.call_id}:{view.state.value}" if view is not None else ""
        same_call = [each for each in shown if each.rpartition(":")[0] == effect.call.call_id]
        if entry and same_call[-1:] != [entry]:
            shown.append(entry)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_LINE_MAX_BYTES + 1), b""), 1):
            if len(line) > _LINE_MAX_BYTES:
                raise UserError(
                    f"Line {number} is longer than 4 MB.", remedy="Replay recorded webhook bodies."
                )
            if line.strip():
                yield number, line


def _print(replay: Replay) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    agents = Table("agent", "was shown", title="Agents", title_justify="left")
    for extension in sorted(replay.agents):
        agents.add_row(Text(extension), Text("\n".join(replay.agents[extension]) or "nothing"))
    history = Table("direction", "party", "answered by", "outcome", title="History", title_justify="left")
    for row in replay.as_json()["history"]:
        answered = ", ".join(row["answered_by"])
        history.add_row(row["direction"], Text(row["party"]), Text(answered), row["outcome"])
    console.print(agents, history)
    console.print(f"{replay.bodies} bodies.")
    for event_type, count in sorted(replay.unknown.items()):
        console.print(Text(f"Unknown type, left out: {event_type} ({count} times)"))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--region", default="GB", show_default=True, help="Region of the PBX (ISO 3166), for numbers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option(
    "--config", type=click.Path(path_type=Path), help="config.toml; it is checked, nothing in it is used."
)
def replay(file: Path, region: str, as_json: bool, config: Path | None) -> None:
    """Run recorded webhook bodies, one a line, through decoder and tracker."""
    if config is not None:
        load_settings(config)
    if territory(region.upper()) is None:
        raise UserError(f"`{region}` is no region.", remedy="Give two letters, for example --region IT.")
    try:
        done = replayed(_lines(file), NumberPlan(region=region.upper()))
    except OSError as error:
        raise UserError(
            f"{file} cannot be read: {error.strerror}.", remedy="Give a file that is there."
        ) from None
    if as_json:
        click.echo(json.dumps(done.as_json(), ensure_ascii=False))
    else:
        _print(done)
