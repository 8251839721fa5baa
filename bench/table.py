"""Figures beside their floor, printed as one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: samples in seconds, the floor's samples of the same run, and its target in words.

    With `unit`, the samples and the floor's are in that unit instead, and so is what is printed.
    """

    name: str
    samples_s: Sequence[float]
    floor_name: str
    floor_s: Sequence[float]
    target: str = ""
    met: bool | None = None
    unit: str = ""


def quantile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that is not below `share` of all."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(title: str, rows: Sequence[Row]) -> None:
    """Print the rows; times in milliseconds, ratios against the floor at the same quantile."""
    table = Table(title=title)
    for name in (
        "figure",
        "n",
        "median",
        "p99",
        "floor",
        "floor median",
        "floor p99",
        "ratio",
        "p99 ratio",
    ):
        table.add_column(name, justify="left" if name in {"figure", "floor"} else "right")
    table.add_column("target")
    for row in rows:
        times, unit = (1, row.unit) if row.unit else (1000, "ms")
        mine = [quantile(row.samples_s, share) * times for share in (0.5, 0.99)]
        floor = [quantile(row.floor_s, share) * times for share in (0.5, 0.99)]
        verdict = "" if row.met is None else (" met" if row.met else " MISSED")
        table.add_row(
            row.name,
            str(len(row.samples_s)),
            f"{mine[0]:.2f} {unit}",
            f"{mine[1]:.2f} {unit}",
            row.floor_name,
            f"{floor[0]:.2f} {unit}",
            f"{floor[1]:.2f} {unit}",
            f"{mine[0] / floor[0]:.2f}",
            f"{mine[1] / floor[1]:.2f}",
            row.target + verdict,
        )
    Console(width=170).print(table)
