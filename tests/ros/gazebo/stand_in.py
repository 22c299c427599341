"""What Gazebo and ros_gz_bridge are on the ROS side, with MuJoCo behind it, as a program.

It steps the scene's FR3, publishes `/clock`, joint states and pictures with simulated stamps, and
holds each joint at its last target as Gazebo's JointPositionController does with velocity
commands: towards it at the rated speed at most, with the torque that this takes within the
joint's limit. Obeys one JSON request per input line, and ends with its input.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from typing import Any

import mujoco
import numpy as np
import rclpy
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Float64

from vjepa2_node import names
from vjepa2_node.images import to_message
from vjepa2_node.stamps import to_time
from vjepa2_robot.fr3 import FINGERS, JOINT_SPEED, JOINTS
from vjepa2_sim.camera import Camera
from vjepa2_sim.scene import HOME_JOINTS, TableScene

PERIOD = 0.004
"""Of measurements, and of the controllers [s]."""
PICTURES = 25
"""Periods from one picture to the next."""
LAG = 0.012
"""Time constant of the controllers [s]."""
BEGIN = 1000.0
"""Simulated time at the start [s]: not the time of any other clock."""
TORQUE = np.array([87.0] * 4 + [12.0] * 3)
FINGER_FORCE = 20.0
DEPTH = QoSProfile(depth=10)
HALF_OPEN = (0.02, 0.02)


class Joints:
    """The FR3 of the scene and its position controllers."""

    def __init__(self) -> None:
        sim, _ = TableScene().build()
        sim.init()
        sim.start()
        self.model, self.data = sim.model, sim.data
        self.model.opt.timestep = PERIOD / 2
        arm = [self.model.joint(f"robot0_{joint}") for joint in JOINTS]
        fingers = [self.model.joint(f"robot0_finger_joint{number}") for number in (1, 2)]
        self.at = np.array([joint.qposadr[0] for joint in (*arm, *fingers)])
        self._speeds = np.array([joint.dofadr[0] for joint in (*arm, *fingers)])
        self._home = np.array([*HOME_JOINTS, *HALF_OPEN])
        self.home()

    def home(self) -> None:
        """At rest where the scene starts, with the fingers half open."""
        self.data.qpos[self.at], self.data.qvel[:] = self._home, 0.0
        self.targets = self._home.copy()
        mujoco.mj_forward(self.model, self.data)

    def step(self) -> None:
        """One period."""
        arm, fingers = self._speeds[:7], self._speeds[7:]
        for _ in range(2):
            position, speed = self.data.qpos[self.at], self.data.qvel[self._speeds]
            wanted = np.clip((self.targets - position)[:7] / LAG, -JOINT_SPEED, JOINT_SPEED)
            mass = np.zeros((self.model.nv, self.model.nv))
            mujoco.mj_fullM(self.model, self.data, mass)
            torque = mass[np.ix_(arm, arm)] @ (wanted - speed[:7]) / PERIOD
            torque += self.data.qfrc_bias[arm] - self.data.qfrc_passive[arm]
            self.data.qfrc_applied[arm] = np.clip(torque, -TORQUE, TORQUE)
            force = 2000.0 * (self.targets - position)[7:] - 40.0 * speed[7:]
            self.data.qfrc_applied[fingers] = np.clip(force, -FINGER_FORCE, FINGER_FORCE)
            mujoco.mj_step(self.model, self.data)


class StandIn:
    """Publishes, listens, and obeys requests, whose names are those of its methods."""

    def __init__(self) -> None:
        self._node = rclpy.create_node("gazebo_stand_in")
        self._joints = Joints()
        self._camera: Camera | None = None
        self._speed, self._ticks, self._targets = 1.0, 0, 0
        self._names = [*JOINTS, *FINGERS]
        self._clock = self._node.create_publisher(Clock, "/clock", DEPTH)
        self._states = self._node.create_publisher(JointState, names.MEASURED_JOINTS, DEPTH)
        self._images = self._node.create_publisher(Image, names.IMAGE, DEPTH)
        for number, joint in enumerate(self._names):
            self._node.create_subscription(
                Float64,
                names.JOINT_TARGET.format(joint=joint),
                lambda message, number=number: self._on_target(number, message.data),
                DEPTH,
            )
        self.publish()
        threading.Thread(target=rclpy.spin, args=(self._node,), daemon=True).start()

    def run(self, lines: queue.SimpleQueue[str | None]) -> None:
        """Until the lines end."""
        due = time.monotonic()
        while True:
            while not lines.empty():
                line = lines.get()
                if line is None:
                    return
                name, arguments = json.loads(line)
                print(json.dumps(getattr(self, name)(*arguments)), flush=True)
            # What came too late is not made up for: the simulated clock then runs slower.
            due = max(due + PERIOD / (self._speed or 1.0), time.monotonic())
            time.sleep(max(due - time.monotonic(), 0.0))
            if self._speed:
                self._joints.step()
                self._ticks += 1
                self.publish()

    def publish(self) -> None:
        """All that Gazebo would publish now."""
        stamp = to_time(BEGIN + self._ticks * PERIOD)
        self._clock.publish(Clock(clock=stamp))
        positions = self._joints.data.qpos[self._joints.at]
        state = JointState(name=self._names, position=positions.tolist())
        state.header.stamp = stamp
        self._states.publish(state)
        if self._camera is not None and self._ticks % PICTURES == 0:
            image = self._camera.capture(self._joints.data)
            seconds = BEGIN + self._ticks * PERIOD
            self._images.publish(to_message(image, seconds, names.CAMERA_FRAME))

    def run_at(self, speed: float) -> None:
        """Simulated seconds in a second; 0: paused."""
        self._speed = speed

    def home(self) -> None:
        """Put the arm back to where it was at the start."""
        self._joints.home()

    def see(self, size: int) -> None:
        """Publish pictures from now on."""
        self._camera = Camera(self._joints.model, size)

    def targets(self) -> int:
        """How many targets have come."""
        return self._targets

    def pose(self) -> list[list[float]]:
        """Pose [4, 4] of the point between the fingertips, by MuJoCo itself."""
        hand = self._joints.data.body("robot0_hand")
        turn = hand.xmat.reshape(3, 3)
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = turn, hand.xpos + turn @ [0.0, 0.0, 0.1034]
        return [[float(number) for number in row] for row in pose]

    def _on_target(self, number: int, position: float) -> None:
        self._joints.targets[number] = position
        self._targets += 1


def main() -> None:
    """Serve until the input ends."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put(None)

    rclpy.init()
    stand_in: Any = StandIn()
    print(json.dumps("ready"), flush=True)
    threading.Thread(target=read, daemon=True).start()
    stand_in.run(lines)


if __name__ == "__main__":
    main()
