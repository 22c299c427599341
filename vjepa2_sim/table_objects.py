"""The cup and the box of the collected data: drawn anew for each episode, put into the scene."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import ArrayLike

from vjepa2_sim.scene import OPENING, SHADE, TableObject

CUP = TableObject("cup", "cup", (0.5, 0.1, 0.045), (0.026, 0.045), mass=0.1)
BOX = TableObject("box", "box", (0.5, -0.1, 0.021), (0.022, 0.022, 0.021), mass=0.1)
SLOTS = (CUP, BOX)
"""The objects that a scene for collection is compiled with; both fit the 8 cm hand."""

SUBSETS: tuple[tuple[str, ...], ...] = ((), ("cup",), ("box",), ("cup", "box"))
"""Which objects are there: each subset in a quarter of the episodes."""

_LOWER, _UPPER = (0.39, -0.17), (0.61, 0.17)
_APART_M = 0.13
_HIGH_M = 0.12


def draw_objects(rng: np.random.Generator, names: Sequence[str]) -> tuple[TableObject, ...]:
    """Objects of drawn size, colour, place and yaw that rest on the table, apart."""
    drawn: list[TableObject] = []
    for name in names:
        place = rng.uniform(_LOWER, _UPPER)
        while not clear_of([*place, 0.0], drawn):
            place = rng.uniform(_LOWER, _UPPER)
        drawn.append(_draw(rng, name, (float(place[0]), float(place[1]))))
    return tuple(drawn)


def clear_of(position: ArrayLike, objects: Sequence[TableObject]) -> bool:
    """Whether an open hand at a position [3] m, or another object there, touches none of them."""
    point = np.asarray(position)
    return bool(
        point[2] > _HIGH_M
        or all(np.linalg.norm(point[:2] - thing.position[:2]) > _APART_M for thing in objects)
    )


def _draw(rng: np.random.Generator, name: str, place: tuple[float, float]) -> TableObject:
    slot = next(slot for slot in SLOTS if slot.name == name)
    size = tuple(
        float(edge) for edge in np.array(slot.size) * rng.uniform(0.88, 1.1, len(slot.size))
    )
    red, green, blue = colorsys.hsv_to_rgb(
        rng.random(), rng.uniform(0.5, 0.95), rng.uniform(0.4, 0.95)
    )
    return TableObject(
        name,
        slot.shape,
        (*place, size[-1]),
        size,
        (red, green, blue, 1.0),
        slot.mass,
        yaw=float(rng.uniform(-0.35, 0.35)),
    )


def put_objects(
    model: mujoco.MjModel, data: mujoco.MjData, objects: Sequence[TableObject]
) -> None:
    """Shape, colour and place the objects of a scene compiled with SLOTS; the rest is put away.

    What is put away lies on the floor behind the arm, outside of every picture. All stands still
    afterwards, and the arm is where it was.
    """
    there = {thing.name: thing for thing in objects}
    for row, slot in enumerate(SLOTS):
        thing = there.get(slot.name, slot)
        _shape(model, thing)
        joint = data.joint(f"{slot.name}_joint")
        away = (-3.0, float(row), -0.75 + thing.half_height)
        joint.qpos[:3] = thing.position if slot.name in there else away
        joint.qpos[3:] = np.cos(thing.yaw / 2), 0.0, 0.0, np.sin(thing.yaw / 2)
    places = data.qpos.copy()
    # What follows from sizes and masses is worked out at the model's reference positions.
    mujoco.mj_setConst(model, data)
    mujoco.mj_resetData(model, data)
    data.qpos[:] = places
    mujoco.mj_forward(model, data)


def _shape(model: mujoco.MjModel, thing: TableObject) -> None:
    """Change the size, and all that MuJoCo's compiler would have worked out from it."""
    geom, body = model.geom(f"{thing.name}_body"), model.body(thing.name)
    if thing.shape == "cup":
        radius, half = thing.size
        half_edges = np.array([radius, radius, half])
        geom.size[:2] = thing.size
        geom.rbound[:] = np.hypot(radius, half)
        across, along = (3 * radius**2 + 4 * half**2) / 12, radius**2 / 2
        body.inertia[:] = thing.mass * np.array([across, across, along])
        opening = model.geom(f"{thing.name}_opening")
        opening.pos[2] = half
        opening.size[0] = OPENING * radius
        opening.rgba[:] = (*(SHADE * c for c in thing.rgba[:3]), 1.0)
    else:
        half_edges = np.array(thing.size)
        geom.size[:] = half_edges
        geom.rbound[:] = np.linalg.norm(half_edges)
        squares = half_edges**2
        body.inertia[:] = thing.mass / 3 * (squares.sum() - squares)
    model.geom_aabb[geom.id, 3:] = half_edges
    geom.rgba[:] = thing.rgba
    body.mass[:] = thing.mass
