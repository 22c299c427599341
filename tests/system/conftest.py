"""The whole stack as processes, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ros.conftest import Graph, domain
from vjepa2_bringup.node_table import Arguments
from vjepa2_bringup.runner import Stack
from vjepa2_msgs.action import RunTask
from vjepa2_msgs.msg import Goal
from vjepa2_msgs.srv import SetUpTrial, TaskRequest
from vjepa2_node import names
from vjepa2_sim.own_address import own_address

__all__ = ["domain"]  # the fixture


class Lab:
    """A running stack with the simulated robot, and a graph that is its client."""

    def __init__(self, stack: Stack, graph: Graph, progress: list[str]) -> None:
        self.stack = stack
        self.graph = graph
        self.progress = progress

    def set_up(self, seed: int) -> Goal:
        """The scene at the start of a reach trial; its goal."""
        trial = self.graph.call(
            SetUpTrial, names.SET_UP_TRIAL, SetUpTrial.Request(task="reach", seed=seed)
        )
        assert trial.success, trial.message
        return trial.goals[0]

    def start(self, goal: Goal, budget: int, feedback: Any = None) -> Any:
        """Handle of a task with this one goal."""
        task = RunTask.Goal(goal_images=[goal], budgets=[budget], seed=3)
        return self.graph.send(RunTask, names.RUN_TASK, task, feedback)

    def ask(self, name: str) -> int:
        """Code of a request to the sequencer, such as pause."""
        return int(self.graph.call(TaskRequest, name, TaskRequest.Request()).code.code)

    def pid(self, executable: str) -> int:
        """Process id of a part of the stack."""
        (process,) = (p for p in self.stack.processes if p.spec.executable == executable)
        return int(process.pid)


@pytest.fixture(scope="module")
def log_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the nodes' words are kept."""
    return tmp_path_factory.mktemp("log")


@pytest.fixture(scope="module")
def lab(domain: int, log_folder: Path) -> Iterator[Lab]:
    """A composed stack for all tests of a module."""
    progress: list[str] = []
    arguments = Arguments(robot_address=own_address())
    with Stack(
        arguments, log_folder=log_folder, domain=domain, on_progress=progress.append
    ) as stack:
        graph = Graph()
        yield Lab(stack, graph, progress)
        graph.close()
