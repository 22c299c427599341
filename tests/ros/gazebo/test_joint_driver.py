"""The driver of Gazebo's arm over real topics, with MuJoCo in Gazebo's place."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from rclpy.node import Node

from vjepa2_franka.joint_topics import JointTopics, MeasuredJointTopic
from vjepa2_poses import apply_action
from vjepa2_robot.arm_driver import ArmDriver, ArmError, MotionCode, MotionResult, RobotMode
from vjepa2_robot.dry_run import DryRunArm
from vjepa2_robot.joint_driver import JointArm
from vjepa2_robot.joint_motion import BRAKING_S
from vjepa2_robot.joint_reader import JointReader
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_robot.limits import Limits
from vjepa2_robot.poses import apply_delta, delta_between, rotation, rotation_angle

FORWARD = [0.12, 0, 0, 0, 0, 0, 0]
DELTAS = (
    [0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-0.02, 0.06, -0.06, 0.0, 0.0, 0.1, 0.0],
    [0.0, -0.04, 0.03, 0.1, -0.1, 0.0, 0.0],
    [0.0, 0.0, 0.0, -0.1, 0.0, 0.1, 0.3],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.5],
)

Background = Callable[[Callable[[], MotionResult]], Callable[[], MotionResult]]


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition of the arm, at most 30 s."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"


def test_it_is_an_arm_driver(arm: JointArm) -> None:
    """The driver has every method of the protocol."""
    assert isinstance(arm, ArmDriver)


def test_deltas_land_within_two_millimetres(arm: JointArm, gazebo: Any) -> None:
    """By MuJoCo's own word, and where the algebra of poses says."""
    for delta in DELTAS:
        result = arm.execute(delta)
        assert result.code is MotionCode.REACHED, result.message
        np.testing.assert_allclose(result.requested, delta, atol=1e-9)
        by_algebra = apply_action(torch.tensor(result.start.pose), torch.tensor(delta).double())
        there = np.array(gazebo.request("pose"))
        assert np.linalg.norm(there[:3, 3] - by_algebra[:3].numpy()) < 0.002
        target = apply_delta(result.start.pose, delta)
        turned = there[:3, :3].T @ rotation(target).as_matrix()
        assert np.arccos(np.clip((np.trace(turned) - 1) / 2, -1, 1)) < 0.02
        assert abs(result.end.pose[6] - float(by_algebra[6])) < 0.03
        assert np.linalg.norm(result.end.pose[:3] - there[:3, 3]) < 1e-4
        left = delta_between(result.end.pose, target)
        assert np.linalg.norm(left[:3]) < 0.002
        assert rotation_angle(left) < 0.02
        assert result.start.stamp < result.motion_end_stamp <= time.monotonic()


def test_the_way_is_straight(arm: JointArm, measured: Any) -> None:
    """The end effector leaves the line by a millimetre at most, and turns to where it is to."""
    before = arm.state().pose
    already = len(measured.messages)
    assert arm.execute([0.0, 0.1, -0.08, 0.0, 0.0, 0.1, 0.0]).code is MotionCode.REACHED
    way = np.array([0.1, -0.08]) / np.hypot(0.1, 0.08)
    reader = JointReader(arm._link, None)
    for message in measured.messages[already:]:
        at = dict(zip(message.name, message.position, strict=True))
        joints = np.array([at[f"fr3_joint{number}"] for number in range(1, 8)])
        moved = reader.pose(joints, 0.0)[:3] - before[:3]
        off = moved - np.array([0.0, *way]) * (moved[1:] @ way)
        assert np.linalg.norm(off) < 0.001


def test_stop_brakes(arm: JointArm, gazebo: Any, in_background: Background) -> None:
    """The arm stands within 0.25 s of `stop`, on its way, and the next motion runs."""
    start = arm.state().pose
    finished = in_background(lambda: arm.execute(FORWARD))
    wait_until(lambda: arm.state().pose[0] > start[0] + 0.01)
    assert arm.mode() is RobotMode.MOVING
    stopped_at = arm.state()
    arm.stop()
    result = finished()
    assert result.code is MotionCode.STOPPED
    assert result.achieved[0] < 0.11
    np.testing.assert_allclose(result.achieved[1:6], 0.0, atol=0.005)
    # Braking, the controllers' lag, and the window over which the arm is seen to stand.
    assert result.end.stamp - stopped_at.stamp < BRAKING_S + 0.35
    sent = gazebo.request("targets")
    assert np.abs(result.end.pose[:3] - arm.state().pose[:3]).max() < 5e-4
    assert gazebo.request("targets") == sent
    assert arm.mode() is RobotMode.IDLE
    assert arm.execute([-0.02, 0, 0, 0, 0, 0, 0]).code is MotionCode.REACHED


def test_stop_while_idle_is_not_kept(arm: JointArm) -> None:
    """A stop without a motion does not stop the next one."""
    arm.stop()
    assert arm.execute([0.01, 0, 0, 0, 0, 0, 0]).code is MotionCode.REACHED


def test_a_second_motion_is_refused(arm: JointArm, in_background: Background) -> None:
    """While a motion runs, another is REFUSED_BUSY and does not disturb it."""
    finished = in_background(lambda: arm.execute([0.05, 0, 0, 0, 0, 0, 0]))
    wait_until(lambda: arm.mode() is RobotMode.MOVING)
    assert arm.execute([0.01, 0, 0, 0, 0, 0, 0]).code is MotionCode.REFUSED_BUSY
    assert finished().code is MotionCode.REACHED


