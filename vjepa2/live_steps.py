"""The closed loop as it happens, in a terminal."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from vjepa2_sim.reach_attempt import ShownStep


class LiveSteps:
    """A table that grows by a row for each step; a context manager."""

    def __init__(self, console: Console) -> None:
        self._table = Table("step", "energy", "distance", "after it", "planning")
        for column in self._table.columns:
            column.justify = "right"
        self._live = Live(self._table, console=console, vertical_overflow="visible")
        self._distance_m = float("nan")

    def __enter__(self) -> LiveSteps:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, exception, traceback)
        if not self._live.console.is_terminal:
            self._live.console.line()  # rich ends the line in terminals only

    def show(self, step: ShownStep | None, distance_m: float) -> None:
        """A look: the distance from the goal now, and the step that led there."""
        before, self._distance_m = self._distance_m, distance_m
        if step is not None:
            self._table.add_row(
                str(step.index + 1),
                f"{step.energy:.4f}",
                f"{before * 100:.1f} cm",
                f"{distance_m * 100:.1f} cm",
                f"{step.planning_seconds * 1000:.0f} ms",
            )
            self._live.refresh()
