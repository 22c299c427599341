"""A stack whose every node is a process of its own, and faults injected into it as it moves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
from lifecycle_msgs.msg import Transition

from tests.faults.camera import FaultyCamera
from tests.faults.matrix import Matrix
from tests.ros.conftest import Graph, domain
from tests.system.conftest import Lab
from vjepa2_bringup.child_environment import child_environment
from vjepa2_bringup.lifecycle_manager import LifecycleManager
from vjepa2_bringup.node_process import NodeProcess
from vjepa2_bringup.node_table import Arguments
from vjepa2_bringup.runner import Stack
from vjepa2_msgs.msg import EndEffectorState, Goal, RobotMode
from vjepa2_node import names
from vjepa2_node.qos import STATES
from vjepa2_node.stamps import now_seconds, to_seconds
from vjepa2_sim.own_address import own_address

__all__ = ["domain"]  # the fixture

PAGE = "VJEPA2_FAULTS_PAGE"
"""Environment variable with the path that the matrix is written to."""
SEED = 31
BUDGET = 40
MOVES_M_S = 0.005
"""A slower end effector holds: it trembles by less."""
STILL_STATES = 50


@pytest.fixture(scope="session")
def matrix() -> Iterator[Matrix]:
    """Takes the rows, and writes the page where one is asked for."""
    matrix = Matrix()
    yield matrix
    if page := os.environ.get(PAGE):
        matrix.write(Path(page))


@dataclass(frozen=True)
class Injected:
    """What came of a fault. result: of the task. held: seconds from it to the last movement."""

    result: Any
    held: float


class FaultLab(Lab):
    """A stack of processes, a client of it, and faults.

    log_folder, domain: of the stack, for processes that are started anew.
    """

    def __init__(self, stack: Stack, graph: Graph, log_folder: Path, domain: int) -> None:
        super().__init__(stack, graph, [])
        self._log_folder, self._domain = log_folder, domain
        self.clock = graph.client.get_clock()
        self.revived: list[NodeProcess] = []

    def inject(self, fault: Callable[[], object], timeout: float = 60.0) -> Injected:
        """Start a task, spoil it while the arm moves, and see what becomes of both."""
        goal = self.set_up(SEED)
        states = self.graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, STATES)
        feedback: SimpleQueue[Any] = SimpleQueue()
        task = self.start(goal, BUDGET, feedback.put)
        feedback.get(timeout=60.0)
        states.messages.clear()
        states.until(lambda m: m.mode == RobotMode.MOVING)
        injected = now_seconds(self.clock)
        fault()
        result = self.graph.result(task, timeout)
        ended = now_seconds(self.clock)
        states.next(STILL_STATES)
        last = last_movement(states.messages)
        assert last < ended + 0.25, "the arm still moved after the task had ended"
        return Injected(result, last - injected)

    def works(self, budget: int = 1) -> None:
        """Assert that the next task is carried out."""
        result = self.graph.result(self.start(self.set_up(SEED), budget), 60.0)
        assert (result.code.code, result.steps) == (0, budget), result.message

    def goal(self) -> Goal:
        """Of the trial."""
        return self.set_up(SEED)

    def revive(self, executable: str) -> None:
        """Start a process of the stack anew, as a supervisor would, and bring its nodes up."""
        (spec,) = (s for s in self.stack.specs if s.executable == executable)
        environment = child_environment(os.environ, self._domain, self._log_folder)
        with (self._log_folder / f"{executable}_again.log").open("a", encoding="utf-8") as log:
            process = NodeProcess(
                spec, environment, lambda line: log.closed or log.write(line), lambda _: None
            )
        self.revived.append(process)
        LifecycleManager(self.graph.client, spec.nodes).bring_up()


def last_movement(states: list[Any]) -> float:
    """Stamp [s] of the last state in which the end effector was faster than MOVES_M_S; or -inf."""
    stamps = np.array([to_seconds(m.header.stamp) for m in states])
    positions = np.array([np.array(m.state[:3]) for m in states])
    gaps = np.maximum(np.diff(stamps), 1e-4)
    speeds = np.linalg.norm(np.diff(positions, axis=0), axis=1) / gaps
    moving = np.flatnonzero(speeds > MOVES_M_S)
    return float(stamps[moving[-1] + 1]) if len(moving) else -np.inf


@pytest.fixture(scope="module")
def lab(domain: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultLab]:
    """One stack for the faults of a module."""
    folder = tmp_path_factory.mktemp("log")
    arguments = Arguments(composed=False, robot_address=own_address())
    with Stack(arguments, log_folder=folder, domain=domain) as stack:
        graph = Graph()
        lab = FaultLab(stack, graph, folder, domain)
        try:
            yield lab
        finally:
            graph.close()
            for process in lab.revived:
                process.kill()


@pytest.fixture
def camera(lab: FaultLab) -> Iterator[FaultyCamera]:
    """In place of the simulation's own."""
    lab.graph.change("simulation", Transition.TRANSITION_DEACTIVATE)
    camera = FaultyCamera(lab.graph)
    yield camera
    camera.close()
    lab.graph.change("simulation", Transition.TRANSITION_ACTIVATE)
