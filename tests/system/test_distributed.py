"""Planning in one process and spread over several, beside a dry run of the robot's side."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rclpy.serialization import serialize_message

from tests.ros.conftest import WAIT, Graph
from tests.system.conftest import Lab
from vjepa2_bringup.middleware import PROFILES
from vjepa2_bringup.node_table import Arguments
from vjepa2_bringup.runner import Stack
from vjepa2_msgs.action import ExecuteDelta
from vjepa2_msgs.msg import (
    EndEffectorState,
    Goal,
    MotionCode,
    PursuitStep,
    RobotMode,
    TaskCode,
)
from vjepa2_node import names
from vjepa2_node.qos import EVENTS, LATCHED, STATES
from vjepa2_sim.own_address import own_address

STEPS = 4


@contextmanager
def robot_host(domain: int, log_folder: Path) -> Iterator[Lab]:
    """The robot's side, simulated, as a dry run; and a client of all that is in its domain."""
    arguments = Arguments(part="robot", dry_run=True, robot_address=own_address())
    with _environment(ROS_DOMAIN_ID=str(domain)), Stack(arguments, log_folder=log_folder) as stack:
        graph = Graph()
        try:
            yield Lab(stack, graph, [])
        finally:
            graph.close()


@contextmanager
def planning_host(composed: bool, log_folder: Path) -> Iterator[Stack]:
    """The planning side, as on another host: it shares no memory with the robot's side."""
    arguments = Arguments(part="planning", composed=composed)
    with (
        _environment(FASTDDS_BUILTIN_TRANSPORTS="UDPv4"),
        Stack(arguments, log_folder=log_folder) as stack,
    ):
        yield stack


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.pop(PROFILES, None)  # shared memory, as an earlier stack may have set it
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _planned(lab: Lab, goal: Goal) -> list[PursuitStep]:
    """Steps of a task, with those times and ids blanked that no two runs share."""
    steps = lab.graph.collect(PursuitStep, names.PLANNER_STEPS, EVENTS).found()
    deadline = time.monotonic() + WAIT
    while True:
        result = lab.graph.result(lab.start(goal, budget=STEPS), timeout=120.0)
        # The planner, too, has to find the robot's side first: until then it knows no state.
        if result.code.code == TaskCode.OK or result.steps or time.monotonic() > deadline:
            break
    assert result.code.code == TaskCode.OK, result.message
    steps.until(lambda step: step.index == STEPS - 1)
    assert len(steps.messages) == STEPS
    return list(steps.messages)


def _plan_bytes(step: PursuitStep) -> bytes:
    """Everything about the plan but its times."""
    step.plan.seconds = 0.0
    for refinement in step.plan.refinements:
        refinement.seconds = 0.0
    return bytes(serialize_message(step.plan))


def test_composed_and_distributed_plan_alike_bit_for_bit(domain: int, tmp_path: Path) -> None:
    """Same seed, same scene: every mean, deviation and energy of every refinement is the same.

    Each in a ROS domain of its own, with a simulation of its own.
    """
    runs = []
    for number, composed in ((domain, True), (domain % 100 + 1, False)):
        folder = tmp_path / str(number)
        with robot_host(number, folder) as lab:
            goal = lab.set_up(seed=21)
            with planning_host(composed, folder):
                runs.append(_planned(lab, goal))
    composed, distributed = runs
    assert [step.energy for step in composed] == [step.energy for step in distributed]
    for one, other in zip(composed, distributed, strict=True):
        # The fingers tremble by less than a nanometre, which no plan can see.
        assert np.allclose(one.state, other.state, rtol=0.0, atol=1e-8)
        assert np.array_equal(one.action, other.action)
        assert _plan_bytes(one) == _plan_bytes(other)
    # Each step has its own draws, so that equal plans do not come from equal steps.
    assert len({step.plan.seed for step in composed}) == STEPS
    assert len({_plan_bytes(step) for step in composed}) == STEPS
    assert any(np.any(step.action) for step in composed)


def test_a_dry_run_shows_everything_and_moves_nothing(domain: int, tmp_path: Path) -> None:
    """Plans and limits are real, each motion is DRY_RUN, and the arm stays to the micrometre."""
    with robot_host(domain, tmp_path) as lab:
        goal = lab.set_up(seed=22)
        states = lab.graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, STATES)
        before = np.array(states.next()[-1].state)
        assert lab.graph.collect(RobotMode, names.ROBOT_MODE, LATCHED).until().dry_run
        with planning_host(True, tmp_path):
            steps = _planned(lab, goal)
        for step in steps:
            assert step.motion.code.code == MotionCode.DRY_RUN
            assert list(step.motion.achieved) == [0.0] * 7
            assert np.array_equal(step.motion.requested, step.action)
        too_long = ExecuteDelta.Goal(delta=[0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
        now = lab.graph.client.get_clock().now()
        too_long.header.stamp, too_long.sequence = now.to_msg(), now.nanoseconds
        report = lab.graph.run(ExecuteDelta, names.EXECUTE_DELTA, too_long).report
        assert report.code.code == MotionCode.REFUSED_TRANSLATION
        assert np.abs(np.array(states.next()[-1].state) - before).max() < 1e-6
