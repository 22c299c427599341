"""The scene served to franky and rendered, in the process that owns it."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Sequence

import mujoco
import numpy as np
from franky_sim.simulation_server import LocalHostnames, SimulationServer
from numpy.typing import NDArray

from vjepa2_robot.connection import GRIPPER_PORT
from vjepa2_robot.server_version import ROBOT_PORT
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.cameras import Cameras
from vjepa2_sim.frame import Frame, TrueState
from vjepa2_sim.object_state import object_state
from vjepa2_sim.own_address import own_address
from vjepa2_sim.scene import (
    MAX_PICTURE,
    Lighting,
    TableObject,
    TableScene,
    light_scene,
    place_camera,
)
from vjepa2_sim.simulation_thread import SimulationThread
from vjepa2_sim.table_objects import put_objects

GRASP_N = 20.0
"""Force of fingers that hold an object from the start (`GripperSettings.force`)."""
_SETTLE_STEPS = 600
"""After a jump of the joints, franky-sim's filtered velocities need this long to fade."""


def hostnames() -> Iterator[str]:
    """Loopback addresses to try: one by process id, so that simulations do not meet, then all."""
    yield own_address()
    yield from LocalHostnames()


class AddressError(RuntimeError):
    """The simulated robot cannot be served at the address asked for."""


class LiveTable:
    """A running simulation; a context manager. Use it from one thread only.

    hostname: address to serve franky at; empty: one that is free. Entering it raises AddressError
    where that one is not.
    """

    def __init__(self, scene: TableScene, hostname: str = "") -> None:
        self._wanted = hostname
        self._sim, self._robot = scene.build()
        self._camera_placement = scene.camera
        self._objects = [thing.name for thing in scene.objects]

    def __enter__(self) -> LiveTable:
        self._sim.init()
        self._server = self._serve()
        assert self._sim.model is not None and self._sim.data is not None
        self._model: mujoco.MjModel = self._sim.model
        self._data: mujoco.MjData = self._sim.data
        # Rendering gets its own copies, so that it never holds up the 1 kHz loop.
        self._seen_model = copy.copy(self._model)
        self._seen_data = mujoco.MjData(self._seen_model)
        self._cameras = Cameras(self._seen_model)
        self._thread = SimulationThread(self._server)
        self._thread.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.__exit__()
        self._cameras.close()
        self._server.cleanup()
        self._sim.cleanup()

    @property
    def hostname(self) -> str:
        """Address that franky connects to."""
        return str(self._robot.hostname)

    def capture(self, size: int) -> Frame:
        """Picture of the scene as it is now, `size` pixels square."""
        if not 1 <= size <= MAX_PICTURE:
            raise ValueError(f"pictures have 1 to {MAX_PICTURE} pixels a side, not {size}")
        positions, stamp = self._thread.between_steps(
            lambda: (self._data.qpos.copy(), time.monotonic())
        )
        self._seen_data.qpos[:] = positions
        return Frame(self._cameras.capture(self._seen_data, size), stamp)

    def true_state(self) -> TrueState:
        """The arm as the simulator knows it."""
        return self._thread.between_steps(self._true_state)

    def reset(
        self,
        joints: Sequence[float] | NDArray[np.float64],
        gripper_width: float,
        camera: CameraPlacement,
        lighting: Lighting,
        objects: Sequence[TableObject] | None = None,
        holds: bool = False,
    ) -> None:
        """Put arm [7] rad, gripper [m], camera and light into place and let all settle.

        objects: of SLOTS, for a scene that has all of them; none is then where it was. Without
        them, objects go back to where the scene has them. holds: the fingers press together.
        Raises RuntimeError while a client moves the arm, ValueError for impossible joints.
        """
        if len(joints) != 7 or not np.isfinite(joints).all():
            raise ValueError(f"7 joint positions, all finite, are needed, not {list(joints)}")
        self._thread.between_steps(lambda: self._place(joints, gripper_width, objects, holds))
        if objects is not None:
            put_objects(self._seen_model, self._seen_data, objects)
        place_camera(self._seen_model, camera)
        light_scene(self._seen_model, lighting)
        self._thread.wait_steps(_SETTLE_STEPS)

    def _serve(self) -> SimulationServer:
        server = SimulationServer(self._sim, [self._wanted] if self._wanted else hostnames())
        try:
            server.init()
        except OSError as error:
            if not self._wanted:
                raise
            raise AddressError(
                f"no robot can be served at {self._wanted}: another simulation has its ports "
                f"{ROBOT_PORT} and {GRIPPER_PORT}, or it is no address of this computer; end the "
                "other one, or use another loopback address, such as 127.0.0.2"
            ) from error
        return server

    def _true_state(self) -> TrueState:
        joints = np.array(self._robot.inner_state.q)
        hand = self._robot.kinematics(joints)
        return TrueState(
            joints,
            hand.translation.copy(),
            self._robot.hand_width,
            time.monotonic(),
            {name: object_state(self._model, self._data, name) for name in self._objects},
        )

    def _place(
        self,
        joints: Sequence[float] | NDArray[np.float64],
        gripper_width: float,
        objects: Sequence[TableObject] | None,
        holds: bool,
    ) -> None:
        server = self._robot.server
        if server is None or server.current_motion_id > 0:
            raise RuntimeError("the arm is moving: stop or await the motion before a reset")
        mujoco.mj_resetData(self._model, self._data)
        for i, angle in enumerate(joints, start=1):
            self._data.joint(f"robot0_fr3_joint{i}").qpos[0] = angle
        for i in (1, 2):
            self._data.joint(f"robot0_finger_joint{i}").qpos[0] = gripper_width / 2
        if objects is not None:
            put_objects(self._model, self._data, objects)
        mujoco.mj_forward(self._model, self._data)
        self._robot.set_hand_goal(
            0.0 if holds else gripper_width, 0.05, GRASP_N if holds else 70.0
        )
        # Without this the server would pull the arm back to where it last held it, and the hand
        # would say that it still holds what it held before.
        server._reset_state()
        # The robot's own `gripper_server` is always None.
        assert server.gripper_server is not None
        server.gripper_server._is_grasping = holds
