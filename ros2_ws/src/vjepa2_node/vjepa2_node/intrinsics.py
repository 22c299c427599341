"""Pinhole intrinsics of a camera, as CameraInfo has them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sensor_msgs.msg import CameraInfo


@dataclass(frozen=True)
class Intrinsics:
    """Focal lengths and principal point [px]; (0, 0) is the middle of the top left pixel.

    model: of the distortion, as CameraInfo names it; distortion: its coefficients.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    model: str = "plumb_bob"
    distortion: tuple[float, ...] = (0.0,) * 5

    @classmethod
    def from_field_of_view(cls, degrees: float, width: int, height: int) -> Intrinsics:
        """Square pixels, principal point in the middle; degrees: vertical field of view."""
        focal = height / 2 / math.tan(math.radians(degrees) / 2)
        return cls(focal, focal, (width - 1) / 2, (height - 1) / 2)

    @classmethod
    def from_message(cls, info: CameraInfo) -> Intrinsics | None:
        """Those of a CameraInfo; None where it knows none."""
        if not info.k[0]:
            return None
        model, distortion = info.distortion_model, tuple(info.d)
        return cls(info.k[0], info.k[4], info.k[2], info.k[5], model, distortion)


def camera_info(width: int, height: int, intrinsics: Intrinsics | None) -> CameraInfo:
    """Message without stamp and frame; K is zero where nothing is known."""
    info = CameraInfo(width=width, height=height, distortion_model="plumb_bob", d=[0.0] * 5)
    info.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    if intrinsics is None:
        return info
    info.distortion_model, info.d = intrinsics.model, list(intrinsics.distortion)
    fx, fy, cx, cy = intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy
    info.k = [fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0]
    info.p = [fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return info
