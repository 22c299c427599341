"""Random motions of the hand that cover the workspace: what a world model learns actions from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.workspace import COLLECTION_WORKSPACE, Workspace

Vector = NDArray[np.float64]

STYLES = ("uniform", "directed", "jitter", "still")
MAX_STEP_M = 0.075
"""Largest change per axis in one step: the bound of the planner's action (paper, section 3.2)."""


class RandomMotion:
    """Draws one delta [7] at a time; a style of motion lasts a few steps.

    Styles: "uniform" in the whole box of steps; "directed" to a waypoint at a steady speed;
    "jitter" of up to 2 cm, which teaches the small moves near a goal; "still", in which only
    the fingers move. The gripper changes now and then, for one to three steps. No rotation.
    """

    def __init__(self, rng: np.random.Generator, workspace: Workspace = COLLECTION_WORKSPACE):
        self._rng = rng
        self._workspace = workspace
        self._style = "uniform"
        self._waypoint = workspace.sample(rng)
        self._speed = MAX_STEP_M
        self._gripper_rate = 0.0
        self._gripper_steps = 0
        self._choose_style()

    def next_delta(self, pose: Vector) -> Vector:
        """Delta [7] from a pose [7] that stays within the workspace and closedness in [0, 1]."""
        if self._rng.random() < 0.2:
            self._choose_style()
        position = pose[:3]
        target = np.clip(
            position + self._translation(position), self._workspace.lower, self._workspace.upper
        )
        closedness = np.clip(pose[6] + self._gripper_change(pose[6]), 0.0, 1.0)
        return np.concatenate([target - position, np.zeros(3), [closedness - pose[6]]])

    def _choose_style(self) -> None:
        self._style = str(self._rng.choice(STYLES, p=[0.35, 0.35, 0.2, 0.1]))
        self._waypoint = self._workspace.sample(self._rng)
        self._speed = self._rng.uniform(0.01, MAX_STEP_M)

    def _translation(self, position: Vector) -> Vector:
        if self._style == "directed":
            if np.all(np.abs(self._waypoint - position) < 0.01):
                self._waypoint = self._workspace.sample(self._rng)
            return np.clip(self._waypoint - position, -self._speed, self._speed)
        if self._style == "still":
            return np.zeros(3)
        limit = 0.02 if self._style == "jitter" else MAX_STEP_M
        step = self._rng.uniform(-limit, limit, 3)
        # A rim that is met by clipping alone would hold most of the data.
        for _ in range(20):
            if self._workspace.contains(position + step):
                break
            step = self._rng.uniform(-limit, limit, 3)
        return step

    def _gripper_change(self, closedness: float) -> float:
        chance = 0.6 if self._style == "still" else 0.2
        if self._gripper_steps == 0 and self._rng.random() < chance:
            self._gripper_steps = int(self._rng.integers(1, 4))
            # Fingers that are closed are rather opened, and open ones closed.
            sign = -1.0 if self._rng.random() < closedness else 1.0
            self._gripper_rate = sign * self._rng.uniform(0.02, 0.75)
        if self._gripper_steps == 0:
            return 0.0
        self._gripper_steps -= 1
        return self._gripper_rate
