"""The matrix of faults as the tests measured it, and its page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HEAD = """# Faults

Each fault was injected into a running stack (simulated arm, bundled model, every node a process
of its own) while the arm moved on a task; `make faults` repeats it and writes this page. "Holds
after" is the time from the injection to the last movement of the end effector. A step that is
under way, of about a second, is ended unless its commander falls silent or a person stops it. No
command followed: the arm stood still for 50 states after the task had ended.

| fault | what the arm does | code | time-out [s] | holds after [s] | recovery |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Row:
    """held: seconds; None where nothing moved to begin with. timeout: the documented one [s]."""

    fault: str
    arm: str
    code: str
    timeout: float
    held: float | None
    recovery: str

    def __str__(self) -> str:
        held = "did not move" if self.held is None else f"{max(self.held, 0.0):.2f}"
        cells = (self.fault, self.arm, self.code, f"{self.timeout:g}", held, self.recovery)
        return f"| {' | '.join(cells)} |"


@dataclass
class Matrix:
    """Rows in the order in which they were measured."""

    rows: list[Row] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """As a page."""
        path.write_text(HEAD + "\n".join(map(str, self.rows)) + "\n", encoding="utf-8")
