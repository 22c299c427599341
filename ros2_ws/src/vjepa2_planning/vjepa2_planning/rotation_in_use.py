"""The calibrator's rotation, as the planner uses it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vjepa2_msgs.msg import CalibrationReport
from vjepa2_node import names
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.qos import LATCHED
from vjepa2_planner import Constraint, Planner
from vjepa2_planner.calibration import CalibrationCode, RotatedPlanner, angle_deg
from vjepa2_planner.calibration.turning import checked_rotation


class RotationInUse:
    """Follows the calibrator's latched topic; identity where there is none."""

    def __init__(self, node: ManagedNode) -> None:
        self._node = node
        self._rotation: NDArray[np.float64] = np.eye(2)
        node.create_subscription(
            CalibrationReport, names.CALIBRATION, self._on_report, LATCHED,
            callback_group=node.quick,
        )  # fmt: skip

    @property
    def degrees(self) -> float:
        """By how much plans are turned, counter-clockwise seen from above."""
        return angle_deg(self._rotation)

    def applied(self, planner: Planner, constraint: Constraint) -> Planner:
        """The planner, with its plans turned where a calibration is in use."""
        rotation = self._rotation
        if (rotation == np.eye(2)).all():
            return planner
        return RotatedPlanner(planner, rotation, constraint)

    def _on_report(self, report: CalibrationReport) -> None:
        try:
            rotation = checked_rotation(np.array(report.rotation).reshape(2, 2))
        except ValueError as error:
            self._node.get_logger().error(f"calibration ignored: {error}")
            return
        if report.code.code != CalibrationCode.OK:
            return
        self._rotation = rotation
        self._node.get_logger().info(f"plans are turned by {self.degrees:.2f} degrees")
