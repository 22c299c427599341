"""Scripted interaction: grasps that hold or miss, carries, drops, pushes, restless fingers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.grasp_geometry import grip_range
from vjepa2_sim.random_motion import MAX_STEP_M
from vjepa2_sim.scene import TableObject
from vjepa2_sim.scripted_motion import Waypoint
from vjepa2_sim.workspace import INTERACTION_WORKSPACE

Vector = NDArray[np.float64]

OFF_CENTRE = 0.25
"""Share of the grasps that are aimed beside the object."""

AROUND = 0.75
"""Share of the restless fingers that have the object between them."""


def grasp_and_release(rng: np.random.Generator, thing: TableObject) -> list[Waypoint]:
    """Over the object, down, close; lift, carry; let go low (a placing) or high (a drop)."""
    speed = _speed(rng)
    grip = np.array([*thing.position[:2], rng.uniform(*grip_range(thing))])
    # Room between the object and the open fingers is less along x, in which they open.
    grip[:2] += rng.normal(0.0, (0.005, 0.007))
    if rng.random() < OFF_CENTRE:
        angle, off = rng.uniform(0, 2 * np.pi), rng.uniform(0.03, 0.08)
        grip[:2] += off * np.array([np.cos(angle), np.sin(angle)])
    above = _raised(grip, rng.uniform(0.07, 0.14))
    lifted = _raised(grip, rng.uniform(0.06, 0.20))
    carried = np.array([*_near(rng, grip[:2], 0.12), lifted[2]])
    placed = carried.copy()
    if rng.random() < 0.75:
        placed[2] = grip[2] + rng.uniform(0.0, 0.008)
    away = _raised(placed, rng.uniform(0.08, 0.15))
    opening = -rng.uniform(0.4, 0.75)
    return [
        Waypoint(above, speed, -0.6, 2, on_the_way=True),
        *_fumbled(rng, grip, speed),
        Waypoint(grip, speed, rng.uniform(0.25, 0.75), int(rng.integers(1, 3))),
        Waypoint(lifted, speed),
        Waypoint(carried, speed),
        Waypoint(placed, speed, opening, 2),
        Waypoint(away, speed),
    ]


def push(rng: np.random.Generator, thing: TableObject) -> list[Waypoint]:
    """Close the fingers, go down beside the object, move through where it stands, rise."""
    speed = _speed(rng)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    side = np.array([-along[1], along[0]]) * rng.normal(0.0, 0.01)
    centre = np.array(thing.position[:2])
    height = rng.uniform(0.02, max(0.03, 1.2 * thing.half_height))
    beside = np.array([*(centre + side - rng.uniform(0.07, 0.09) * along), height])
    through = np.array([*(centre + side + rng.uniform(0.0, 0.10) * along), height])
    above = _raised(beside, rng.uniform(0.08, 0.14))
    away = _raised(through, rng.uniform(0.08, 0.15))
    return [
        Waypoint(above, speed, rng.uniform(0.4, 0.75), 2, on_the_way=True),
        Waypoint(beside, speed),
        Waypoint(through, min(speed, rng.uniform(0.02, 0.06))),
        Waypoint(away, speed),
    ]


def restless_fingers(rng: np.random.Generator, thing: TableObject) -> list[Waypoint]:
    """Close and open again and again, the hand at rest: around the object, or anywhere.

    Between times the hand shifts by a centimetre or so. What fingers do is a small part of a
    picture; where nothing else moves, it is all there is to learn.
    """
    speed = _speed(rng)
    place = INTERACTION_WORKSPACE.sample(rng)
    if rng.random() < AROUND:
        place = np.array([*thing.position[:2], rng.uniform(*grip_range(thing))])
    above = _raised(place, rng.uniform(0.07, 0.14))
    waypoints = [Waypoint(above, speed, -0.75, 2, on_the_way=True)]
    while len(waypoints) < 20:
        here = place + rng.normal(0.0, (0.005, 0.01, 0.005))
        here[2] = max(here[2], INTERACTION_WORKSPACE.lower[2])
        for _ in range(rng.integers(1, 4)):
            waypoints.append(Waypoint(here, speed, rng.uniform(0.15, 0.75), 1))
            waypoints.append(Waypoint(here, speed, -rng.uniform(0.15, 0.75), 1))
    return waypoints


def _fumbled(rng: np.random.Generator, grip: Vector, speed: float) -> list[Waypoint]:
    """Half of the time: rest around the object, or close and open again, before the grasp."""
    if rng.random() < 0.5:
        return []
    if rng.random() < 0.3:
        return [Waypoint(grip, speed, 0.0, 1)]
    close, again = rng.uniform(0.25, 0.75), -rng.uniform(0.25, 0.75)
    return [Waypoint(grip, speed, close, 1), Waypoint(grip, speed, again, 2)]


def _speed(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.05, MAX_STEP_M))


def _near(rng: np.random.Generator, place: Vector, reach: float) -> Vector:
    """A place [2] on the table within reach of another, per axis, and within the workspace."""
    lower, upper = INTERACTION_WORKSPACE.lower[:2], INTERACTION_WORKSPACE.upper[:2]
    return np.clip(place + rng.uniform(-reach, reach, 2), lower, upper)


def _raised(position: Vector, height: float) -> Vector:
    return np.array([position[0], position[1], position[2] + height])
