"""A dry run looks at the arm and never moves it."""

import time
from typing import Any

import numpy as np
import pytest

from tests.robot.conftest import await_mode, enter_reflex
from vjepa2_robot.arm_driver import ArmDriver, ArmError, MotionCode, RobotMode
from vjepa2_robot.dry_run import DryRunArm
from vjepa2_robot.franky_reader import FrankyReader
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_robot.limits import Limits

STEP = [0.02, 0.0, -0.01, 0.0, 0.0, 0.1, 0.3]


@pytest.fixture
def dry(simulation: Any) -> Any:
    """A dry run of the simulated arm, within limits whose lid is 5 cm above home."""
    arm = DryRunArm(FrankyReader.connect(simulation.hostname))
    yield LimitedArm(arm, Limits(workspace_upper=(0.75, 0.45, 0.57)))
    arm.close()


def test_everything_is_taken_and_nothing_moves(dry: LimitedArm, simulation: Any) -> None:
    """Each allowed command ends with DRY_RUN, zero achieved, and no motion was ever sent."""
    sent = simulation.request("motions"), simulation.request("grasps")
    before = dry.state()
    for result in (
        dry.execute(STEP),
        dry.move_to([*before.pose[:2], before.pose[2] - 0.05, *before.pose[3:6], 1.0]),
        dry.move_joints(before.joint_positions + 0.1),
        dry.set_gripper(1.0 - before.pose[6]),
    ):
        assert result.code is MotionCode.DRY_RUN
        assert result.code.ok
        assert "not moved" in result.message
        assert not result.achieved.any()
        assert result.motion_end_stamp == result.end.stamp
    dry.stop()
    dry.recover()
    assert (simulation.request("motions"), simulation.request("grasps")) == sent
    after = dry.state()
    np.testing.assert_allclose(after.joint_positions, before.joint_positions, atol=1e-3)
    assert abs(after.gripper_width - before.gripper_width) < 1e-3


def test_what_was_requested_is_reported(dry: LimitedArm) -> None:
    """The result says what the motion would have been."""
    np.testing.assert_array_equal(dry.execute(STEP).requested, STEP)
    pose = dry.state().pose
    lower = dry.move_to([*pose[:2], pose[2] - 0.05, *pose[3:]])
    np.testing.assert_allclose(lower.requested, [0, 0, -0.05, 0, 0, 0, 0], atol=1e-3)
    np.testing.assert_allclose(dry.set_gripper(1.0).requested[6], 1 - pose[6], atol=1e-3)


@pytest.mark.parametrize(
    ("delta", "code"),
    [
        ([np.nan, 0, 0, 0, 0, 0, 0], MotionCode.REFUSED_NOT_FINITE),
        ([0.2, 0, 0, 0, 0, 0, 0], MotionCode.REFUSED_TRANSLATION),
        ([0, 0, 0.1, 0, 0, 0, 0], MotionCode.REFUSED_WORKSPACE),
    ],
)
def test_refusals_are_real(dry: LimitedArm, delta: list[float], code: MotionCode) -> None:
    """What a real run would refuse, a dry run refuses too."""
    assert dry.execute(delta).code is code


def test_nonsense_is_refused_without_limits_too(dry: LimitedArm) -> None:
    """The dry driver itself answers as a driver does."""
    bare = dry._arm
    assert bare.execute([1.0, 2.0]).code is MotionCode.REFUSED_SHAPE
    assert bare.move_to([0, 0, 0, 0, 0, 0, 2]).code is MotionCode.REFUSED_CLOSEDNESS
    assert bare.move_joints([np.inf] * 7).code is MotionCode.REFUSED_NOT_FINITE
    assert bare.set_gripper(-1).code is MotionCode.REFUSED_CLOSEDNESS
    assert isinstance(bare, ArmDriver)


def test_a_reader_has_nothing_that_moves_the_arm() -> None:
    """By construction: the only object that a dry run holds on the arm can state, not act."""
    public = {name for name in dir(FrankyReader) if not name.startswith("_")}
    assert public == {"connect", "state", "mode", "measure", "close"}


def test_an_error_is_left_alone(dry: LimitedArm, simulation: Any) -> None:
    """A dry run does not clear a reflex, and says how to."""
    enter_reflex(simulation, dry)
    assert dry.execute(STEP).code is MotionCode.REFUSED_MODE
    with pytest.raises(ArmError, match=r"REFLEX.*Desk"):
        dry.recover()
    simulation.request("clear_reflex")
    await_mode(dry, RobotMode.IDLE)
    assert dry.execute(STEP).code is MotionCode.DRY_RUN


def test_a_lost_arm_is_a_code(own_simulation: Any) -> None:
    """When the control box dies, commands end with CONNECTION_LOST as in a real run."""
    arm = DryRunArm(FrankyReader.connect(own_simulation.hostname))
    own_simulation.kill()
    deadline = time.monotonic() + 30
    while (code := arm.execute(STEP).code) is MotionCode.DRY_RUN:  # by a state still under way
        assert time.monotonic() < deadline, "the death was never noticed"
    assert code is MotionCode.CONNECTION_LOST
    arm.close()
    arm.close()
