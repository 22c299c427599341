"""The way of every command to the arm."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from vjepa2_franka.limit_parameters import limits_of
from vjepa2_franka.reports import motion_report, unknown_state
from vjepa2_msgs.msg import MotionReport
from vjepa2_node.latencies import Latencies
from vjepa2_node.managed_node import ManagedNode
from vjepa2_robot.arm_driver import MotionCode, MotionResult
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_robot.refusal import RefusalError

Act = Callable[[LimitedArm], tuple[MotionCode, str]]


class Commander:
    """Answers with a code and a sentence, whatever happens; logs what was not carried out.

    arm: None while the node is unconfigured. The methods block: call them on worker threads.
    """

    def __init__(self, node: ManagedNode) -> None:
        self.arm: LimitedArm | None = None
        self._node = node
        self._motions = Latencies()
        self._refused = self._clipped = 0
        self._last = ""

    def move(
        self, name: str, command: Callable[[LimitedArm], MotionResult], requested: Any = None
    ) -> MotionReport:
        """Report of a command; requested: its delta [7], if it has one."""
        arm = self.arm
        try:
            try:
                result = command(self._limited(arm))
            except RefusalError as refusal:
                state = unknown_state() if arm is None else arm.last_state
                result = refusal.result(requested, state)
            report = motion_report(self._node.get_clock(), result)
            self._count(result, report.seconds)
            self._tell(name, result.code, result.message)
        except Exception as error:
            return self.failed(name, error, requested)
        return report

    def failed(self, name: str, error: Exception, requested: Any = None) -> MotionReport:
        """Report of a command that a fault of the software ended: MOTION_FAILED, NaN for states.

        Where the arm stands is for the next state to say.
        """
        refusal = self._refusal(error)
        self._tell(name, refusal.code, str(refusal))
        result = refusal.result(requested, unknown_state())
        return motion_report(self._node.get_clock(), replace(result, achieved=np.full(7, np.nan)))

    def values(self) -> dict[str, object]:
        """What there is to read of commands so far, for `/diagnostics`."""
        moved = self._motions.count
        return {
            **self._motions.values("motion"),
            "refused": self._refused,
            "clipped": self._clipped,
            "clip_rate": self._clipped / moved if moved else 0.0,
            "last_trouble": self._last,
        }

    def act(self, name: str, act: Act) -> tuple[MotionCode, str]:
        """What came of something that is not a motion."""
        try:
            code, message = act(self._limited(self.arm))
        except Exception as error:
            refusal = self._refusal(error)
            code, message = refusal.code, str(refusal)
        self._tell(name, code, message)
        return code, message

    def _limited(self, arm: LimitedArm | None) -> LimitedArm:
        if arm is None:
            raise RefusalError(
                MotionCode.REFUSED_INACTIVE,
                "the bridge is not configured; configure and activate it first",
            )
        arm.limits = limits_of(self._node.parameters.values())
        return arm

    def _refusal(self, error: Exception) -> RefusalError:
        if isinstance(error, RefusalError):
            return error
        self._node.get_logger().error("".join(traceback.format_exception(error)))
        return RefusalError(MotionCode.MOTION_FAILED, f"{type(error).__name__}: {error}")

    def _count(self, result: MotionResult, seconds: float) -> None:
        if result.code.refused:
            self._refused += 1
            return
        self._motions.took(seconds)
        self._clipped += result.code is MotionCode.CLIPPED

    def _tell(self, name: str, code: MotionCode, message: str) -> None:
        if not code.ok:
            self._last = f"{name}: {code.name}: {message}"
        if not code.ok and code is not MotionCode.STOPPED:
            self._node.get_logger().warning(f"{name}: {code.name}: {message}")
