"""Faults of the software: each command still ends with a code, and the arm does not seem lost."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from action_msgs.msg import GoalStatus
from rcl_interfaces.msg import Log
from rclpy.qos import QoSProfile

from vjepa2_msgs.msg import EndEffectorState, MotionCode, RobotMode
from vjepa2_msgs.srv import Jog
from vjepa2_node import names, qos
from vjepa2_robot.limited_arm import LimitedArm

STEP = [0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


class Faulty:
    """A driver that breaks the promises of the protocol in `execute`."""

    def __init__(self, arm: Any, fault: str) -> None:
        self._arm = arm
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._arm, name)

    def execute(self, delta: Any) -> Any:
        if self._fault == "raises":
            raise KeyError("a fault of the driver")
        result = self._arm.execute(delta)
        if self._fault == "no time":
            return replace(result, motion_end_stamp=float("nan"))
        return replace(result, code=77)


@pytest.fixture
def faulty(bridge: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A bridge whose driver has a fault."""
    commander = bridge.node._commander
    whole = commander.arm
    commander.arm = LimitedArm(Faulty(whole, request.param))  # type: ignore[arg-type]
    yield bridge
    commander.arm = whole


@pytest.mark.parametrize("faulty", ["raises", "no time", "no code"], indirect=True)
def test_a_fault_of_the_driver_ends_the_goal(faulty: Any, graph: Any) -> None:
    """The goal is aborted with MOTION_FAILED and a sentence, again and again, and a jog too."""
    for _ in range(2):
        ended = graph.result_status(faulty.send(STEP))
        report = ended.result.report
        assert ended.status == GoalStatus.STATUS_ABORTED
        assert report.code.code == MotionCode.MOTION_FAILED
        assert "Error: " in report.message
        np.testing.assert_array_equal(report.requested, STEP)
        assert np.isnan(report.achieved).all()
    report = graph.call(Jog, names.JOG, Jog.Request(delta=STEP)).report
    assert report.code.code == MotionCode.MOTION_FAILED


def test_a_fault_of_the_node_ends_the_goal(bridge: Any, graph: Any) -> None:
    """Even where no thread is left to carry a goal out, it ends with a code."""
    sent = bridge.sent()
    bridge.node._workers.shutdown()
    ended = graph.result_status(bridge.send(STEP))
    assert ended.status == GoalStatus.STATUS_ABORTED
    assert ended.result.report.code.code == MotionCode.MOTION_FAILED
    assert "RuntimeError: " in ended.result.report.message
    assert bridge.sent() == sent


def test_a_fault_of_a_follower_is_not_a_lost_arm(bridge: Any, graph: Any) -> None:
    """States go on, the fault is logged, and no mode but IDLE is told."""
    log = graph.collect(Log, "/rosout", QoSProfile(depth=100))
    modes = graph.collect(RobotMode, names.ROBOT_MODE, qos.LATCHED)
    states = graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, qos.STATES)
    followed: list[Any] = []

    def fail(_: Any) -> None:
        raise RuntimeError("a follower that fails")

    publisher = bridge.node._states
    states.until()
    with publisher.followed_by(fail), publisher.followed_by(followed.append):
        line = log.until(lambda message: "a follower that fails" in message.msg)
        states.next(5)
    assert line.level == Log.ERROR
    assert len(followed) > 4
    assert {message.mode for message in modes.messages} == {RobotMode.IDLE}
