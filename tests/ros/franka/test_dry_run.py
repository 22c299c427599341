"""A bridge that only looks."""

from typing import Any

import numpy as np
import pytest

from vjepa2_msgs.msg import EndEffectorState, MotionCode, RobotMode
from vjepa2_msgs.srv import Jog, MoveHome, Recover, SetGripper, StopMotion
from vjepa2_node import names, qos

STEP = [0.02, 0.0, 0.01, 0.0, 0.0, 0.0, 0.3]
dry = pytest.mark.parametrize("bridge", [{"dry_run": True}], indirect=True)


@dry
def test_nothing_ever_moves(bridge: Any, graph: Any) -> None:
    """Every command is checked and answered with DRY_RUN; the arm was asked for nothing."""
    modes = graph.collect(RobotMode, names.ROBOT_MODE, qos.LATCHED)
    states = graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, qos.STATES)
    sent = bridge.sent()
    before = np.array(states.until().state)
    assert modes.until().dry_run
    closing = SetGripper.Request(closedness=0.9)
    for report in (
        bridge.execute(STEP),
        graph.call(Jog, names.JOG, Jog.Request(delta=STEP)).report,
        graph.call(MoveHome, names.HOME, MoveHome.Request()).report,
        graph.call(SetGripper, names.SET_GRIPPER, closing).report,
    ):
        assert report.code.code == MotionCode.DRY_RUN
        assert "not moved" in report.message
        assert not np.any(report.achieved)
    np.testing.assert_array_equal(bridge.execute(STEP).requested, STEP)
    graph.call(StopMotion, names.STOP, StopMotion.Request())
    assert bridge.execute(STEP).code.code == MotionCode.STOPPED
    recovered = graph.call(Recover, names.RECOVER, Recover.Request())
    assert (recovered.code.code, recovered.mode) == (MotionCode.REACHED, RobotMode.IDLE)
    assert bridge.execute(STEP).code.code == MotionCode.DRY_RUN
    assert bridge.sent() == sent
    after = states.next()[0].state
    np.testing.assert_allclose(after[:6], before[:6], atol=1e-3)
    assert abs(after[6] - before[6]) < 0.02


@dry
def test_refusals_are_real(bridge: Any) -> None:
    """What would be refused with the arm is refused in a dry run."""
    report = bridge.execute([0.2, 0, 0, 0, 0, 0, 0])
    assert report.code.code == MotionCode.REFUSED_TRANSLATION
    assert bridge.run(bridge.goal(STEP, age=60)).code.code == MotionCode.REFUSED_STALE


def held_by(thing: Any) -> set[str]:
    """Types of all objects of ours that an object holds, directly or through others."""
    found = {type(thing).__name__}
    for value in vars(thing).values():
        if type(value).__module__.startswith("vjepa2"):
            found |= held_by(value)
    return found


@pytest.mark.parametrize("bridge", [{"dry_run": True}, {"dry_run": False}], indirect=True)
def test_by_construction(bridge: Any) -> None:
    """What could move the arm or its fingers is never made in a dry run, and is otherwise."""
    held = held_by(bridge.node._commander.arm)
    acting = {"FrankyArm", "Gripper", "PointToPoint"}
    if bridge.node.parameters["dry_run"]:
        assert {"DryRunArm", "FrankyReader", "GripperReader"} <= held
        assert not acting & held
    else:
        assert acting <= held
