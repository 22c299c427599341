"""One attempt at a reach trial: the closed loop on the test bench, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from vjepa2_planner import (
    LocalObserver,
    Outcome,
    Planner,
    RecedingHorizon,
    Timing,
    WorldModel,
    encode_goal,
)
from vjepa2_sim.bench import Bench, StateCamera, TableCamera
from vjepa2_sim.reach import SUCCESS_M as SUCCESS_M
from vjepa2_sim.reach import ReachTrial
from vjepa2_sim.simulator_world_model import SimulatorWorldModel

BUDGET = 12


@dataclass(frozen=True)
class Attempt:
    """What came of a trial.

    distances_m: true distance from the goal before the first step and after each one.
    energies: of the live view against the goal, at the same moments.
    timings: where the time of each step went.
    success: the last distance is under SUCCESS_M, and no fault ended the attempt.
    outcome: how the loop ended; reason: its sentence.
    """

    seed: int
    start_distance_m: float
    final_distance_m: float
    distances_m: tuple[float, ...]
    energies: tuple[float, ...]
    timings: tuple[Timing, ...]
    outcome: Outcome
    reason: str
    success: bool

    @property
    def planning_seconds(self) -> tuple[float, ...]:
        """From the image in hand to the action, for each step: encoding and planning."""
        return tuple(timing.encoding + timing.planning for timing in self.timings)


class ShownStep(Protocol):
    """What people are shown of a step while it goes on."""

    @property
    def index(self) -> int: ...
    @property
    def energy(self) -> float: ...
    @property
    def planning_seconds(self) -> float: ...


OnLook = Callable[[ShownStep | None, float], None]
"""Is shown the distance from the goal at the start, with None, and after each step [m]."""


def attempt_reach(
    bench: Bench,
    trial: ReachTrial,
    world_model: WorldModel[Any],
    planner: Planner,
    size: int,
    budget: int = BUDGET,
    on_look: OnLook = lambda step, distance_m: None,
) -> Attempt:
    """Plays the trial with `budget` steps; nothing that only a simulator knows steers it.

    size: edge in pixels of the pictures taken, which should be the model's.
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
        observer=LocalObserver(world_model, camera, bench.arm),
        arm=bench.arm,
        goal=encode_goal(world_model, goal, camera),
        budget=budget,
        seed=trial.seed,
    )
    distances, energies, timings = [bench.distance_m(trial)], [], []
    on_look(None, distances[0])
    for step in loop:
        distances.append(bench.distance_m(trial))
        energies.append(step.energy)
        timings.append(step.timing)
        on_look(step, distances[-1])
    assert loop.ending is not None
    return scored(
        trial.seed,
        distances,
        [*energies, loop.ending.energy],
        timings,
        loop.ending.outcome,
        loop.ending.reason,
    )


def scored(
    seed: int,
    distances_m: Sequence[float],
    energies: Sequence[float],
    timings: Sequence[Timing],
    outcome: Outcome,
    reason: str,
) -> Attempt:
    """The attempt with these records, judged by its last distance."""
    return Attempt(
        seed=seed,
        start_distance_m=distances_m[0],
        final_distance_m=distances_m[-1],
        distances_m=tuple(distances_m),
        energies=tuple(energies),
        timings=tuple(timings),
        outcome=outcome,
        reason=reason,
        success=bool(distances_m[-1] < SUCCESS_M) and not outcome.fault,
    )
