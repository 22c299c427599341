"""The arm's answer, in the robot's own protocol."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.robot.conftest import SimulatedArm
from vjepa2.doctor.finding import State
from vjepa2.doctor.host import Host
from vjepa2.doctor.robot import check
from vjepa2_robot.server_version import ROBOT_PORT

SERVER_VERSION = "10"
"""What this franky-sim and this franky speak."""


@pytest.fixture
def simulation() -> Iterator[SimulatedArm]:
    simulated = SimulatedArm()
    yield simulated
    simulated.close()


def test_an_arm_that_answers_and_does_not_move(simulation: SimulatedArm) -> None:
    """With the version that both speak."""
    finding = check(Host(robot=simulation.hostname))
    assert finding.state is State.OK, finding
    assert f"server version {SERVER_VERSION}; franky" in finding.found
    assert simulation.request("motions") == 0


def test_nobody_there() -> None:
    """The address and the remedy are named."""
    finding = check(Host(robot="127.77.0.9"))
    assert finding.state is State.MISSING
    assert "127.77.0.9:1337" in finding.found
    assert "FCI" in finding.remedy


def test_a_port_that_says_nothing() -> None:
    """It is no arm, or one that is taken."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.77.0.10", ROBOT_PORT))
        server.listen()
        finding = check(Host(robot="127.77.0.10"))
    assert finding.state is State.MISSING
    assert "does not answer within" in finding.found
