"""Limits around the franky driver: what is refused never reaches the arm."""

import threading
import time
from typing import Any

import numpy as np
import pytest

from tests.robot.conftest import enter_reflex
from vjepa2_robot.arm_driver import ArmDriver, ArmError, MotionCode, MotionResult
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


def away(arm: LimitedArm, axis: int, distance: float) -> Any:
    """The arm's pose, but for one of its numbers."""
    pose = arm.state().pose.copy()
    pose[axis] += distance
    return pose


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
    (lambda arm: arm.execute(STEP, start=[0.5, 0.0]), MotionCode.REFUSED_SHAPE),
    (lambda arm: arm.execute(STEP, start=[np.nan] * 7), MotionCode.REFUSED_NOT_FINITE),
    (lambda arm: arm.execute(STEP, start=away(arm, 0, 0.02)), MotionCode.REFUSED_MOVED),
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


def test_a_delta_from_where_the_arm_stands_passes(limited: LimitedArm) -> None:
    """What the arm moves by itself is allowed; a refused start costs no sequence number."""
    pose = limited.state().pose
    for axis, distance in ((2, 0.03), (5, 0.1), (6, 0.2)):
        moved = limited.execute(STEP, sequence=3, start=away(limited, axis, distance))
        assert_refused(moved, MotionCode.REFUSED_MOVED)
    assert limited.execute([0.02, *STEP[1:]], sequence=3, start=pose).code is MotionCode.REACHED
    assert_refused(limited.execute(STEP, sequence=4, start=pose), MotionCode.REFUSED_MOVED)


def test_halted_it_moves_by_hand_only(limited: LimitedArm, simulation: Any) -> None:
    """After halt a delta is STOPPED, until recover or resume; by hand the arm still moves."""
    for lift in (limited.recover, limited.resume):
        limited.halt()
        sent = simulation.request("motions")
        stopped = limited.execute(STEP)
        assert stopped.code is MotionCode.STOPPED
        assert "call recover" in stopped.message
        assert not stopped.achieved.any()
        assert simulation.request("motions") == sent
        assert limited.execute(STEP, by_hand=True).code is MotionCode.REACHED
        assert limited.set_gripper(0.5).code is MotionCode.REACHED
        assert limited.halted
        lift()
        assert limited.execute(STEP).code is MotionCode.REACHED


def test_a_halt_during_recovery_stays(limited: LimitedArm, monkeypatch: Any) -> None:
    """Only what was halted before is lifted."""
    limited.halt()
    recover = limited._arm.recover
    monkeypatch.setattr(limited._arm, "recover", lambda: (recover(), limited.halt()))
    limited.recover()
    assert limited.execute(STEP).code is MotionCode.STOPPED


def test_sequence_must_rise(limited: LimitedArm, simulation: Any) -> None:
    """A replayed or overtaken command is refused; the next number moves."""
    assert limited.execute(STEP, time.monotonic(), sequence=5).code is MotionCode.REACHED
    sent = simulation.request("motions")
    for old in (5, 4):
        assert_refused(limited.execute(STEP, sequence=old), MotionCode.REFUSED_SEQUENCE)
    assert simulation.request("motions") == sent
    assert limited.execute(STEP, sequence=6).code is MotionCode.REACHED


def test_a_refused_command_does_not_shut_out_the_next(limited: LimitedArm) -> None:
    """Whatever number a bad or stale command bears, a lower one after it moves."""
    assert limited.execute(STEP, sequence=5).code is MotionCode.REACHED
    nan = np.full(7, np.nan)
    assert_refused(limited.execute(nan, sequence=2**63), MotionCode.REFUSED_NOT_FINITE)
    old = time.monotonic() - 10.0
    assert_refused(limited.execute(STEP, old, sequence=2**63), MotionCode.REFUSED_STALE)
    assert limited.execute(STEP, sequence=6).code is MotionCode.REACHED


def test_clocks_of_two_hosts_may_differ_a_little(limited: LimitedArm) -> None:
    """A command from 15 ms in the future is taken, one from 100 ms is not."""
    assert limited.execute(STEP, issued=time.monotonic() + 0.015).code is MotionCode.REACHED
    assert_refused(limited.execute(STEP, issued=time.monotonic() + 0.1), MotionCode.REFUSED_STALE)


def test_switched_off_it_refuses_everything(limited: LimitedArm, simulation: Any) -> None:
    """While not enabled no command moves anything; the state is still there."""
    sent = simulation.request("motions"), simulation.request("grasps")
    limited.enabled = False
    for result in (
        limited.execute(STEP),
        limited.move_to(limited.state().pose),
        limited.move_joints(limited.state().joint_positions),
        limited.set_gripper(0.0),
    ):
        assert_refused(result, MotionCode.REFUSED_INACTIVE)
        assert np.isfinite(result.end.pose).all()
    assert (simulation.request("motions"), simulation.request("grasps")) == sent
    limited.enabled = True
    assert limited.execute(STEP).code is MotionCode.REACHED


def test_new_limits_apply_to_the_next_command(limited: LimitedArm) -> None:
    """Limits, speed included, may be replaced between commands."""
    quick = limited.execute(STEP)
    limited.limits = Limits(max_translation=0.02, speed_factor=0.01, acceleration_factor=0.01)
    assert_refused(limited.execute([0.03, 0, 0, 0, 0, 0, 0]), MotionCode.REFUSED_TRANSLATION)
    slow = limited.execute([-0.01, 0, 0, 0, 0, 0, 0])
    assert slow.code is MotionCode.REACHED
    assert slow.seconds > 1.5 * quick.seconds


def test_no_recovery_during_a_motion(limited: LimitedArm, simulation: Any) -> None:
    """Recovering would end the motion in progress, so it is refused."""
    results: list[MotionResult] = []
    thread = threading.Thread(
        target=lambda: results.append(limited.execute([0.1, 0, 0, 0, 0, 0, 0]))
    )
    thread.start()
    deadline = time.monotonic() + 30
    while not simulation.request("moving"):
        assert time.monotonic() < deadline
    assert limited.moving
    with pytest.raises(ArmError, match="in progress") as refused:
        limited.recover()
    assert refused.value.code is MotionCode.REFUSED_BUSY
    thread.join(30)
    assert results[0].code is MotionCode.REACHED
    assert not limited.moving


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
    enter_reflex(simulation, limited)
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
