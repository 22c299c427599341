"""The world model's process dies in the middle of a task."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from tests.ros.conftest import Graph
from tests.system.conftest import Lab
from vjepa2_bringup.node_table import Arguments
from vjepa2_bringup.runner import Stack
from vjepa2_msgs.msg import EndEffectorState, Outcome, TaskCode
from vjepa2_node import names
from vjepa2_node.qos import STATES
from vjepa2_sim.own_address import own_address


def test_a_killed_world_model_ends_the_task_and_the_arm_holds(domain: int, tmp_path: Path) -> None:
    """In the middle of a task: a code and a sentence within seconds, no command after it."""
    arguments = Arguments(composed=False, robot_address=own_address())
    with Stack(arguments, log_folder=tmp_path, domain=domain) as stack:
        graph = Graph()
        try:
            lab = Lab(stack, graph, [])
            goal = lab.set_up(seed=23)
            feedback: SimpleQueue[Any] = SimpleQueue()
            task = lab.start(goal, budget=30, feedback=feedback.put)
            feedback.get(timeout=60.0)
            os.kill(lab.pid("world_model"), signal.SIGKILL)
            result = graph.result(task, timeout=15.0)
            assert result.code.code in (TaskCode.PURSUIT_FAILED, TaskCode.WORLD_MODEL_LOST)
            assert result.outcome.outcome == Outcome.WORLD_MODEL_LOST
            assert "world model" in result.message
            states = graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, STATES)
            at_end, *_, later = (np.array(m.state) for m in states.next(50))
            assert np.abs(later - at_end).max() < 1e-3
            again = graph.result(lab.start(goal, budget=1), timeout=60.0)
            assert again.code.code == TaskCode.WORLD_MODEL_LOST
        finally:
            graph.close()
