"""A connection that is made anew."""

import os
from typing import Any

import numpy as np
import pytest

from tests.robot.conftest import enter_reflex
from vjepa2_robot.arm_driver import ArmDriver, ArmError, MotionCode, RobotMode
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_robot.limits import Limits
from vjepa2_robot.reconnecting_arm import ReconnectingArm

STEP = [0.02, 0.0, -0.02, 0.0, 0.0, 0.0, 0.0]


def test_a_lost_arm_comes_back(simulate: Any) -> None:
    """recover connects again and begins the order of commands anew; close is final."""
    # Of its own, so that no other simulation takes it in between.
    first = simulate(f"127.2.{os.getpid() % 251}.7")
    arm = ReconnectingArm(lambda: FrankyArm(first.hostname))
    assert isinstance(arm, ArmDriver)
    limited = LimitedArm(arm, Limits(workspace_upper=(0.75, 0.45, 0.7)))
    assert limited.execute(STEP, sequence=7).code is MotionCode.REACHED
    first.kill()
    assert limited.execute(STEP).code is MotionCode.CONNECTION_LOST
    with pytest.raises(ArmError, match="check the address"):
        limited.recover()
    assert limited.mode() is RobotMode.DISCONNECTED
    second = simulate(first.hostname)
    limited.recover()
    assert limited.mode() is RobotMode.IDLE
    result = limited.execute(STEP, sequence=5)
    assert result.code is MotionCode.REACHED
    assert limited.execute(STEP, sequence=5).code is MotionCode.REFUSED_SEQUENCE
    np.testing.assert_allclose(result.achieved[:3], STEP[:3], atol=0.002)
    enter_reflex(second, limited)
    limited.recover()
    assert limited.execute(STEP).code is MotionCode.REACHED
    limited.close()
    with pytest.raises(ArmError, match="closed for good"):
        limited.recover()
    limited.close()
