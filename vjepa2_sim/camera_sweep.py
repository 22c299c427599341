"""How the calibration's angle, and reaching with and without it, depend on the camera's place.

Figure 16 of the V-JEPA 2 paper, in simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vjepa2_planner import Planner, Preset, WorldModel
from vjepa2_planner.calibration import RotatedPlanner, infer_moves, judge, solve
from vjepa2_sim.bench import Bench
from vjepa2_sim.calibration_run import planned, record, set_up
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.reach import SUCCESS_M, draw_reach_trial
from vjepa2_sim.reach_attempt import attempt_reach
from vjepa2_sim.simulator_world_model import SimulatorWorldModel


@dataclass(frozen=True)
class Reaches:
    """Distance from the goal of each trial, before its first step and after each one [m]."""

    distances_m: tuple[tuple[float, ...], ...]

    @property
    def reached(self) -> int:
        """How many ended within SUCCESS_M."""
        return sum(distances[-1] < SUCCESS_M for distances in self.distances_m)

    @property
    def median_m(self) -> float:
        """Of the final distances."""
        return float(np.median([distances[-1] for distances in self.distances_m]))

    @property
    def median_steps(self) -> float:
        """Steps until first within SUCCESS_M; a trial that never was counts as one step more."""
        return float(np.median([_steps(distances) for distances in self.distances_m]))


@dataclass(frozen=True)
class SweepPoint:
    """One camera angle.

    camera_deg: 0 behind the base, 90 at its left. rotation_deg: the calibration's θ. errors: on
    held-out moves [m]. without, turned: the same reach trials not calibrated and calibrated.
    """

    camera_deg: float
    rotation_deg: float
    condition_number: float
    error_before: float
    error_after: float
    passed: bool
    without: Reaches
    turned: Reaches


@dataclass(frozen=True)
class Sweep:
    """What is measured at each angle. seed: of the moves and of the first trial."""

    world_model: WorldModel[Any]
    size: int
    preset: Preset
    moves: int
    trials: int
    seed: int

    def at(
        self, bench: Bench, camera_deg: float, shown: Callable[[str], None] = lambda _: None
    ) -> SweepPoint:
        """Calibrate with the camera at an angle, then reach without and with the rotation."""
        shown("calibrating")
        set_up(bench, CameraPlacement(angle_deg=camera_deg))
        size = None if isinstance(self.world_model, SimulatorWorldModel) else self.size
        moves = infer_moves(self.world_model, record(bench, planned(self.moves, self.seed), size))
        solution = solve(*moves.arrays(), left_out=moves.left_out, seed=self.seed)
        planner = self.preset.planner()
        turning = RotatedPlanner(planner, solution.rotation, self.preset.constraint)
        shown("reaching without calibration")
        without = self._reach(bench, camera_deg, planner)
        shown("reaching with calibration")
        turned = self._reach(bench, camera_deg, turning)
        return SweepPoint(
            camera_deg,
            solution.angle_deg,
            solution.condition_number,
            solution.error_before,
            solution.error_after,
            judge(solution).passed,
            without,
            turned,
        )

    def _reach(self, bench: Bench, camera_deg: float, planner: Planner) -> Reaches:
        distances = []
        for seed in range(self.seed, self.seed + self.trials):
            trial = draw_reach_trial(seed)
            trial = replace(trial, camera=replace(trial.camera, angle_deg=camera_deg))
            attempt = attempt_reach(bench, trial, self.world_model, planner, self.size)
            distances.append(attempt.distances_m)
        return Reaches(tuple(distances))


def fitted_line(points: Sequence[SweepPoint]) -> tuple[float, float] | None:
    """Slope and offset [degrees] of θ over the camera's angle; None for fewer than two angles."""
    if len(points) < 2:
        return None
    angles = np.array([point.camera_deg for point in points])
    rotations = np.degrees(np.unwrap(np.radians([point.rotation_deg for point in points])))
    slope, offset = np.polyfit(angles, rotations, 1)
    return float(slope), float(offset)


def _steps(distances_m: Sequence[float]) -> int:
    near = (step for step, distance in enumerate(distances_m) if distance < SUCCESS_M)
    return next(near, len(distances_m))
