"""Where the external camera stands, as an angle about the workspace and a distance from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import mujoco
import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class CameraPlacement:
    """A camera that looks at a point of the workspace, upright.

    angle_deg: 0 at the robot's base side (looking along +x), 90 at the robot's left (+y).
    distance_m: from `look_at` to the camera. elevation_deg: above the horizontal.
    fovy_deg: vertical field of view; pictures are square, so also the horizontal one.
    look_at: point in the middle of the picture [m, robot base frame].
    """

    angle_deg: float = 60.0
    distance_m: float = 1.1
    elevation_deg: float = 37.0
    fovy_deg: float = 36.0
    look_at: tuple[float, float, float] = (0.49, 0.0, 0.25)

    def jittered(self, rng: np.random.Generator) -> CameraPlacement:
        """Placement up to 5 degrees aside in angle and 2 in elevation, drawn uniformly."""
        return replace(
            self,
            angle_deg=self.angle_deg + rng.uniform(-5.0, 5.0),
            elevation_deg=self.elevation_deg + rng.uniform(-2.0, 2.0),
        )

    def position(self) -> NDArray[np.float64]:
        """Camera centre [3] in metres, robot base frame."""
        angle, elevation = np.radians(self.angle_deg), np.radians(self.elevation_deg)
        direction = [
            -np.cos(angle) * np.cos(elevation),
            np.sin(angle) * np.cos(elevation),
            np.sin(elevation),
        ]
        return np.asarray(self.look_at) + self.distance_m * np.asarray(direction)

    def rotation(self) -> NDArray[np.float64]:
        """Rotation [3,3]: columns are the camera's right, up and backward axes (OpenGL)."""
        backward = self.position() - np.asarray(self.look_at)
        backward /= np.linalg.norm(backward)
        right = np.cross([0.0, 0.0, 1.0], backward)
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(backward, right), backward], axis=1)

    def quaternion(self) -> NDArray[np.float64]:
        """The same rotation as a quaternion [4], w x y z, as MuJoCo has it."""
        quaternion = np.zeros(4)
        mujoco.mju_mat2Quat(quaternion, self.rotation().ravel())
        return quaternion

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """Image coordinates [N,2] of points [N,3] in metres, robot base frame.

        (0, 0) is the top left corner of the square picture and (1, 1) the bottom right one;
        points behind the camera give NaN.
        """
        seen = (np.asarray(points, dtype=np.float64) - self.position()) @ self.rotation()
        depth = np.where(seen[:, 2] < 0, -seen[:, 2], np.nan)
        scale = 0.5 / np.tan(np.radians(self.fovy_deg) / 2)
        return np.stack(
            [0.5 + scale * seen[:, 0] / depth, 0.5 - scale * seen[:, 1] / depth], axis=1
        )
