"""What the closed loop asks of a camera and an arm.

Only what the loop reads: an arm driver with a larger interface satisfies these as it is.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Camera(Protocol):
    """Takes one view."""

    def capture(self) -> NDArray[Any]:
        """An image as the world model encodes it (uint8 RGB [H, W, 3]), taken after the call."""
        ...


class ArmState(Protocol):
    """The arm at one instant."""

    @property
    def pose(self) -> NDArray[np.float64]:
        """[7]: x y z [m, base frame], extrinsic xyz Euler angles [rad], closedness."""
        ...


class MotionCode(Protocol):
    """How a motion ended."""

    @property
    def ok(self) -> bool:
        """The arm stands where it was asked to."""
        ...

    @property
    def refused(self) -> bool:
        """The command was turned down before anything moved."""
        ...

    def __int__(self) -> int: ...


class MotionResult(Protocol):
    """What became of one command."""

    @property
    def code(self) -> MotionCode:
        """How the motion ended."""
        ...

    @property
    def message(self) -> str:
        """One sentence for a person."""
        ...


class Arm(Protocol):
    """Moves by deltas of its end effector and waits for the end of each."""

    def state(self) -> ArmState:
        """Measure the arm now."""
        ...

    def execute(self, delta: NDArray[np.float64], /) -> MotionResult:
        """Execute the change of state [7]; return once the arm stands, or refuses."""
        ...
