"""Pictures of the scene, rendered off screen."""

from __future__ import annotations

import mujoco
import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.scene import CAMERA

Image = NDArray[np.uint8]


class Camera:
    """Renders what the external camera sees of an `MjData`; use it from one thread only."""

    def __init__(self, model: mujoco.MjModel, size: int = 256) -> None:
        self._model = model
        self._renderer = mujoco.Renderer(model, height=size, width=size)
        self._option = mujoco.MjvOption()
        self._option.geomgroup[:] = 0
        self._option.geomgroup[[0, 2]] = 1  # surroundings and objects, visual meshes

    def capture(self, data: mujoco.MjData) -> Image:
        """Picture [size,size,3] RGB of the joint positions in `data`.

        Brings the poses of bodies, camera and lights in `data` up to date with the model first.
        """
        mujoco.mj_kinematics(self._model, data)
        mujoco.mj_comPos(self._model, data)
        mujoco.mj_camlight(self._model, data)
        self._renderer.update_scene(data, camera=CAMERA, scene_option=self._option)
        image: Image = self._renderer.render()
        return image

    def close(self) -> None:
        """Free the renderer's context."""
        self._renderer.close()