@pytest.mark.parametrize(
    ("delta", "code"),
    [
        ([np.nan, 0, 0, 0, 0, 0, 0], MotionCode.REFUSED_NOT_FINITE),
        ([0.01, 0, 0], MotionCode.REFUSED_SHAPE),
        ([0.6, 0, 0, 0, 0, 0, 0], MotionCode.REFUSED_JOINTS),
        ([0, 0, 0, 0, 0, 2.6, 0], MotionCode.REFUSED_JOINTS),
    ],
)
def test_what_cannot_be_done_moves_nothing(
    arm: JointArm, gazebo: Any, delta: Any, code: MotionCode
) -> None:
    """Nonsense, and what is out of reach or of the joints' range: not one target is sent."""
    sent = gazebo.request("targets")
    result = arm.execute(delta)
    assert result.code is code, result.message
    assert result.message
    np.testing.assert_array_equal(result.achieved, 0.0)
    assert gazebo.request("targets") == sent


def test_limits_wrap_it(arm: JointArm, gazebo: Any) -> None:
    """As any driver: refusals send nothing, a clipped step ends at the wall of the box."""
    position = arm.state().pose[:3]
    upper = position + np.array([0.03, 0.2, 0.2])
    limits = Limits(workspace_lower=tuple(position - 0.2), workspace_upper=tuple(upper))
    limited = LimitedArm(arm, limits)
    sent = gazebo.request("targets")
    for delta, code in (
        ([0.15, 0, 0, 0, 0, 0, 0], MotionCode.REFUSED_TRANSLATION),
        ([0, 0, 0, 0.2, 0, 0, 0], MotionCode.REFUSED_ROTATION),
        ([0.05, 0, 0, 0, 0, 0, 0], MotionCode.REFUSED_WORKSPACE),
    ):
        assert limited.execute(delta).code is code
    assert gazebo.request("targets") == sent
    limited.limits = Limits(limits.workspace_lower, limits.workspace_upper, clip_to_workspace=True)
    clipped = limited.execute([0.05, 0, 0, 0, 0, 0, 0])
    assert clipped.code is MotionCode.CLIPPED
    assert abs(clipped.achieved[0] - 0.03) < 0.002


def test_speed_factors_slow_it_down(arm: JointArm) -> None:
    """A motion at a tenth of the speed takes longer."""
    quick = arm.execute([0.05, 0, 0, 0, 0, 0, 0])
    arm.limit_speed(0.05, 0.3)
    slow = arm.execute([-0.05, 0, 0, 0, 0, 0, 0])
    assert slow.code is MotionCode.REACHED
    assert slow.seconds > 2 * quick.seconds


def test_a_slow_simulation_is_led_slowly(arm: JointArm, gazebo: Any) -> None:
    """At a third of real time the same motion takes as much simulated time, and lands as well."""
    quick = arm.execute([0.05, 0, 0, 0, 0, 0, 0])
    gazebo.request("run_at", 0.33)
    try:
        slow = arm.execute([-0.05, 0, 0, 0, 0, 0, 0])
    finally:
        gazebo.request("run_at", 1.0)
    assert slow.code is MotionCode.REACHED, slow.message
    assert abs(slow.achieved[0] + 0.05) < 0.002
    assert slow.seconds > 2 * quick.seconds


def test_a_paused_simulation_is_lost_and_comes_back(
    arm: JointArm, gazebo: Any, in_background: Background
) -> None:
    """A motion then ends with CONNECTION_LOST, nothing more is sent, and later it moves again."""
    start = arm.state().pose
    finished = in_background(lambda: arm.execute(FORWARD))
    wait_until(lambda: arm.state().pose[0] > start[0] + 0.01)
    gazebo.request("run_at", 0.0)
    try:
        lost = finished()
        sent = gazebo.request("targets")
        assert lost.code is MotionCode.CONNECTION_LOST
        assert "paused" in lost.message
        assert arm.mode() is RobotMode.DISCONNECTED
        with pytest.raises(ArmError, match="no joint positions on /gazebo/joint_states for 1 s"):
            arm.recover()
        assert arm.execute(FORWARD).code is MotionCode.CONNECTION_LOST
        assert gazebo.request("targets") == sent
    finally:
        gazebo.request("run_at", 1.0)
    wait_until(lambda: arm.mode() is RobotMode.IDLE)
    arm.recover()
    assert arm.execute([-0.02, 0, 0, 0, 0, 0, 0.2]).code is MotionCode.REACHED


def test_a_dry_run_sends_nothing(graph: Any, gazebo: Any) -> None:
    """Its arm has no publisher of targets at all."""
    topic = MeasuredJointTopic(graph.client, 30.0, 1.0)
    dry = DryRunArm(JointReader(topic))
    sent = gazebo.request("targets")
    assert dry.execute([0.02, 0, 0, 0, 0, 0, 0.1]).code is MotionCode.DRY_RUN
    assert gazebo.request("targets") == sent
    published = {
        name
        for name, _ in topic._node.get_publisher_names_and_types_by_node(
            topic._node.get_name(), topic._node.get_namespace()
        )
    }
    assert not {name for name in published if "target" in name}
    dry.close()


def test_without_gazebo_it_says_so(graph: Any) -> None:
    """And leaves nothing behind that would listen on."""
    elsewhere = Node("elsewhere", namespace="nowhere", context=graph.context)
    with pytest.raises(
        ArmError, match=r"no joint positions on /nowhere/gazebo/joint_states for 0\.1 s"
    ):
        JointTopics(elsewhere, 0.1, 1.0)
    elsewhere.destroy_node()
