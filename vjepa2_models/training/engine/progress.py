"""The line that says how a training is doing."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

log = logging.getLogger(__name__)

CONSOLE = Console(stderr=True)
"""Where all of a training's lines go, so that none of them tears the progress line apart."""


class ProgressLine:
    """Step, loss, learning rate, samples a second, time left and the last validation."""

    def __init__(self, progress: Progress, steps: int, first_step: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=steps, completed=first_step, said="", checked="")

    def advance(self, scalars: Mapping[str, float]) -> None:
        said = (
            f"loss {scalars['loss']:.4f}  lr {scalars['learning_rate']:.1e}  "
            f"{scalars['samples_per_second']:.1f}/s"
        )
        self._progress.update(self._task, advance=1, said=said)

    def reported(self, step: int) -> None:
        """Says in a log file what a terminal's line shows all the time."""
        if not CONSOLE.is_terminal:
            (task,) = self._progress.tasks
            left = "" if task.time_remaining is None else f"  {task.time_remaining:.0f} s left"
            log.info("step %d: %s%s", step, task.fields["said"], left)

    def validated(self, step: int, scalars: Mapping[str, float]) -> None:
        """Says all scalars above the line, and goes on showing the first of them."""
        shown = [f"{name} {value:.4f}" for name, value in scalars.items()]
        log.info("step %d: %s", step, ", ".join(shown))
        self._progress.update(self._task, checked=shown[0] if shown else "")


@contextmanager
def progress_line(steps: int, first_step: int, visible: bool) -> Iterator[ProgressLine]:
    """A line on stderr, for the first process alone."""
    columns = (
        MofNCompleteColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[checked]}"),
    )
    with Progress(
        *columns, console=CONSOLE, refresh_per_second=2, disable=not visible
    ) as progress:
        yield ProgressLine(progress, steps, first_step)
