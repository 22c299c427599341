"""Codes of the libraries and constants of the messages are the same numbers by the same names."""

from enum import IntEnum
from typing import Any

import pytest

from vjepa2_msgs.msg import CalibrationCode as CalibrationCodeMessage
from vjepa2_msgs.msg import MotionCode as MotionCodeMessage
from vjepa2_msgs.msg import Outcome as OutcomeMessage
from vjepa2_msgs.msg import RobotMode as RobotModeMessage
from vjepa2_msgs.msg import TaskCode as TaskCodeMessage
from vjepa2_planner import Outcome
from vjepa2_planner.calibration import CalibrationCode
from vjepa2_planner.task_code import TaskCode
from vjepa2_robot.arm_driver import MotionCode, RobotMode


def constants(message: Any) -> dict[str, int]:
    """Constants of a message type, by name."""
    return {
        name: getattr(message, name)
        for name in dir(type(message))
        if name.isupper() and not name.startswith("_") and not name.endswith("__DEFAULT")
    }


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (MotionCode, MotionCodeMessage),
        (RobotMode, RobotModeMessage),
        (Outcome, OutcomeMessage),
        (TaskCode, TaskCodeMessage),
        (CalibrationCode, CalibrationCodeMessage),
    ],
)
def test_codes_agree(code: type[IntEnum], message: Any) -> None:
    """Neither has a name or a number that the other has not."""
    assert constants(message) == {member.name: member.value for member in code}


@pytest.mark.parametrize(
    "number", [MotionCodeMessage().code, OutcomeMessage().outcome, TaskCodeMessage().code]
)
def test_a_message_that_nobody_filled_in_is_no_success(number: int) -> None:
    """A server that raised an exception sends just that."""
    assert number == Outcome.UNKNOWN == TaskCode.UNKNOWN == MotionCode.UNKNOWN


def test_a_code_says_of_itself_whether_it_is_ok() -> None:
    """Done, fault and refusal are told apart by number, as the message's comment promises."""
    assert MotionCode.DRY_RUN.ok and not MotionCode.DRY_RUN.refused
    assert MotionCode.REFUSED_FRAME.refused and MotionCode.REFUSED_INACTIVE.refused
    assert not MotionCode.CONNECTION_LOST.ok and not MotionCode.CONNECTION_LOST.refused
