"""A test bench with contact physics but without robot protocol and dynamics of the arm.

Some ten times as fast as franky on franky-sim, for many trials; what it is good for is tuning.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vjepa2_robot.arm_driver import ArmState, MotionCode, MotionResult
from vjepa2_robot.poses import delta_between
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.cameras import Cameras
from vjepa2_sim.contact_driver import ContactDriver
from vjepa2_sim.frame import Frame, TrueState
from vjepa2_sim.object_state import object_state
from vjepa2_sim.scene import Lighting, TableObject, light_scene, place_camera
from vjepa2_sim.table_objects import SLOTS
from vjepa2_sim.task_bench import TaskBench, task_twin
from vjepa2_sim.workspace import INTERACTION_WORKSPACE

Vector = NDArray[np.float64]


class ContactTable:
    """The table of a `ContactDriver`, in this process; see `vjepa2_sim.task_bench.ObjectTable`."""

    def __init__(self, driver: ContactDriver) -> None:
        self._driver = driver
        self._cameras = Cameras(driver.model)

    def capture(self, size: int = 256) -> Frame:
        """See `ObjectTable`."""
        stamp = time.monotonic()
        return Frame(self._cameras.capture(self._driver.data, size), stamp)

    def true_state(self) -> TrueState:
        """See `ObjectTable`."""
        model, data = self._driver.model, self._driver.data
        state = self._driver.state()
        return TrueState(
            state.joint_positions,
            state.pose[:3],
            state.gripper_width,
            state.stamp,
            {slot.name: object_state(model, data, slot.name) for slot in SLOTS},
        )

    def reset(
        self,
        joints: Sequence[float] | Vector,
        gripper_width: float = 0.08,
        camera: CameraPlacement | None = None,
        lighting: Lighting | None = None,
        objects: Sequence[TableObject] | None = None,
        holds: bool = False,
    ) -> None:
        """See `ObjectTable`."""
        self._driver.put(objects or ())
        self._driver.place(joints, gripper_width, holds)
        place_camera(self._driver.model, CameraPlacement() if camera is None else camera)
        light_scene(self._driver.model, Lighting() if lighting is None else lighting)

    def close(self) -> None:
        """Free the renderers."""
        self._cameras.close()


class ContactArm:
    """A `ContactDriver` as an arm of the closed loop, held in the workspace."""

    def __init__(self, driver: ContactDriver) -> None:
        self._driver = driver

    def state(self) -> ArmState:
        """The arm now, exact."""
        return self._driver.state()

    def execute(self, delta: ArrayLike, *, start: ArrayLike | None = None) -> MotionResult:
        """Move by a delta [7], or as far as the workspace reaches."""
        before = self.state()
        asked = np.array(delta, dtype=np.float64)
        inside = INTERACTION_WORKSPACE
        goal = np.clip(before.pose[:3] + asked[:3], inside.lower, inside.upper)
        self._driver.execute([*(goal - before.pose[:3]), *asked[3:]])
        after = self.state()
        return MotionResult(
            code=MotionCode.REACHED,
            requested=asked,
            achieved=delta_between(before.pose, after.pose),
            start=before,
            end=after,
            motion_end_stamp=after.stamp,
        )


@contextmanager
def open_contact_bench() -> Iterator[TaskBench]:
    """A bench in this process."""
    driver = ContactDriver()
    with closing(ContactTable(driver)) as table:
        yield TaskBench(table, ContactArm(driver), task_twin())
