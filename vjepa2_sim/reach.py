"""Reach trials: from a start to a goal position of the hand, given as an image."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.camera import Camera, Image
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.scene import HAND_DOWN, Lighting, light_scene, place_camera
from vjepa2_sim.workspace import WORKSPACE

Vector = NDArray[np.float64]

DISTANCE_M = (0.15, 0.30)
"""Nearest and farthest goal from the start."""
SUCCESS_M = 0.04
"""Final distance that counts as reached (paper, section 4.2)."""


@dataclass(frozen=True, eq=False)
class ReachTrial:
    """One reach task, drawn from its seed.

    start, goal: [7] x y z [m, robot base frame], extrinsic xyz Euler angles [rad], closedness.
    camera, lighting: of the live view and of the goal image alike.
    """

    seed: int
    start: Vector
    goal: Vector
    camera: CameraPlacement
    lighting: Lighting

    @property
    def distance_m(self) -> float:
        """From start to goal."""
        return float(np.linalg.norm(self.goal[:3] - self.start[:3]))


def draw_reach_trial(seed: int) -> ReachTrial:
    """Start and goal uniform in the workspace, hand pointing down and open, 15 to 30 cm apart.

    Raises ValueError for a seed below 0.
    """
    if seed < 0:
        raise ValueError(f"the seed of a trial must be at least 0, not {seed}")
    rng = np.random.default_rng(seed)
    camera, lighting = CameraPlacement().jittered(rng), Lighting.jittered(rng)
    while True:
        start, goal = WORKSPACE.sample(rng), WORKSPACE.sample(rng)
        if DISTANCE_M[0] <= np.linalg.norm(goal - start) <= DISTANCE_M[1]:
            break
    hand = [*HAND_DOWN, 0.0]
    return ReachTrial(seed, np.append(start, hand), np.append(goal, hand), camera, lighting)


def start_joints(trial: ReachTrial, driver: DirectDriver) -> Vector:
    """Joint positions [7] rad at the start, after a straight move from home."""
    driver.home()
    _move(driver, trial.start)
    return driver.joints


def goal_image(trial: ReachTrial, driver: DirectDriver, camera: Camera) -> Image:
    """What the camera sees once the arm has moved straight from the start to the goal.

    camera: renders `driver.model`, in which this sets the trial's camera and light.
    """
    place_camera(driver.model, trial.camera)
    light_scene(driver.model, trial.lighting)
    start_joints(trial, driver)
    _move(driver, trial.goal)
    return camera.capture(driver.data)


def goal_picture(trial: ReachTrial, size: int) -> Image:
    """The goal image in another size, uint8 [size,size,3], from a scene of its own."""
    driver = DirectDriver()
    with closing(Camera(driver.model, size)) as camera:
        return goal_image(trial, driver, camera)


def _move(driver: DirectDriver, pose: Vector) -> None:
    result = driver.move_to(pose)
    if not result.code.ok:
        raise ValueError(result.message)
