"""The calibrator: this version holds its interface only; nothing moves, nothing is solved."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle

from vjepa2_msgs.action import CalibrateCamera
from vjepa2_msgs.msg import CalibrationCode, CalibrationReport
from vjepa2_msgs.srv import (
    ClearCalibration,
    LoadCalibration,
    SaveCalibration,
    SolveCalibration,
)
from vjepa2_node import names
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.run_nodes import run_nodes


class CalibratorNode(ManagedNode):
    """Answers every request with INACTIVE or UNAVAILABLE, and a sentence."""

    def __init__(self, **options: Any) -> None:
        super().__init__("calibrator", (), **options)
        self._server = ActionServer(
            self,
            CalibrateCamera,
            names.CALIBRATE_CAMERA,
            self._on_calibrate,
            callback_group=self.waiting,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )
        for kind, name, answer in (
            (SolveCalibration, names.SOLVE_CALIBRATION, self._report_in),
            (LoadCalibration, names.LOAD_CALIBRATION, self._answer_in),
            (SaveCalibration, names.SAVE_CALIBRATION, self._answer_in),
            (ClearCalibration, names.CLEAR_CALIBRATION, self._answer_in),
        ):
            self.create_service(kind, name, answer, callback_group=self.quick)

    def _on_calibrate(self, handle: ServerGoalHandle) -> CalibrateCamera.Result:
        handle.abort()
        return CalibrateCamera.Result(report=self._report())

    def _report_in(self, _: Any, response: Any) -> Any:
        response.report = self._report()
        return response

    def _answer_in(self, _: Any, response: Any) -> Any:
        report = self._report()
        response.code, response.message = report.code, report.message
        if hasattr(response, "report"):
            response.report = report
        return response

    def _report(self) -> CalibrationReport:
        if self.is_active:
            code = CalibrationCode.UNAVAILABLE
            message = "camera calibration is not part of this version; plans are used unrotated"
        else:
            code, message = CalibrationCode.INACTIVE, "the calibrator is not active"
        return CalibrationReport(
            code=CalibrationCode(code=code),
            message=message,
            rotation=[1.0, 0.0, 0.0, 1.0],
            condition_number=math.nan,
            error_before=math.nan,
            error_after=math.nan,
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the calibrator alone."""
    return run_nodes(lambda: [CalibratorNode()], arguments)


if __name__ == "__main__":
    sys.exit(main())
