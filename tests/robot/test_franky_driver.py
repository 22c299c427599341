"""The franky driver against franky-sim, over the robot's own network protocol."""

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vjepa2_robot.arm_driver import ArmDriver, ArmError, MotionCode, MotionResult, RobotMode
from vjepa2_robot.compliant import Compliant
from vjepa2_robot.end_effector import EndEffectorFrame
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_robot.poses import apply_delta, delta_between, rotation_angle

FAST = {"speed_factor": 0.5, "acceleration_factor": 0.3}
MODES = [FrankySettings(**FAST), FrankySettings(motion=Compliant(), **FAST)]
by_mode = pytest.mark.parametrize("settings", MODES, ids=["point to point", "compliant"])


def miss(result: MotionResult, delta: Any) -> tuple[float, float]:
    """Distance [m] and angle [rad] between where a delta leads and where the arm ended."""
    left = delta_between(result.end.pose, apply_delta(result.start.pose, delta))
    return float(np.linalg.norm(left[:3])), rotation_angle(left)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition of the simulation, at most 30 s."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"


def in_background(motion: Callable[[], MotionResult]) -> Callable[[], MotionResult]:
    """Start a motion on a thread; the returned function waits for its result."""
    results: list[MotionResult] = []
    thread = threading.Thread(target=lambda: results.append(motion()))
    thread.start()

    def result() -> MotionResult:
        thread.join(30)
        return results[0]

    return result


