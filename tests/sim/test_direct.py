"""The direct driver on its own."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vjepa2_robot.arm_driver import ArmDriver, MotionCode
from vjepa2_robot.poses import apply_delta, delta_between
from vjepa2_sim.scene import HAND_DOWN
from vjepa2_sim.workspace import COLLECTION_WORKSPACE


def test_it_is_an_arm_driver(driver):
    """It has everything that the protocol asks for."""
    assert isinstance(driver, ArmDriver)


def test_home_points_down_over_the_workspace(driver):
    """Home is a hand that points straight down, open, near the workspace."""
    pose = driver.state().pose
    assert COLLECTION_WORKSPACE.contains(pose[:3])
    np.testing.assert_allclose(np.abs(pose[3:]), [*HAND_DOWN, 0], atol=1e-6)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.tuples(*[st.floats(-0.05, 0.05)] * 3),
    st.tuples(*[st.floats(-0.15, 0.15)] * 3),
    st.floats(-1, 1),
)
def test_a_delta_is_carried_out_exactly(driver, shift, turn, gripper):
    """The arm ends where pose algebra says, in place, orientation and gripper."""
    driver.home()
    delta = np.array([*shift, *turn, gripper])
    start = driver.state().pose
    result = driver.execute(delta)
    assert result.code is MotionCode.REACHED
    left = delta_between(driver.state().pose, apply_delta(start, delta))
    np.testing.assert_allclose(left, 0.0, atol=1e-4)
    np.testing.assert_allclose(result.achieved, delta_between(start, result.end.pose), atol=1e-12)


def test_an_unreachable_pose_is_not_reached_and_nothing_moves(driver):
    """Two metres away: a code and a message, the arm as it was."""
    before = driver.joints
    result = driver.move_to([2.0, 0, 0.3, np.pi, 0, 0, 0])
    assert result.code is MotionCode.NOT_REACHED
    assert "reach" in result.message
    np.testing.assert_array_equal(driver.joints, before)


@pytest.mark.parametrize(
    ("delta", "code"),
    [
        ([0.0, np.nan, 0, 0, 0, 0, 0], MotionCode.REFUSED_NOT_FINITE),
        ([0.0, 0, 0], MotionCode.REFUSED_SHAPE),
    ],
)
def test_bad_deltas_are_refused(driver, delta, code):
    """NaN and wrong shapes never move the arm."""
    before = driver.joints
    assert driver.execute(delta).code is code
    np.testing.assert_array_equal(driver.joints, before)
