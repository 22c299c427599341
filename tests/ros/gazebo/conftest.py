"""MuJoCo behind the topics that Gazebo has, and an arm driven by them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sensor_msgs.msg import JointState

from vjepa2_franka.joint_topics import JointTopics
from vjepa2_node import names, qos
from vjepa2_robot.arm_driver import MotionResult
from vjepa2_robot.joint_driver import JointArm
from vjepa2_robot.joint_settings import JointSettings

SETTINGS = JointSettings(speed_factor=0.5, acceleration_factor=0.3)
TIMEOUT, SILENCE = 30.0, 1.0


class Gazebo:
    """Handle on the process; `request` is carried out between two of its steps."""

    def __init__(self, namespace: str = "") -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.ros.gazebo.stand_in"),
                *("--ros-args", "-r", f"__ns:=/{namespace}"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert self.process.stdin and self.process.stdout
        self._input, self._output = self.process.stdin, self.process.stdout
        assert self._output.readline(), "the stand-in did not start"

    def request(self, name: str, *arguments: Any) -> Any:
        """What the request gives back."""
        self._input.write(json.dumps([name, arguments]) + "\n")
        self._input.flush()
        return json.loads(self._output.readline())

    def close(self) -> None:
        """End the process."""
        self._input.close()
        self.process.wait(timeout=30)
        self._output.close()


@pytest.fixture(scope="module")
def gazebo(domain: int) -> Iterator[Gazebo]:
    """One simulation for the tests of a module."""
    running = Gazebo()
    yield running
    running.close()


@pytest.fixture
def arm(graph: Any, gazebo: Gazebo) -> Iterator[JointArm]:
    """The driver, connected, at home, with the fingers half open."""
    gazebo.request("home")
    connected = JointArm(JointTopics(graph.client, TIMEOUT, SILENCE), SETTINGS)
    yield connected
    connected.close()


@pytest.fixture
def measured(graph: Any) -> Any:
    """Joint states as they come."""
    return graph.collect(JointState, names.MEASURED_JOINTS, qos.MEASURED_JOINTS)


@pytest.fixture
def in_background() -> Callable[[Callable[[], MotionResult]], Callable[[], MotionResult]]:
    """Starts a motion on a thread; the function that comes back waits for its result."""

    def start(motion: Callable[[], MotionResult]) -> Callable[[], MotionResult]:
        results: list[MotionResult] = []
        thread = threading.Thread(target=lambda: results.append(motion()))
        thread.start()

        def result() -> MotionResult:
            thread.join(60)
            return results[0]

        return result

    return start
