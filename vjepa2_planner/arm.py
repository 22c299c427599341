"""What the closed loop asks of an arm.

Only what the loop reads: an arm driver with a larger interface satisfies these as it is.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


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

    @property
    def end(self) -> ArmState:
        """The arm after it."""
        ...

    @property
    def motion_end_stamp(self) -> float:
        """When the arm stood still [s], on the clock of the images' capture stamps."""
        ...

    @property
    def seconds(self) -> float:
        """How long the arm was busy with it, as measured beside the arm."""
        ...


class Arm(Protocol):
    """Moves by deltas of its end effector and waits for the end of each."""

    def execute(
        self, delta: NDArray[np.float64], /, *, start: NDArray[np.float64]
    ) -> MotionResult:
        """Execute the change of state [7]; return once the arm stands, or refuses.

        start: state [7] that the change was planned from; an arm that no longer stands there,
        moved by someone else meanwhile, should refuse.
        """
        ...
