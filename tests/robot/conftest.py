"""A simulated Franka behind the robot's own network protocol, shared by the tests here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vjepa2_robot.arm_driver import ArmDriver, MotionCode, RobotMode
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_settings import FrankySettings

HOME = (0.0, 0.0, 0.0, -1.57, 0.0, 1.57, 0.785)
FAST = {"speed_factor": 0.5, "acceleration_factor": 0.3}


def enter_reflex(simulation: SimulatedArm, arm: ArmDriver) -> None:
    """Put the arm into reflex."""
    simulation.request("reflex")
    await_mode(arm, RobotMode.REFLEX)


def await_mode(arm: ArmDriver, mode: RobotMode) -> None:
    """Return once the driver's own connection has told of the mode."""
    deadline = time.monotonic() + 30
    while arm.mode() is not mode:
        assert time.monotonic() < deadline, f"the arm never told of {mode.name}"


class SimulatedArm:
    """Handle on a simulation process: its address, and `request` for its faults."""

    def __init__(self, *addresses: str) -> None:
        """Serve at the first free one of the addresses; without any, at one that is free."""
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("simulation_process.py")), *addresses],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert self.process.stdin and self.process.stdout
        self._input, self._output = self.process.stdin, self.process.stdout
        self.hostname: str = json.loads(self._output.readline())

    def request(self, name: str, *arguments: Any) -> Any:
        """Have the request carried out between two simulation steps."""
        self._input.write(json.dumps([name, arguments]) + "\n")
        self._input.flush()
        return json.loads(self._output.readline())

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=30)

    def close(self) -> None:
        """End the process."""
        self._input.close()
        self.process.wait(timeout=30)
        self._output.close()


@pytest.fixture(scope="package")
def simulation() -> Iterator[SimulatedArm]:
    """One simulated arm for all tests."""
    simulated = SimulatedArm()
    yield simulated
    simulated.close()


@pytest.fixture
def own_simulation() -> Iterator[SimulatedArm]:
    """A simulated arm that a test may break."""
    simulated = SimulatedArm()
    yield simulated
    simulated.kill()


@pytest.fixture
def simulate() -> Iterator[Callable[..., SimulatedArm]]:
    """Makes simulated arms that a test may break, at given addresses."""
    simulated: list[SimulatedArm] = []

    def start(*addresses: str) -> SimulatedArm:
        simulated.append(SimulatedArm(*addresses))
        return simulated[-1]

    yield start
    for arm in simulated:
        arm.kill()


@pytest.fixture
def settings() -> FrankySettings:
    """Settings of the driver under test; parametrise to change them."""
    return FrankySettings(**FAST)


@pytest.fixture
def arm(simulation: SimulatedArm, settings: FrankySettings) -> Iterator[FrankyArm]:
    """The franky driver, connected, at home, with the fingers half open."""
    connected = FrankyArm(simulation.hostname, settings)
    if np.abs(connected.state().joint_positions - HOME).max() > 1e-3:
        assert connected.move_joints(HOME).code is MotionCode.REACHED
    assert connected.set_gripper(0.5).code is MotionCode.REACHED
    yield connected
    connected.close()