@by_mode
def test_deltas_land_within_two_millimetres(arm: FrankyArm) -> None:
    """Base-frame deltas end within 2 mm and 0.02 rad of their target in both modes."""
    for delta in (
        [0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [-0.02, 0.06, -0.06, 0.0, 0.0, 0.1, 0.0],
        [0.0, -0.04, 0.03, 0.1, -0.1, 0.0, 0.0],
    ):
        result = arm.execute(delta)
        assert result.code is MotionCode.REACHED, result.message
        distance, angle = miss(result, delta)
        assert distance < 0.002
        assert angle < 0.02
        np.testing.assert_allclose(result.requested, delta, atol=1e-9)
        np.testing.assert_allclose(
            result.achieved, delta_between(result.start.pose, result.end.pose), atol=1e-12
        )
        assert result.start.stamp < result.motion_end_stamp <= time.monotonic()


def test_translation_is_in_the_base_frame_after_a_turn(arm: FrankyArm) -> None:
    """With the hand turned, a delta along x still moves along the base's x."""
    assert arm.execute([0, 0, 0, 0, 0, 0.6, 0]).code is MotionCode.REACHED
    delta = [0.04, 0, 0, 0, 0, 0, 0]
    result = arm.execute(delta)
    np.testing.assert_allclose(result.achieved[:3], delta[:3], atol=5e-4)


def test_roll_wraps_around_near_pi(arm: FrankyArm) -> None:
    """With the gripper down, a small roll across pi is a small motion each way."""
    for roll in (0.1, -0.2, 0.1):
        delta = [0, 0, 0, roll, 0, 0, 0]
        result = arm.execute(delta)
        assert result.code is MotionCode.REACHED
        assert miss(result, delta)[1] < 0.005
        np.testing.assert_allclose(result.achieved[3:6], [roll, 0, 0], atol=0.01)


@pytest.mark.parametrize(
    "settings",
    [FrankySettings(end_effector=EndEffectorFrame((0.0, 0.02, 0.1), (0.3, 0.0, 0.8)), **FAST)],
)
def test_deltas_are_of_the_models_frame(arm: FrankyArm) -> None:
    """A turn about an offset frame leaves that frame's origin in place."""
    delta = [0, 0, 0, 0.1, 0.1, 0, 0]
    result = arm.execute(delta)
    assert result.code is MotionCode.REACHED
    assert miss(result, delta)[0] < 0.001
    assert np.linalg.norm(result.achieved[:3]) < 0.001


def test_move_to_returns_to_a_pose(arm: FrankyArm) -> None:
    """move_to goes to an absolute pose, with the gripper."""
    home = arm.state().pose
    arm.execute([0.05, 0.05, -0.05, 0, 0, 0.1, 0])
    result = arm.move_to([*home[:6], 0.0])
    assert result.code is MotionCode.REACHED
    left = delta_between(result.end.pose, home)
    assert np.linalg.norm(left[:3]) < 0.002
    assert rotation_angle(left) < 0.01
    assert result.end.gripper_width > 0.078


@by_mode
def test_stop_in_mid_motion(arm: FrankyArm, simulation: Any) -> None:
    """stop from another thread ends the motion with STOPPED, and the next one runs."""
    motions = simulation.request("motions")
    start = arm.state()
    finished = in_background(lambda: arm.execute([0.13, 0, 0, 0, 0, 0, 0]))
    wait_until(lambda: simulation.request("motions") > motions)
    wait_until(lambda: arm.state().pose[0] > start.pose[0] + 0.005)
    arm.stop()
    result = finished()
    assert result.code is MotionCode.STOPPED
    assert result.achieved[0] < 0.11
    assert np.abs(result.end.pose[:3] - arm.state().pose[:3]).max() < 0.001
    assert arm.execute([-0.02, 0, 0, 0, 0, 0, 0]).code is MotionCode.REACHED


def test_stop_while_idle_is_not_kept(arm: FrankyArm) -> None:
    """A stop without a motion does not stop the next one."""
    arm.stop()
    assert arm.execute([0.01, 0, 0, 0, 0, 0, 0]).code is MotionCode.REACHED


def test_a_second_motion_is_refused(arm: FrankyArm, simulation: Any) -> None:
    """While a motion runs, another is REFUSED_BUSY and does not disturb it."""
    finished = in_background(lambda: arm.execute([0.05, 0, 0, 0, 0, 0, 0]))
    wait_until(lambda: simulation.request("moving"))
    assert arm.execute([0.01, 0, 0, 0, 0, 0, 0]).code is MotionCode.REFUSED_BUSY
    assert finished().code is MotionCode.REACHED


@by_mode
def test_a_reflex_is_reported_and_recovered(arm: FrankyArm, simulation: Any) -> None:
    """A motion that a collision aborts ends with REFLEX; after recover the arm moves again."""
    start = arm.state()
    finished = in_background(lambda: arm.execute([0.13, 0, 0, 0, 0, 0, 0]))
    wait_until(lambda: arm.state().pose[0] > start.pose[0] + 0.005)
    simulation.request("reflex")
    assert finished().code is MotionCode.REFLEX
    assert arm.mode() is RobotMode.REFLEX
    arm.recover()
    assert arm.mode() is RobotMode.IDLE
    assert arm.execute([-0.02, 0, 0, 0, 0, 0, 0]).code is MotionCode.REACHED


@pytest.mark.parametrize(
    ("delta", "code"),
    [
        ([np.nan, 0, 0, 0, 0, 0, 0], MotionCode.REFUSED_NOT_FINITE),
        ([0, 0, 0, 0, np.inf, 0, 0], MotionCode.REFUSED_NOT_FINITE),
        ([0.01, 0, 0], MotionCode.REFUSED_SHAPE),
    ],
)
def test_nonsense_never_moves_the_arm(
    arm: FrankyArm, simulation: Any, delta: Any, code: MotionCode
) -> None:
    """NaN, infinity and wrong shapes are refused by the driver itself."""
    motions = simulation.request("motions")
    assert arm.execute(delta).code is code
    assert simulation.request("motions") == motions


def test_a_lost_connection_is_a_code(own_simulation: Any) -> None:
    """When the control box dies, motions end with CONNECTION_LOST and the mode says so."""
    arm = FrankyArm(own_simulation.hostname)
    own_simulation.process.kill()
    assert arm.execute([0.02, 0, 0, 0, 0, 0, 0]).code is MotionCode.CONNECTION_LOST
    assert arm.mode() is RobotMode.DISCONNECTED
    with pytest.raises(ArmError, match="connect again"):
        arm.state()
    arm.close()


def test_it_is_an_arm_driver(arm: FrankyArm) -> None:
    """The driver has every method of the protocol."""
    assert isinstance(arm, ArmDriver)


@by_mode
def test_ctrl_c_in_mid_motion(arm: FrankyArm, simulation: Any) -> None:
    """It comes through as KeyboardInterrupt with the arm braked, which then moves again."""
    start = arm.state()

    def interrupt() -> None:
        wait_until(lambda: arm.state().pose[0] > start.pose[0] + 0.005)
        os.kill(os.getpid(), signal.SIGINT)

    joined = in_background(interrupt)
    with pytest.raises(KeyboardInterrupt):
        arm.execute([0.13, 0, 0, 0, 0, 0, 0])
    joined()
    assert not simulation.request("moving")
    assert arm.state().pose[0] < start.pose[0] + 0.11
    assert arm.execute([-0.02, 0, 0, 0, 0, 0, 0]).code is MotionCode.REACHED
