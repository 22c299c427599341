"""The table of a `DirectDriver`, in this process: no network, no dynamics, no waiting."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.cameras import Cameras
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.frame import Frame, TrueState
from vjepa2_sim.scene import Lighting, light_scene, place_camera


class DirectTable:
    """A `vjepa2_sim.table.Table`; use it from one thread, and close it."""

    def __init__(self, driver: DirectDriver) -> None:
        self._driver = driver
        self._cameras = Cameras(driver.model)

    def capture(self, size: int = 256) -> Frame:
        """See `Table`."""
        stamp = time.monotonic()
        return Frame(self._cameras.capture(self._driver.data, size), stamp)

    def true_state(self) -> TrueState:
        """See `Table`."""
        state = self._driver.state()
        return TrueState(state.joint_positions, state.pose[:3], state.gripper_width, state.stamp)

    def reset(
        self,
        joints: Sequence[float] | NDArray[np.float64],
        gripper_width: float = 0.08,
        camera: CameraPlacement | None = None,
        lighting: Lighting | None = None,
    ) -> None:
        """See `Table`."""
        self._driver.place(joints, gripper_width)
        place_camera(self._driver.model, CameraPlacement() if camera is None else camera)
        light_scene(self._driver.model, Lighting() if lighting is None else lighting)

    def close(self) -> None:
        """Free the renderers."""
        self._cameras.close()
