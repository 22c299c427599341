"""Planning problems to compare planners on: a view, the arm's state, and a goal image."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.camera import Camera, Image
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.reach import draw_reach_trial
from vjepa2_sim.scene import light_scene, place_camera
from vjepa2_sim.workspace import COLLECTION_WORKSPACE

NEAR_M = 0.075
"""Half of the problems are this near in each axis, so that one step can solve them."""


@dataclass(frozen=True, eq=False)
class PlanningProblem:
    """Pictures uint8 [S,S,3], and the state [7] in the first: m, rad, closedness."""

    seed: int
    view: Image
    state: NDArray[np.float64]
    goal: Image
    distance_m: float


def draw_problems(seeds: Sequence[int], size: int) -> list[PlanningProblem]:
    """One problem a seed, of the reach trials' scenes, cameras and light.

    Even seeds begin where a trial begins, 15 to 30 cm from its goal; odd ones where a trial ends:
    within NEAR_M of it along each axis.
    """
    driver = DirectDriver()
    with closing(Camera(driver.model, size)) as camera:
        return [_draw(seed, driver, camera) for seed in seeds]


def _draw(seed: int, driver: DirectDriver, camera: Camera) -> PlanningProblem:
    trial = draw_reach_trial(seed)
    place_camera(driver.model, trial.camera)
    light_scene(driver.model, trial.lighting)
    start = _near(trial.goal, np.random.default_rng([seed, 1])) if seed % 2 else trial.start
    view, state = _seen(start, driver, camera)
    goal, end = _seen(trial.goal, driver, camera)
    return PlanningProblem(seed, view, state, goal, float(np.linalg.norm(end[:3] - state[:3])))


def _near(goal: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    while True:
        start = goal.copy()
        start[:3] += rng.uniform(-NEAR_M, NEAR_M, 3)
        if COLLECTION_WORKSPACE.contains(start[:3]):
            return start


def _seen(
    pose: NDArray[np.float64], driver: DirectDriver, camera: Camera
) -> tuple[Image, NDArray[np.float64]]:
    """The picture and the state after a straight move from home."""
    driver.home()
    result = driver.move_to(pose)
    if not result.code.ok:
        raise ValueError(result.message)
    return camera.capture(driver.data).copy(), driver.state().pose
