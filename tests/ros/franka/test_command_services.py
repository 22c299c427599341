"""home, jog, set_gripper, stop and recover."""

from typing import Any

import numpy as np
import pytest
from action_msgs.msg import GoalStatus
from lifecycle_msgs.msg import Transition

from vjepa2_franka.arm_commands import move_home
from vjepa2_msgs.msg import MotionCode, RobotMode
from vjepa2_msgs.srv import Jog, MoveHome, Recover, SetGripper, StopMotion
from vjepa2_node import names, qos
from vjepa2_node.calls import is_found, result_of
from vjepa2_robot.poses import delta_between

AHEAD = [0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
STEP = [0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_jog_gripper_and_home(bridge: Any, graph: Any) -> None:
    """The arm moves by hand-given deltas, the gripper closes, and home undoes both."""
    home = graph.call(MoveHome, names.HOME, MoveHome.Request()).report
    assert home.code.code == MotionCode.REACHED, home.message
    assert home.end[6] < 0.03
    jogged = graph.call(Jog, names.JOG, Jog.Request(delta=[0.02, 0, -0.02, 0, 0, 0, 0])).report
    assert jogged.code.code == MotionCode.REACHED
    np.testing.assert_allclose(jogged.achieved[:3], [0.02, 0, -0.02], atol=0.002)
    closed = graph.call(SetGripper, names.SET_GRIPPER, SetGripper.Request(closedness=0.6)).report
    assert closed.code.code == MotionCode.REACHED
    assert abs(closed.end[6] - 0.6) < 0.04
    again = graph.call(MoveHome, names.HOME, MoveHome.Request()).report
    assert again.code.code == MotionCode.REACHED
    # As deltas: the roll of a hand that points down is pi or -pi.
    np.testing.assert_allclose(delta_between(home.end, again.end)[:6], 0, atol=0.003)
    np.testing.assert_allclose(delta_between(closed.end, again.start)[:6], 0, atol=0.002)
    assert again.end[6] < 0.03
    assert again.achieved[6] < -0.5


def test_jog_and_gripper_obey_the_limits(bridge: Any, graph: Any) -> None:
    """A jog is held in the same limits as any command, a closedness in [0, 1]."""
    sent = bridge.sent()
    for delta, code in (
        ([0.2, 0, 0, 0, 0, 0, 0], MotionCode.REFUSED_TRANSLATION),
        ([np.nan, 0, 0, 0, 0, 0, 0], MotionCode.REFUSED_NOT_FINITE),
    ):
        assert graph.call(Jog, names.JOG, Jog.Request(delta=delta)).report.code.code == code
    for closedness, code in (
        (1.5, MotionCode.REFUSED_CLOSEDNESS),
        (float("nan"), MotionCode.REFUSED_NOT_FINITE),
    ):
        request = SetGripper.Request(closedness=closedness)
        assert graph.call(SetGripper, names.SET_GRIPPER, request).report.code.code == code
    assert bridge.sent() == sent


def test_stop_ends_a_motion(bridge: Any, graph: Any) -> None:
    """stop is heard while the arm moves, and says whether anything moved."""
    idle = graph.call(StopMotion, names.STOP, StopMotion.Request())
    assert idle.code.code == MotionCode.REACHED
    graph.call(Recover, names.RECOVER, Recover.Request())
    handle = bridge.send_and_see_it_move(AHEAD)
    stopped = graph.call(StopMotion, names.STOP, StopMotion.Request())
    assert stopped.code.code == MotionCode.STOPPED
    assert not bridge.simulation.request("moving")
    report = graph.result(handle).report
    assert report.code.code == MotionCode.STOPPED
    assert report.achieved[0] < 0.09
    graph.call(Recover, names.RECOVER, Recover.Request())
    bridge.execute([-report.achieved[0], 0, 0, 0, 0, 0, 0])


def test_after_stop_no_delta_is_executed_until_recover(bridge: Any, graph: Any) -> None:
    """Every delta is STOPPED, even where nothing moved at first; by hand the arm still moves."""
    request = StopMotion.Request()
    assert graph.call(StopMotion, names.STOP, request).code.code == MotionCode.REACHED
    sent = bridge.sent()
    for _ in range(2):
        handle = bridge.send(STEP)
        ended = graph.result_status(handle)
        assert ended.status == GoalStatus.STATUS_ABORTED
        assert ended.result.report.code.code == MotionCode.STOPPED
        assert "call recover" in ended.result.report.message
        assert not np.any(ended.result.report.achieved)
    assert bridge.sent() == sent
    for report in (
        graph.call(MoveHome, names.HOME, MoveHome.Request()).report,
        graph.call(Jog, names.JOG, Jog.Request(delta=STEP)).report,
        graph.call(SetGripper, names.SET_GRIPPER, SetGripper.Request(closedness=0.5)).report,
    ):
        assert report.code.code == MotionCode.REACHED, report.message
    assert bridge.execute(STEP).code.code == MotionCode.STOPPED
    recovered = graph.call(Recover, names.RECOVER, Recover.Request())
    assert (recovered.code.code, recovered.mode) == (MotionCode.REACHED, RobotMode.IDLE)
    assert bridge.execute([-change for change in STEP]).code.code == MotionCode.REACHED


def test_a_stop_ends_with_the_activation(bridge: Any, graph: Any) -> None:
    """Activated again, the bridge executes deltas."""
    graph.call(StopMotion, names.STOP, StopMotion.Request())
    assert bridge.execute(STEP).code.code == MotionCode.STOPPED
    graph.change("franka_bridge", Transition.TRANSITION_DEACTIVATE)
    graph.change("franka_bridge", Transition.TRANSITION_ACTIVATE)
    assert bridge.execute(STEP).code.code == MotionCode.REACHED
    assert bridge.execute([-change for change in STEP]).code.code == MotionCode.REACHED


def test_a_reflex_is_seen_and_recovered(bridge: Any, graph: Any) -> None:
    """The motion ends with REFLEX, the mode says so, and after recover the arm moves again."""
    modes = graph.collect(RobotMode, names.ROBOT_MODE, qos.LATCHED)
    handle = bridge.send_and_see_it_move(AHEAD)
    bridge.simulation.request("reflex")
    report = graph.result(handle).report
    assert report.code.code == MotionCode.REFLEX
    assert "recover" in modes.until(lambda message: message.mode == RobotMode.REFLEX).message
    assert bridge.execute(STEP).code.code == MotionCode.REFUSED_MODE
    recovered = graph.call(Recover, names.RECOVER, Recover.Request())
    assert (recovered.code.code, recovered.mode) == (MotionCode.REACHED, RobotMode.IDLE)
    assert bridge.execute([-report.achieved[0], *STEP[1:]]).code.code == MotionCode.REACHED
    assert modes.messages[-1].mode in (RobotMode.IDLE, RobotMode.MOVING)


@pytest.mark.parametrize("configured", [True, False])
def test_a_bridge_that_is_not_active(bridge: Any, graph: Any, configured: bool) -> None:
    """Every service still answers with a code, and nothing moves."""
    graph.change("franka_bridge", Transition.TRANSITION_DEACTIVATE)
    if not configured:
        graph.change("franka_bridge", Transition.TRANSITION_CLEANUP)
    sent = bridge.sent()
    for report in (
        graph.call(MoveHome, names.HOME, MoveHome.Request()).report,
        graph.call(Jog, names.JOG, Jog.Request(delta=STEP)).report,
        graph.call(SetGripper, names.SET_GRIPPER, SetGripper.Request(closedness=0.5)).report,
    ):
        assert report.code.code == MotionCode.REFUSED_INACTIVE
        assert "activate" in report.message
    stopped = graph.call(StopMotion, names.STOP, StopMotion.Request())
    recovered = graph.call(Recover, names.RECOVER, Recover.Request())
    wanted = MotionCode.REACHED if configured else MotionCode.REFUSED_INACTIVE
    assert stopped.code.code == recovered.code.code == wanted
    assert bridge.sent() == sent


def test_stop_works_during_every_kind_of_motion(bridge: Any, graph: Any) -> None:
    """Homing is stopped too, and the gripper is then left as it is."""
    bridge.set("home_joints", [0.6, *bridge.node.parameters["home_joints"][1:]])
    modes = graph.collect(RobotMode, names.ROBOT_MODE, qos.LATCHED)
    graph.call(SetGripper, names.SET_GRIPPER, SetGripper.Request(closedness=0.5))
    client = graph.client.create_client(MoveHome, names.HOME)
    assert is_found(client, 30.0)
    homing = client.call_async(MoveHome.Request())
    modes.until(lambda message: message.mode == RobotMode.MOVING)
    stopped = graph.call(StopMotion, names.STOP, StopMotion.Request())
    assert stopped.code.code == MotionCode.STOPPED
    report = result_of(homing, 30, names.HOME).report
    assert report.code.code == MotionCode.STOPPED
    assert abs(report.end[6] - 0.5) < 0.05
    bridge.set("home_joints", [0.0, *bridge.node.parameters["home_joints"][1:]])
    graph.call(MoveHome, names.HOME, MoveHome.Request())


def test_home_says_when_the_gripper_was_not_opened(bridge: Any, graph: Any) -> None:
    """The arm has moved by then, so the code is not one of a refusal."""

    class Interrupted:
        """The bridge's arm, switched off as soon as it has moved to its joints."""

        def __init__(self, arm: Any) -> None:
            self._arm = arm

        def move_joints(self, joints: Any) -> Any:
            result = self._arm.move_joints(joints)
            self._arm.enabled = False
            return result

        def set_gripper(self, closedness: float) -> Any:
            return self._arm.set_gripper(closedness)

    arm = bridge.node._commander.arm
    result = move_home(Interrupted(arm), bridge.node.parameters["home_joints"])  # type: ignore[arg-type]
    assert result.code.name == "GRIPPER_FAULT"
    assert "the gripper was not opened" in result.message
