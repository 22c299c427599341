"""What ROS costs the closed loop: `python benchmarks/ros_loop.py --trials 5 --json FILE`.

Plays reach trials through the nodes and tells where the time of a step goes, and how long a
picture takes from its capture to its latent. All figures are of one run on one machine.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from vjepa2_bringup.ros_bench import open_ros_bench
from vjepa2_msgs.msg import WorldModelStatus
from vjepa2_node import names
from vjepa2_node.qos import EVENTS
from vjepa2_planner import Timing
from vjepa2_sim.reach_attempt import BUDGET
from vjepa2_sim.versions import versions

PARTS = ("waiting", "encoding", "planning", "motion", "overhead")


def measure(trials: int, seed: int, composed: bool, console: Console) -> dict[str, Any]:
    """Figures of `trials` trials from `seed` on; progress goes to `console`."""
    latencies: dict[float, float] = {}

    def keep(status: WorldModelStatus) -> None:
        stamp = status.header.stamp
        if stamp.sec:
            latencies[stamp.sec + 1e-9 * stamp.nanosec] = status.latency

    timings: list[Timing] = []
    with open_ros_bench(composed=composed) as bench:
        bench.node.create_subscription(WorldModelStatus, names.WORLD_MODEL_STATUS, keep, EVENTS)
        for number in range(seed, seed + trials):
            attempt = bench.attempt_reach(number, BUDGET)
            timings += attempt.timings
            console.print(f"seed {number}: {100 * attempt.final_distance_m:.1f} cm left")
    return summary(timings, list(latencies.values())) | {
        "composed": composed,
        "trials": trials,
        "seed": seed,
        "versions": versions(),
    }


def summary(timings: list[Timing], latencies: list[float]) -> dict[str, Any]:
    """Seconds a step of each part, their share of all steps, and percentiles of the latency."""
    total = sum(timing.total for timing in timings)
    parts = {part: [getattr(timing, part) for timing in timings] for part in PARTS}
    return {
        "steps": len(timings),
        "step_seconds_median": float(np.median([timing.total for timing in timings])),
        "share": {part: sum(seconds) / total for part, seconds in parts.items()},
        "median_seconds": {part: float(np.median(seconds)) for part, seconds in parts.items()},
        "p99_seconds": {part: float(np.percentile(s, 99)) for part, s in parts.items()},
        "capture_to_latent_seconds": {
            "p50": float(np.percentile(latencies, 50)),
            "p99": float(np.percentile(latencies, 99)),
            "views": len(latencies),
        },
    }


def _table(figures: dict[str, Any]) -> Table:
    table = Table("part of a step", "share of all", "median", "99th percentile")
    for part in PARTS:
        table.add_row(
            part,
            f"{figures['share'][part]:.1%}",
            f"{1000 * figures['median_seconds'][part]:.0f} ms",
            f"{1000 * figures['p99_seconds'][part]:.0f} ms",
        )
    return table


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0, help="of the first trial")
    parser.add_argument("--distributed", action="store_true", help="planning in four processes")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    console = Console()
    figures = measure(options.trials, options.seed, not options.distributed, console)
    console.print(_table(figures))
    latency = figures["capture_to_latent_seconds"]
    console.print(
        f"capture to latent: {1000 * latency['p50']:.1f} ms median, "
        f"{1000 * latency['p99']:.1f} ms 99th percentile, {latency['views']} views"
    )
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
