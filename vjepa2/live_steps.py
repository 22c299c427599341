"""The closed loop as it happens, in a terminal."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from vjepa2.recording import ShownStep


class LiveSteps:
    """A table that grows by a row for each step; a context manager."""

    def __init__(self, console: Console) -> None:
        self._table = Table("step", "goal", "energy", "distance after it", "planning")
        for column in self._table.columns:
            column.justify = "right"
        self._live = Live(self._table, console=console, vertical_overflow="visible")

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

    def show(self, step: ShownStep) -> None:
        """The next step, which has just ended."""
        self._table.add_row(
            str(len(self._table.rows) + 1),
            step.goal,
            f"{step.energy:.4f}",
            f"{step.distance_m * 100:.1f} cm",
            f"{step.planning_seconds * 1000:.0f} ms",
        )
        self._live.refresh()
