"""The arm's kinematics against those of franky-sim, which come from the robot's description."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_robot.fr3 import JOINT_LOWER, JOINT_UPPER, Fr3
from vjepa2_robot.limits import Limits
from vjepa2_sim.scene import TableScene

positions = st.tuples(
    *(st.floats(low, high) for low, high in zip(JOINT_LOWER, JOINT_UPPER, strict=True))
)


@pytest.fixture(scope="module")
def other() -> object:
    """The robot of franky-sim."""
    sim, robot = TableScene().build()
    sim.init()
    return robot


@given(q=positions)
def test_pose_and_jacobian_are_the_same(q: tuple[float, ...], other: object) -> None:
    """To rounding, everywhere in the range of the joints."""
    ours = Fr3()
    joints = np.array(q)
    pose = other.kinematics(joints).homogeneous  # type: ignore[attr-defined]
    np.testing.assert_allclose(ours.kinematics(joints).homogeneous, pose, atol=1e-9)
    jacobian = other.d_kinematics(joints, np.eye(7))  # type: ignore[attr-defined]
    np.testing.assert_allclose(ours.d_kinematics(joints, np.eye(7)), jacobian, atol=1e-9)


def test_its_range_is_that_of_the_default_limits() -> None:
    """Two statements of the same data sheet."""
    np.testing.assert_array_equal(JOINT_LOWER, Limits().joint_lower)
    np.testing.assert_array_equal(JOINT_UPPER, Limits().joint_upper)
