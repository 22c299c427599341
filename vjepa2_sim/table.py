"""What a test bench asks of a simulated table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.frame import Frame, TrueState
from vjepa2_sim.scene import Lighting


class Table(Protocol):
    """Put into place, photographed and scored; see `SimulatedTable`."""

    def capture(self, size: int = 256) -> Frame:
        """Picture of the table as it is now, `size` pixels square."""
        ...

    def true_state(self) -> TrueState:
        """The arm as the simulator knows it: for scoring, never for control."""
        ...

    def reset(
        self,
        joints: Sequence[float] | NDArray[np.float64],
        gripper_width: float = 0.08,
        camera: CameraPlacement | None = None,
        lighting: Lighting | None = None,
    ) -> None:
        """Put arm [7] rad, gripper [m], camera and light into place."""
        ...
