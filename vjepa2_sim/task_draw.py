"""Draws the trials of `grasp`, `reach_with_object` and `pick_and_place`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.grasp_geometry import carried, closed_on, grip_of, hand_at
from vjepa2_sim.scene import Lighting, TableObject
from vjepa2_sim.table_objects import draw_objects
from vjepa2_sim.task_trial import Arrangement, SubGoalPose, TaskTrial
from vjepa2_sim.workspace import COLLECTION_WORKSPACE, INTERACTION_WORKSPACE, WORKSPACE

Vector = NDArray[np.float64]

OBJECTS = ("cup", "box")
START_L1_M = 0.20
"""A hand that is to grasp starts this near to the grasp, summed over the axes (paper, 4.2)."""
ABOVE_M = 0.07
"""Open fingers so far above a grasp touch nothing."""
LIFT_M = 0.10
CARRY_M = (0.10, 0.20)
"""How far away an object is to be put down."""
REACH_M = (0.15, 0.25)
"""How far a held object is to be moved through the air."""

GRASP_STEPS = {"above": 4, "around": 3, "grasp": 4, "lift": 3}
REACH_STEPS = {"reach": 10}
PLACE_STEPS = {
    "above": 4,
    "around": 3,
    "grasp": 4,
    "lift": 3,
    "carry": 6,
    "place": 4,
    "release": 4,
}


@dataclass(frozen=True)
class _Scene:
    """What a task is made of, and the hand's grip on the object."""

    rng: np.random.Generator
    thing: TableObject

    @property
    def grip(self) -> Vector:
        return grip_of(self.thing)

    def open_at(self, shift: Vector) -> Arrangement:
        """An open hand beside the resting object, by a shift [3] m from the grip on it."""
        return Arrangement(hand_at(self.grip + shift, 0.0), self.thing, held=False)

    def held_at(self, shift: Vector) -> Arrangement:
        """The object in the hand, both moved by a shift [3] m."""
        hand = hand_at(self.grip + shift, closed_on(self.thing))
        return Arrangement(hand, carried(self.thing, shift), held=True)

    def let_go_at(self, shift: Vector) -> Arrangement:
        """The object put down there, the open hand still around it."""
        return Arrangement(hand_at(self.grip + shift, 0.0), carried(self.thing, shift), held=False)


def draw_task_trial(task: str, thing: str, seed: int) -> TaskTrial:
    """The trial of a seed. Raises ValueError for an unknown task or object, or a seed below 0."""
    if task not in _DRAWN:
        raise ValueError(f"no task called {task!r} with an object; there are {', '.join(TASKS)}")
    if thing not in OBJECTS:
        raise ValueError(f"no object called {thing!r}; there are {', '.join(OBJECTS)}")
    if seed < 0:
        raise ValueError(f"the seed of a trial must be at least 0, not {seed}")
    rng = np.random.default_rng([seed, TASKS.index(task), OBJECTS.index(thing)])
    camera, lighting = CameraPlacement().jittered(rng), Lighting.jittered(rng)
    (drawn,) = draw_objects(rng, (thing,))
    start, sub_goals = _DRAWN[task](_Scene(rng, drawn))
    return TaskTrial(task, seed, start, sub_goals, camera, lighting)


def _grasp(scene: _Scene) -> tuple[Arrangement, tuple[SubGoalPose, ...]]:
    return scene.open_at(_offset_to_start(scene)), _listed(_picked_up(scene), GRASP_STEPS)


def _reach_with_object(scene: _Scene) -> tuple[Arrangement, tuple[SubGoalPose, ...]]:
    start, goal = _apart(scene, REACH_M)
    return scene.held_at(start - scene.grip), _listed(
        {"reach": scene.held_at(goal - scene.grip)}, REACH_STEPS
    )


def _pick_and_place(scene: _Scene) -> tuple[Arrangement, tuple[SubGoalPose, ...]]:
    along = _offset_to_place(scene)
    stages = {
        **_picked_up(scene),
        "carry": scene.held_at(along + np.array([0.0, 0.0, LIFT_M])),
        "place": scene.held_at(along),
        "release": scene.let_go_at(along),
    }
    return scene.open_at(_offset_to_start(scene)), _listed(stages, PLACE_STEPS)


def _picked_up(scene: _Scene) -> dict[str, Arrangement]:
    return {
        "above": scene.open_at(np.array([0.0, 0.0, ABOVE_M])),
        "around": scene.open_at(np.zeros(3)),
        "grasp": scene.held_at(np.zeros(3)),
        "lift": scene.held_at(np.array([0.0, 0.0, LIFT_M])),
    }


def _listed(stages: dict[str, Arrangement], steps: dict[str, int]) -> tuple[SubGoalPose, ...]:
    return tuple(SubGoalPose(name, stages[name], budget) for name, budget in steps.items())


def _offset_to_start(scene: _Scene) -> Vector:
    while True:
        offset = scene.rng.uniform(-START_L1_M, START_L1_M, 3)
        near = np.abs(offset).sum() <= START_L1_M
        if near and offset[2] >= ABOVE_M and COLLECTION_WORKSPACE.contains(scene.grip + offset):
            return offset


def _offset_to_place(scene: _Scene) -> Vector:
    while True:
        offset = np.append(scene.rng.uniform(-CARRY_M[1], CARRY_M[1], 2), 0.0)
        far = CARRY_M[0] <= np.linalg.norm(offset) <= CARRY_M[1]
        if far and INTERACTION_WORKSPACE.contains(scene.grip + offset):
            return offset


def _apart(scene: _Scene, distance: tuple[float, float]) -> tuple[Vector, Vector]:
    while True:
        start, goal = WORKSPACE.sample(scene.rng), WORKSPACE.sample(scene.rng)
        if distance[0] <= np.linalg.norm(goal - start) <= distance[1]:
            return start, goal


_DRAWN: dict[str, Callable[[_Scene], tuple[Arrangement, tuple[SubGoalPose, ...]]]] = {
    "grasp": _grasp,
    "reach_with_object": _reach_with_object,
    "pick_and_place": _pick_and_place,
}
TASKS = tuple(_DRAWN)
