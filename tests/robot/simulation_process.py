"""franky-sim as a program: prints its address, then obeys one JSON request per input line.

Its arguments are the addresses to serve at, the first that is free; without any it finds one.

The requests are what a test may do to the arm from outside the robot's own protocol, such as the
faults that the simulator never has by itself. Ends with its input.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from typing import Any

from franky_sim import SimulationServer
from franky_sim.franka_robot_protocol import (
    AutomaticErrorRecoveryCommand,
    BaseCommand,
    MoveStatus,
    RobotCommand,
    RobotMode,
)
from franky_sim.mujoco_simulator import MujocoSimulator

BOX_WIDTH = 0.03
AWAY = "2 0 0.5"


class Requests:
    """Each method is a request; what it returns goes back as JSON."""

    def __init__(self, simulator: Any, server: Any) -> None:
        self._simulator = simulator
        self._server = server
        self._answer_gripper = server.gripper_server._check_motion_state
        self._state_bytes = server._get_state_bytes
        self._grasps = 0
        self._motions = 0
        recover = AutomaticErrorRecoveryCommand.handle
        start_grasp = server.gripper_server.start_grasp
        start_motion = server.start_motion

        def recover_and_clear(command: Any, robot_server: Any) -> None:
            server._get_state_bytes = self._state_bytes
            recover(command, robot_server)

        def count_grasp(*arguments: Any) -> None:
            self._grasps += 1
            start_grasp(*arguments)

        def count_motion(*arguments: Any) -> None:
            self._motions += 1
            start_motion(*arguments)

        server.start_motion = count_motion
        AutomaticErrorRecoveryCommand.handle = recover_and_clear
        server.gripper_server.start_grasp = count_grasp

    def place_box(self, position: Sequence[float], quaternion: Sequence[float]) -> None:
        """Fix the box at a position [m] and an orientation (w x y z)."""
        self._simulator.data.mocap_pos[0] = position
        self._simulator.data.mocap_quat[0] = quaternion

    def hang_gripper(self, hang: bool) -> None:
        """Leave gripper commands without an answer, or answer them again."""
        gripper = self._server.gripper_server
        gripper._check_motion_state = (lambda: None) if hang else self._answer_gripper

    def grasps(self) -> int:
        """How many grasp commands have arrived."""
        return self._grasps

    def motions(self) -> int:
        """How many motions have been started."""
        return self._motions

    def moving(self) -> bool:
        """Whether a motion is in progress."""
        return bool(self._server.current_motion_id)

    def reflex(self) -> None:
        """Abort the motion as a collision would, and stay in reflex until recovered."""
        server = self._server
        motion = server.current_motion_id
        server.stop_motion()
        server.reset_current_motion_id()
        server._get_state_bytes = lambda: server.robot_state.replace(
            robot_mode=RobotMode.kReflex
        ).pack_state()
        if motion:
            BaseCommand.send_response(
                server._tcp_socket, RobotCommand.kMove, motion, MoveStatus.kReflexAborted
            )

    def clear_reflex(self) -> None:
        """Clear the reflex as a person at the control box would."""
        self._server._get_state_bytes = self._state_bytes


def main() -> None:
    """Serve until the input ends."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put(None)

    with MujocoSimulator() as simulator:
        robot = simulator.add_robot()
        box = ElementTree.SubElement(
            simulator.worldbody, "body", name="box", mocap="true", pos=AWAY
        )
        ElementTree.SubElement(
            box, "geom", type="box", size=f"0.01 {BOX_WIDTH / 2} 0.01", friction="1 0.1 0.1"
        )
        addresses = {"hostname_candidates": sys.argv[1:]} if sys.argv[1:] else {}
        with SimulationServer(simulator, **addresses) as server:
            requests = Requests(simulator, server.robot_servers[0])
            print(json.dumps(robot.hostname), flush=True)
            threading.Thread(target=read, daemon=True).start()
            while True:
                server.run_once()
                if lines.empty():
                    continue
                line = lines.get()
                if line is None:
                    return
                name, arguments = json.loads(line)
                print(json.dumps(getattr(requests, name)(*arguments)), flush=True)


if __name__ == "__main__":
    main()
