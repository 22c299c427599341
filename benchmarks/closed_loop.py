"""Reach trials of the same seeds by many planners, and by the baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console

from vjepa2_planner import Planner, PolicyPlanner, Preset, preset
from vjepa2_planner.presets import BOX
from vjepa2_sim.bench import open_bench
from vjepa2_sim.direct_bench import open_direct_bench
from vjepa2_sim.evaluate import evaluate_reach, summary
from vjepa2_sim.open_world_model import open_world_model
from vjepa2_sim.reach import draw_reach_trial
from vjepa2_sim.reach_attempt import attempt_reach

HORIZON = " with horizon "


def play_trials(
    model: str,
    presets: Sequence[str],
    baselines: Sequence[str],
    seeds: Sequence[int],
    console: Console,
    direct: bool = False,
) -> list[dict[str, Any]]:
    """A row for each preset with the world model, and for each baseline.

    direct: the arm goes exactly where it is sent, without robot protocol and dynamics.

    The gripper is left as it is: reach trials have no use for it, and a preset that plans it
    would open and close it at random.
    """
    planners: list[tuple[str, str, Planner]] = [
        (name, model, without_gripper(name).planner()) for name in presets
    ]
    if "pixels" in baselines:
        planners.append(("fast_cem", "pixels", without_gripper("fast_cem").planner()))
    if "policy" in baselines:
        planners.append(("policy", "policy", PolicyPlanner(BOX, fixed_gripper=True)))
    return [
        row(name, opened, planner, seeds, console, direct) for name, opened, planner in planners
    ]


def trained(baselines: Sequence[str], console: Console) -> list[str]:
    """Those whose weights are there; the others are named with how to train them."""
    found = []
    for name in baselines:
        try:
            open_world_model(name)
        except FileNotFoundError as error:
            console.print(f"left out: {name} ({error})", soft_wrap=True)
        else:
            found.append(name)
    return found


def without_gripper(name: str) -> Preset:
    """The preset of that name for reach; "NAME with horizon 2" looks two steps ahead."""
    base, _, horizon = name.partition(HORIZON)
    chosen = preset(base)
    settings = replace(chosen.settings, fixed_gripper=True)
    if horizon:
        settings = replace(settings, horizon=int(horizon))
    return replace(chosen, settings=settings)


def row(
    name: str,
    model: str,
    planner: Planner,
    seeds: Sequence[int],
    console: Console,
    direct: bool,
) -> dict[str, Any]:
    """Figures of one planner."""
    world_model, size = open_world_model(model)
    console.print(f"{name}, world model {model}")
    with open_direct_bench() if direct else open_bench() as bench:
        attempts = evaluate_reach(
            lambda seed: attempt_reach(bench, draw_reach_trial(seed), world_model, planner, size),
            seeds,
            console,
        )
    figures = summary(attempts, planner=name, world_model=model)
    return {key: value for key, value in figures.items() if key not in ("trials", "versions")} | {
        "trials": len(attempts),
        "final_distances_m": [attempt.final_distance_m for attempt in attempts],
    }
