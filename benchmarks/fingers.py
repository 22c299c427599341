"""How well the direction of the fingers is told from two goal images that differ by them alone.

python benchmarks/fingers.py --trials 60 --seed 50310
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from torch import Tensor

from vjepa2_planner import WorldModel
from vjepa2_planner.fingers_between import CHANGES, fingers_between
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.open_world_model import open_world_model
from vjepa2_sim.task_bench import goal_images, task_twin
from vjepa2_sim.task_draw import OBJECTS, draw_task_trial
from vjepa2_sim.task_trial import SubGoalPose, TaskTrial

PAIRS = (("around", "grasp", 1.0), ("place", "release", -1.0))
"""Sub-goals of pick-and-place with the same arm, and what the fingers do."""
OFF_M = 0.0025
"""By which the hand of a live view is off along each axis (standard deviation)."""
WAYS = ("there and back", "there alone", "there alone, the hand off by 2.5 mm an axis")


def answers(
    world_model: WorldModel[Any], trial: TaskTrial, twin: DirectDriver, size: int
) -> Iterator[tuple[str, bool]]:
    """Each way with whether it was right, for both pairs of a trial."""
    rng = np.random.default_rng(trial.seed)
    pictures = goal_images(trial, twin, size)
    off = goal_images(_shifted(trial, rng.normal(0.0, OFF_M, 3)), twin, size)
    shown = {goal.name: number for number, goal in enumerate(trial.sub_goals)}
    for first, second, direction in PAIRS:
        here = shown[first]
        former, goal, live = (
            world_model.encode(picture[None])
            for picture in (pictures[here], pictures[shown[second]], off[here])
        )
        hand = trial.sub_goals[here].arrangement.hand
        state = torch.as_tensor(hand, dtype=torch.float32)
        for way, told in (
            (WAYS[0], fingers_between(world_model, former, goal, state)),
            (WAYS[1], _there(world_model, former, goal, state)),
            (WAYS[2], _there(world_model, live, goal, state)),
        ):
            yield way, told * direction > 0


def _there(world_model: WorldModel[Any], context: Any, goal: Any, state: Tensor) -> float:
    actions = torch.zeros(2 * len(CHANGES), 1, 7)
    actions[:, 0, 6] = torch.tensor([*(-change for change in CHANGES), *CHANGES])
    energies = world_model.energies(context, state[None], goal, actions)
    opened, closed = energies.split(len(CHANGES))
    return float(opened.mean() - closed.mean())


def _shifted(trial: TaskTrial, shift: NDArray[np.float64]) -> TaskTrial:
    def moved(goal: SubGoalPose) -> SubGoalPose:
        hand = goal.arrangement.hand + np.append(shift, np.zeros(4))
        return replace(goal, arrangement=replace(goal.arrangement, hand=hand))

    return replace(trial, sub_goals=tuple(moved(goal) for goal in trial.sub_goals))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=60, help="of each object (60)")
    parser.add_argument("--seed", type=int, default=50_310)
    options = parser.parse_args()
    world_model, size = open_world_model("bundled")
    twin = task_twin()
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for number in track(range(options.trials), console=Console(stderr=True)):
        for thing in OBJECTS:
            trial = draw_task_trial("pick_and_place", thing, options.seed + number)
            for way, was_right in answers(world_model, trial, twin, size):
                right[way] += was_right
                asked[way] += 1
    for way in WAYS:
        print(f"{way}: {right[way]} of {asked[way]} ({right[way] / asked[way]:.1%})")


if __name__ == "__main__":
    main()
