"""One simulated episode: what is on the table, how the hand moves, and what the camera sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.camera import Camera, Image
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.contact_driver import ContactDriver
from vjepa2_sim.interaction import grasp_and_release, push, restless_fingers
from vjepa2_sim.random_motion import RandomMotion
from vjepa2_sim.scene import HAND_DOWN, Lighting, TableObject, light_scene, place_camera
from vjepa2_sim.scripted_motion import ScriptedMotion
from vjepa2_sim.table_objects import SUBSETS, clear_of, draw_objects
from vjepa2_sim.workspace import COLLECTION_WORKSPACE, INTERACTION_WORKSPACE

Vector = NDArray[np.float64]

INTERACTING = 0.85
"""Share of the episodes with objects that are scripted: 64 % of all."""
MOTIONS = ("mixed", "fingers")
"""What a collection holds: grasps, pushes and random motion, or fingers that alone move."""
GRASPING = 0.85
"""Share of the scripted episodes that grasp; the others push."""
LIFTED_M, MOVED_M = 0.03, 0.01
"""An object risen, or shifted, by more counts as lifted, or pushed."""


class Motion(Protocol):
    """Draws one delta [7] at a time."""

    def next_delta(self, pose: Vector) -> Vector: ...


@dataclass(frozen=True, eq=False)
class SimulatedEpisode:
    """frames: uint8 [T,S,S,3] RGB. states: float32 [T,7]; frame t shows the arm in state t.

    kind: "random", "grasp", "push" or "fingers". success: of a grasp, whether the object was
    lifted; of a push, whether it was moved; else None. paths: centre [T,3] m of each object.
    """

    frames: Image
    states: NDArray[np.float32]
    camera: CameraPlacement
    lighting: Lighting
    kind: str
    objects: tuple[TableObject, ...]
    success: bool | None
    paths: dict[str, Vector] = field(default_factory=dict)


class Collector:
    """Moves one simulated arm, at random or by a script, among objects, and looks at it.

    size: edge of a picture [px]. motion: one of MOTIONS.
    """

    def __init__(self, size: int = 128, motion: str = "mixed") -> None:
        self._motion = motion
        self._driver = ContactDriver()
        self._camera = Camera(self._driver.model, size)

    def episode(self, rng: np.random.Generator, frames: int) -> SimulatedEpisode:
        """One episode of `frames` frames, drawn from `rng` alone."""
        camera, lighting = CameraPlacement().jittered(rng), Lighting.jittered(rng)
        place_camera(self._driver.model, camera)
        light_scene(self._driver.model, lighting)
        names = _draw_names(rng, self._motion)
        objects = draw_objects(rng, names)
        kind, target, motion = _choose_motion(rng, objects, self._motion)
        self._driver.reset(_draw_start(rng, objects, target, above=kind == "fingers"))
        self._driver.put(objects)
        images, states = [], []
        paths: dict[str, list[Vector]] = {name: [] for name in names}
        for step in range(frames):
            if step:
                self._driver.execute(motion.next_delta(self._driver.pose))
            images.append(self._camera.capture(self._driver.data))
            states.append(self._driver.pose)
            for name in names:
                paths[name].append(self._driver.position_of(name))
        tracks = {name: np.stack(path) for name, path in paths.items()}
        success = None if target is None else _success(kind, tracks[target.name])
        return SimulatedEpisode(
            np.stack(images),
            np.stack(states).astype(np.float32),
            camera,
            lighting,
            kind,
            objects,
            success,
            tracks,
        )

    def close(self) -> None:
        """Free the renderer's context."""
        self._camera.close()


def _draw_start(
    rng: np.random.Generator,
    objects: tuple[TableObject, ...],
    target: TableObject | None,
    above: bool,
) -> list[Vector]:
    """One or two poses [7] to start through, as a task would; the last one touches nothing.

    Half of the scripted motions start above their object, so that more of what follows is seen.
    above: all of them.
    """
    waypoints = [_hand(rng, COLLECTION_WORKSPACE.sample(rng)) for _ in range(rng.integers(1, 3))]
    if target is not None and (rng.random() < 0.5 or above):
        over = np.array([*target.position[:2], rng.uniform(0.14, 0.24)])
        waypoints[-1] = _hand(rng, over + rng.uniform(-0.08, 0.08, 3) * [1.0, 1.0, 0.0])
    while not clear_of(waypoints[-1][:3], objects):
        waypoints[-1] = _hand(rng, COLLECTION_WORKSPACE.sample(rng))
    return waypoints


def _hand(rng: np.random.Generator, position: Vector) -> Vector:
    closedness = rng.choice([0.0, 1.0, rng.random()])
    return np.array([*position, *HAND_DOWN, closedness])


def _draw_names(rng: np.random.Generator, motion: str) -> tuple[str, ...]:
    drawn = SUBSETS if motion == "mixed" else [names for names in SUBSETS if names]
    return drawn[rng.integers(len(drawn))]


def _choose_motion(
    rng: np.random.Generator, objects: tuple[TableObject, ...], motion: str
) -> tuple[str, TableObject | None, Motion]:
    if motion == "fingers":
        target = objects[rng.integers(len(objects))]
        return "fingers", target, ScriptedMotion(rng, restless_fingers(rng, target))
    if objects and rng.random() < INTERACTING:
        target = objects[rng.integers(len(objects))]
        if rng.random() < GRASPING:
            return "grasp", target, ScriptedMotion(rng, grasp_and_release(rng, target))
        return "push", target, ScriptedMotion(rng, push(rng, target))
    low = rng.random() < 0.5
    space = INTERACTION_WORKSPACE if low else COLLECTION_WORKSPACE
    return "random", None, RandomMotion(rng, space)


def _success(kind: str, path: Vector) -> bool | None:
    if kind == "fingers":
        return None
    if kind == "grasp":
        return bool(path[:, 2].max() - path[0, 2] > LIFTED_M)
    return bool(np.linalg.norm(path[-1, :2] - path[0, :2]) > MOVED_M)
