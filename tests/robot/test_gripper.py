"""Gripper semantics on the simulated hand."""

import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_robot.arm_driver import ArmError, MotionCode
from vjepa2_robot.connection import open_robot
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_reader import FrankyReader
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_robot.gripper_reader import GripperReader
from vjepa2_robot.gripper_settings import GripperSettings
from vjepa2_robot.poses import rotation

BOX_WIDTH = 0.03


@given(st.floats(0, 1))
def test_width_and_closedness_are_inverse(closedness: float) -> None:
    """Closedness 0 is 0.08 m open, 1 is closed, linear between."""
    settings = GripperSettings()
    assert abs(settings.closedness(settings.width(closedness)) - closedness) < 1e-9
    assert (settings.width(0), settings.width(1)) == (0.08, 0)


def test_bad_settings_name_the_field() -> None:
    """Errors name the field."""
    with pytest.raises(ValueError, match="force"):
        GripperSettings(force=0.0)


def test_open_close_and_between(arm: FrankyArm) -> None:
    """The fingers go where closedness says, and the measured width is reported."""
    for closedness in (0.0, 1.0, 0.25):
        result = arm.set_gripper(closedness)
        assert result.code is MotionCode.REACHED, result.message
        assert abs(result.end.gripper_width - 0.08 * (1 - closedness)) < 0.003
        assert abs(result.end.pose[6] - closedness) < 0.04


@pytest.fixture
def box_in_hand(arm: FrankyArm, simulation: Any) -> Any:
    """The box between the open fingers."""
    arm.set_gripper(0.0)
    pose = arm.state().pose
    x, y, z, w = rotation(pose).as_quat()
    simulation.request("place_box", pose[:3].tolist(), [w, x, y, z])
    yield
    simulation.request("place_box", [2.0, 0.0, 0.5], [1.0, 0.0, 0.0, 0.0])


@pytest.mark.usefixtures("box_in_hand")
def test_grasp_hold_and_release(arm: FrankyArm, simulation: Any) -> None:
    """Rising against the box grasps once, no or more rise holds, falling releases."""
    grasps = simulation.request("grasps")
    still = [0.0] * 6
    result = arm.execute([*still, 0.75])
    assert result.code is MotionCode.REACHED, result.message
    assert abs(result.end.gripper_width - BOX_WIDTH) < 0.004
    assert simulation.request("grasps") == grasps + 1
    for change in (0.0, 0.5, 0.0, 0.75):
        held = arm.execute([*still, change])
        assert held.code is MotionCode.REACHED
        assert abs(held.end.gripper_width - BOX_WIDTH) < 0.004
    assert simulation.request("grasps") == grasps + 1
    released = arm.execute([*still, -0.3])
    assert released.code is MotionCode.REACHED
    assert released.end.gripper_width > BOX_WIDTH + 0.015


@pytest.mark.usefixtures("box_in_hand")
def test_an_object_in_the_way_is_grasped(arm: FrankyArm, simulation: Any) -> None:
    """Fingers that are to stop short of closing, but meet the box before, grasp it."""
    grasps = simulation.request("grasps")
    assert arm.set_gripper(0.4).code is MotionCode.REACHED
    assert simulation.request("grasps") == grasps
    result = arm.set_gripper(0.75)
    assert result.code is MotionCode.REACHED, result.message
    assert abs(result.end.gripper_width - BOX_WIDTH) < 0.004
    assert simulation.request("grasps") == grasps + 1


@pytest.mark.usefixtures("box_in_hand")
def test_fingers_that_should_just_touch_grasp(arm: FrankyArm, simulation: Any) -> None:
    """What a goal image shows of a held object is fingers at its sides, and no force."""
    grasps = simulation.request("grasps")
    result = arm.set_gripper(1 - BOX_WIDTH / 0.08 - 0.05)
    assert result.code is MotionCode.REACHED, result.message
    assert abs(result.end.gripper_width - BOX_WIDTH) < 0.004
    assert simulation.request("grasps") == grasps + 1


class SilencedHand:
    """A hand that is read once, and then says no more."""

    width, is_grasped = 0.08, False

    def __init__(self) -> None:
        self.asked_again = threading.Event()
        self._readings = iter([self])

    @property
    def state(self) -> "SilencedHand":
        try:
            return next(self._readings)
        except StopIteration:
            self.asked_again.set()
            raise ConnectionError("cable cut") from None


def test_an_old_width_is_not_passed_off_as_measured() -> None:
    """Once the hand cannot be read, asking for its width or closedness is an error."""
    hand = SilencedHand()
    fingers = GripperReader(hand)
    assert hand.asked_again.wait(5)
    fingers.close()
    with pytest.raises(ArmError, match="cable cut") as caught:
        _ = fingers.closedness
    assert caught.value.code is MotionCode.GRIPPER_FAULT


def test_an_arm_whose_hand_is_lost_names_its_address(own_simulation: Any) -> None:
    """The state of an arm says which one it is that has lost its hand."""
    hand = SilencedHand()
    fingers = GripperReader(hand)
    robot = open_robot(own_simulation.hostname, 5.0, realtime=False)
    try:
        assert hand.asked_again.wait(5)
        with pytest.raises(ArmError, match=f"{own_simulation.hostname}.*cable cut") as caught:
            FrankyReader(own_simulation.hostname, FrankySettings(), robot, fingers)
        assert caught.value.code is MotionCode.GRIPPER_FAULT
    finally:
        fingers.close()


def test_a_hung_gripper_does_not_block_the_arm(own_simulation: Any) -> None:
    """A gripper that never answers has a code; the arm has moved, and goes on moving."""
    settings = FrankySettings(gripper=GripperSettings(timeout=1.0))
    arm = FrankyArm(own_simulation.hostname, settings)
    own_simulation.request("hang_gripper", True)
    began = time.monotonic()
    result = arm.execute([0.02, 0, 0, 0, 0, 0, 0.4])
    assert result.code is MotionCode.GRIPPER_TIMEOUT
    assert time.monotonic() - began < 10
    np.testing.assert_allclose(result.achieved[:3], [0.02, 0, 0], atol=0.002)
    assert arm.execute([-0.02, 0, 0, 0, 0, 0, 0]).code is MotionCode.REACHED
    assert arm.set_gripper(0.0).code is MotionCode.GRIPPER_TIMEOUT
    own_simulation.request("hang_gripper", False)
    arm.close()
