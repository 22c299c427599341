"""Limits around the franky driver: what is refused never reaches the arm."""

import threading
import time
from typing import Any

import numpy as np
import pytest

from vjepa2_robot.arm_driver import ArmDriver, MotionCode, MotionResult
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_robot.limits import Limits

STEP = [0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def assert_refused(result: MotionResult, code: MotionCode) -> None:
    """The result has the code, a sentence, and no motion."""
    assert result.code is code, result
    assert result.code.refused
    assert len(result.message) > 10
    assert not result.achieved.any()


REFUSALS = [
    (lambda arm: arm.execute([np.nan, 0, 0, 0, 0, 0, 0]), MotionCode.REFUSED_NOT_FINITE),
    (lambda arm: arm.execute([0, 0, 0, 0, 0, 0, -np.inf]), MotionCode.REFUSED_NOT_FINITE),
    (lambda arm: arm.execute([0.01, 0.01]), MotionCode.REFUSED_SHAPE),
    (lambda arm: arm.execute("forward"), MotionCode.REFUSED_SHAPE),
    (lambda arm: arm.execute([0.1, 0.1, 0.02, 0, 0, 0, 0]), MotionCode.REFUSED_TRANSLATION),
    (lambda arm: arm.execute([0, 0, 0, 0.12, 0.12, 0, 0]), MotionCode.REFUSED_ROTATION),
    (lambda arm: arm.execute([0, 0, 0, 0, 0, 0, 0.8]), MotionCode.REFUSED_GRIPPER_CHANGE),
    (lambda arm: arm.execute([0, 0, 0.1, 0, 0, 0, 0]), MotionCode.REFUSED_WORKSPACE),
    (lambda arm: arm.execute(STEP, issued=time.monotonic() - 9), MotionCode.REFUSED_STALE),
    (lambda arm: arm.execute(STEP, issued=time.monotonic() + 9), MotionCode.REFUSED_STALE),
    (lambda arm: arm.execute(STEP, issued=float("nan")), MotionCode.REFUSED_STALE),
    (lambda arm: arm.move_to([0.1, 0, 0.5, np.pi, 0, 0, 0]), MotionCode.REFUSED_WORKSPACE),
    (lambda arm: arm.move_to([0.5, 0, 0.4, np.pi, 0, 0, 1.1]), MotionCode.REFUSED_CLOSEDNESS),
    (lambda arm: arm.move_joints([0, 0, 0, 0.1, 0, 1.57, 0]), MotionCode.REFUSED_JOINTS),
    (lambda arm: arm.set_gripper(-0.1), MotionCode.REFUSED_CLOSEDNESS),
    (lambda arm: arm.set_gripper(float("nan")), MotionCode.REFUSED_NOT_FINITE),
]


@pytest.fixture
def limited(arm: FrankyArm) -> LimitedArm:
    """The franky driver in a box whose lid is 5 cm above home."""
    return LimitedArm(
        arm,
        Limits(
            workspace_upper=(0.75, 0.45, 0.57),
            speed_factor=0.5,
            acceleration_factor=0.3,
            max_command_age=5.0,
        ),
    )


def test_every_refusal_has_its_code_and_moves_nothing(
    limited: LimitedArm, simulation: Any
) -> None:
    """Each limit refuses by its own code, and no motion or grasp is ever sent."""
    before = limited.state()
    sent = simulation.request("motions"), simulation.request("grasps")
    for command, code in REFUSALS:
        assert_refused(command(limited), code)
    assert (simulation.request("motions"), simulation.request("grasps")) == sent
    after = limited.state()
    np.testing.assert_allclose(after.joint_positions, before.joint_positions, atol=1e-3)
    assert abs(after.gripper_width - before.gripper_width) < 1e-3


def test_sequence_must_rise(limited: LimitedArm, simulation: Any) -> None:
    """A replayed or overtaken command is refused; the next number moves."""
    assert limited.execute(STEP, time.monotonic(), sequence=5).code is MotionCode.REACHED
    sent = simulation.request("motions")
    for old in (5, 4):
        assert_refused(limited.execute(STEP, sequence=old), MotionCode.REFUSED_SEQUENCE)
    assert simulation.request("motions") == sent
    assert limited.execute(STEP, sequence=6).code is MotionCode.REACHED


def test_clipping_holds_the_target_in_the_box(arm: FrankyArm) -> None:
    """With clip_to_workspace a target outside is held at the wall, and the result says so."""
    lid = float(arm.state().pose[2]) + 0.02
    limited = LimitedArm(
        arm, Limits(workspace_upper=(0.75, 0.45, lid), clip_to_workspace=True, speed_factor=0.5)
    )
    result = limited.execute([0.01, 0, 0.1, 0, 0, 0, 0])
    assert result.code is MotionCode.CLIPPED
    assert result.code.ok
    assert result.requested[2] == 0.1
    np.testing.assert_allclose(result.achieved[:3], [0.01, 0, 0.02], atol=0.002)


def test_far_outside_the_box_there_is_no_leap_back(arm: FrankyArm, simulation: Any) -> None:
    """Clipping never makes a delta longer than allowed."""
    limited = LimitedArm(arm, Limits(workspace_upper=(0.75, 0.45, 0.3), clip_to_workspace=True))
    sent = simulation.request("motions")
    assert_refused(limited.execute(STEP), MotionCode.REFUSED_TRANSLATION)
    assert simulation.request("motions") == sent


def test_an_arm_in_reflex_is_refused_until_recovered(limited: LimitedArm, simulation: Any) -> None:
    """No motion starts in a mode other than IDLE."""
    simulation.request("reflex")
    sent = simulation.request("motions")
    assert_refused(limited.execute(STEP), MotionCode.REFUSED_MODE)
    assert simulation.request("motions") == sent
    limited.recover()
    assert limited.execute(STEP).code is MotionCode.REACHED


def test_stop_reaches_through_the_limits(limited: LimitedArm) -> None:
    """stop on the limited arm ends the motion below it and returns when it has ended."""
    start = float(limited.state().pose[0])
    results: list[MotionResult] = []
    thread = threading.Thread(
        target=lambda: results.append(limited.execute([0.13, 0, 0, 0, 0, 0, 0]))
    )
    thread.start()
    deadline = time.monotonic() + 30
    while limited.state().pose[0] < start + 0.005:
        assert time.monotonic() < deadline
    limited.stop()
    thread.join(30)
    assert results[0].code is MotionCode.STOPPED
    assert results[0].achieved[0] < 0.12


def test_speed_is_limited(arm: FrankyArm) -> None:
    """A lower speed factor makes the same move slower; limits never raise the driver's own."""
    durations = []
    for factor, step in ((1.0, 0.05), (0.01, -0.05)):
        limited = LimitedArm(arm, Limits(speed_factor=factor, acceleration_factor=factor))
        result = limited.execute([step, 0, 0, 0, 0, 0, 0])
        durations.append(result.motion_end_stamp - result.start.stamp)
    assert durations[1] > 1.5 * durations[0]


def test_it_is_an_arm_driver(limited: LimitedArm) -> None:
    """Wrapped or not, it is the same protocol."""
    assert isinstance(limited, ArmDriver)
