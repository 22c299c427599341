"""All planners side by side, on the same problems and the same trials: `make bench`.

Open loop: recorded planning problems (a view, a state, a goal image) of unseen seeds. A row has
the predictor evaluations of a plan (one with its gradient counts as three), the seconds, and the
energy of the action as it would be executed, computed for all planners by the same float32 model.
Closed loop: reach trials of unseen seeds through the franky client on the simulated arm, or with
--direct without robot protocol and dynamics: then all but the planning takes next to no time.

    python benchmarks/planners.py --out docs/bench
    python benchmarks/planners.py --problems 10 --trials 0 --presets paper fast    a quick look
    python benchmarks/planners.py --released     ViT-g and 300M, random weights, bf16, on a GPU
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from closed_loop import play_trials, trained
from machine import describe
from open_loop import SimulatedProblems, plan_all
from planner_report import write_report
from released_sizes import RandomProblems
from rich.console import Console

from vjepa2_planner.presets import FAST, PRESETS, REFERENCES
from vjepa2_sim.collection import FIRST_EVALUATION_SEED

OPEN_LOOP = ("paper", "official_world_model", "official_notebook", *FAST)
CLOSED_LOOP = ("paper", *FAST, "fast with horizon 2", "fast with horizon 4", "demo_sim")
RELEASED = ("paper", *FAST)
BASELINES = ("pixels", "policy")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, default=Path("runs/bench"), help="folder of the report"
    )
    parser.add_argument("--problems", type=int, default=50, help="planning problems (50)")
    parser.add_argument("--trials", type=int, default=20, help="reach trials a planner (20)")
    parser.add_argument("--seed", type=int, default=FIRST_EVALUATION_SEED, help="the first one")
    parser.add_argument("--direct", action="store_true", help="trials without robot protocol")
    parser.add_argument("--presets", nargs="+", help=f"of {', '.join(PRESETS)}")
    parser.add_argument("--baselines", nargs="*", choices=BASELINES, default=list(BASELINES))
    parser.add_argument("--world-model", default="bundled", help="bundled, or a checkpoint's path")
    parser.add_argument("--released", action="store_true", help="the released sizes, on a GPU")
    options = parser.parse_args(arguments)
    if options.released and not torch.cuda.is_available():
        parser.error("--released needs a GPU: one plan would take an hour on a CPU")
    unknown = set(options.presets or ()) - set(CLOSED_LOOP) - set(REFERENCES) - set(PRESETS)
    if unknown:
        parser.error(f"no preset called {', '.join(unknown)}; there are {', '.join(PRESETS)}")

    console = Console(highlight=False)
    played = options.trials and not options.released
    baselines = trained(options.baselines, console) if played else []
    seeds = range(options.seed, options.seed + options.problems)
    if options.released:
        problems: Any = RandomProblems(len(seeds))
        names = options.presets or RELEASED
    else:
        problems = SimulatedProblems(options.world_model, seeds)
        names = options.presets or OPEN_LOOP
    figures: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "command": "python benchmarks/planners.py " + shlex.join(arguments or sys.argv[1:]),
        "machine": describe(problems.device),
        "model": problems.about,
        "open_loop": plan_all(problems, [n for n in names if n in PRESETS], console),
    }
    if played:
        trials = range(options.seed, options.seed + options.trials)
        names = options.presets or CLOSED_LOOP
        figures["closed_loop"] = play_trials(
            options.world_model, names, baselines, trials, console, options.direct
        )
        figures["arm"] = (
            "an arm that goes exactly where it is sent, without robot protocol"
            if options.direct
            else "franky on franky-sim"
        )
    options.out.mkdir(parents=True, exist_ok=True)
    stem = "planners_released" if options.released else "planners"
    (options.out / f"{stem}.json").write_text(json.dumps(figures, indent=1) + "\n")
    write_report(figures, options.out, stem)
    console.print(f"see {options.out / stem}.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
