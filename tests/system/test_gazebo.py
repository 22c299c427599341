"""The whole stack on the Gazebo backend, on simulated time, with MuJoCo in Gazebo's place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ros.conftest import Graph
from tests.ros.gazebo.conftest import Gazebo
from tests.system.conftest import Lab
from vjepa2_bringup.node_table import Arguments
from vjepa2_bringup.runner import Stack
from vjepa2_msgs.action import RunTask
from vjepa2_msgs.msg import MotionCode, TaskCode
from vjepa2_msgs.srv import CaptureGoal, Jog
from vjepa2_node import names
from vjepa2_node.stamps import to_seconds

AWAY = [0.06, -0.06, -0.05, 0.0, 0.0, 0.0, 0.0]
BEGIN = 1000.0
"""Simulated time at which the stand-in begins [s]."""


@pytest.fixture(scope="module")
def gazebo(domain: int) -> Iterator[Gazebo]:
    """Running, and publishing pictures of the size that the bundled model takes."""
    running = Gazebo("lab")
    running.request("see", 128)
    yield running
    running.close()


@pytest.fixture(scope="module")
def lab(domain: int, gazebo: Gazebo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A composed stack in a namespace."""
    folder: Path = tmp_path_factory.mktemp("lab")
    own = folder / "own.yaml"
    own.write_text(f"/**/sequencer:\n  ros__parameters: {{goal_folder: {folder / 'goals'}}}\n")
    arguments = Arguments(backend="gazebo", namespace="lab", config=str(own))
    with Stack(arguments, log_folder=folder, domain=domain) as stack:
        graph = Graph()
        yield Lab(stack, graph, [])
        graph.close()


def test_a_captured_goal_is_reached_again(lab: Lab, gazebo: Gazebo) -> None:
    """Jogged away by 10 cm, the arm plans its way back by pictures; all stamps are simulated."""

    def position() -> Any:
        return np.array(gazebo.request("pose"))[:3, 3]

    start = position()
    request = CaptureGoal.Request(name="here")
    captured = lab.graph.call(CaptureGoal, f"lab/{names.CAPTURE_GOAL}", request)
    assert captured.code.code == TaskCode.OK, captured.message
    jogged = lab.graph.call(Jog, f"lab/{names.JOG}", Jog.Request(delta=AWAY)).report
    assert jogged.code.code == MotionCode.REACHED, jogged.message
    assert np.linalg.norm(position() - start - AWAY[:3]) < 0.002
    assert BEGIN < to_seconds(jogged.motion_end_stamp) < BEGIN + 1000.0
    task = RunTask.Goal(goals=["here"], budgets=[8], seed=3)
    handle = lab.graph.send(RunTask, f"lab/{names.RUN_TASK}", task)
    result = lab.graph.result(handle, timeout=120.0)
    assert result.code.code == TaskCode.OK, result.message
    assert np.linalg.norm(position() - start) < 0.04
