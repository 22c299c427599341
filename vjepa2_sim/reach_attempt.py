"""One attempt at a reach trial: the closed loop on the test bench, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from vjepa2_planner import Outcome, Planner, RecedingHorizon, Step, WorldModel, encode_goal
from vjepa2_sim.bench import Bench, StateCamera, TableCamera
from vjepa2_sim.reach import ReachTrial
from vjepa2_sim.simulator_world_model import SimulatorWorldModel

BUDGET = 12
SUCCESS_M = 0.04
"""Final distance that counts as reached (paper, section 4.2)."""


@dataclass(frozen=True)
class Attempt:
    """What came of a trial.

    distances_m: true distance from the goal before the first step and after each one.
    energies: of the live view against the goal, at the same moments.
    success: the last distance is under SUCCESS_M, and no fault ended the attempt.
    outcome: how the loop ended; reason: its sentence.
    """

    seed: int
    start_distance_m: float
    final_distance_m: float
    distances_m: tuple[float, ...]
    energies: tuple[float, ...]
    planning_seconds: tuple[float, ...]
    outcome: Outcome
    reason: str
    success: bool


def attempt_reach(
    bench: Bench,
    trial: ReachTrial,
    world_model: WorldModel[Any],
    planner: Planner,
    size: int,
    budget: int = BUDGET,
    on_look: Callable[[Step | None, float], None] = lambda step, distance_m: None,
) -> Attempt:
    """Plays the trial with `budget` steps; nothing that only a simulator knows steers it.

    size: edge in pixels of the pictures taken, which should be the model's.
    on_look: is shown the true distance at the start, with None, and after each step.
    """
    bench.set_up(trial)
    goal: NDArray[Any]
    camera: TableCamera | StateCamera
    if isinstance(world_model, SimulatorWorldModel):
        goal, camera = trial.goal, StateCamera(bench.arm)
    else:
        goal, camera = bench.goal_image(trial, size), TableCamera(bench.table, size)
    loop = RecedingHorizon(
        world_model=world_model,
        planner=planner,
        camera=camera,
        arm=bench.arm,
        goal=encode_goal(world_model, goal, camera),
        budget=budget,
        seed=trial.seed,
    )
    distances, energies, seconds = [bench.distance_m(trial)], [], []
    on_look(None, distances[0])
    for step in loop:
        distances.append(bench.distance_m(trial))
        energies.append(step.energy)
        seconds.append(step.planning_seconds)
        on_look(step, distances[-1])
    assert loop.ending is not None
    return Attempt(
        seed=trial.seed,
        start_distance_m=distances[0],
        final_distance_m=distances[-1],
        distances_m=tuple(distances),
        energies=(*energies, loop.ending.energy),
        planning_seconds=tuple(seconds),
        outcome=loop.ending.outcome,
        reason=loop.ending.reason,
        success=bool(distances[-1] < SUCCESS_M) and not loop.ending.outcome.fault,
    )
