"""Pairs for a camera calibration from the simulated table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.calibration import MoveArea, MovePlan, Pair, plan_moves, walk
from vjepa2_sim.bench import Bench, StateCamera, TableCamera
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.grasp_geometry import hand_at
from vjepa2_sim.turned_arm import TurnedArm

AREA = MoveArea()
"""A square about the middle of the workspace: turned by any angle, it is still inside the limits.
"""
HEIGHT_M = 0.26
SECONDS_PER_MOVE = {"direct": 0.03, "franky": 0.8}
"""Measured on two cores, without the inference; for the preview."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A picture, and the arm's state [7] in it."""

    image: NDArray[Any]
    state: NDArray[np.float64]


def planned(moves: int, seed: int) -> MovePlan:
    """The moves of a calibration, from the middle of the area."""
    return plan_moves(AREA.centre, AREA, count=moves, seed=seed)


def set_up(bench: Bench, camera: CameraPlacement) -> None:
    """Put the arm over the middle of the area, hand as in all tasks, and the camera into place."""
    bench.twin.home()
    result = bench.twin.move_to(hand_at([*AREA.centre, HEIGHT_M], 0.0))
    if not result.code.ok:
        raise ValueError(result.message)
    bench.table.reset(bench.twin.joints, camera=camera)


def record(bench: Bench, plan: MovePlan, size: int | None) -> Iterator[Pair]:
    """Execute the plan; each pair as soon as it is there.

    size: edge of the pictures in pixels; None: states in place of pictures, for a world model
    that looks at those. Raises CalibrationError.
    """
    camera = StateCamera(bench.arm) if size is None else TableCamera(bench.table, size)
    arm = bench.arm

    def look(after: float) -> Snapshot:
        frame = camera.capture()
        while not frame.stamp > after:
            frame = camera.capture()
        return Snapshot(frame.image, np.array(arm.state().pose))

    for walked in walk(plan, arm, look):
        executed = walked.executed
        if isinstance(arm, TurnedArm):
            executed = arm.as_commanded(executed)
        yield Pair(walked.before.image, walked.after.image, walked.before.state, executed)
