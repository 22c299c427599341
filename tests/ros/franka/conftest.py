"""A bridge in front of a simulated Franka."""

from __future__ import annotations

import os
import runpy
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter as RosParameter

from vjepa2_franka.franka_bridge import FrankaBridge
from vjepa2_msgs.action import ExecuteDelta
from vjepa2_node import names

SimulatedArm: Any = runpy.run_path(str(Path(__file__).parents[2] / "robot" / "conftest.py"))[
    "SimulatedArm"
]

PATIENT = {"limits.max_command_age": 10.0}
"""On a busy machine a message may take its time."""
FAST = {"limits.speed_factor": 0.5, "limits.acceleration_factor": 0.3, **PATIENT}


@pytest.fixture(scope="package")
def simulation() -> Iterator[Any]:
    """One simulated arm for all tests here."""
    simulated = SimulatedArm()
    yield simulated
    simulated.close()


@pytest.fixture
def simulate() -> Iterator[Callable[..., Any]]:
    """Makes simulated arms that a test may break, at an address that no other test uses."""
    simulated: list[Any] = []

    def start() -> Any:
        simulated.append(SimulatedArm(f"127.3.{os.getpid() % 251}.7"))
        return simulated[-1]

    yield start
    for arm in simulated:
        arm.kill()


class Bridge:
    """What a test asks of a bridge, wherever that runs."""

    def __init__(self, graph: Any, simulation: Any) -> None:
        self.graph = graph
        self.simulation = simulation

    def add(self, **parameters: Any) -> Bridge:
        """Start a bridge in this process."""
        self.node = self.graph.add(
            FrankaBridge, robot_address=self.simulation.hostname, **{**FAST, **parameters}
        )
        return self

    def goal(
        self,
        delta: Sequence[float],
        frame: str = "",
        age: float = 0.0,
        start: Sequence[float] | None = None,
    ) -> Any:
        """Goal of ExecuteDelta, issued `age` seconds ago, perhaps planned from a state."""
        now = self.graph.client.get_clock().now().nanoseconds
        goal = ExecuteDelta.Goal(delta=delta, sequence=now)
        issued = now - int(age * 1e9)
        goal.header.stamp.sec, goal.header.stamp.nanosec = divmod(issued, 10**9)
        goal.header.frame_id = frame
        if start is not None:
            goal.has_start, goal.start = True, start
        return goal

    def send(self, delta: Sequence[float], feedback: Any = None) -> Any:
        """Handle of a delta that is being executed."""
        return self.graph.send(ExecuteDelta, names.EXECUTE_DELTA, self.goal(delta), feedback)

    def run(self, goal: Any) -> Any:
        """Report of a goal, when it has ended."""
        return self.graph.run(ExecuteDelta, names.EXECUTE_DELTA, goal).report

    def execute(self, delta: Sequence[float]) -> Any:
        """Report of a delta, when it has ended."""
        return self.run(self.goal(delta))

    def set(self, name: str, value: Any) -> None:
        """Change a parameter from outside; AssertionError with the reason where it is refused."""
        parameter = RosParameter(name, value=value).to_parameter_msg()
        request = SetParameters.Request(parameters=[parameter])
        answer = self.graph.call(SetParameters, "franka_bridge/set_parameters", request)
        assert answer.results[0].successful, answer.results[0].reason

    def sent(self) -> tuple[int, int]:
        """How many motions and grasps the arm was ever asked for."""
        return self.simulation.request("motions"), self.simulation.request("grasps")

    def send_and_see_it_move(self, delta: Sequence[float]) -> Any:
        """Handle of a delta whose motion has come 5 mm far, by its feedback."""
        positions: list[Any] = []
        far = threading.Event()

        def look(message: Any) -> None:
            positions.append(np.array(message.feedback.state.state[:3]))
            if np.linalg.norm(positions[-1] - positions[0]) > 0.005:
                far.set()

        handle = self.send(delta, look)
        assert far.wait(30), f"{len(positions)} states came on the way, none of them far"
        return handle


@pytest.fixture
def bridge(graph: Any, simulation: Any, request: pytest.FixtureRequest) -> Bridge:
    """A bridge that is active; parametrise indirectly to give it parameters."""
    return Bridge(graph, simulation).add(**getattr(request, "param", {}))


@pytest.fixture
def bridge_to(graph: Any) -> Callable[[Any], Bridge]:
    """Makes the client of a bridge to a simulation; `add` starts that bridge."""
    return lambda simulation: Bridge(graph, simulation)
