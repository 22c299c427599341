"""The frame whose pose the model was trained on, fixed to the robot's own tool centre point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.transform import Rotation

from vjepa2_robot.arm_driver import Vector
from vjepa2_robot.poses import compose, rotation


@dataclass(frozen=True)
class EndEffectorFrame:
    """Fixed transform to the model's end-effector frame.

    translation: origin of the model's frame [m], angles: its extrinsic xyz Euler angles [rad],
    both seen from the robot's tool centre point ("tcp", the frame in which the robot reports
    its pose) or from the flange. The default is the tool centre point itself.
    """

    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0)
    relative_to: Literal["tcp", "flange"] = "tcp"

    def __post_init__(self) -> None:
        for name in ("translation", "angles"):
            value = np.asarray(getattr(self, name), dtype=np.float64)
            if value.shape != (3,) or not np.isfinite(value).all():
                raise ValueError(f"EndEffectorFrame.{name} must be 3 finite numbers, got {value}")
        if self.relative_to not in ("tcp", "flange"):
            raise ValueError(
                f"EndEffectorFrame.relative_to must be 'tcp' or 'flange', got {self.relative_to!r}"
            )

    def relative_to_tcp(self, flange_to_tcp: ArrayLike) -> EndEffectorFrame:
        """The same frame seen from the tool centre point, given its pose [4, 4] on the flange."""
        if self.relative_to == "tcp":
            return self
        tool = np.asarray(flange_to_tcp, dtype=np.float64)
        inverse = Rotation.from_matrix(tool[:3, :3]).inv()
        offset = inverse.apply(np.asarray(self.translation) - tool[:3, 3])
        turn = inverse * Rotation.from_euler("xyz", self.angles)
        pose = compose(offset, turn, 0.0)
        return EndEffectorFrame(
            translation=(float(pose[0]), float(pose[1]), float(pose[2])),
            angles=(float(pose[3]), float(pose[4]), float(pose[5])),
        )

    def from_tcp(self, pose: ArrayLike) -> Vector:
        """Pose [7] of the model's frame for a pose [7] of the tool centre point, base frame."""
        tool = np.asarray(pose, dtype=np.float64)
        turn = rotation(tool)
        return compose(
            tool[:3] + turn.apply(np.asarray(self.translation)),
            turn * Rotation.from_euler("xyz", self.angles),
            float(tool[6]),
        )

    def to_tcp(self, pose: ArrayLike) -> Vector:
        """Pose [7] of the tool centre point that puts the model's frame at `pose` [7].

        A delta of the model's frame is converted by its target: where the offset is not zero, a
        pure rotation of the model's frame also moves the tool centre point.
        """
        model = np.asarray(pose, dtype=np.float64)
        turn = rotation(model) * Rotation.from_euler("xyz", self.angles).inv()
        return compose(model[:3] - turn.apply(np.asarray(self.translation)), turn, float(model[6]))
