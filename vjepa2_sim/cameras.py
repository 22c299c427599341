"""Cameras of one scene, one for each size of picture."""

from __future__ import annotations

import mujoco

from vjepa2_sim.camera import Camera, Image


class Cameras:
    """Makes a camera when its size is first asked for; use it from one thread only."""

    def __init__(self, model: mujoco.MjModel) -> None:
        self._model = model
        self._by_size: dict[int, Camera] = {}

    def capture(self, data: mujoco.MjData, size: int) -> Image:
        """Picture uint8 [size,size,3] of its own memory; see `Camera.capture`."""
        if size not in self._by_size:
            self._by_size[size] = Camera(self._model, size)
        return self._by_size[size].capture(data).copy()

    def close(self) -> None:
        """Free the renderers."""
        for camera in self._by_size.values():
            camera.close()
        self._by_size.clear()
