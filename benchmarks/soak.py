"""Tasks one after another for half an hour: does memory grow, does the pace hold, is all well?

python benchmarks/soak.py --minutes 30 --out docs/bench

Every node is a process of its own and each task is recorded, as by `vjepa2 up composed:=false`.
Ends with status 1 where a limit is broken, after the figures are written.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, cycle
from pathlib import Path
from typing import Any

import numpy as np
from machine import processor
from rich.console import Console
from soak_report import MAX_GROWTH, MAX_PACE, as_markdown, plot

from vjepa2_bringup.ros_bench import RosBench, open_ros_bench
from vjepa2_bringup.runner import Stack
from vjepa2_planner import Timing
from vjepa2_sim.reach_attempt import BUDGET
from vjepa2_sim.task_draw import draw_task_trial
from vjepa2_sim.versions import versions

TASKS = ("reach", "pick_and_place box", "reach", "grasp cup")
"""Played in turn; the seed goes up with each."""
FIRST_SEED = 3000
WARM_UP = 300.0
"""Seconds after which memory counts: by then every cache is full."""
SAMPLE_EVERY = 5.0
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Played:
    """A task: when it began [s since the start], its step periods [s], what went wrong, if so."""

    task: str
    seed: int
    began: float
    periods: tuple[float, ...]
    success: bool
    fault: str


@dataclass
class Memory:
    """Resident memory of each process [bytes], with the seconds since the start."""

    seconds: list[float] = field(default_factory=list)
    resident: dict[str, list[int]] = field(default_factory=dict)

    def sample(self, stack: Stack, now: float) -> None:
        """Look at every process; one that has ended raises."""
        stack.check()
        self.seconds.append(now)
        for process in stack.processes:
            pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
            self.resident.setdefault(process.spec.executable, []).append(pages * PAGE_SIZE)

    def growth(self, warm_up: float) -> dict[str, float]:
        """Of each process and of all: the last tenth after `warm_up` s against its first tenth."""
        everything = {**self.resident, "all": np.sum(list(self.resident.values()), axis=0)}
        late = np.array(self.seconds) >= warm_up
        growths = {}
        for name, resident in everything.items():
            counted = np.array(resident)[late]
            tenth = max(len(counted) // 10, 1)
            first, last = np.median(counted[:tenth]), np.median(counted[-tenth:])
            growths[name] = float(last / first - 1.0)
        return growths


@contextmanager
def watched(stack: Stack, started: float) -> Iterator[Memory]:
    """Memory of a stack, sampled for as long as the context lasts."""
    memory, over = Memory(), threading.Event()

    def watch() -> None:
        while not over.wait(SAMPLE_EVERY):
            memory.sample(stack, time.monotonic() - started)

    thread = threading.Thread(target=watch, name="memory", daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        over.set()
        thread.join()


def play(bench: RosBench, task: str, seed: int) -> tuple[tuple[Timing, ...], Any]:
    """Carry a task out; the timings of its steps, and the attempt."""
    if task == "reach":
        reach = bench.attempt_reach(seed, BUDGET)
        return reach.timings, reach
    name, thing = task.split()
    attempt = bench.attempt_task(draw_task_trial(name, thing, seed))
    return tuple(step.timing for step in attempt.steps), attempt


def soak(minutes: float, warm_up: float, console: Console) -> dict[str, Any]:
    """Figures of tasks played for `minutes`, memory counted after `warm_up` s."""
    with (
        tempfile.TemporaryDirectory(prefix="vjepa2-soak-") as runs,
        open_ros_bench(preset="demo_tasks", composed=False, record=runs) as bench,
    ):
        started = time.monotonic()
        played: list[Played] = []
        with watched(bench.stack, started) as memory:
            for seed, task in zip(count(FIRST_SEED), cycle(TASKS), strict=False):
                began = time.monotonic() - started
                if began > 60 * minutes:
                    break
                timings, attempt = play(bench, task, seed)
                fault = attempt.reason if attempt.outcome.fault else ""
                periods = tuple(timing.total for timing in timings)
                played.append(Played(task, seed, began, periods, attempt.success, fault))
                console.print(
                    f"{began / 60:4.1f} min  {task:18}  {len(periods)} steps, "
                    f"{np.median(periods or [np.nan]):.2f} s each  {fault}"
                )
    return figures(played, memory, warm_up) | {"minutes": minutes}


def figures(played: list[Played], memory: Memory, warm_up: float) -> dict[str, Any]:
    """What is published, and the samples behind it."""
    periods = np.array([period for task in played for period in task.periods])
    growth = memory.growth(warm_up)
    median, p99 = float(np.median(periods)), float(np.percentile(periods, 99))
    faults = [f"{task.task}, seed {task.seed}: {task.fault}" for task in played if task.fault]
    return {
        "kinds": TASKS,
        "tasks": len(played),
        "steps": len(periods),
        "faults": faults,
        "step_seconds": {"median": median, "p99": p99, "largest": float(periods.max())},
        "memory_growth": growth,
        "passed": not faults and growth["all"] < MAX_GROWTH and p99 < MAX_PACE * median,
        "warm_up_seconds": warm_up,
        "played": [vars(task) for task in played],
        "memory": vars(memory),
    }


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--warm-up", type=float, default=WARM_UP, help="seconds not counted")
    parser.add_argument("--out", type=Path, default=Path("docs/bench"), help="folder")
    options = parser.parse_args()
    if not options.warm_up < 60 * options.minutes:
        parser.error("--warm-up must be shorter than the whole, or no memory counts")
    console = Console()
    measured = soak(options.minutes, options.warm_up, console) | {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "versions": versions(),
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "soak.json").write_text(json.dumps(measured) + "\n", encoding="utf-8")
    (options.out / "soak.md").write_text(as_markdown(measured), encoding="utf-8")
    plot(measured, options.out / "soak.png")
    print(as_markdown(measured))
    return 0 if measured["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
