"""The matrix of faults as the tests measured it, and its page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

SLACK = 0.25
"""Within which the arm holds after a fault's time-out [s]."""

HEAD = f"""# Faults

Each fault was injected into a running stack: simulated arm, bundled model, preset demo_sim, every
node a process of its own. `make faults` repeats it, and writes this page. Where a bad command was
sent straight to the bridge the arm stood. Else, where nothing else is said, it was in the middle
of a step of a task, and

- **told after** is the time from the injection until the task ended with the code;
- **time-out** is what is documented of this fault: until it is over the arm may move. A step under
  way, which takes 2 s at most with this preset, is carried to its end where nobody stops it, as
  the camera and the world model are asked between steps only. The tests fail where the arm moves
  {SLACK:g} s longer than that;
- **holds after** is the time from the injection until the end effector was within 0.5 mm of where
  it then stayed, for a second after the end of the task at least, as the bridge told it (or as the
  simulator knew it, where the bridge could tell nothing);
- no command reached the bridge after the injection, where the row names no exception: the tests
  count the goals of `execute_delta` until that second is over.

| fault | what the arm does | code | told after [s] | time-out [s] | holds after [s] | recovery |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class TimeOut:
    """seconds: until when the arm may move. name: what it is called."""

    seconds: float
    name: str = ""

    def __str__(self) -> str:
        return f"{self.seconds:g} ({self.name})" if self.name else f"{self.seconds:g}"


AT_ONCE = TimeOut(0.0)
STEP = TimeOut(2.0, "the step under way")


@dataclass(frozen=True)
class Row:
    """told, held: seconds; None where no task ended by it, or where nothing moved or was to hold.

    timeout: None where the arm does not stop.
    """

    fault: str
    arm: str
    code: str
    recovery: str
    timeout: TimeOut | None = None
    told: float | None = None
    held: float | None = None

    def __str__(self) -> str:
        measured = ["-" if value is None else f"{value:.2f}" for value in (self.told, self.held)]
        timeout = "-" if self.timeout is None else str(self.timeout)
        cells = (self.fault, self.arm, self.code, measured[0], timeout, measured[1], self.recovery)
        return f"| {' | '.join(cells)} |"


@dataclass
class Matrix:
    """Rows in the order in which they were measured. page: gets them."""

    page: Path | None = None
    rows: list[Row] = field(default_factory=list)

    def add(self, *row: Row) -> None:
        """After all assertions of its test: what is on the page was measured and held."""
        self.rows.extend(row)
        if self.page is not None:
            content = HEAD + "\n".join(map(str, self.rows)) + "\n"
            self.page.write_text(content, encoding="utf-8")
