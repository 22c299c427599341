"""Reports of calibrations as messages."""

from __future__ import annotations

import math

from vjepa2_msgs.msg import CalibrationCode as CodeMessage
from vjepa2_msgs.msg import CalibrationReport
from vjepa2_planner.calibration import Calibration, CalibrationCode, CalibrationError


def calibration_report(calibration: Calibration, message: str) -> CalibrationReport:
    """OK, with the rotation and its figures."""
    return CalibrationReport(
        code=code_message(CalibrationCode.OK),
        message=message,
        camera=str(calibration.camera),
        pairs=calibration.pairs,
        angle=math.radians(calibration.angle_deg),
        rotation=calibration.rotation.ravel().tolist(),
        condition_number=calibration.condition_number,
        error_before=calibration.error_before,
        error_after=calibration.error_after,
    )


def empty_report(code: CalibrationCode, message: str) -> CalibrationReport:
    """No rotation: the identity, and figures that are NaN."""
    return CalibrationReport(
        code=code_message(code),
        message=message,
        rotation=[1.0, 0.0, 0.0, 1.0],
        condition_number=math.nan,
        error_before=math.nan,
        error_after=math.nan,
    )


def error_report(error: CalibrationError) -> CalibrationReport:
    """What a calibration that came to nothing is reported as."""
    return empty_report(error.code, str(error))


def code_message(code: CalibrationCode) -> CodeMessage:
    """The message of a code."""
    return CodeMessage(code=int(code))
