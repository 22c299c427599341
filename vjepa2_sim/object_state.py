"""Where an object is, and whether fingers touch it, from a simulation's contacts."""

from __future__ import annotations

import mujoco
import numpy as np

from vjepa2_sim.frame import ObjectState

FINGERS = ("left_finger", "right_finger")


def object_state(model: mujoco.MjModel, data: mujoco.MjData, name: str) -> ObjectState:
    """The state of an object; contacts are those of the last step."""
    thing = model.body(name).id
    bodies = model.geom_bodyid[data.contact.geom[: data.ncon]].reshape(-1, 2)
    touching = bodies[(bodies == thing).any(axis=1)]
    others = {model.body(int(body)).name for body in touching.ravel() if body != thing}
    by = [any(finger in other for other in others) for finger in FINGERS]
    position = np.array(data.joint(f"{name}_joint").qpos[:3])
    return ObjectState(position, any(by), all(by))
