"""Tasks with an object, world models side by side, beside the paper's table 2.

python benchmarks/tasks.py --direct --trials 50 --out docs/bench
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from machine import processor
from rich.console import Console

from vjepa2_sim.collection import FIRST_EVALUATION_SEED
from vjepa2_sim.task_draw import OBJECTS, TASKS
from vjepa2_sim.task_evaluation import evaluate_task, in_this_process, task_summary

PAPER = {
    ("grasp", "cup"): (65, 15),
    ("grasp", "box"): (25, 0),
    ("reach_with_object", "cup"): (75, 15),
    ("reach_with_object", "box"): (75, 70),
    ("pick_and_place", "cup"): (80, 15),
    ("pick_and_place", "box"): (65, 10),
}
"""Successes in per cent of V-JEPA 2-AC and of Octo, averaged over two labs (paper, table 2)."""


def measure(options: argparse.Namespace, console: Console) -> list[dict[str, Any]]:
    """Summaries, one for each world model, task and object; without the single trials."""
    seeds = range(options.seed, options.seed + options.trials)
    rows = []
    for name in options.world_models:
        with in_this_process(name, options.preset, options.direct) as play:
            for task in TASKS:
                for thing in options.objects:
                    attempts = evaluate_task(play, task, thing, seeds, None, console)
                    about = {"world_model": name, "preset": options.preset, "seed": options.seed}
                    rows.append(task_summary(attempts, **about))
                    del rows[-1]["trials"]
    return rows


def as_markdown(rows: list[dict[str, Any]], about: dict[str, Any]) -> str:
    """The table, with how it was measured."""
    lines = [
        f"# Tasks with an object, {about['trials']} unseen trials each",
        "",
        f"{about['arm']}; preset `{about['preset']}`, seeds from {about['seed']}; "
        f"{about['machine']}.",
        "",
        "| task | object | world model | success | 95 % interval | failures | planning | "
        "paper | Octo in the paper |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        low, high = row["interval_95"]
        paper, octo = PAPER[row["task"], row["object"]]
        failures = ", ".join(f"{count} {cause}" for cause, count in row["causes"].items())
        lines.append(
            f"| {row['task']} | {row['object']} | {row['world_model']} "
            f"| {row['success_rate']:.0%} | {low:.0%} to {high:.0%} | {failures or 'none'} "
            f"| {row['planning_seconds_median'] or 0:.2f} s | {paper} % | {octo} % |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--world-models", nargs="+", default=["simulator", "bundled"])
    parser.add_argument("--objects", nargs="+", choices=OBJECTS, default=OBJECTS)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--seed", type=int, default=FIRST_EVALUATION_SEED)
    parser.add_argument("--preset", default="demo_tasks")
    parser.add_argument("--direct", action="store_true", help="without franky and dynamics")
    parser.add_argument("--out", type=Path, default=Path("docs/bench"))
    options = parser.parse_args()
    rows = measure(options, Console())
    about = {
        "trials": options.trials,
        "seed": options.seed,
        "preset": options.preset,
        "arm": "contact physics without robot protocol (`--direct`)"
        if options.direct
        else "franky on franky-sim",
        "machine": f"{processor()}, {os.cpu_count()} cores",
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "tasks.json").write_text(json.dumps({**about, "rows": rows}, indent=1) + "\n")
    (options.out / "tasks.md").write_text(as_markdown(rows, about))
    return 0


if __name__ == "__main__":
    sys.exit(main())
