"""cv_bridge, where ROS has one that gives what this package gives without it."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image

ToRgb = Callable[[Image], NDArray[np.uint8]]


@functools.cache
def checked_bridge(probes: tuple[tuple[str, bytes, bytes], ...]) -> ToRgb | None:
    """cv_bridge's conversion to rgb8; None where it is not installed, fails or differs.

    probes: encoding, bytes and expected rgb8 bytes of single pixels. One that was built for
    another numpy than the environment's imports well and fails at its first conversion.
    """
    try:
        from cv_bridge import CvBridge

        bridge = CvBridge()

        def to_rgb(message: Image) -> NDArray[np.uint8]:
            return np.ascontiguousarray(bridge.imgmsg_to_cv2(message, "rgb8"))

        for encoding, pixel, expected in probes:
            message = Image(height=1, width=1, encoding=encoding, step=len(pixel))
            message.data.frombytes(pixel)
            if to_rgb(message).tobytes() != expected:
                return None
    except Exception:
        return None
    return to_rgb
