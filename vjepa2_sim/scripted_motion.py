"""Motion through given waypoints, perturbed: what a script asks for, never done perfectly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.random_motion import MAX_STEP_M, RandomMotion
from vjepa2_sim.workspace import INTERACTION_WORKSPACE

Vector = NDArray[np.float64]

_PAUSE, _WHIM = 0.05, 0.03
"""Chance of a step in which the hand rests, or goes anywhere."""
_NEAR_M, _PATIENCE = 0.005, 8
"""A waypoint is left at this distance, or after so many steps towards it."""


@dataclass(frozen=True, eq=False)
class Waypoint:
    """Go to a position [3] m, then change the closedness by a rate a step, for some steps.

    speed: largest change of position per axis and step [m]. on_the_way: whether the closedness
    changes while the hand is going there, and not once it has arrived.
    """

    position: Vector
    speed: float = MAX_STEP_M
    rate: float = 0.0
    steps: int = 0
    on_the_way: bool = False


class ScriptedMotion:
    """Follows waypoints with noise, pauses and whims, and then moves at random.

    It yields one delta [7] at a time, without rotation, at most MAX_STEP_M per axis.
    """

    def __init__(self, rng: np.random.Generator, waypoints: Sequence[Waypoint]) -> None:
        self._rng = rng
        self._waypoints = list(waypoints)
        self._done = 0
        self._patience = _PATIENCE
        self._after = RandomMotion(rng, INTERACTION_WORKSPACE)

    def next_delta(self, pose: Vector) -> Vector:
        """Delta [7] from a pose [7], within the workspace and closedness in [0, 1]."""
        chance = self._rng.random()
        if not self._waypoints:
            return self._after.next_delta(pose)
        if chance < _PAUSE:
            return np.zeros(7)
        if chance < _PAUSE + _WHIM:
            return self._delta(pose, self._rng.uniform(-MAX_STEP_M, MAX_STEP_M, 3))
        here = self._waypoints[0]
        shift = here.position - pose[:3]
        arrived = np.abs(shift).max() < _NEAR_M or not self._patience
        turns_fingers = self._done < here.steps and (arrived or here.on_the_way)
        if arrived and not turns_fingers:
            self._waypoints.pop(0)
            self._done, self._patience = 0, _PATIENCE
            return self.next_delta(pose)
        self._done += turns_fingers
        self._patience -= not arrived
        step = np.zeros(3) if arrived else self._noisy(np.clip(shift, -here.speed, here.speed))
        return self._delta(pose, step, here.rate if turns_fingers else 0.0)

    def _noisy(self, shift: Vector) -> Vector:
        spread = 0.08 * np.abs(shift).max()
        noisy = shift + self._rng.normal(0.0, spread, 3)
        return np.clip(noisy, -MAX_STEP_M, MAX_STEP_M)

    @staticmethod
    def _delta(pose: Vector, shift: Vector, rate: float = 0.0) -> Vector:
        inside = np.clip(
            pose[:3] + shift, INTERACTION_WORKSPACE.lower, INTERACTION_WORKSPACE.upper
        )
        change = np.clip(pose[6] + rate, 0.0, 1.0) - pose[6] if rate else 0.0
        return np.concatenate([inside - pose[:3], np.zeros(3), [change]])
