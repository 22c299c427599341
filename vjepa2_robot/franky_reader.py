"""A Franka arm to look at, through franky: nothing here can move it."""

from __future__ import annotations

import time

import franky
import numpy as np
from scipy.spatial.transform import Rotation

from vjepa2_robot.arm_driver import ArmError, ArmState, RobotMode
from vjepa2_robot.connection import open_gripper, open_robot
from vjepa2_robot.faults import MODES
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_robot.gripper_reader import GripperReader
from vjepa2_robot.poses import compose


class FrankyReader:
    """Reads the arm and its hand; safe to use from any thread.

    frame: the model's end-effector frame, seen from the robot's tool centre point.
    last_state: the last one that could be measured.
    """

    def __init__(
        self, host: str, settings: FrankySettings, robot: franky.Robot, fingers: GripperReader
    ) -> None:
        """Read the state once; ArmError when that fails."""
        self._host = host
        self._robot = robot
        self._fingers = fingers
        self._closed = False
        self.frame = settings.end_effector.relative_to_tcp(self.measure().F_T_EE.matrix)
        self.last_state = self.state()

    @classmethod
    def connect(cls, host: str, settings: FrankySettings | None = None) -> FrankyReader:
        """Connect to the control box at `host`, or raise ArmError within seconds."""
        settings = settings or FrankySettings()
        robot = open_robot(host, settings.connect_timeout, settings.realtime)
        hand = open_gripper(host, settings.connect_timeout)
        return cls(host, settings, robot, GripperReader(hand, settings.gripper))

    def state(self) -> ArmState:
        """Measure the arm now; ArmError when it is closed or the connection is lost."""
        measured = self.measure()
        try:
            closedness, width = self._fingers.closedness, self._fingers.width
        except ArmError as error:
            raise ArmError(f"{self._host}: {error}", error.code) from error
        tool = compose(
            np.asarray(measured.O_T_EE.translation).ravel(),
            Rotation.from_quat(measured.O_T_EE.quaternion),
            closedness,
        )
        self.last_state = ArmState(
            pose=self.frame.from_tcp(tool),
            joint_positions=np.array(measured.q, dtype=np.float64).ravel(),
            gripper_width=width,
            stamp=time.monotonic(),
            mode=MODES.get(measured.robot_mode, RobotMode.OTHER),
        )
        return self.last_state

    def mode(self) -> RobotMode:
        """What the arm is able to do now; DISCONNECTED when it cannot be asked."""
        try:
            return self.state().mode
        except ArmError:
            return RobotMode.DISCONNECTED

    def measure(self) -> franky.RobotState:
        """All that the robot reports, now; ArmError as for `state`."""
        if self._closed:
            raise ArmError(f"the arm at {self._host} is closed; connect again")
        try:
            return self._robot.state
        except Exception as error:
            raise ArmError(
                f"lost the connection to {self._host} ({error}); check the robot and connect again"
            ) from error

    def close(self) -> None:
        """Let go of the arm and the hand; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._fingers.close()
        # franky hangs up when its objects are gone.
        del self._robot
