"""What `vjepa2 landscape` looks at: two pictures, the arm's state, the true action if known."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2.trajectory import Trajectory, read_trajectory
from vjepa2_planner.goal_image import GoalImageError, read_goal_image
from vjepa2_poses import action_between


@dataclass(frozen=True, eq=False)
class Pair:
    """start, goal: RGB uint8 [H,W,3]. state: [7] at the start. true_action: [7] between them."""

    start: NDArray[np.uint8]
    goal: NDArray[np.uint8]
    state: Tensor
    true_action: Tensor | None
    name: str


def read_pair(options: argparse.Namespace) -> Pair:
    """The pair that the command line names; ValueError says what is missing or wrong."""
    if options.npz is not None:
        known = ("start", "goal", "state", "true_action", "goal_state")
        if given := [f"--{name.replace('_', '-')}" for name in known if getattr(options, name)]:
            raise ValueError(f"--npz holds pictures and states: no {', '.join(given)} then")
        return first_pair(read_trajectory(options.npz))
    if not (options.start and options.goal and options.state):
        raise ValueError("give --start, --goal and --state, or --npz")
    start, goal = read_image(options.start), read_image(options.goal)
    if start.shape != goal.shape:
        raise ValueError(
            f"{options.start} is {list(start.shape)} but {options.goal} is {list(goal.shape)}; "
            "both must be of the same camera and resolution"
        )
    state = parse_state(options.state, "--state")
    return Pair(start, goal, state, _true_action(options, state), options.goal.stem)


def first_pair(trajectory: Trajectory) -> Pair:
    """The first frame of a trajectory as the start, the second as the goal."""
    start, goal = trajectory.frames[:2]
    return Pair(start, goal, trajectory.states[0], trajectory.actions[0], trajectory.name)


def read_image(path: Path) -> NDArray[np.uint8]:
    """RGB [H,W,3] of an image file; ValueError with its name if it is none."""
    try:
        return read_goal_image(path)
    except GoalImageError as error:
        raise ValueError(f"{path} {error}") from error


def parse_state(text: str, option: str) -> Tensor:
    """A state [7] from text; its closedness must be in [0, 1]."""
    state = parse_vector(text, option)
    if not 0 <= state[6] <= 1:
        raise ValueError(f"{option}: closedness is 0 (open) to 1 (closed), not {state[6]:g}")
    if state[3:6].abs().max() > 2 * math.pi:
        raise ValueError(f"{option}: {state[3:6].tolist()} are no angles in radians")
    return state


def parse_vector(text: str, option: str, components: str = "x y z rx ry rz gripper") -> Tensor:
    """As many finite numbers as there are components, separated by spaces or commas."""
    count = len(components.split())
    try:
        numbers = [float(number) for number in text.replace(",", " ").split()]
    except ValueError as error:
        raise ValueError(f"{option}: {error}; give '{components}'") from error
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise ValueError(
            f"{option}: needs {count} finite numbers '{components}' (m, rad, 0 to 1), "
            f"not {len(numbers)}: {text!r}"
        )
    return torch.tensor(numbers)


def _true_action(options: argparse.Namespace, state: Tensor) -> Tensor | None:
    if options.true_action and options.goal_state:
        raise ValueError("give --true-action or --goal-state, not both")
    if options.true_action:
        return parse_vector(options.true_action, "--true-action")
    if options.goal_state:
        return action_between(state, parse_state(options.goal_state, "--goal-state"))
    return None
