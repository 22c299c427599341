"""An arm that goes astray by an angle: it stands for a camera that is turned by as much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vjepa2_planner.calibration import turn
from vjepa2_robot.arm_driver import ArmState, MotionResult, RobotMode
from vjepa2_robot.limited_arm import LimitedArm


@dataclass(frozen=True)
class TurnedArm:
    """Turns the x-y of each command by -`degrees`, clockwise seen from above, and executes that.

    So a calibration with it finds an angle that is larger by `degrees`. States and limits are
    those of the arm as it is; only commands are turned.
    """

    arm: LimitedArm
    degrees: float

    def execute(self, delta: ArrayLike, *, start: ArrayLike | None = None) -> MotionResult:
        """Execute the turned change of state [7]; see `LimitedArm`."""
        command = np.array(delta, dtype=np.float64)
        command[:2] = command[:2] @ turn(-self.degrees)
        return self.arm.execute(command, start=start)

    def as_commanded(self, executed: NDArray[np.float64]) -> NDArray[np.float64]:
        """A measured change of x y [2] in m as this arm's commands would have it."""
        return executed @ turn(self.degrees)

    def state(self) -> ArmState:
        """The arm now."""
        return self.arm.state()

    def mode(self) -> RobotMode:
        """See `ArmDriver`."""
        return self.arm.mode()

    def recover(self) -> None:
        """See `ArmDriver`."""
        self.arm.recover()
