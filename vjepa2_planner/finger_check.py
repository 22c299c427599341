"""What the fingers did is looked at, and taken back where it led away from the goal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.constraints import GRIPPER

Vector = NDArray[np.float64]
MOVED = 0.05
"""Closedness; fingers that moved by less met something, and to take that back would let it go."""


class FingerCheck:
    """One pursuit's memory of its last change of the gripper. Not part of the paper's method.

    What fingers do to the features is small, and a world model imagines it badly; the encoder sees
    it well. So the arm rests while the fingers move, two views then differ by the fingers alone,
    and where the later one has more energy the change is taken back and, for this goal, not made
    in that direction again. The last step of a budget leaves the fingers, as nobody would look.
    """

    def __init__(self) -> None:
        self._made: tuple[float, float, float] | None = None
        self._in_vain: set[float] = set()

    def settled(self, action: Vector, state: Vector, energy: float, last: bool) -> Vector:
        """The action [7] to execute in place of the planned one.

        state: [7], of the arm now. energy: of the view now. last: no view follows.
        """
        made, self._made = self._made, None
        closedness = float(state[GRIPPER])
        if made is not None:
            change, closedness_before, energy_before = made
            # No further than was allowed on the way: a measurement errs.
            back = float(np.clip(closedness_before - closedness, -abs(change), abs(change)))
            if energy > energy_before and abs(back) > MOVED:
                self._in_vain.add(float(np.sign(change)))
                return _fingers_alone(back)
        change = float(action[GRIPPER])
        if change == 0.0:
            return action
        if last or float(np.sign(change)) in self._in_vain:
            return np.concatenate([action[:GRIPPER], [0.0]])
        self._made = change, closedness, energy
        return _fingers_alone(change)


def _fingers_alone(change: float) -> Vector:
    return np.array([0.0] * GRIPPER + [change])
