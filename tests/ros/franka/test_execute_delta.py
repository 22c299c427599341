"""The action that moves the arm."""

from typing import Any

import numpy as np
import pytest
from action_msgs.msg import GoalStatus
from lifecycle_msgs.msg import Transition
from rcl_interfaces.msg import Log
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState

from vjepa2_msgs.action import ExecuteDelta
from vjepa2_msgs.msg import EndEffectorState, MotionCode, RobotMode
from vjepa2_msgs.srv import Jog
from vjepa2_node import names, qos
from vjepa2_node.calls import result_of
from vjepa2_node.stamps import now_seconds, to_seconds

AHEAD = [0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
BACK = [-0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
STEP = [0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_a_delta_is_executed_and_reported(bridge: Any, graph: Any) -> None:
    """The arm goes where the delta leads; report, feedback and states tell the same story."""
    states = graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, qos.STATES)
    joints = graph.collect(JointState, names.JOINT_STATES, qos.EVENTS)
    modes = graph.collect(RobotMode, names.ROBOT_MODE, qos.LATCHED)
    before = np.array(states.until().state)
    feedback: list[Any] = []
    delta = [0.04, -0.02, 0.03, 0.0, 0.0, 0.1, 0.4]
    handle = bridge.send(delta, feedback.append)
    ended = graph.result_status(handle)
    report = ended.result.report

    assert ended.status == GoalStatus.STATUS_SUCCEEDED
    assert report.code.code == MotionCode.REACHED, report.message
    assert report.message == ""
    np.testing.assert_allclose(report.requested, delta, atol=1e-9)
    np.testing.assert_allclose(report.achieved[:3], delta[:3], atol=0.002)
    np.testing.assert_allclose(report.achieved[3:6], delta[3:6], atol=0.02)
    np.testing.assert_allclose(report.start, before, atol=1e-3)

    assert len(feedback) > 3
    stamps = [to_seconds(message.feedback.state.header.stamp) for message in feedback]
    end = to_seconds(report.motion_end_stamp)
    assert stamps == sorted(stamps)
    assert end - report.seconds - 0.1 < stamps[0] < stamps[-1] < end + 0.1

    after = states.until(lambda message: to_seconds(message.header.stamp) > end)
    assert after.header.frame_id == "fr3_link0"
    np.testing.assert_allclose(after.state[:3], report.end[:3], atol=1e-3)
    assert abs(after.gripper_width - 0.08 * (1 - report.end[6])) < 2e-3
    now = joints.next()[0]
    assert now.name[0] == "fr3_joint1" and now.name[6] == "fr3_joint7"
    assert len(now.position) == len(now.name) == 9
    assert modes.until(lambda message: message.mode == RobotMode.MOVING).message
    idle = modes.until(lambda message: message.mode == RobotMode.IDLE)
    assert idle.message == "" and not idle.dry_run
    bridge.execute([-change for change in delta])


def test_every_refusal_has_its_code_and_moves_nothing(bridge: Any, graph: Any) -> None:
    """Each kind of bad command is aborted with its own code, a sentence, and zero achieved."""
    goal = bridge.goal
    long_ago = goal(STEP)
    long_ago.header.stamp.sec = long_ago.header.stamp.nanosec = 0
    bad = [
        (goal([np.nan, 0, 0, 0, 0, 0, 0]), MotionCode.REFUSED_NOT_FINITE),
        (goal([0, 0, 0, 0, 0, 0, np.inf]), MotionCode.REFUSED_NOT_FINITE),
        (goal([0.1, 0.1, 0.1, 0, 0, 0, 0]), MotionCode.REFUSED_TRANSLATION),
        (goal([0, 0, 0, 0.2, 0, 0, 0]), MotionCode.REFUSED_ROTATION),
        (goal([0, 0, 0, 0, 0, 0, 0.9]), MotionCode.REFUSED_GRIPPER_CHANGE),
        (goal(STEP, frame="camera_optical_frame"), MotionCode.REFUSED_FRAME),
        (goal(STEP, age=60.0), MotionCode.REFUSED_STALE),
        (goal(STEP, age=-60.0), MotionCode.REFUSED_STALE),
        (long_ago, MotionCode.REFUSED_STALE),
    ]
    log = graph.collect(Log, "/rosout", QoSProfile(depth=100))
    sent = bridge.sent()
    for goal, code in bad:
        handle = graph.send(ExecuteDelta, names.EXECUTE_DELTA, goal)
        ended = graph.result_status(handle)
        report = ended.result.report
        assert report.code.code == code, report
        assert ended.status == GoalStatus.STATUS_ABORTED
        assert len(report.message) > 10
        assert not np.any(report.achieved)
        np.testing.assert_array_equal(report.requested, goal.delta)
        assert np.isfinite(report.end).all()
    assert bridge.sent() == sent
    assert report.message in log.until(lambda line: "has no stamp" in line.msg).msg
    (line,) = [line for line in log.messages if "REFUSED_FRAME" in line.msg]
    assert line.level == Log.WARN
    assert "give it in 'fr3_link0'" in line.msg


def test_a_replayed_command_is_refused(bridge: Any) -> None:
    """The same sequence number never moves the arm twice."""
    goal = bridge.goal(STEP, frame="fr3_link0")
    assert bridge.run(goal).code.code == MotionCode.REACHED
    sent = bridge.sent()
    assert bridge.run(goal).code.code == MotionCode.REFUSED_SEQUENCE
    assert bridge.sent() == sent
    assert bridge.execute([-change for change in STEP]).code.code == MotionCode.REACHED


def test_a_delta_planned_from_elsewhere_is_refused(bridge: Any, graph: Any) -> None:
    """A jog between planning and command makes it REFUSED_MOVED; from the new state it passes."""
    states = graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, qos.STATES)
    planned = states.until().state
    request = Jog.Request(delta=[0.03, 0, 0, 0, 0, 0, 0])
    jogged = graph.call(Jog, names.JOG, request).report
    assert jogged.code.code == MotionCode.REACHED
    sent = bridge.sent()
    refused = bridge.run(bridge.goal(STEP, start=planned))
    assert refused.code.code == MotionCode.REFUSED_MOVED
    assert "moved by 0.03" in refused.message or "moved by 0.02" in refused.message
    assert "plan again" in refused.message
    nowhere = bridge.run(bridge.goal(STEP, start=[np.nan] * 7))
    assert nowhere.code.code == MotionCode.REFUSED_NOT_FINITE
    assert bridge.sent() == sent
    back = bridge.goal([-0.03, 0, 0, 0, 0, 0, 0], start=jogged.end)
    assert bridge.run(back).code.code == MotionCode.REACHED


@pytest.mark.parametrize("bridge", [{"limits.workspace_upper": [0.75, 0.45, 0.5]}], indirect=True)
def test_the_workspace_holds(bridge: Any, graph: Any) -> None:
    """A target outside the box is refused, or held at its wall where that is asked for."""
    report = bridge.execute([0, 0, 0.1, 0, 0, 0, 0])
    assert report.code.code == MotionCode.REFUSED_WORKSPACE
    assert "workspace" in report.message
    bridge.set("limits.clip_to_workspace", True)
    bridge.set("limits.workspace_upper", [0.75, 0.45, report.end[2] + 0.02])
    report = bridge.execute([0, 0, 0.1, 0, 0, 0, 0])
    assert report.code.code == MotionCode.CLIPPED
    assert report.requested[2] == 0.1
    np.testing.assert_allclose(report.achieved[:3], [0, 0, 0.02], atol=0.002)
    assert bridge.execute([0, 0, -0.02, 0, 0, 0, 0]).code.code == MotionCode.REACHED


def test_an_inactive_bridge_refuses(bridge: Any, graph: Any) -> None:
    """Unconfigured or inactive, commands end with a code; activated again, they move."""
    graph.change("franka_bridge", Transition.TRANSITION_DEACTIVATE)
    sent = bridge.sent()
    report = bridge.execute(STEP)
    assert report.code.code == MotionCode.REFUSED_INACTIVE
    assert np.isfinite(report.end).all()
    graph.change("franka_bridge", Transition.TRANSITION_CLEANUP)
    report = bridge.execute(STEP)
    assert report.code.code == MotionCode.REFUSED_INACTIVE
    assert "configure" in report.message
    assert np.isnan(report.end).all()
    assert bridge.sent() == sent
    graph.change("franka_bridge", Transition.TRANSITION_CONFIGURE)
    graph.change("franka_bridge", Transition.TRANSITION_ACTIVATE)
    assert bridge.execute(STEP).code.code == MotionCode.REACHED


def test_cancelling_stops_the_arm(bridge: Any, graph: Any) -> None:
    """The motion ends early with STOPPED, the goal with CANCELED, and the next one runs."""
    handle = bridge.send_and_see_it_move(AHEAD)
    cancelled = now_seconds(graph.client.get_clock())
    response = result_of(handle.cancel_goal_async(), 30, "cancel")
    assert len(response.goals_canceling) == 1
    ended = graph.result_status(handle)
    report = ended.result.report
    assert report.code.code == MotionCode.STOPPED
    assert ended.status == GoalStatus.STATUS_CANCELED
    assert not bridge.simulation.request("moving")
    assert 0.004 < report.achieved[0] < 0.09
    assert to_seconds(report.motion_end_stamp) - cancelled < 2.0
    back = bridge.execute([-report.achieved[0], *BACK[1:]])
    assert back.code.code == MotionCode.REACHED, back.message


def test_a_second_client_is_told_that_the_arm_is_busy(bridge: Any, graph: Any) -> None:
    """While one moves the arm, another is refused at once, and cancelling that changes nothing."""
    first = bridge.send_and_see_it_move(AHEAD)
    second = bridge.send(STEP)
    second.cancel_goal_async()
    refused = graph.result(second).report
    assert refused.code.code == MotionCode.REFUSED_BUSY
    report = graph.result(first).report
    assert report.code.code == MotionCode.REACHED, report.message
    assert to_seconds(refused.motion_end_stamp) < to_seconds(report.motion_end_stamp)
    assert bridge.execute(BACK).code.code == MotionCode.REACHED


def test_deactivating_in_mid_motion_stops_the_arm(bridge: Any, graph: Any) -> None:
    """The motion ends with STOPPED, nothing follows, and the mode says that the bridge rests."""
    modes = graph.collect(RobotMode, names.ROBOT_MODE, qos.LATCHED)
    handle = bridge.send_and_see_it_move(AHEAD)
    graph.change("franka_bridge", Transition.TRANSITION_DEACTIVATE)
    assert not bridge.simulation.request("moving")
    report = graph.result(handle).report
    assert report.code.code == MotionCode.STOPPED
    assert "not active" in modes.until(lambda message: message.mode == RobotMode.OTHER).message
    graph.change("franka_bridge", Transition.TRANSITION_ACTIVATE)
    bridge.execute([-report.achieved[0], *BACK[1:]])
